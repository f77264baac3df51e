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
# shellcheck source=tests/kernel/hosts.sh
. "$here/hosts.sh"

needs ip nft nsenter conntrack jq sysctl
tmp=$(mktemp -d -t natstat-diagnose.XXXXXX) || exit 1
trap 'rm -rf "$tmp"; lab_down' EXIT
lab_up || { fail "the lab could not be raised"; finish; }

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
finds_nothing() { jq -e 'map(select(.grade != "unknown")) == []' "$tmp/found.json" >/dev/null && exits 0; }

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
    pool "$family" "$server" 20000-20009
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
    pool "$family" "$server" 20000-20199
    until_true 20 opened client 14 || fail "14 connections through 200 ports"
    gone nat_ports "IPv$family, ports, a wider range"
    over client server
    lab_in nat nft delete table "$ip" pool
    clear_table
}

# busy_pool FAMILY: 60 of 100 ports are in use, and none was missed.
test_busy_pool() {
    local family=$1 server client ip=ip
    server=$(lab_at "$family" masquerade) client=$(lab_at "$family" in1)
    [[ $family == 4 ]] || ip=ip6
    pool "$family" "$server" 20000-20099
    begin server out listen "$server" 5432
    begin client in1 open "$client" "$server" 5432 60
    until_true 10 opened client 60 || fail "60 connections through 100 ports"
    look
    check "IPv$family, a busy pool at 60 per cent: nothing is found" finds_nothing
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
    look --who "workload=$LAB_PREFIX-in2"
    check "IPv$family, silence: whose complaint it is, by name" finds ".kind == \"no_answer\" and
        .hosts == [{address: \"$client\", count: 5, workload: \"$LAB_PREFIX-in2\"}]"
    look "workload=$LAB_PREFIX-nobody"
    check "IPv$family, silence: another's complaint is another" finds_nothing
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
    masked 64 "$natstat" --diagnose -i 1 --json
    check "one host fills the table: found" finds ".kind == \"hog\" and .grade == \"warn\" and
        .hosts == [{address: \"$(lab_at 4 in1)\", count: 40}] and .numbers.flows == 40 and .numbers.all == 40"
    masked 100 "$natstat" --diagnose -i 1 --json
    check "with a larger limit: gone" finds_nothing
    over client
    clear_table
    masked 64 "$natstat" --diagnose -i 1 --json
    check "the host does it no more: gone" finds_nothing
}

# -- what flows do --------------------------------------------------------------------------------

# words_of FIELD KIND: of the first finding of a kind.
words_of() { jq -r "[.[] | select(.kind == \"$2\")][0].$1" "$tmp/found.json"; }

# does_what_it_says KIND: runs the command that its remedy begins with, on the box.
does_what_it_says() {
    local command
    command=$(words_of remedy "$1")
    # shellcheck disable=SC2086 # words
    lab_in nat ${command%% (*} >"$tmp/did" 2>&1 || fail "the remedy of $1: $command" "$(<"$tmp/did")"
}

# refused FAMILY: nothing listens there.
test_refused() {
    local family=$1 server client
    server=$(lab_at "$family" masquerade) client=$(lab_at "$family" in1)
    begin client in1 open "$client" "$server" 7 2
    until_true 10 is_found refused
    check "IPv$family, refused: found" finds ".kind == \"refused\" and .grade == \"warn\" and
        .finding == \"$(lab_at "$family" masquerade 7) (tcp) refuses connections\" and .numbers.refused >= 3 and
        (.hosts | map(.address)) == [\"$client\"]"
    check "IPv$family, refused: exit 3" exits 3
    begin server out listen "$server" 7
    until_true 10 opened client 2 || fail "2 connections"
    gone refused "IPv$family, refused, it listens"
    over client server
    clear_table
}

# half_open FAMILY: the answer to the first packet does not arrive at the client.
test_half_open() {
    local family=$1 server client
    server=$(lab_at "$family" masquerade) client=$(lab_at "$family" in1)
    begin server out listen "$server" 8000
    lab_in in1 nft -f - <<'RULES' || fail "a deaf client"
table inet deaf {
    chain in {
        type filter hook input priority 0;
        tcp flags & (syn | ack) == syn | ack drop
    }
}
RULES
    begin client in1 open "$client" "$server" 8000 6
    until_true 10 is_found half_open
    check "IPv$family, half open: found" finds ".kind == \"half_open\" and .grade == \"warn\" and
        (.finding | contains(\"$(lab_at "$family" masquerade 8000) (tcp)\")) and .numbers.half_open == 6"
    check "IPv$family, half open: the filter finds the flows" shows_flows 6
    lab_in in1 nft delete table inet deaf
    until_true 20 opened client 6 || fail "6 connections"
    gone half_open "IPv$family, half open, the answers arrive"
    over client server
    clear_table
}

# one_way FAMILY: answers go another way, and the box has forgotten how the connections began.
test_one_way() {
    local family=$1 server client
    server=$(lab_at "$family" routed) client=$(lab_at "$family" in1)
    begin server out listen "$server" 8000
    begin client in1 talk "$client" "$server" 8000 4
    until_true 10 opened client 4 || fail "4 connections"
    lab_in out nft -f - <<'RULES' || fail "another way"
table inet away {
    chain out {
        type filter hook output priority 0;
        tcp sport 8000 drop
    }
}
RULES
    clear_table
    until_true 10 is_found one_way
    check "IPv$family, one way: found" finds ".kind == \"one_way\" and .grade == \"warn\" and .numbers.flows == 4 and
        .hosts == [{address: \"$client\", count: 4}]"
    check "IPv$family, one way: the filter finds the flows" shows_flows 4
    lab_in out nft delete table inet away
    gone one_way "IPv$family, one way, both pass here"
    over client server
    clear_table
}

# scan FAMILY: 60 ports, and no answer.
test_scan() {
    local family=$1 client
    client=$(lab_at "$family" in2)
    begin client in2 scan "$client" "$(lab_at "$family" silent)" 1000 60
    until_true 10 is_found scan
    check "IPv$family, scan: found" finds ".kind == \"scan\" and .grade == \"warn\" and .numbers.ends == 60 and
        .hosts == [{address: \"$client\", count: 60}]"
    check "IPv$family, scan: the filter finds the flows" shows_flows 60
    over client
    # What it has begun ends as if its time were up.
    lab_in nat conntrack -U -f "ipv$family" -p tcp -s "$client" -t 1 >/dev/null 2>&1 # some end meanwhile
    gone scan "IPv$family, scan, it is stopped"
    clear_table
}

# -- what outlives its rule -----------------------------------------------------------------------

# old_translation FAMILY: a flow that began before there was a forwarding.
test_old_translation() {
    local family=$1 dialled server ip=ip
    dialled=$(lab_at "$family" silent) server=$(lab_at "$family" masquerade)
    [[ $family == 4 ]] || ip=ip6
    begin old in1 send "$(lab_at "$family" in1)" "$dialled" 9 1
    lab_wait 'dport=9 ' || fail "the old flow"
    lab_in nat nft -f - <<RULES || fail "the forwarding"
table $ip later {
    chain in {
        type nat hook prerouting priority dstnat - 10;
        $ip daddr $dialled udp dport 9 dnat to $server
    }
}
RULES
    begin server out echo "$server" 9
    begin new in2 knock "$(lab_at "$family" in2)" "$dialled" 9 1
    until_true 10 is_found old_translation
    check "IPv$family, older than the rule: found" finds ".kind == \"old_translation\" and .grade == \"fail\" and
        .numbers.flows == 1 and (.seen | contains(\"newer ones go to $(lab_at "$family" masquerade 9)\"))"
    check "IPv$family, older than the rule: the filter finds the flow" shows_flows 1
    does_what_it_says old_translation
    gone old_translation "IPv$family, older than the rule, deleted"
    over old new server
    lab_in nat nft delete table "$ip" later
    clear_table
}

# lost_address FAMILY: SNAT to an address that the box has no more.
test_lost_address() {
    local family=$1 server lost=198.51.100.77/32 ip=ip
    server=$(lab_at "$family" masquerade)
    [[ $family == 4 ]] || ip=ip6 lost=2001:db8:ff::77/128
    lab_in nat ip "-$family" address add $lost dev lo
    lab_in nat nft -f - <<RULES || fail "the former rule"
table $ip former {
    chain out {
        type nat hook postrouting priority srcnat - 10;
        $ip daddr $server udp dport 9999 snat to ${lost%/*}
    }
}
RULES
    begin old in1 send "$(lab_at "$family" in1)" "$server" 9999 2
    lab_wait "dst=${lost%/*} sport=9999" || fail "the old flows"
    lab_in nat nft delete table "$ip" former
    lab_in nat ip "-$family" address del $lost dev lo
    begin new in2 knock "$(lab_at "$family" in2)" "$server" 9998 1
    until_true 10 is_found lost_address
    check "IPv$family, lost address: found" finds ".kind == \"lost_address\" and .grade == \"fail\" and
        .numbers.flows == 2 and (.finding | contains(\"${lost%/*}\")) and
        (.seen | contains(\"$(lab_at "$family" public)\"))"
    check "IPv$family, lost address: the filter finds the flows" shows_flows 2
    does_what_it_says lost_address
    gone lost_address "IPv$family, lost address, deleted"
    over old new
    clear_table
}

# -- the box --------------------------------------------------------------------------------------

test_counters() {
    begin client in1 spoil "$(lab_at 4 in1)" "$(lab_at 4 masquerade)" 80 50
    until_true 10 is_found counters
    check "counters: invalid packets" finds '.kind == "counters" and .grade == "warn" and .numbers.invalid >= 100'
    over client
    gone counters "counters, nobody sends them any more"
    clear_table
}

test_dead_weight() {
    local client
    client=$(lab_at 4 in1)
    lab_in nat conntrack -I -p tcp -s "$client" -d "$(lab_at 4 masquerade)" --sport 4000 --dport 80 \
        --state ESTABLISHED --timeout 400000 -u SEEN_REPLY,ASSURED >/dev/null 2>&1 || fail "an idle flow"
    look src "$client"
    check "dead weight: found" finds ".kind == \"dead_weight\" and .grade == \"note\" and .numbers.flows == 1 and
        .hosts == [{address: \"$client\", count: 1}]"
    check "dead weight: a note is no failure" exits 0
    check "dead weight: the filter finds the flow" shows_flows 1
    does_what_it_says dead_weight
    gone dead_weight "dead weight, with the shorter timeout" src "$client"
    lab_in nat sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=432000
    clear_table
}

# The lab listens to port 21 on each of its servers.
test_no_helper() {
    local client server
    client=$(lab_at 4 in1) server=$(lab_at 4 masquerade)
    begin client in1 open "$client" "$server" 21 1
    until_true 10 opened client 1 || fail "a connection to port 21"
    look
    check "no helper: found" finds ".kind == \"no_helper\" and .grade == \"note\" and .numbers.flows == 1 and
        .hosts == [{address: \"$client\", count: 1}]"
    check "no helper: a note is no failure" exits 0
    over client
    if ! lab_in nat nft -f - 2>"$tmp/said" <<'RULES'; then
table ip help {
    ct helper ftp { type "ftp" protocol tcp; }
    chain in {
        type filter hook prerouting priority 0;
        tcp dport 21 ct helper set "ftp"
    }
}
RULES
        skip "no helper: this kernel has none for FTP: $(head -n 1 "$tmp/said")"
        clear_table
        return
    fi
    clear_table
    begin client in1 open "$client" "$server" 21 1
    until_true 10 opened client 1 || fail "a connection to port 21"
    gone no_helper "no helper, with one"
    over client
    lab_in nat nft delete table ip help
    clear_table
}

# Without libnftables the range is inferred, and the finding says so.
test_without_rules() {
    local library client server
    library=$(ldconfig -p | awk '$1 == "libnftables.so.1" { print $NF; exit }')
    [[ $library ]] || { skip "without libnftables: it is not here anyway"; return; }
    client=$(lab_at 4 in1) server=$(lab_at 4 masquerade)
    pool 4 "$server" 20000-20009
    begin server out listen "$server" 5432
    begin client in1 open "$client" "$server" 5432 14
    until_true 5 opened client 10 || fail "10 connections through 10 ports"
    # shellcheck disable=SC2016 # for the other shell
    local without=(unshare -m bash -c 'mount --bind /dev/null "$0" && exec "$@"' "$(realpath "$library")")
    lab_in nat "${without[@]}" "$natstat" --diagnose -i 3 --json >"$tmp/found.json" 2>"$tmp/said"
    status=$?
    check "without libnftables: the pool is inferred" finds '.kind == "nat_ports" and .grade == "fail" and
        .numbers.available == 10 and (.remedy | contains("inferred"))'
    check "without libnftables: programs are told" finds '.kind == "rules" and .grade == "unknown"'
    lab_in nat "${without[@]}" "$natstat" --diagnose -i 0.5 >"$tmp/text" 2>"$tmp/said"
    check "without libnftables: it says so" grep -q '^?     the rules of NAT could not be read' "$tmp/text"
    over client server
    lab_in nat nft delete table ip pool
    clear_table
}

# -- two at once, and other ways to ask -----------------------------------------------------------

test_two() {
    begin silent in2 open "$(lab_at 4 in2)" "$(lab_at 4 silent)" 443 3
    begin ping in1 open "$(lab_at 6 in1)" "$(lab_at 6 silent)" 8443 6
    until_true 10 is_found no_answer
    until_true 10 has_found 2
    check "two at once: the worse comes first" are_found '[.[].numbers.unanswered // empty] == [6, 3]'
    look -6
    check "two at once: -6 narrows to one" are_found 'map(select(.grade != "unknown")) | length == 1'
    nsenter "--net=/run/netns/$LAB_PREFIX-nat" -- "$natstat" -w "$tmp/box.pcap" -i 1 2>"$tmp/recorder" &
    local recorder=$!
    # shellcheck disable=SC2317
    recorded() { [[ $("$natstat" -nao -f "$tmp/box.pcap" state=syn_sent | wc -l) == 9 ]]; }
    until_true 10 recorded || fail "a recording of the flows" "$(<"$tmp/recorder")"
    kill -INT $recorder && wait $recorder
    "$natstat" --diagnose -f "$tmp/box.pcap" --json >"$tmp/found.json" 2>"$tmp/said"
    status=$?
    check "a recording: both are found" are_found '[.[].numbers.unanswered // empty] == [6, 3]'
    check "a recording: what it can not tell" are_found 'map(select(.grade == "unknown").kind) == ["failures"]'
    lab_table >"$tmp/table.txt"
    "$natstat" --diagnose -f "$tmp/table.txt" --json >"$tmp/found.json" 2>"$tmp/said"
    status=$?
    check "text of conntrack: both are found" are_found '[.[].numbers.unanswered // empty] == [6, 3]'
    check "text of conntrack: what it can not tell, for programs" are_found \
        'map(select(.grade == "unknown").kind) == ["failures", "addresses"]'
    "$natstat" --diagnose -f "$tmp/table.txt" >"$tmp/text" 2>"$tmp/said"
    check "text of conntrack: what it can not tell" grep -q '^?     a file tells neither' "$tmp/text"
    over silent ping
    clear_table
}

# shellcheck disable=SC2317
has_found() {
    look
    jq -e "map(select(.grade != \"unknown\")) | length == $1" "$tmp/found.json" >/dev/null
}

test_healthy
for family in 4 6; do
    test_ports $family
    test_busy_pool $family
    test_silence $family
    test_forwarding $family
    test_refused $family
    test_half_open $family
    test_one_way $family
    test_scan $family
    test_old_translation $family
    test_lost_address $family
done
test_full_table
test_counters
test_dead_weight
test_no_helper
test_without_rules
test_two
finish
