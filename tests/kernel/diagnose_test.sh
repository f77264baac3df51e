#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# natstat --diagnose where something is wrong: each kind of finding is made in a lab of network namespaces,
# found with its host and its numbers, remedied by what the finding says, and gone. Where nothing is wrong
# nothing is found.
# usage: diagnose_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: diagnose_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/lab/lab.sh
. "$here/../lab/lab.sh"

needs ip nft nsenter conntrack jq sysctl
tmp=$(mktemp -d -t natstat-diagnose.XXXXXX) || exit 1
trap 'rm -rf "$tmp"; lab_down' EXIT
lab_up || { fail "the lab could not be raised"; finish; }

# -- hosts ----------------------------------------------------------------------------------------

# begin NAME HOST WORD...: hosts.py in the namespace, until `over NAME`.
declare -A hosts
begin() {
    local name=$1 host=$2
    shift 2
    nsenter "--net=/run/netns/$LAB_PREFIX-$host" -- "$python" -B "$here/hosts.py" "$@" \
        >"$tmp/$name.out" 2>"$tmp/$name.err" &
    hosts[$name]=$!
    until_true 5 grep -q ready "$tmp/$name.out" || fail "$name does not begin: $(<"$tmp/$name.err")"
}

over() {
    local name
    for name in "$@"; do
        kill "${hosts[$name]}"
        wait "${hosts[$name]}" 2>/dev/null
        rm -f "$tmp/$name".*
    done
}

# opened NAME: connections that are there
# shellcheck disable=SC2317
opened() { [[ $(tail -n 1 "$tmp/$1.out") == "$2" ]]; }

# -- diagnoses ------------------------------------------------------------------------------------

# look WORD...: a diagnosis of the box in $tmp/found.json, its exit in $status.
look() {
    lab_in nat "$natstat" --diagnose -i 2 --json "$@" >"$tmp/found.json" 2>"$tmp/said"
    status=$?
}

check() {
    local what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        fail "$what" "exit $status; $(<"$tmp/said")" "$(jq -c . "$tmp/found.json" 2>&1)"
    fi
}

# shellcheck disable=SC2317
exits() { [[ $status == "$1" ]]; }
# shellcheck disable=SC2317
finds() { jq -e "any(.[]; $1)" "$tmp/found.json" >/dev/null; }
# are_found CONDITION: of all findings together.
# shellcheck disable=SC2317
are_found() { jq -e "$1" "$tmp/found.json" >/dev/null; }
# shellcheck disable=SC2317
finds_nothing() { jq -e 'length == 0' "$tmp/found.json" >/dev/null && exits 0; }

# shellcheck disable=SC2317
is_gone() {
    look "${@:2}"
    ! finds ".kind == \"$1\""
}

# gone KIND WHAT [WORD...]: after the remedy there is no such finding any more.
gone() {
    if until_true 20 is_gone "$1" "${@:3}"; then
        passed=$((passed + 1))
    else
        fail "$2: it is still found" "$(jq -c . "$tmp/found.json")"
    fi
}

clear_table() { lab_in nat conntrack -F >/dev/null 2>&1; }

# -- nothing is wrong -----------------------------------------------------------------------------

test_healthy() {
    look
    check "an empty box: nothing is found" finds_nothing
    lab_traffic || fail "the flows of the lab"
    look
    check "a flow of everything: nothing is found" finds_nothing
    lab_in nat "$natstat" --diagnose -i 0.5 >"$tmp/text" 2>"$tmp/said"
    status=$?
    check "as a text: exit 0" exits 0
    check "as a text: it says so" grep -q '^ok    table ' "$tmp/text"
    clear_table
}

# -- NAT ports ------------------------------------------------------------------------------------

# ports FAMILY: a masquerade to 10 ports, and 14 connections to one server.
test_ports() {
    local family=$1 server client shown ip
    server=$(lab_at "$family" masquerade) client=$(lab_at "$family" in1)
    shown=$(lab_at "$family" masquerade 5432) ip=ip
    [[ $family == 4 ]] || ip=ip6
    lab_in nat nft -f - <<RULES || fail "the pool"
table $ip pool {
    chain out {
        type nat hook postrouting priority srcnat - 10;
        $ip daddr $server tcp dport 5432 masquerade to :20000-20009
    }
}
RULES
    begin server out listen "$server" 5432
    begin client in1 open "$client" "$server" 5432 14
    until_true 5 opened client 10 || fail "10 connections through 10 ports"
    look
    check "IPv$family, ports: exit 3" exits 3
    check "IPv$family, ports: found, with their number" finds ".kind == \"nat_ports\" and .grade == \"fail\" and
        .numbers.ports == 10 and .numbers.available == 10 and .numbers.first_port == 20000"
    check "IPv$family, ports: which destination" finds ".kind == \"nat_ports\" and (.finding | contains(\"$shown\"))"
    check "IPv$family, ports: who has them" finds ".kind == \"nat_ports\" and .hosts[0].address == \"$client\" and
        .hosts[0].count == 10"
    check "IPv$family, ports: the filter finds the flows" shows_flows 10
    look src "$(lab_at "$family" in2)"
    check "IPv$family, ports: another host's complaint is another" finds_nothing
    look dst "$server"
    check "IPv$family, ports: the destination's is this one" finds '.kind == "nat_ports"'
    # The remedy: a wider range.
    lab_in nat nft -f - <<RULES || fail "the wider pool"
flush chain $ip pool out
add rule $ip pool out $ip daddr $server tcp dport 5432 masquerade to :20000-20199
RULES
    until_true 20 opened client 14 || fail "14 connections through 200 ports"
    gone nat_ports "IPv$family, ports, a wider range"
    over client server
    lab_in nat nft delete table "$ip" pool
    clear_table
}

# shows_flows NUMBER: the filter of the first finding, given to a list.
# shellcheck disable=SC2317
shows_flows() {
    [[ $(lab_in nat "$natstat" -nao "$(jq -r '.[0].filter' "$tmp/found.json")" | wc -l) == "$1" ]]
}

# -- silence --------------------------------------------------------------------------------------

# silence FAMILY: a destination that lets nothing through.
test_silence() {
    local family=$1 server client shown
    server=$(lab_at "$family" silent) client=$(lab_at "$family" in2) shown=$(lab_at "$family" silent 443)
    begin client in2 open "$client" "$server" 443 5
    until_true 10 is_found no_answer
    check "IPv$family, silence: found" finds ".kind == \"no_answer\" and .grade == \"fail\" and
        .finding == \"$shown (tcp) does not answer\" and .numbers.unanswered == 5 and
        .hosts == [{address: \"$client\", count: 5}]"
    check "IPv$family, silence: the filter finds the flows" shows_flows 5
    check "IPv$family, silence: exit 3" exits 3
    # The remedy: it lets them in, and answers.
    lab_in out ip "-$family" route del blackhole "$server"
    lab_in out ip "-$family" address add "$server" dev lo
    begin server out listen "$server" 443
    until_true 10 opened client 5 || fail "5 connections"
    gone no_answer "IPv$family, silence, it answers"
    over client server
    lab_in out ip "-$family" address del "$server/$([[ $family == 4 ]] && echo 32 || echo 128)" dev lo
    lab_in out ip "-$family" route add blackhole "$server"
    clear_table
}

# shellcheck disable=SC2317
is_found() {
    look "${@:2}"
    finds ".kind == \"$1\""
}

# -- forwarding -----------------------------------------------------------------------------------

# forwarding FAMILY: to an address that no inside host has.
test_forwarding() {
    local family=$1 dialled client ip target missing
    dialled=$(lab_at "$family" service) client=$(lab_at "$family" outside) ip=ip missing=192.0.2.20
    [[ $family == 4 ]] || ip=ip6 missing=2001:db8:1::20
    target=$missing:80
    [[ $family == 4 ]] || target="[$missing]:80"
    lab_in nat nft -f - <<RULES || fail "the forwarding"
table $ip door {
    chain in {
        type nat hook prerouting priority dstnat - 10;
        $ip daddr $dialled tcp dport 8081 dnat to $target
    }
}
RULES
    begin client out open "$client" "$dialled" 8081 4
    until_true 10 is_found forwarding
    check "IPv$family, forwarding: found" finds ".kind == \"forwarding\" and .grade == \"fail\" and
        (.finding | contains(\"$(lab_at "$family" service 8081) (tcp)\")) and (.seen | contains(\"$target\")) and
        .numbers.unanswered >= 4 and (.hosts | map(.address)) == [\"$client\"]"
    check "IPv$family, forwarding: it is no silent destination as well" lacks no_answer
    check "IPv$family, forwarding: the neighbour is silent" finds '.kind == "forwarding" and
        (.remedy | startswith("start "))'
    # The remedy: there is such a host, and port 80 is listened to on each of its addresses.
    lab_in in1 ip "-$family" address add "$missing/$([[ $family == 4 ]] && echo 26 || echo 64)" dev eth0
    until_true 10 opened client 4 || fail "4 connections to the forwarding"
    gone forwarding "IPv$family, forwarding, the host is there"
    over client
    lab_in nat nft delete table "$ip" door
    clear_table
}

# shellcheck disable=SC2317
lacks() { ! finds ".kind == \"$1\""; }

# -- a full table ---------------------------------------------------------------------------------

# Another limit than the machine's is mounted over it, for natstat alone.
test_full_table() {
    local file=/proc/sys/net/netfilter/nf_conntrack_max
    begin client in1 send "$(lab_at 4 in1)" "$(lab_at 4 masquerade)" 514 40
    lab_wait 'dport=514' || fail "flows to fill the table"
    masked() {
        lab_in nat unshare -m bash -c "echo $1 >$tmp/limit && mount --bind $tmp/limit $file && shift && exec \"\$@\"" \
            - "$@" >"$tmp/found.json" 2>"$tmp/said"
        status=$?
    }
    masked 40 "$natstat" --diagnose -i 1 --json
    check "a full table: found" finds ".kind == \"table_full\" and .grade == \"fail\" and .numbers.limit == 40"
    check "a full table: who" finds ".kind == \"table_full\" and .hosts[0] == {address: \"$(lab_at 4 in1)\", count: 40}"
    masked 50 "$natstat" --diagnose -i 1 --json
    check "nearly full: a warning" finds '.kind == "table_full" and .grade == "warn"'
    masked 100 "$natstat" --diagnose -i 1 --json
    check "with a larger limit: gone" finds_nothing
    over client
    clear_table
}

# -- two at once, and other ways to ask -----------------------------------------------------------

test_two() {
    begin silent in2 open "$(lab_at 4 in2)" "$(lab_at 4 silent)" 443 3
    begin ping in1 open "$(lab_at 6 in1)" "$(lab_at 6 silent)" 8443 6
    until_true 10 is_found no_answer
    until_true 10 has_found 2
    check "two at once: the worse comes first" are_found '[.[].numbers.unanswered] == [6, 3]'
    look -6
    check "two at once: -6 narrows to one" are_found 'length == 1'
    nsenter "--net=/run/netns/$LAB_PREFIX-nat" -- "$natstat" -w "$tmp/box.pcap" -i 1 2>"$tmp/recorder" &
    local recorder=$!
    # shellcheck disable=SC2317
    recorded() { [[ $("$natstat" -nao -f "$tmp/box.pcap" state=syn_sent | wc -l) == 9 ]]; }
    until_true 10 recorded || fail "a recording of the flows" "$(<"$tmp/recorder")"
    kill -INT $recorder && wait $recorder
    "$natstat" --diagnose -f "$tmp/box.pcap" --json >"$tmp/found.json" 2>"$tmp/said"
    status=$?
    check "a recording: both are found" are_found '[.[].numbers.unanswered] == [6, 3]'
    lab_table >"$tmp/table.txt"
    "$natstat" --diagnose -f "$tmp/table.txt" --json >"$tmp/found.json" 2>"$tmp/said"
    status=$?
    check "text of conntrack: both are found" are_found '[.[].numbers.unanswered] == [6, 3]'
    "$natstat" --diagnose -f "$tmp/table.txt" >"$tmp/text" 2>"$tmp/said"
    check "text of conntrack: what it can not tell" grep -q '^?     a file tells neither' "$tmp/text"
    over silent ping
    clear_table
}

# shellcheck disable=SC2317
has_found() {
    look
    jq -e "length == $1" "$tmp/found.json" >/dev/null
}

test_healthy
for family in 4 6; do
    test_ports $family
    test_silence $family
    test_forwarding $family
done
test_full_table
test_two
finish
