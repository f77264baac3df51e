#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --by and --ports beside independent counts over `conntrack -L` (answers_check.py, groups.awk): a
# NAT box that runs out of the five ports of a pool, rates of known traffic, and 20,000 and 100,000
# mixed flows of natstat-fill.
# usage: answers_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: answers_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/kernel/runs.sh
. "$here/runs.sh"
# shellcheck source=tests/lab/lab.sh
. "$here/../lab/lab.sh"

needs ip nft nsenter conntrack python3 jq

# -- a pool that runs out -------------------------------------------------------------------------

pool=40000-40004 port=8443

# counter NAME: the kernel's, by hand: hexadecimal, one line for each processor.
counter() {
    lab_in nat cat /proc/net/stat/nf_conntrack | "$python" -c '
import sys
names, *lines = map(str.split, sys.stdin)
print(sum(int(line[names.index(sys.argv[1])], 16) for line in lines))' "$1"
}

until_counted() {
    local end=$((SECONDS + $(patient 10)))
    until (($(counter insert_failed) >= $1)); do
        ((SECONDS < end)) || return 1
        sleep 0.05
    done
}

in_pool() {
    lab_in nat conntrack -L -p tcp --reply-dst "$(lab_at 4 fixed)" 2>/dev/null |
        grep -c "dport=$port"
}
has_line() { grep -qxE -- "$1" "$tmp/out"; }
# The two counters, between what the kernel said before and what it says after.
tells_counters() {
    local told before after name
    for name in insert_failed drop; do
        told=$(sed -nE "s/(.*[ ,]|^)$name ([0-9]+)[ ,].*/\2/p" "$tmp/out")
        before=${counted[$name]} after=$(counter "$name")
        [[ $told ]] && ((told >= before && told <= after)) || return
    done
}
note_counters() { counted=([insert_failed]=$(counter insert_failed) [drop]=$(counter drop)); }
declare -A counted

# Since the last look: what fails meanwhile, and nothing that failed before.
test_pool_interval() {
    local seconds=5 asking told after
    note_counters
    timeout -k 1 300 "${in_box[@]}" "$natstat" -nP -i $seconds --port-range $pool \
        >"$tmp/out" 2>"$tmp/err" &
    asking=$!
    until_measuring $asking || fail "natstat -i does not begin"
    lab_tcp_start pool13 in1 "$(lab_at 4 in1 50013)" out "$(lab_at 4 masquerade $port)"
    wait $asking
    status=$?
    check "in an interval: exit 0, quiet" ends_well
    told=$(sed -nE 's/^insert_failed ([0-9]+), drop [0-9]+ in the last [0-9.]+ s: .*/\1/p' "$tmp/out")
    after=$(counter insert_failed)
    check "in an interval: the failures since the last look" \
        test "${told:-0}" -ge 1 -a "${told:-0}" -le $((after - counted[insert_failed]))
}

# until_measuring PROCESS: it listens for events, and after its first list it waits.
until_measuring() {
    local end=$((SECONDS + $(patient 10))) still=0
    until ((still == 6)); do
        ((SECONDS < end)) && kill -0 "$1" 2>/dev/null || return 1
        sleep 0.05
        # Netlink sockets of the box: Eth Pid Groups ...; family 12 is netfilter's.
        if "${in_box[@]}" awk '$2 == 12 && $4 !~ /^0+$/ { found = 1 } END { exit !found }' \
            /proc/net/netlink && ! grep -lq '^State:.*[RD]' /proc/"$1"/task/*/status; then
            still=$((still + 1))
        else
            still=0
        fi
    done
}

test_pool() {
    local at
    lab_in nat nft insert rule inet lab source_nat ip daddr "$(lab_at 4 masquerade)" \
        tcp dport $port snat ip to "$(lab_at 4 fixed):$pool" && lab_tell out tcp $port || return
    in_box=(nsenter "--net=/run/netns/$LAB_PREFIX-nat" --)
    tmp=$LAB_RUN
    run 10 "${in_box[@]}" "$natstat" -nP --port-range $pool --warn 80
    check "an empty pool: no warning" ends_well
    check "an empty pool: nothing failed yet" test "$(counter insert_failed)" == 0
    lab_fill_pool 12 $port || return
    # Each of the seven sends its SYN and sends it again.
    check "the failures rise" until_counted 7
    note_counters
    at="$(lab_at 4 fixed) +tcp +$(lab_at 4 masquerade $port)"
    run 10 "${in_box[@]}" "$natstat" -nP --port-range $pool --warn 80
    check "a full pool: exit 3" exits 3
    check "a full pool: which, on standard error" one_message
    check "a full pool: how full" says "5 of 5 (100.00 %) for $(lab_at 4 masquerade $port)"
    check "a full pool: 5 of 5, of two hosts" has_line "$at +5 +5 100.00 +2"
    check "a full pool: the NAT address" has_line "$(lab_at 4 fixed) tcp: .* in all: 5; .*"
    check "a full pool: the failure counters" tells_counters
    check "a full pool: as many in the table" test "$(in_pool)" == 5
    run 10 "${in_box[@]}" "$natstat" -P --json --port-range $pool --warn 100
    check "as JSON: exit 3" exits 3
    check "as JSON: rows alone" test "$(jq -c '[.[] | select(.dport == 8443) | .ports, .used == 100]' \
        "$tmp/out")" == '[5,true]'
    note_counters
    check "the failures go on rising" until_counted $((counted[insert_failed] + 1))
    test_pool_interval
    run 10 "${in_box[@]}" "$natstat" -nP --warn 80
    check "without a range: the ports of the rule" exits 3
    check "without a range: as many of them in use" has_line "$at +5 +5 100.00 +2"
    run 10 "${in_box[@]}" "$natstat" -nP --port-range 1024-65535 --warn 1
    check "all of the kernel's ports: no warning" ends_well
    run 10 "${in_box[@]}" "$natstat" -nPo
    check "without a header: rows alone" test "$(grep -c 'insert_failed\|^$' "$tmp/out")" == 0
    count_checks "${in_box[@]}" "$python" -B "$here/answers_check.py" "$natstat" $pool
}

# -- rates ----------------------------------------------------------------------------------------

# Bytes from a client so far, by conntrack.
bytes_of() {
    lab_in nat conntrack -L -p tcp --src "$(lab_at 4 "$1")" 2>/dev/null |
        awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^bytes=/) { sum += substr($i, 7); break } }
             END { print sum + 0 }'
}

# near BYTES LEAST MOST RATE: the rate is of so many bytes in that many seconds, within 5 %.
near() { "$python" -c 'import sys; b, least, most, r = map(float, sys.argv[1:]); sys.exit(
    not (b > 0 and r * least <= 1.05 * b and r * most >= 0.95 * b))' "$@"; }

open_tcp() { lab_tcp_open "$1" "$2" "$(lab_at 4 "$2" "$3")" out "$(lab_at 4 masquerade 8444)"; }

rate_of() { jq -r --arg a "$(lab_at 4 "$1")" '.[] | select(.src == $a) | .rate_up' "$tmp/out"; }

# Sends meanwhile; the row is of who sent.
# shellcheck disable=SC2317
measures_some() {
    local asking
    timeout -k 1 300 "${in_box[@]}" "$natstat" -nb src -i 2 --json tcp and 'rate>0' >"$tmp/out" 2>"$tmp/err" &
    asking=$!
    until_measuring $asking && lab_tcp_fill stays client 100000
    wait $asking
    status=$?
    ends_well && [[ $(jq -c 'map([.src, .rate_up > 0])' "$tmp/out") == "[[\"$(lab_at 4 in1)\",true]]" ]]
}

test_rates() {
    local seconds=3 asking before1 before2 gone
    # Flows that were there before somebody listened have events, too.
    lab_in nat sysctl -q -w net.netfilter.nf_conntrack_events=1 || return
    lab_tell out tcp 8444 && open_tcp stays in1 51001 && open_tcp goes in1 51002 || return
    lab_tcp_fill stays client 50000 && lab_tcp_fill goes client 50000 || return
    before1=$(bytes_of in1) before2=$(bytes_of in2)
    local began=${EPOCHREALTIME/[.,]/} most
    timeout -k 1 300 "${in_box[@]}" "$natstat" -b src -i $seconds --json tcp >"$tmp/out" 2>"$tmp/err" &
    asking=$!
    until_measuring $asking || fail "natstat -i does not begin"
    lab_tcp_fill stays client 600000 && lab_tcp_fill goes client 300000 &&
        open_tcp comes in2 51003 && lab_tcp_fill comes client 200000 &&
        open_tcp passes in2 51004 && lab_tcp_fill passes client 100000 || return
    # By now all of it has passed the box.
    lab_tcp_close goes && lab_tcp_close passes && lab_tcp_state goes TIME_WAIT &&
        lab_tcp_state passes TIME_WAIT || return
    gone=$(($(bytes_of in1) - before1))
    local came=$(($(bytes_of in2) - before2))
    lab_in nat conntrack -D -p tcp --state TIME_WAIT >/dev/null 2>&1
    wait $asking
    status=$?
    # The interval is from list to list: as long as was asked for, and within the program's time.
    most=$(((${EPOCHREALTIME/[.,]/} - began) / 1000000 + 1))
    check "rates: exit 0, quiet" ends_well
    check "rates: of flows that stay and one that ended" near $gone $seconds $most "$(rate_of in1)"
    check "rates: of one that came, and one that came and ended" near $came $seconds $most "$(rate_of in2)"
    check "rates: the most first" test "$(jq -r '.[0].src' "$tmp/out")" == "$(lab_at 4 in1)"
    run 10 "${in_box[@]}" "$natstat" -nb src -i 0.3 -C src,flows,rate 'rate>1G'
    check "rates: a filter by them that none passes" prints_lines 1
    check "rates: a filter by them that one passes" measures_some
    # Accounting is a property of a flow from its beginning.
    lab_in nat sysctl -q -w net.netfilter.nf_conntrack_acct=0 && open_tcp silent in1 51005 || return
    run 10 "${in_box[@]}" "$natstat" -nb src -i 0.3 --json tcp port 51005
    check "rates: absent where the kernel does not count" \
        test "$(jq -c 'map([.flows, .rate_up, .rate_down])' "$tmp/out")" == '[[1,null,null]]'
    check "rates: it says how to switch that on" says nf_conntrack_acct=1
    run 10 "${in_box[@]}" "$natstat" -nb src -i 0.3 --json -C +uncounted tcp and 'port=51001,51005'
    check "rates: which group is not counted whole" \
        test "$(jq -c 'map([.flows, .uncounted, .rate_up])' "$tmp/out")" == '[[2,1,0]]'
    check "rates: that they are not whole" \
        says "1 of 2 flows have no counters; packets, bytes and rates are those of the others"
    lab_in nat sysctl -q -w net.netfilter.nf_conntrack_acct=1
}

# -- many flows -----------------------------------------------------------------------------------

test_many() {
    open_box
    "${in_box[@]}" sysctl -q -w net.netfilter.nf_conntrack_acct=1 2>/dev/null
    fill_box 0 20000
    count_checks "${in_box[@]}" "$python" -B "$here/answers_check.py" "$natstat"
    count_checks "${in_box[@]}" "$python" -B "$here/answers_check.py" "$natstat" 20000-29999
    fill_box 20000 80000
    local by
    for family in ipv4 ipv6; do
        "${in_box[@]}" conntrack -L -o extended -f $family 2>/dev/null
    done >"$tmp/table"
    check "there are 100,000 flows" test "$(wc -l <"$tmp/table")" == 100000
    for by in src dst,dport state; do
        LC_ALL=C awk -v BY=$by -f "$here/groups.awk" "$tmp/table" | LC_ALL=C sort >"$tmp/expected"
        run 60 "${in_box[@]}" "$natstat" -aob $by -C $by,flows --format csv
        tr -d '\r' <"$tmp/out" | LC_ALL=C sort >"$tmp/came"
        check "100,000 flows by $by" cmp -s "$tmp/came" "$tmp/expected"
        check "100,000 flows by $by: several" test "$(wc -l <"$tmp/expected")" -gt 5
    done
}

if ! { lab_up && test_pool; }; then
    fail "the pool could not be tried"
elif ! test_rates; then
    fail "the rates could not be tried"
fi
lab_down
in_box=(nsenter "--net=/run/netns/$ns" --)
test_many
finish
