#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Zones have directions. Tenants with zones of the original direction alone share the NAT ports of
# one pool, which the kernel shows by refusing the one too many; two flows with one original tuple
# stay two in every output and after each way back; ICMP flows with one id, too.
# usage: zones_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: zones_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/kernel/runs.sh
. "$here/runs.sh"

needs ip nsenter conntrack jq
open_box

# add PROTOCOL OPTION...: a flow that the kernel takes.
add() {
    "${in_box[@]}" conntrack -I -p "$1" -t 600 "${@:2}" >"$tmp/added" 2>&1
}

# -- a pool that tenants share --------------------------------------------------------------------

# tenant ZONE PORT: each has the same network, and asks the same server.
tenant() {
    add udp -s 192.0.2.10 -d 203.0.113.5 --sport 5000 --dport 53 \
        --src-nat "198.51.100.1:$2" --orig-zone "$1"
}

test_pool() {
    local zone
    for zone in 1 2 3 4 5 6 7 8; do
        tenant $zone $((1999 + zone)) || return
    done
    check "the kernel refuses a ninth tenant a port that is taken" eval '! tenant 9 2003'
    run 10 "${in_box[@]}" "$natstat" -P --json --port-range 2000-2007 --warn 80
    check "a full pool of eight tenants: exit 3" exits 3
    check "a full pool of eight tenants: one row, 100 %, eight hosts" test "$(jq -c \
        '[.[] | [.ports, .used, .hosts, .zone_reply]]' "$tmp/out")" == '[[8,100,8,null]]'
    run 10 "${in_box[@]}" "$natstat" -nPo --port-range 2000-2007
    check "a full pool of eight tenants: for people" \
        grep -qxE '198\.51\.100\.1 +udp +203\.0\.113\.5:53 +8 +8 +100\.00 +8' "$tmp/out"
    run 10 "${in_box[@]}" "$natstat" --metrics --port-range 2000-2007
    check "a full pool of eight tenants: for Prometheus" \
        test "$(grep -c '^natstat_nat_ports_used_ratio{.*} 1$' "$tmp/out")" == 1
    for zone in 1 8; do
        run 10 "${in_box[@]}" "$natstat" -na --json "zone_orig=$zone"
        check "tenant $zone: its flow alone" test "$(jq length "$tmp/out")" == 1
    done
    run 10 "${in_box[@]}" "$natstat" -na --json "zone_reply!=0"
    check "no tenant has a zone of the reply" test "$(jq length "$tmp/out")" == 0
    "${in_box[@]}" conntrack -F >/dev/null 2>&1
}

# -- one tuple, two flows -------------------------------------------------------------------------

# tuple PORT OPTION...: they differ in the NAT port, which two of them may not share.
tuple() {
    add udp -s 192.0.2.10 -d 203.0.113.5 --sport 4000 --dport 53 \
        -r 203.0.113.5 -q 198.51.100.1 --reply-port-src 53 --reply-port-dst "$1" "${@:2}"
}
ping() {
    add icmp -s 192.0.2.10 -d 203.0.113.5 --icmp-id 77 --icmp-code 0 --icmp-type "$1"
}

flows='[["icmp",null,null,13,0],["icmp",null,null,8,0],["udp",5,null,null,null],["udp",7,7,null,null],["udp",null,6,null,null]]'
# Of JSON on standard output: what tells the flows apart.
# shellcheck disable=SC2317  # called by check
told() {
    jq -c 'map([.proto, .zone_orig, .zone_reply, .icmp_type, .icmp_code]) | sort_by(map(tostring))' \
        "$tmp/out"
}
# shellcheck disable=SC2317  # called by check
ends_with_all() { ends_well && [[ $(told) == "$flows" ]]; }

test_one_tuple() {
    local record
    tuple 5001 --orig-zone 5 && tuple 5002 --reply-zone 6 && tuple 5003 -w 7 &&
        ping 8 && ping 13 || return
    run 10 "${in_box[@]}" "$natstat" -a --json
    check "the kernel's list" ends_with_all
    cp "$tmp/out" "$tmp/flows.json"
    run 10 "$natstat" -a --json -f "$tmp/flows.json"
    check "JSON, read back" ends_with_all
    "${in_box[@]}" conntrack -L >"$tmp/flows.txt" 2>/dev/null
    run 10 "$natstat" -a --json -f "$tmp/flows.txt"
    check "conntrack's text" ends_with_all
    "${in_box[@]}" cat /proc/net/nf_conntrack >"$tmp/flows.proc" 2>/dev/null
    if [[ -s $tmp/flows.proc ]]; then
        run 10 "$natstat" -a --json -f "$tmp/flows.proc"
        check "the kernel's own text" ends_with_all
    fi
    "${in_box[@]}" "$natstat" -w "$tmp/flows.pcap" 2>/dev/null &
    record=$!
    check "a recording grows" until_true 20 recorded
    kill -INT $record && wait $record
    run 10 "$natstat" -a --json -f "$tmp/flows.pcap"
    check "a recording" ends_with_all
}

# The first list of a recording is in it when it reads as all of the flows.
# shellcheck disable=SC2317  # called by check
recorded() {
    "$natstat" -a --json -f "$tmp/flows.pcap" >"$tmp/out" 2>"$tmp/err" && [[ $(told) == "$flows" ]]
}

test_pool || fail "the pool could not be tried" "$(<"$tmp/added")"
test_one_tuple || fail "the flows could not be made" "$(<"$tmp/added")"
finish
