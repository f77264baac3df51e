#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# natstat --health beside the kernel's own files, with and without privilege, on a table that is
# filled, on a NAT pool that is used up, and where a file is missing; and --netns beside nsenter. In
# network namespaces of its own. The machine's limit of entries is not touched: another one is
# mounted over it, for natstat alone. It leaves nothing behind.
# usage: health_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: health_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/kernel/runs.sh
. "$here/runs.sh"

# shellcheck disable=SC2317 # these are called by check and until_true
shows() { grep -qE -- "$1" "$tmp/out"; }
# shellcheck disable=SC2317
hides() { ! shows "$1"; }
# shellcheck disable=SC2317
json_is() { jq -e "$1" "$tmp/out" >/dev/null; }

# masked COMMANDS NATSTAT_ARGUMENT...: natstat in the box, with mounts of its own that COMMANDS make.
masked() {
    local commands=$1
    shift
    run 5 "${in_box[@]}" unshare -m bash -c "$commands; exec \"\$@\"" - "$program" "$@"
}

# -- --health -------------------------------------------------------------------------------------

test_facts() {
    run 5 "${in_box[@]}" "$program" --health --json
    check "root: works" ends_well
    count_checks "${in_box[@]}" "$python" "$here/health_facts.py" "$tmp/out"
    check "one object on one line" prints_lines 1
    check "the table that was filled" json_is ".entries == $flows"
    run 5 "${as_nobody[@]}" "$program" --health --json
    check "not root: works" ends_well
    cp "$here/health_facts.py" "$tmp/facts.py" && chmod 755 "$tmp/facts.py"
    count_checks "${as_nobody[@]}" "$python" "$tmp/facts.py" "$tmp/out"
    check "not root: the number of expectations is not known" json_is '.expectations == null'
    run 5 "${as_nobody[@]}" "$program" --health
    check "not root, text: works" ends_well
    check "and says so" shows 'only root is told'
    check "and tells the entries" shows "entries +$flows of"
    check "one setting for all namespaces" shows 'net.netfilter.nf_conntrack_max of'
}

test_settings() {
    check "accounting is off, and how to turn it on" shows '^ +sysctl -w net.netfilter.nf_conntrack_acct=1$'
    check "time stamps are off, and how to turn them on" shows '^ +sysctl -w net.netfilter.nf_conntrack_timestamp=1$'
    check "no timeout was changed" hides 'Timeouts that are not'
    "${in_box[@]}" bash -c 'cd /proc/sys/net/netfilter && echo 1 >nf_conntrack_acct &&
        echo 1 >nf_conntrack_timestamp && echo 1 >nf_conntrack_events &&
        echo 7200 >nf_conntrack_tcp_timeout_established' || fail "the settings of the namespace"
    run 5 "${in_box[@]}" "$program" --health
    check "accounting is on" shows 'accounting +on'
    check "time stamps are on" shows 'time stamps +on'
    check "events are on" shows 'events +on'
    check "no command to turn on what is on" hides 'sysctl'
    check "a timeout was changed" shows 'tcp_timeout_established +7200 s \(default 432000 s\)'
    run 5 "${in_box[@]}" "$program" --health -j
    count_checks "${in_box[@]}" "$python" "$here/health_facts.py" "$tmp/out"
}

test_fullness() {
    local file=/proc/sys/net/netfilter/nf_conntrack_max over
    over="echo \$limit >$tmp/limit && mount --bind $tmp/limit $file"
    masked "limit=$((flows * 5 / 4)); $over" --health
    if ! ends_well; then
        skip "how full: nothing can be mounted over $file: $(head -1 "$tmp/err")"
        return
    fi
    check "80 %: comes first" test "$(sed -n '1p;2s/full:.*//p' "$tmp/out")" = $'Attention\n  table           nearly '
    check "80 %: how much" shows "$flows of $((flows * 5 / 4)) \(80.0 %\)"
    masked "limit=$((flows * 5 / 4 + 1)); $over" --health
    check "just below: nothing to look at" hides '^Attention'
    masked "limit=$flows; $over" --health
    check "100 %: full" shows '^  table +full:'
    masked "limit=0; $over" --health
    check "no limit" shows "entries +$flows, without a limit"
    masked "limit=0; $over" --health -j
    check "no limit: per cent is not known" json_is '.limit == 0 and .percent_full == null'
    masked "limit=x; $over" --health -j
    check "a limit that is no number is not known" json_is '.limit == null and .percent_full == null'
}

test_missing() {
    local none='mount -t tmpfs none /proc/sys/net/netfilter'
    masked "$none" --health -j
    check "no settings: works" ends_well
    check "no settings: they are not known" json_is '.entries == null and .settings.acct == null'
    # Nothing can be mounted below /proc/net, which is a directory of each process.
    find_strace
    [[ $can_inject ]] || return
    local without=(env "ASAN_OPTIONS=detect_leaks=0" strace -qq -o "$tmp/calls" -P /proc/net/stat/nf_conntrack
        -e "trace=openat" -e "inject=openat:error=ENOENT" "$program" --health)
    run 5 "${in_box[@]}" "${without[@]}"
    sed -i '/^strace: Requested path/d' "$tmp/err" # /proc/net is a link
    check "no statistics: works" ends_well
    check "and says so" shows 'no /proc/net/stat/nf_conntrack'
    run 5 "${in_box[@]}" "${without[@]}" -j
    check "no statistics: they are not known" json_is '.statistics == null and .cpus == null'
    run 5 "${in_box[@]}" unshare -m bash -c "$none; exec \"\$@\"" - "${without[@]}"
    sed -i '/^strace: Requested path/d' "$tmp/err"
    check "no connection tracking: a sentence" could_not nf_conntrack_count 'no connection tracking' modprobe
}

# A pool of 2 ports for 6 packets: the other 4 find no port.
test_pool() {
    "${in_box[@]}" bash -c 'ip link set lo up && ip address add 192.0.2.10/32 dev lo &&
        ip address add 203.0.113.10/32 dev lo && nft -f -' <<'RULES' || fail "the NAT pool"
table ip pool {
    chain out {
        type nat hook postrouting priority srcnat;
        ip daddr 203.0.113.10 udp dport 53 snat to 198.51.100.10:2000-2001
    }
}
RULES
    "${in_box[@]}" "$python" -c '
import socket
for port in range(40000, 40006):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("192.0.2.10", port))
    try:
        one.sendto(b"x", ("203.0.113.10", 53))
    except PermissionError:
        pass  # dropped on its way out'
    run 5 "${in_box[@]}" "$program" --health
    check "a NAT pool that is used up: 4 insertions failed" shows '^  insert_failed +4 new flows'
    check "and 4 packets were dropped" shows '^  drop +4 packets'
    check "that comes first" test "$(head -1 "$tmp/out")" = Attention
    run 5 "${in_box[@]}" "$program" --health -j
    check "both are findings" json_is '.findings == ["drop", "insert_failed"]'
    count_checks "${in_box[@]}" "$python" "$here/health_facts.py" "$tmp/out"
}

test_output() {
    local words
    : >"$tmp/out"
    for words in --health "--health -j"; do
        # shellcheck disable=SC2086 # words
        timed 5 "${in_box[@]}" "$program" $words >/dev/full 2>"$tmp/err"
        check "full disk, $words" could_not "standard output" "No space left on device"
        # shellcheck disable=SC2086 # words
        { "${in_box[@]}" "$program" $words 2>"$tmp/err"; echo $? >"$tmp/status"; } | true
        status=$(<"$tmp/status")
        check "closed pipe, $words" ends_well
    done
}

# -- --netns --------------------------------------------------------------------------------------

# same_as_inside WHAT WORD: every view in the namespace of this word is that from inside.
same_as_inside() {
    local what=$1 word=$2 words
    for words in "-nNa" "-na --json -C proto,src,sport,dst,dport,packets" --health; do
        # shellcheck disable=SC2086 # words
        "${in_box[@]}" "$program" $words >"$tmp/inside" 2>/dev/null
        # shellcheck disable=SC2086 # words
        run 10 "$program" --netns "$word" $words
        # Somebody else may be changing the limit, which is the whole machine's.
        sed -i '/^  entries/s/of.*//' "$tmp/inside" "$tmp/out"
        check "$what: $words works" ends_well
        check "$what: $words is that from inside" prints "$tmp/inside"
    done
}

# shellcheck disable=SC2317
same_namespace() { [[ $(stat -Lc %i "/proc/$1/ns/net") == "$(stat -Lc %i "/run/netns/$ns")" ]]; }

test_words() {
    same_as_inside "by name" "$ns"
    same_as_inside "by path" "/run/netns/$ns"
    "${in_box[@]}" sleep infinity &
    local process=$!
    children+=("$process")
    until_true 5 same_namespace "$process" || fail "a process in the box"
    same_as_inside "by process" "$process"
    same_as_inside "by path of a process" "/proc/$process/ns/net"
    stop_children
}

test_streams() {
    "$program" --netns "$ns" -naE -w "$tmp/recording" >"$tmp/out" 2>"$tmp/err" &
    local running=$!
    children+=("$running")
    until_true 10 followed
    check "-E tells of the box" test $? = 0
    until_true 20 recorded
    kill -TERM $running
    wait $running
    status=$?
    check "and ends well" ends_well
    run 5 "$program" -na -f "$tmp/recording" dst 203.0.113.77
    check "-w records the box" shows '203.0.113.77:5353'
    check "all of it" recorded
}

# shellcheck disable=SC2317
recorded() { [[ $("$program" -nao -f "$tmp/recording" | wc -l) -gt $flows ]]; }

# Makes a flow in the box until it is told of.
# shellcheck disable=SC2317
followed() {
    "${in_box[@]}" conntrack -D -p udp -d 203.0.113.77 >/dev/null 2>&1
    "${in_box[@]}" conntrack -I -p udp -s 192.0.2.77 -d 203.0.113.77 --sport 5353 --dport 5353 \
        -t 600 >/dev/null 2>&1
    grep -q '203.0.113.77' "$tmp/out"
}

test_refusals() {
    run 5 "$program" --netns "${ns}x" -n
    check "no such name: what is meant" could_not "no" "did you mean '$ns'?"
    local number=99999999
    run 5 "$program" --netns $number -n
    check "no such process" could_not "there is no such process"
    if ip netns add $number 2>/dev/null; then
        run 5 "$program" --netns $number -n
        check "a number is a process, and how to name the namespace" could_not "/run/netns/$number"
        run 5 "$program" --netns /run/netns/$number -nNa
        check "a name that is a number, by its path" prints_lines 1
        ip netns del $number
    fi
    run 5 "$program" --netns /run/netns/none/at/all -n
    check "no such path" could_not "No such file or directory"
    run 5 "$program" --netns $'/none\n\e[31m' -n
    check "what a terminal would act on is escaped" could_not '/none\x0a\x1b[31m'
    local word
    for word in /etc/passwd /proc/self/ns/mnt /proc /dev/null .. ; do
        run 5 "$program" --netns "$word" -n
        check "$word: no network namespace" could_not "is not a network namespace"
    done
    mkfifo "$tmp/fifo"
    run 5 "$program" --netns "$tmp/fifo" -n
    check "a FIFO: no network namespace" could_not "is not a network namespace"
    run 5 setpriv --reuid=65534 --regid=65534 --clear-groups "$program" --netns "$ns" --health
    check "not root: what it needs" could_not CAP_SYS_ADMIN sudo
    run 5 setpriv --reuid=65534 --regid=65534 --clear-groups "$program" --netns 1 --health
    check "not root, a process of root's: what it needs" could_not CAP_SYS_ADMIN
}

# -------------------------------------------------------------------------------------------------

needs ip nft conntrack nsenter setpriv unshare python3 jq
open_box
# Without a build of natstat-fill a few will do.
flows=20
if [[ -x $fill ]]; then
    flows=4000
    fill_box 0 $flows
else
    for ((i = 0; i < flows; i++)); do
        "${in_box[@]}" conntrack -I -p udp -s 192.0.2.10 -d 203.0.113.10 --sport $((50000 + i)) \
            --dport 53 -t 600 --src-nat 198.51.100.1 >/dev/null 2>&1
    done
fi

test_facts
test_settings
test_fullness
test_missing
test_words
test_streams
test_refusals
test_output
test_pool
finish
