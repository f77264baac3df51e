#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# natstat --wait: it ends with the flow that makes them few enough and not with the one before, told by events and by
# lists, when events were lost, when time is up, and what it says of what is left.
# usage: wait_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: wait_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/kernel/runs.sh
. "$here/runs.sh"

needs ip nft nsenter conntrack
open_box
open_talk
"${in_box[@]}" sysctl -q -w net.netfilter.nf_conntrack_udp_timeout=7200

# flows NUMBER: so many anew, to the ports from 20000 on. What began before tells no event of its end, unless
# $events is 1.
flows() {
    "${in_box[@]}" conntrack -F 2>/dev/null
    "${in_box[@]}" sysctl -q -w net.netfilter.nf_conntrack_events="${events:-1}"
    "${in_box[@]}" "$here/known_traffic.py" 0 "$1"
}

# go NUMBER...: the flows with these numbers go.
go() {
    local number
    for number; do
        "${in_box[@]}" conntrack -D -p udp --orig-port-dst $((20000 + number)) >/dev/null 2>&1
    done
}

# waits WORD...: a natstat that waits, as $waiter, and has read its first list.
waits() {
    "${in_box[@]}" "$program" --wait --local "$@" >"$tmp/out" 2>"$tmp/err" &
    waiter=$!
    children+=("$waiter")
    until_true 10 follows "$waiter"
}
# shellcheck disable=SC2317
still_waits() { follows "$waiter" && ! ended "$waiter"; }
# shellcheck disable=SC2317
tells() { grep -qE -- "$1" "$tmp/out" && prints_lines 1; }

test_events() {
    flows 20
    waits -i 3600 --below 11 udp # no second list
    go {0..8}
    check "eleven are not fewer than eleven" until_true 5 still_waits
    go 9
    over "$waiter"
    check "it ends with the one that crosses" ends_well
    check "what is left, and whose" tells '^10 flows are left after [0-9.]+ s: 10 of 203\.0\.113\.1$'
}

test_filter() {
    flows 5
    waits -i 3600 --below 2 'dport<20003'
    go 4 3 0
    check "what the filter leaves out does not count" until_true 5 still_waits
    go 1
    over "$waiter"
    check "what it lets through does" ends_well
    check "one is left" tells '^1 flow is left after'
}

test_lists() {
    events=2 flows 3
    waits -i 0.2
    go 0 1
    check "two of three are not all" until_true 5 still_waits
    go 2
    over "$waiter"
    check "what no event tells is found in lists" ends_well
    check "none is left" tells '^no flow is left after [0-9.]+ s$'
    events=0 flows 1
    waits -i 0.2
    go 0
    over "$waiter"
    check "where there are no events" exits 0
    check "that is said" says 'nf_conntrack_events is 0'
}

test_lost() {
    flows 60
    waits -i 3600 --receive-buffer 1 --below 5
    kill -STOP "$waiter"
    "${in_box[@]}" conntrack -F 2>/dev/null
    kill -CONT "$waiter"
    over "$waiter"
    check "a list makes good for lost events" exits 0
    check "of all" tells '^no flow is left'
}

test_time() {
    local limit
    flows 5
    for limit in 0.5 2 8 32; do # in which the first list comes
        run $limit "${in_box[@]}" "$program" --wait --local --below 5 --timeout $limit
        ! grep -q 'not known' "$tmp/out" || continue
        check "time is up" exits 3
        check "not before" lasts "${limit/0.5/0}000"
        check "it says so" tells '^5 flows are left after [0-9.]+ s, not fewer than 5: 5 of 203\.0\.113\.1$'
        break
    done
    run 2 "${in_box[@]}" "$program" --wait --timeout 5
    check "no flow is translated" ends_well
    check "none to wait for" tells '^no flow is left after'
    run 2 "${in_box[@]}" "${as_nobody[@]}" "$program" --wait --timeout 5
    check "without privilege" exits 1
    run 2 "${in_box[@]}" "$program" --wait --local --timeout 0
    check "no time at all" exits 2
}

# prints_object REASON LEFT BELOW: one line of JSON with these, and with all that is left of one host.
# shellcheck disable=SC2317
prints_object() {
    prints_lines 1 && "$python" -c '
import json, sys
told = json.load(sys.stdin)
hosts = [{"address": "203.0.113.1", "count": int(sys.argv[2])}] if int(sys.argv[2]) else []
assert told.pop("seconds") >= 0
assert told == {"reason": sys.argv[1], "left": int(sys.argv[2]), "below": int(sys.argv[3]), "hosts": hosts,
                "others": 0}, told' "$@" <"$tmp/out"
}

# For a script: what is left, and whether it is few enough or time is up.
test_json() {
    local limit
    flows 4
    waits -i 3600 --below 3 --json
    go 0 1
    over "$waiter"
    check "as JSON it ends with the one that crosses, too" ends_well
    check "few enough are left" prints_object few_enough 2 3
    for limit in 0.5 2 8 32; do # in which the first list comes
        run $limit "${in_box[@]}" "$program" --wait --local --below 2 --timeout $limit --format jsonl
        ! grep -q '"left":null' "$tmp/out" || continue
        check "time is up, as JSON: status 3" exits 3
        check "too many are left" prints_object time_is_up 2 2
        break
    done
    run 2 "${in_box[@]}" "$program" --wait --local --format csv
    check "there is no CSV of it" exits 2
}

test_signal() {
    flows 1
    waits
    kill -TERM "$waiter"
    over "$waiter"
    check "who ends it is not told that all are gone" exits 143
    check "it has nothing to say" prints_nothing
}

test_terminal() {
    flows 3
    "${in_box[@]}" "$python" -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' \
        "$program" --wait --local --below 2 >"$tmp/screen" </dev/null &
    waiter=$!
    children+=("$waiter")
    check "progress" until_true 10 grep -q '3 flows are left, waiting for fewer than 2' "$tmp/screen"
    go 0 1
    over "$waiter"
    check "it ends" exits 0
    check "a line is left" grep -q $'\r\e\[K1 flow is left after' "$tmp/screen"
}

test_events
test_filter
test_lists
test_lost
test_time
test_json
test_signal
test_terminal
finish
