#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# natstat --metrics beside the kernel (prometheus_check.py) and with those that read it: promtool, an
# OpenMetrics parser, a real Prometheus that scrapes a real node_exporter on the loopback of the lab's
# NAT box, systemd-analyze; then flows that come and go while it counts them, and what can go wrong. In
# network namespaces of its own; no service of the machine is started or asked.
# usage: prometheus_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: prometheus_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
packaging=$here/../../packaging
# shellcheck source=tests/kernel/judge.sh
. "$here/../kernel/judge.sh"
# shellcheck source=tests/kernel/runs.sh
. "$here/../kernel/runs.sh"
# shellcheck source=tests/peers/units.sh
. "$here/units.sh"
# shellcheck source=tests/lab/lab.sh
. "$here/../lab/lab.sh"

needs ip nft nsenter conntrack python3 setpriv

# -- what reads the text --------------------------------------------------------------------------

# accepted WHAT FILE: by promtool and by another parser.
accepted() {
    if command -v promtool >/dev/null; then
        run 10 promtool check metrics <"$2"
        check "$1: promtool check metrics" ends_well
    else
        skip "$1: there is no promtool"
    fi
    if "$python" -c 'import prometheus_client.parser' 2>/dev/null; then
        run 10 "$python" -c '
import sys
from prometheus_client.parser import text_string_to_metric_families
families = list(text_string_to_metric_families(sys.stdin.read()))
assert len(families) > 3, families
assert all(family.type in ("gauge", "counter") for family in families), families' <"$2"
        check "$1: all families have a type" ends_well
    else
        skip "$1: there is no parser of it (python3-prometheus-client)"
    fi
}

test_rules() {
    command -v promtool >/dev/null || { skip "rules: there is no promtool"; return; }
    cp "$packaging/prometheus/natstat.rules.yml" "$here/natstat.rules.test.yml" "$tmp/"
    run 10 promtool check rules "$tmp/natstat.rules.yml"
    check "promtool check rules" exits 0
    check "alerts" grep -q 'SUCCESS: 17 rules' "$tmp/out"
    run 30 promtool test rules "$tmp/natstat.rules.test.yml"
    check "promtool test rules" exits 0
    test_stories
}

# Each alert has a story in which it fires, one in which it does not, and a place in the runbook.
test_stories() {
    local alert
    for alert in $(sed -n 's/^ *- alert: //p' "$tmp/natstat.rules.yml"); do
        check "$alert: a story in which it fires" \
            grep -qA 2 "alertname: $alert\$" <(grep -B 2 'exp_alerts:$' "$tmp/natstat.rules.test.yml")
        check "$alert: one in which it does not" \
            grep -qA 2 "alertname: $alert\$" <(grep -B 2 'exp_alerts: \[\]' "$tmp/natstat.rules.test.yml")
        check "$alert: what to do" grep -qx "## $alert" "$packaging/../docs/runbook.md"
        check "$alert: where that is" grep -qi "runbook_url: docs/runbook.md#$alert\$" "$tmp/natstat.rules.yml"
    done
}

# -- a real Prometheus ----------------------------------------------------------------------------

pool=40000-40004 port=8443

# Seven connections to a destination with five NAT ports.
use_up_pool() {
    lab_in nat nft insert rule inet lab source_nat ip daddr "$(lab_at 4 masquerade)" \
        tcp dport $port snat ip to "$(lab_at 4 fixed):$pool" && lab_tell out tcp $port || return
    lab_fill_pool 7 $port || return
    until_true 10 failed_insertions
}
# shellcheck disable=SC2317
failed_insertions() { lab_in nat conntrack -S | grep -q 'insert_failed=[1-9]'; }

# checks_in_nat WORD...: prometheus_check.py in the box's namespace.
checks_in_nat() {
    PYTHONPATH=$here/../kernel count_checks lab_in nat "$python" -B "$here/prometheus_check.py" "$@"
}

start_prometheus() {
    cat >"$tmp/prometheus.yml" <<END
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [$tmp/natstat.rules.yml]
scrape_configs: [{job_name: node, static_configs: [{targets: ["127.0.0.1:9100"]}]}]
END
    lab_in nat prometheus-node-exporter --collector.textfile.directory="$tmp/textfile" \
        --web.listen-address=127.0.0.1:9100 >"$tmp/node_exporter.log" 2>&1 &
    children+=($!)
    lab_in nat prometheus --config.file="$tmp/prometheus.yml" --storage.tsdb.path="$tmp/tsdb" \
        --web.listen-address=127.0.0.1:9090 >"$tmp/prometheus.log" 2>&1 &
    children+=($!)
}

# shellcheck disable=SC2317 # these are called by check and until_true
fetch() {
    lab_in nat "$python" -c '
import sys, urllib.request
sys.stdout.write(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())' "$1" >/dev/null 2>&1
}

test_prometheus() {
    mkdir "$tmp/textfile"
    checks_in_nat write "$natstat" "$tmp/textfile/natstat.prom" 0-65535
    accepted "the lab" "$tmp/textfile/natstat.prom"
    use_up_pool || { fail "the pool could not be used up"; return; }
    checks_in_nat write "$natstat" "$tmp/textfile/natstat.prom" $pool
    accepted "a pool that is used up" "$tmp/textfile/natstat.prom"
    if ! command -v prometheus >/dev/null || ! command -v prometheus-node-exporter >/dev/null; then
        skip "scraping: there is no prometheus or no prometheus-node-exporter"
        return
    fi
    start_prometheus
    until_true 20 fetch http://127.0.0.1:9090/-/ready || {
        fail "Prometheus does not start" "$(tail -n 3 "$tmp/prometheus.log")"
        return
    }
    # The same with counters, in a file that stays as it is.
    nsenter "--net=/run/netns/$LAB_PREFIX-nat" -- "$natstat" --metrics --diagnose --metrics-by src,proto --limit 3 \
        --interval 3600 --write "$tmp/textfile/natstat.prom" &
    children+=($!)
    until_true 10 grep -q natstat_flows_created_total "$tmp/textfile/natstat.prom"
    accepted "counters" "$tmp/textfile/natstat.prom"
    checks_in_nat scraped "$tmp/textfile/natstat.prom" "$packaging/grafana/natstat.json"
    test_gateways
    # Why the names begin with natstat_: node_exporter has its own, and drops either of two.
    echo 'node_nf_conntrack_entries 1' >"$tmp/textfile/same.prom"
    check "the names of node_exporter can not be used" until_true 5 spoiled
    stop_children
}
# Two more NAT boxes on the host, each with a gateway of its own and a pool of ten ports, which it is told by its
# rules: their files lie beside the other one, and the label tells them apart. Both are used up while Prometheus looks.
test_gateways() {
    local box
    for box in left right; do
        raise_gateway $box || { fail "the box $box could not be raised"; return; }
    done
    checks_in_nat calm left right
    for box in left right; do
        nsenter "--net=/run/netns/$LAB_PREFIX-$box" -- "$python" -B "$here/../kernel/hold_ports.py" 14 >"$tmp/$box" &
        children+=($!)
    done
    for box in left right; do
        check "$box: four of fourteen connections fail" until_true 10 grep -qx 'held 10' "$tmp/$box"
    done
    checks_in_nat alerted left 198.51.100.11 right 198.51.100.12
}

# raise_gateway BOX: a namespace that the lab takes down, and a natstat that tells of it.
raise_gateway() {
    local box=$1 gate=198.51.100.11
    [[ $box == left ]] || gate=198.51.100.12
    LAB_HOSTS+=("$box")
    ip netns add "$LAB_PREFIX-$box" && lab_in "$box" ip link set lo up &&
        lab_in "$box" ip address add 192.0.2.1/24 dev lo && lab_in "$box" ip address add 203.0.113.1/24 dev lo &&
        lab_in "$box" nft -f - <<END && lab_in "$box" sysctl -q -w net.netfilter.nf_conntrack_udp_timeout=7200 || return
table ip pool {
    chain out { type nat hook postrouting priority 100; udp dport 8443 snat to $gate:40000-40009; }
}
END
    nsenter "--net=/run/netns/$LAB_PREFIX-$box" -- "$natstat" --metrics --label "netns=$box" --interval 0.5 \
        --write "$tmp/textfile/$box.prom" &
    children+=($!)
}

# shellcheck disable=SC2317
spoiled() {
    fetch http://127.0.0.1:9100/metrics
    grep -q 'error gathering metrics.* node_nf_conntrack_entries' "$tmp/node_exporter.log"
}

# -- systemd --------------------------------------------------------------------------------------

# The unit as it would be installed, with a program and a directory that are there.
make_unit() {
    mkdir "$tmp/units" "$tmp/collector" && chown 65534:65534 "$tmp/collector" &&
        cp "$packaging"/systemd/natstat-metrics.socket "$packaging"/systemd/natstat-metrics@.service "$tmp/units/" &&
        sed -e "s|@bindir@/natstat|$program|g; s|/run/natstat|$tmp/collector|g" \
            "$packaging/systemd/natstat-metrics.service.in" >"$tmp/units/natstat-metrics.service"
}

# run_unit WRAPPER...: its command inside of WRAPPER, until it has written its file; no systemd takes part.
run_unit() {
    local running before
    before=$(stat -c %i "$tmp/collector/natstat.prom" 2>/dev/null)
    # shellcheck disable=SC2046 # words
    "${in_box[@]}" "$@" $(sed -n 's/^ExecStart=//p' "$tmp/units/natstat-metrics.service") 2>"$tmp/err" &
    running=$!
    children+=("$running")
    until_true 10 wrote_or_ended "$running" "$before"
    kill "$running" 2>/dev/null
    over "$running"
}
# shellcheck disable=SC2317
wrote_or_ended() {
    ended "$1" || [[ $(stat -c %i "$tmp/collector/natstat.prom" 2>/dev/null) != "$2" ]]
}

as_unit=(setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "--inh-caps=-all,+net_admin"
    "--ambient-caps=-all,+net_admin" "--bounding-set=-all,+net_admin")

test_unit() {
    local before
    make_unit || { fail "the unit"; return; }
    : >"$tmp/out"
    run_unit "${as_unit[@]}"
    check "the unit's commands, with its capability alone" ends_well
    accepted "what the unit wrote" "$tmp/collector/natstat.prom"
    check "it wrote one file" test "$(ls "$tmp/collector")" = natstat.prom
    check "anybody may read it" test "$(stat -c %a "$tmp/collector/natstat.prom")" = 644
    before=$(<"$tmp/collector/natstat.prom")
    run_unit setpriv --reuid=65534 --regid=65534 --clear-groups
    check "a run that fails says why" could_not CAP_NET_ADMIN
    check "the old file stays" test "$before" = "$(<"$tmp/collector/natstat.prom")"
    run_unit "${as_unit[@]}"
    check "the next run mends it" ends_well
    check "it is another file" test "$before" != "$(<"$tmp/collector/natstat.prom")"
    check "nothing else is left" test "$(ls "$tmp/collector")" = natstat.prom

    judge_units 25 "$tmp"/units/natstat-metrics.{service,socket} "$tmp"/units/natstat-metrics@.service || return
    test_calls
    test_socket
}

# What the socket's unit answers with, as systemd would start it: its words are unescaped as systemd does it.
test_socket() {
    local answer
    answer=$("$python" - "$tmp/units/natstat-metrics@.service" "$tmp/collector" <<'END'
import re, sys
unit, collector = open(sys.argv[1]).read(), sys.argv[2]
command = re.search(r"ExecStart=/bin/sh -c '(.*?)'$", unit.replace("\\\n", " "), re.S | re.M).group(1)
print(command.replace("$$", "$").replace("%%", "%").replace("\\\\", "\\").replace("/run/natstat", collector))
END
    )
    printf 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n' >"$tmp/request"
    run 5 sh -c "$answer" <"$tmp/request"
    check "the socket answers" grep -qx $'HTTP/1.0 200 OK\r' "$tmp/out"
    check "with the file" cmp -s "$tmp/collector/natstat.prom" <(sed '1,/^\r$/d' "$tmp/out")
    mv "$tmp/collector/natstat.prom" "$tmp/away"
    run 5 sh -c "$answer" <"$tmp/request"
    check "without the file it says so" grep -qx $'HTTP/1.0 503 Service Unavailable\r' "$tmp/out"
    mv "$tmp/away" "$tmp/collector/natstat.prom"
}

# What natstat calls is let through by the unit's filter. It runs as a user with the unit's one capability: there
# is nothing to give up then, and the call for it is not made.
test_calls() {
    find_strace
    [[ $can_inject ]] || return
    : >"$tmp/calls" && chmod 666 "$tmp/calls"
    run 30 "${in_box[@]}" setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all,+net_admin \
        --inh-caps=-all,+net_admin --ambient-caps=-all,+net_admin \
        env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$tmp/calls" "$program" --metrics -i 0.2
    check "system calls are seen" ends_well
    run 20 systemd-analyze syscall-filter
    check "systemd's sets of system calls" exits 0
    mv "$tmp/out" "$tmp/sets"
    run 10 "$python" "$here/unit_calls.py" "$tmp/calls" "$tmp/sets" "$tmp/units/natstat-metrics.service"
    check "the unit lets natstat's system calls through" exits 0
}

# -- flows that come and go -----------------------------------------------------------------------

flow() { "${in_box[@]}" conntrack "$1" -p udp -s 192.0.2.77 -d 203.0.113.77 --sport 5353 --dport "$2" "${@:3}" >/dev/null 2>&1; }
# shellcheck disable=SC2317
tells() { grep -qxF -- "$1" "$tmp/out"; }

test_interval() {
    local i running
    for i in 1 2 3; do flow -I "$i" -t 600; done # before anybody listens, so without events
    "${in_box[@]}" "$program" --metrics -i 10 >"$tmp/out" 2>"$tmp/err" &
    running=$!
    children+=("$running")
    until_true 10 listens "$running"
    check "it listens" test $? = 0
    flow -D 1 && flow -D 2
    for i in {11..17}; do flow -I "$i" -t 600; done
    for i in {11..14}; do flow -D "$i"; done
    wait "$running"
    status=$?
    check "flows that come and go" ends_well
    check "seven came" tells 'natstat_interval_flows_created 7'
    check "six were deleted, two of them without an event" tells_ended 6
    check "four are left" tells 'natstat_flows{kind="routed",proto="udp",state="UNREPLIED"} 4'
    check "as in the kernel" tells "natstat_nf_conntrack_entries $("${in_box[@]}" cat /proc/sys/net/netfilter/nf_conntrack_count)"
    check "nothing was missed" tells 'natstat_interval_whole 1'
    check "ten seconds" awk '/^natstat_interval_seconds / && $2 >= 10 { found = 1 } END { exit !found }' "$tmp/out"
    "${in_box[@]}" sysctl -q -w net.netfilter.nf_conntrack_events=0
    run 10 "${in_box[@]}" "$program" --metrics -i 0.3
    check "no events: works" exits 0
    check "no events: says so" one_message
    check "no events: not whole" tells 'natstat_interval_whole 0'
    "${in_box[@]}" sysctl -q -w net.netfilter.nf_conntrack_events=2
    run 10 "${in_box[@]}" "$program" --metrics
    check "one look: nothing of what came and went" test "$(grep -c interval "$tmp/out")" = 0
    run 10 "$program" --netns "$ns" --metrics
    check "another namespace is a label" tells "natstat_nf_conntrack_entries{netns=\"$ns\"} 4"
    mv "$tmp/out" "$tmp/labelled"
    accepted "with a label" "$tmp/labelled"
}
# It is stopped while more happens than its buffer holds; the list at the end shows what is there then.
test_lost() {
    local i running
    "${in_box[@]}" "$program" --metrics -i 10 --receive-buffer 1 >"$tmp/out" 2>"$tmp/err" &
    running=$!
    children+=("$running")
    until_true 10 follows "$running" # what comes while the first list is read was there before
    kill -STOP "$running"
    for i in {101..140}; do flow -I "$i" -t 600; done
    kill -CONT "$running"
    wait "$running"
    status=$?
    check "events are lost: works" ends_well
    check "events are lost: says so" tells 'natstat_interval_whole 0'
    check "what is there was found" tells 'natstat_interval_flows_created 40'
    check "the list is whole" tells 'natstat_list_whole 1'
}

# How a flow ended that an event did not tell is not always known.
# shellcheck disable=SC2317
tells_ended() {
    local sum
    sum=$(awk '/^natstat_interval_flows_ended/ { sum += $2 } END { print sum }' "$tmp/out")
    [[ $sum == "$1" ]] && grep -qE '^natstat_interval_flows_ended\{ending="deleted"\} [456]$' "$tmp/out"
}

# -- what can go wrong ----------------------------------------------------------------------------

test_failures() {
    local words none='mount -t tmpfs none /proc/sys/net/netfilter'
    for words in --metrics "--metrics -i 0.2"; do
        # shellcheck disable=SC2086 # words
        run 5 "${as_nobody[@]}" "$program" $words
        check "not root, $words" could_not "Operation not permitted" CAP_NET_ADMIN
        : >"$tmp/out"
        # shellcheck disable=SC2086
        timed 5 "${in_box[@]}" "$program" $words >/dev/full 2>"$tmp/err"
        check "full disk, $words" could_not "standard output" "No space left on device"
        # shellcheck disable=SC2086
        { "${in_box[@]}" "$program" $words 2>"$tmp/err"; echo $? >"$tmp/status"; } | true
        status=$(<"$tmp/status")
        check "closed pipe, $words" ends_well
    done
    "${in_box[@]}" "$program" --metrics -i 3600 >"$tmp/out" 2>"$tmp/err" &
    until_true 5 listens $!
    kill -TERM $!
    over $!
    check "a signal ends it at once" exits 143
    check "and nothing was written" prints_nothing
    run 5 "${in_box[@]}" unshare -m bash -c "$none; exec \"\$@\"" - "$program" --metrics
    check "no settings: works" ends_well
    check "no settings: what they tell is left out" test "$(grep -c entries "$tmp/out")" = 0
    [[ $can_inject ]] || return
    run 5 "${in_box[@]}" unshare -m bash -c "$none; exec \"\$@\"" - env ASAN_OPTIONS=detect_leaks=0 \
        strace -qq -o "$tmp/calls" -P /proc/net/stat/nf_conntrack -e trace=openat \
        -e inject=openat:error=ENOENT "$program" --metrics
    sed -i '/^strace: Requested path/d' "$tmp/err"
    check "no connection tracking: a sentence" could_not nf_conntrack_count 'no connection tracking' modprobe
}

# -------------------------------------------------------------------------------------------------

if lab_up && lab_traffic; then
    tmp=$LAB_RUN
    test_rules
    test_prometheus
else
    fail "the lab could not be raised"
fi
lab_down
open_box
flow -I 99 -t 600 # something to list
test_unit
flow -D 99
test_interval
test_lost
test_failures
finish
