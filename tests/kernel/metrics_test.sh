#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# natstat --metrics --write FILE beside known traffic: what comes, goes and is carried between two looks, how it is
# killed, what it may be told by others who can write beside it, and that it does not ask for the events of changes.
# usage: metrics_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: metrics_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/kernel/runs.sh
. "$here/runs.sh"

needs ip nft nsenter conntrack setpriv stdbuf
open_box
open_talk
"${in_box[@]}" sysctl -q -w net.netfilter.nf_conntrack_acct=1
"${in_box[@]}" sysctl -q -w net.netfilter.nf_conntrack_tcp_timeout_time_wait=1

directory=$tmp/metrics file=$tmp/metrics/natstat.prom
mkdir "$directory" && chown 65534:65534 "$directory"
with_capability=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all,+net_admin
    --ambient-caps=-all,+net_admin --bounding-set=-all,+net_admin)

# count_on WORD...: a natstat that writes the file, as $counter; waits until it has.
count_on() {
    local before
    before=$(stat -c %i "$file" 2>/dev/null)
    "${in_box[@]}" "$@" "$program" --metrics --interval 0.2 --write "$file" 2>"$tmp/said" &
    counter=$!
    children+=("$counter")
    until_true 10 replaced "$before"
}
# shellcheck disable=SC2317
replaced() { [[ -e $file && $(stat -c %i "$file") != "$1" ]]; }

# ended_by SIGNAL
ended_by() {
    kill "-$1" "$counter"
    over "$counter"
}

# value NAME [LABELS]: the sum of its samples, of those with the labels.
value() { awk -v name="$1" -v labels="${2:-}" 'index($0, name) == 1 && index($0, labels) { sum += $2; found = 1 }
    END { printf found ? "%.0f\n" : "none\n", sum }' "$file"; }
# shellcheck disable=SC2317
is_value() { [[ $(value "$1" "${3:-}") == "$2" ]]; }

test_counts() {
    local events
    "${in_box[@]}" "$here/known_traffic.py" 0 5 # was there before
    count_on "${with_capability[@]}"
    check "it begins at nothing" is_value natstat_flows_created_total 0
    "${in_box[@]}" conntrack -F 2>/dev/null
    "${in_box[@]}" stdbuf -oL conntrack -E -e DESTROY >"$tmp/destroyed" 2>/dev/null &
    events=$!
    children+=("$events")
    until_true 10 two_listen
    "${in_box[@]}" "$here/known_traffic.py" 100 50 3000
    check "TCP connections" until_true 5 is_value natstat_flows_created_total 100 'proto="tcp"'
    check "UDP flows" until_true 5 is_value natstat_flows_created_total 50 'proto="udp"'
    check "nothing of another kind" is_value natstat_flows_created_total 150 'kind="local"'
    check "no event was lost" is_value natstat_events_lost_total 0
    check "bytes are seen while flows are there" until_true 5 at_least natstat_bytes_total 300000
    "${in_box[@]}" conntrack -D -p udp >/dev/null 2>&1
    check "connections close" until_true 20 is_value natstat_flows_ended_total 100 'ending="closed"'
    check "those that were deleted" at_least natstat_flows_ended_total 50 'proto="udp",ending="deleted"'
    check "those with an answer" is_value natstat_flows_answered_total 100
    until_true 10 conntrack_saw 150
    check "conntrack saw them, too" conntrack_saw 150
    check "bytes as conntrack has them" same_sum natstat_bytes_total original bytes 1
    check "and those of the other direction" same_sum natstat_bytes_total reply bytes 2
    check "packets as conntrack has them" same_sum natstat_packets_total original packets 1
    check "and those of the other direction" same_sum natstat_packets_total reply packets 2
    ended_by TERM
    check "a signal ends it in good order" exits 0
    check "it had nothing to say" test ! -s "$tmp/said"
    check "the file is left" is_value natstat_flows_created_total 100 'proto="tcp"'
    check "and nothing else" test "$(ls "$directory")" = natstat.prom
    check "it shows its end" grep -qx '# EOF' "$file"
}
# To the kernel's events, natstat and conntrack, whose sockets have numbers of their own.
# shellcheck disable=SC2016,SC2317
two_listen() { "${in_box[@]}" awk '$2 == 12 && $4 !~ /^0+$/ { ++n } END { exit n < 2 }' /proc/net/netlink; }
# shellcheck disable=SC2317
at_least() { (($(value "$1" "${3:-}") >= $2)); }
# shellcheck disable=SC2317
conntrack_saw() { (($(grep -c DESTROY "$tmp/destroyed") >= $1)); }
# same_sum NAME DIRECTION WORD N: the sum of the N-th WORD=NUMBER of conntrack's lines.
# shellcheck disable=SC2317
same_sum() {
    local sum
    sum=$(awk -v word="$3=" -v n="$4" '{ split($0, part, word); split(part[n + 1], number, " "); sum += number[1] }
        END { print sum }' "$tmp/destroyed")
    ((sum > 0)) && is_value "$1" "$sum" "direction=\"$2\""
}

test_kill() {
    local first
    count_on "${with_capability[@]}"
    first=$(value natstat_start_time_seconds)
    "${in_box[@]}" "$here/known_traffic.py" 7 0
    until_true 5 is_value natstat_flows_created_total 7
    ended_by KILL
    echo half >"$directory/natstat.prom.new"
    until (($(date +%s) > first)); do sleep 0.05; done # the clock shows whole seconds
    count_on "${with_capability[@]}"
    check "after kill -9 there is a new file" test "$(value natstat_start_time_seconds)" -gt "$first"
    check "it counts from nothing" is_value natstat_flows_created_total 0
    check "what was half written is gone" until_true 5 test ! -e "$directory/natstat.prom.new"
    ended_by TERM
}

# Whoever else may write in the directory lays links, and natstat is root.
test_links() {
    local name
    echo precious >"$tmp/precious"
    count_on
    for name in natstat.prom natstat.prom.new; do
        ln -sf "$tmp/precious" "$directory/$name"
    done
    check "links are replaced" until_true 5 is_file "$file"
    ended_by TERM
    check "what they lead to is as it was" test "$(<"$tmp/precious")" = precious
    rm -f "$directory"/*
    ln -s "$tmp/precious" "$file"
    run 5 "${in_box[@]}" "$program" --metrics --write "$file"
    check "a link is no file to begin with" could_not "$file" "no regular file"
    rm "$file"
    check "and was not followed" test "$(<"$tmp/precious")" = precious
    run 5 "${in_box[@]}" "$program" --metrics --write /dev/null
    check "nor is a device" could_not /dev/null "no regular file"
    run 5 "${in_box[@]}" "${with_capability[@]}" "$program" --metrics --write "$tmp/nowhere/natstat.prom"
    check "no directory" could_not nowhere "No such file or directory"
    mkdir "$tmp/closed" && chmod 755 "$tmp/closed"
    run 5 "${in_box[@]}" "${with_capability[@]}" "$program" --metrics --write "$tmp/closed/natstat.prom"
    check "a directory that is another's" could_not closed "Permission denied"
}
# shellcheck disable=SC2317
is_file() { [[ -f $1 && ! -L $1 ]] && grep -q EOF "$1"; }

test_full_disk() {
    mkdir "$tmp/small" && mount -t tmpfs -o size=64k none "$tmp/small" || { skip "a full disk: no tmpfs"; return; }
    file=$tmp/small/natstat.prom
    count_on
    dd if=/dev/zero of="$tmp/small/full" bs=1k 2>/dev/null
    check "a full disk is said" until_true 5 grep -q 'No space left' "$tmp/said"
    check "the old file stays whole" grep -qx '# EOF' "$file"
    rm "$tmp/small/full"
    check "and that it works again" until_true 5 grep -q 'written again' "$tmp/said"
    check "each once" test "$(wc -l <"$tmp/said")" = 2
    ended_by TERM
    umount "$tmp/small"
    file=$directory/natstat.prom
}

# Groups 1 and 3 of nfnetlink are NEW and DESTROY; 2 is UPDATE.
test_membership() {
    find_strace
    [[ $can_inject ]] || return
    : >"$tmp/calls"
    "${in_box[@]}" strace -f -qq -o "$tmp/calls" -e trace=setsockopt "$program" --metrics -i 0.2 --write "$file" &
    children+=($!)
    until_true 20 grep -q 'ADD_MEMBERSHIP, \[9\]' "$tmp/calls"
    check "beginnings and ends of flows" test \
        "$(sed -n 's/.*ADD_MEMBERSHIP, \(\[[1-3]\]\).*/\1/p' "$tmp/calls" | tr -d '\n')" = "[1][3]"
    pkill -TERM -P $!
    over $!
}

test_lost() {
    "${in_box[@]}" "$program" --metrics -i 0.2 --write "$file.lost" --receive-buffer 1 2>"$tmp/said" &
    counter=$! file=$file.lost
    children+=("$counter")
    until_true 10 replaced ""
    kill -STOP "$counter"
    "${in_box[@]}" "$here/known_traffic.py" 0 60
    kill -CONT "$counter"
    check "lost events are counted" until_true 5 at_least natstat_events_lost_total 1
    check "what is there is found" until_true 5 is_value natstat_flows_created_total 60 'proto="udp"'
    ended_by TERM
}

test_by() {
    "${in_box[@]}" "$program" --metrics --metrics-by dst,proto --interval 0.2 --write "$file" 2>"$tmp/said" &
    counter=$!
    children+=("$counter")
    "${in_box[@]}" conntrack -F 2>/dev/null
    "${in_box[@]}" "$here/known_traffic.py" 0 9
    check "flows by columns" until_true 10 is_value natstat_by_flows 9 'dst="203.0.113.1",proto="udp"'
    check "their bytes" at_least natstat_by_bytes 300 'direction="original"' # 38 of each packet
    check "how many values there are" is_value natstat_by_values 1
    ended_by TERM
}

# A pool of ten ports, as the rules have it, and then of twenty: what there is is looked for anew with each list.
test_pool() {
    local holder
    "${in_box[@]}" conntrack -F 2>/dev/null
    "${in_box[@]}" sysctl -q -w net.netfilter.nf_conntrack_udp_timeout=7200
    pool_of 40000-40009
    "${in_box[@]}" "$program" --metrics --interval 0.2 --write "$file" 2>"$tmp/said" &
    counter=$!
    children+=("$counter")
    "${in_box[@]}" "$python" -B "$here/hold_ports.py" 14 >"$tmp/held" 2>&1 &
    holder=$!
    children+=("$holder")
    check "four of fourteen find no port" until_true 10 grep -qx 'held 10' "$tmp/held"
    check "a pool that is full" until_true 10 is_value natstat_nat_gateway_destinations_over 1 'share="1"'
    check "it has ten ports" is_value natstat_nat_ports_available 10 'gate="198.51.100.1"'
    check "the kernel counts what failed" until_true 10 at_least natstat_nf_conntrack_stat_insert_failed_total 4
    pool_of 40000-40019
    check "the rules change" until_true 10 is_value natstat_nat_ports_available 20 'gate="198.51.100.1"'
    check "it is half full then" is_value natstat_nat_gateway_destinations_over 0 'share="1"'
    ended_by TERM
    kill "$holder"
    "${in_box[@]}" nft delete table ip pool
}
# pool_of A-B: 192.0.2.1 is 198.51.100.1 with one of these ports to whom it sends datagrams to port 8443.
pool_of() {
    "${in_box[@]}" nft -f - <<END
table ip pool
delete table ip pool
table ip pool {
    chain out {
        type nat hook postrouting priority 100
        udp dport 8443 snat to 198.51.100.1:$1
    }
}
END
}

# Connections that nobody answers, for longer than an answer takes.
test_problems() {
    local number
    "${in_box[@]}" conntrack -F 2>/dev/null
    "${in_box[@]}" "$program" --metrics --diagnose --interval 0.2 --write "$file" 2>"$tmp/said" &
    counter=$!
    children+=("$counter")
    check "nothing is wrong" until_true 10 is_value natstat_problem 0 'kind="no_answer"'
    check "of each kind and grade" test "$(grep -c '^natstat_problem{' "$file")" = 45
    "${in_box[@]}" conntrack -F 2>/dev/null
    for number in {1..40}; do
        "${in_box[@]}" conntrack -I -p tcp -s 192.0.2.1 -d 203.0.113.1 --sport $((40000 + number)) --dport 443 \
            --state SYN_SENT -t 3600 >/dev/null 2>&1
    done
    check "a destination that does not answer" until_true 20 is_value natstat_problem 1 'kind="no_answer",grade="fail"'
    ended_by TERM
}

# The kernel's numbers, too, for CloudWatch.
test_emf() {
    "${in_box[@]}" "$here/known_traffic.py" 3 4
    run 20 "${in_box[@]}" "$here/../emf_check.py" "$program" --port-range 1-65535
    check "the line of --format emf has what the text has" exits 0
    "${in_box[@]}" "$program" --metrics --format emf >"$tmp/out"
    check "it says of which host" grep -q "\"host\":\"$(uname -n)\"" "$tmp/out"
}

# CloudWatch's names beside traffic of which all is known. The interval is long enough when natstat still looks after
# the last of it; a busy machine gets a longer one.
test_gateway() {
    local looker seconds
    "${in_box[@]}" ip address add 198.51.100.1/32 dev lo
    "${in_box[@]}" sysctl -q -w net.netfilter.nf_conntrack_{udp_timeout,tcp_timeout_syn_sent}=7200
    "${in_box[@]}" nft -f - <<'END'
table ip gateway {
    chain out {
        type nat hook postrouting priority 100
        udp dport 8443 snat to 198.51.100.1:40000-40009
        ip daddr 203.0.113.1 snat to 198.51.100.1
    }
    chain silent { type filter hook input priority 0; tcp dport 81 drop; }
}
END
    for seconds in 5 40 320; do
        "${in_box[@]}" conntrack -F 2>/dev/null
        "${in_box[@]}" stdbuf -oL conntrack -E -e DESTROY >"$tmp/ends" 2>/dev/null &
        children+=($!)
        "${in_box[@]}" "$program" --metrics --format emf -i "$seconds" >"$tmp/out" 2>"$tmp/said" &
        looker=$!
        children+=("$looker")
        until_true 10 looks_or_is_over "$looker"
        pass_gateway
        ! ended "$looker" || { stop_children; continue; }
        over "$looker"
        break
    done
    check "the interval was long enough" exits 0
    "${in_box[@]}" conntrack -L -o extended 2>/dev/null >"$tmp/listed" # nothing of it moves
    count_checks "$python" -B "$here/gateway_check.py" "$tmp/out" "$tmp/ends" "$tmp/listed"
    stop_children
    "${in_box[@]}" nft delete table ip gateway
    "${in_box[@]}" ip address del 198.51.100.1/32 dev lo
}

# Six connections that close, five flows of UDP, two connections to which nobody answers, one that becomes idle and
# one that stays, and ten of fourteen flows that get a port.
# shellcheck disable=SC2317
pass_gateway() {
    "${in_box[@]}" "$here/known_traffic.py" 6 5 3000
    "${in_box[@]}" "$python" -B "$here/hold_ports.py" 14 >"$tmp/held" 2>&1 &
    children+=($!)
    "${in_box[@]}" "$python" -B "$here/hold_connections.py" >"$tmp/connections" 2>&1 &
    children+=($!)
    until_true 10 grep -qx 'held 10' "$tmp/held" && until_true 10 grep -qx held "$tmp/connections"
    until_true 100 idle_is_gone
    until_true 10 six_are_gone
}
# shellcheck disable=SC2317
looks_or_is_over() { ended "$1" || { two_listen && follows "$1"; }; }
# A list takes away what has had its time.
# shellcheck disable=SC2317
idle_is_gone() {
    "${in_box[@]}" conntrack -L >/dev/null 2>&1
    grep -q 'dport=8082' "$tmp/ends"
}
# shellcheck disable=SC2317
six_are_gone() {
    "${in_box[@]}" conntrack -L >/dev/null 2>&1
    (($(grep -c 'dport=8080 ' "$tmp/ends") == 6))
}

test_counts
test_emf
test_gateway
test_by
test_pool
test_problems
test_kill
test_links
test_full_disk
test_membership
test_lost
finish
