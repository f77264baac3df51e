#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# natstat's listings of real flows: the lab's table as natstat shows it, beside what conntrack says
# of it (listing_check.py); and one connection step by step. Names, texts and errors have tests of
# their own.
# usage: listing_test.sh NATSTAT

set -u

# No flow may end while some hundred lists are compared, however slow the machine is.
# shellcheck disable=SC2034 # lab.sh reads it
LAB_TIMEOUT=14400

natstat=$(realpath "${1:?usage: listing_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"

needs ip nft conntrack python3 jq

# shellcheck source=tests/lab/lab.sh
. "$here/../lab/lab.sh"

# -- flows that the lab has not -------------------------------------------------------------------

# Both clients ask one server with the same echo id, somebody outside asks through DNAT, an address
# is long, a flow stays in the box, a large transfer, and data that nobody confirms; and by hand one
# tuple in two zones, and a state that no packet makes.
more_flows() {
    local family kind long=2001:db8:1:0:1111:2222:3333:4444
    for family in 4 6; do
        kind=icmp service='ip daddr 198.51.100.3 meta l4proto icmp dnat ip to 192.0.2.10'
        [[ $family == 4 ]] || kind=icmpv6 \
            service='ip6 daddr 2001:db8:ff::3 meta l4proto icmpv6 dnat ip6 to 2001:db8:1::10'
        # shellcheck disable=SC2086 # the rule's words
        lab_in nat nft add rule inet lab destination_nat $service &&
            lab_packet "echo$family" "$kind" in2 "$(echo_end "$family" in2 41200)" \
                "$(lab_at "$family" masquerade)" &&
            lab_packet "echo_dnat$family" "$kind" out "$(echo_end "$family" outside 41210)" \
                "$(lab_at "$family" service)" &&
            lab_answered "echo$family" && lab_answered "echo_dnat$family" || return
    done
    lab_in in1 ip address add "$long/64" dev eth0 nodad &&
        lab_packet long udp in1 "[$long]:41500" "$(lab_at 6 masquerade 53)" && lab_answered long &&
        lab_in nat ip link set lo up && lab_packet loop udp nat 127.0.0.2:41400 127.0.0.3:53 &&
        lab_tcp_open large in1 "$(lab_at 4 in1 41600)" out "$(lab_at 4 masquerade 80)" &&
        lab_tcp_fill large client 3000000 &&
        lab_tcp_open unheard in1 "$(lab_at 4 in1 41601)" out "$(lab_at 4 masquerade 80)" &&
        lab_in out nft add rule inet lab arriving tcp sport 41601 drop &&
        lab_tcp_fill unheard client 1000 &&
        made_up -p udp -w 9 -u ASSURED,SEEN_REPLY && made_up -p udp -w 10 -u FIXED_TIMEOUT &&
        made_up -p tcp --state NONE
}

made_up() {
    lab_in nat conntrack -I "$@" -s 192.0.2.10 -d 203.0.113.10 --sport 45000 --dport 53 -t "$LAB_TIMEOUT" \
        --src-nat 198.51.100.1 >/dev/null 2>&1 || lab_fail "conntrack -I $* does not work"
}

echo_end() {
    case $1 in
        4) echo "$(lab_at 4 "$2"):$3" ;;
        6) echo "[$(lab_at 6 "$2")]:$3" ;;
    esac
}

# -- step by step ---------------------------------------------------------------------------------

# expect_row WHAT FAMILY SOURCE GATEWAY DESTINATION STATE: natstat -nN has this line. The two
# options behind keep wide rows of others away.
expect_row() {
    local what="$1, IPv$2" family=$2 expected got
    shift 2
    expected=$(printf '%-5s %-30s %-30s %-30s %s' tcp "$@")
    if ! got=$(lab_in nat "$natstat" -nN "-$family" -p tcp 2>&1); then
        fail "$what" "natstat -nN: $got"
    elif [[ $(grep -cxF -- "$expected" <<<"$got") == 1 ]]; then
        passed=$((passed + 1))
    else
        fail "$what" "expected: $expected" "came:     $(grep -F -- "$1 " <<<"$got")"
    fi
}

# One connection from its first packet to its end; then another one that is reset.
steps() {
    local family=$1 source web gateway row
    source=$(lab_at "$family" in1 50001) web=$(lab_at "$family" masquerade 8443)
    gateway=$(lab_at "$family" public 50001)
    row=("$source" "$gateway" "$web")
    lab_hold syn 8443 && lab_tcp_start "web$family" in1 "$source" out "$web" &&
        lab_tcp_state "web$family" SYN_SENT || return
    expect_row "dialled" "$family" "${row[@]}" SYN_SENT
    lab_hold synack 8443 && lab_release syn 8443 && lab_tcp_state "web$family" SYN_RECV || return
    expect_row "answered" "$family" "${row[@]}" SYN_RECV
    lab_release synack 8443 && lab_tcp_opened "web$family" &&
        lab_tcp_state "web$family" ESTABLISHED || return
    expect_row "opened" "$family" "${row[@]}" ESTABLISHED
    lab_hold last_fin 8443 && lab_tcp_shutdown "web$family" client &&
        lab_tcp_state "web$family" CLOSE_WAIT || return
    expect_row "closed by the client" "$family" "${row[@]}" CLOSE_WAIT
    lab_tcp_shutdown "web$family" server && lab_tcp_state "web$family" LAST_ACK || return
    expect_row "closed by the server" "$family" "${row[@]}" LAST_ACK
    lab_release last_fin 8443 && lab_tcp_state "web$family" TIME_WAIT || return
    expect_row "over" "$family" "${row[@]}" TIME_WAIT

    source=$(lab_at "$family" in1 50002) gateway=$(lab_at "$family" public 50002)
    lab_tcp_open "cut$family" in1 "$source" out "$web" || return
    expect_row "a second one opened" "$family" "$source" "$gateway" "$web" ESTABLISHED
    lab_tcp_reset "cut$family" && lab_tcp_state "cut$family" CLOSE || return
    expect_row "reset" "$family" "$source" "$gateway" "$web" CLOSE
}

# -------------------------------------------------------------------------------------------------

began=$EPOCHREALTIME
{ lab_up && lab_traffic && lab_tell out tcp 8443 && more_flows; } ||
    { fail "the lab could not be raised"; finish; }
ready=$EPOCHREALTIME
for word in $LAB_WITHOUT; do
    skip "flows with $word: this kernel has none"
done
# shellcheck disable=SC2086 # words
count_checks lab_in nat "$python" -B "$here/listing_check.py" "$natstat" "$began" "$ready" \
    $LAB_WITHOUT
for family in 4 6; do
    steps $family || fail "the lab could not go on with IPv$family"
done
finish
