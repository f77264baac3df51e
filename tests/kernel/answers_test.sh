#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --by and --ports beside independent counts over `conntrack -L` (answers_check.py): a NAT box that
# runs out of the five ports of a pool, and 20,000 mixed flows of natstat-fill.
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

# Twelve connections from two clients to one server; those behind the fifth get no port.
dial() {
    local i client server
    server=$(lab_at 4 masquerade $port)
    for i in {1..12}; do
        client=in$((i % 2 + 1))
        if ((i <= 5)); then
            lab_tcp_open "pool$i" $client "$(lab_at 4 $client $((50000 + i)))" out "$server"
        else
            lab_tcp_start "pool$i" $client "$(lab_at 4 $client $((50000 + i)))" out "$server"
        fi || return
    done
}

# counter NAME: the kernel's, by hand: hexadecimal, one line for each processor.
counter() {
    lab_in nat cat /proc/net/stat/nf_conntrack | "$python" -c '
import sys
names, *lines = map(str.split, sys.stdin)
print(sum(int(line[names.index(sys.argv[1])], 16) for line in lines))' "$1"
}

until_counted() {
    local end=$((SECONDS + 10))
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

test_pool() {
    local at
    lab_in nat nft insert rule inet lab source_nat ip daddr "$(lab_at 4 masquerade)" \
        tcp dport $port snat ip to "$(lab_at 4 fixed):$pool" && lab_tell out tcp $port || return
    in_box=(nsenter "--net=/run/netns/$LAB_PREFIX-nat" --)
    tmp=$LAB_RUN
    run 10 "${in_box[@]}" "$natstat" -nP --port-range $pool --warn 80
    check "an empty pool: no warning" ends_well
    check "an empty pool: nothing failed yet" test "$(counter insert_failed)" == 0
    dial || return
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
    run 10 "${in_box[@]}" "$natstat" -nP --warn 1
    check "all of the kernel's ports: no warning" ends_well
    run 10 "${in_box[@]}" "$natstat" -nPo
    check "without a header: rows alone" test "$(grep -c 'insert_failed\|^$' "$tmp/out")" == 0
    count_checks "${in_box[@]}" "$python" -B "$here/answers_check.py" "$natstat" $pool
}

# -- many flows -----------------------------------------------------------------------------------

test_many() {
    open_box
    "${in_box[@]}" sysctl -q -w net.netfilter.nf_conntrack_acct=1 2>/dev/null
    fill_box 0 20000
    count_checks "${in_box[@]}" "$python" -B "$here/answers_check.py" "$natstat"
    count_checks "${in_box[@]}" "$python" -B "$here/answers_check.py" "$natstat" 20000-29999
}

if ! { lab_up && test_pool; }; then
    fail "the pool could not be tried"
fi
lab_down
in_box=(nsenter "--net=/run/netns/$ns" --)
test_many
finish
