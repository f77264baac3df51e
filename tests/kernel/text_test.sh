#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One table in all the ways in which others print it: what natstat reads out of each of these texts
# is what it reads from the kernel at that time, field by field (text_check.py). The entries are made
# by hand, so that there is one of each protocol, in both families, with every NAT, in zones of
# either direction, with marks, states and flags.
# usage: text_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: text_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"

needs ip conntrack python3

ns=natstat-text-$$
tmp=$(mktemp -d -t natstat-text.XXXXXX) || exit 1
trap 'ip netns del "$ns" 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM HUP
ip netns add "$ns" || exit 1
in_box=(ip netns exec "$ns")

# entry WORDS...: makes one; a kernel without its protocol has none.
entries=0
entry() {
    if "${in_box[@]}" conntrack -I -t 30000 "$@" >/dev/null 2>"$tmp/said"; then
        entries=$((entries + 1))
    else
        skip "conntrack -I $*: $(tail -n 1 "$tmp/said")"
    fi
}

make_entries() {
    local family in out nat port=1000
    for family in 4 6; do
        case $family in
            4) in=192.0.2.10 out=203.0.113.10 nat=198.51.100.1 ;;
            6) in=2001:db8:1::10 out=2001:db8:2::10 nat=2001:db8:ff::1 ;;
        esac
        local ends=(-s "$in" -d "$out")
        entry -p tcp "${ends[@]}" --sport 1 --dport 80 --state ESTABLISHED -u SEEN_REPLY,ASSURED -m 7
        entry -p tcp "${ends[@]}" --sport 2 --dport 80 --state SYN_SENT --src-nat "$nat"
        entry -p tcp "${ends[@]}" --sport 3 --dport 80 --state TIME_WAIT --dst-nat "$nat" -u SEEN_REPLY
        entry -p udp "${ends[@]}" --sport 4 --dport 53 -u SEEN_REPLY -m 4294967295 --src-nat "$nat"
        entry -p udp "${ends[@]}" --sport 5 --dport 53 -u SEEN_REPLY,ASSURED,FIXED_TIMEOUT
        entry -p udplite "${ends[@]}" --orig-port-src 6 --orig-port-dst 53
        entry -p sctp "${ends[@]}" --orig-port-src 7 --orig-port-dst 8 --state COOKIE_WAIT \
            --orig-vtag 1 --reply-vtag 2
        entry -p gre "${ends[@]}" --srckey 1 --dstkey 65535
        entry -p esp "${ends[@]}"
        entry -p 253 "${ends[@]}" -u SEEN_REPLY,ASSURED
        for zone in "-w 5" "--orig-zone 6" "--reply-zone 7"; do
            port=$((port + 1))
            # shellcheck disable=SC2086 # the option's words
            entry -p udp "${ends[@]}" --sport "$port" --dport 53 $zone -u SEEN_REPLY
        done
    done
    entry -p icmp -s 192.0.2.10 -d 203.0.113.10 --icmp-type 8 --icmp-code 0 --icmp-id 7 -u SEEN_REPLY
    entry -p icmp -s 192.0.2.10 -d 203.0.113.10 --icmp-type 8 --icmp-code 0 --icmp-id 9
    entry -p icmpv6 -s 2001:db8:1::10 -d 2001:db8:2::10 --icmpv6-type 128 --icmpv6-code 0 \
        --icmpv6-id 7
}

for setting in acct timestamp; do
    "${in_box[@]}" sysctl -qw "net.netfilter.nf_conntrack_$setting=1" || exit 1
done
make_entries
((entries >= 20)) || fail "the table has $entries entries"
TZ=EST5 count_checks "${in_box[@]}" "$python" "$here/text_check.py" "$natstat" "$tmp"
finish
