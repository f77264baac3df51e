#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# natstat --top on a NAT box with real traffic, in a real terminal: each change is on the screen
# without a key, also of a connection that was open before; the delete key removes exactly
# the flow shown; and 50,000 new flows a second hold up no key (view_storm.py).
# usage: view_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: view_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# Ended and idle flows are gone soon; established ones keep the kernel's own time.
LAB_TIMEOUT=3
# shellcheck source=tests/lab/lab.sh
. "$here/../lab/lab.sh"

needs ip nft nsenter conntrack tmux
fill=$(dirname "$natstat")/tests/bench/natstat-fill
[[ -x $fill ]] || skip_all "the build has no $fill"
out=$(mktemp -d -t natstat-view.XXXXXX) || exit 1
trap 'tmux -S "$out/tmux" kill-server 2>/dev/null; rm -rf "$out"; lab_down' EXIT
lab_up || { fail "the lab could not be raised"; finish; }
box=(nsenter "--net=/run/netns/$LAB_PREFIX-nat" --)

# check WHAT COMMAND...: counts.
check() {
    local what=$1
    shift
    if "$@"; then passed=$((passed + 1)); else fail "$what" "$(screen)"; fi
}

screen() { tmux -S "$out/tmux" capture-pane -p; }
press() { tmux -S "$out/tmux" send-keys "$@"; }

# One line of the screen has these words in this order.
shows() {
    local pattern=$1
    shift
    [[ $# == 0 ]] || pattern+=$(printf '.*%s' "$@")
    screen | grep -q -- "$pattern"
}
shows_no() { ! shows "$@"; }

open_view() {
    "${box[@]}" env TERM=xterm-256color LC_ALL=C.UTF-8 tmux -S "$out/tmux" -f /dev/null new-session -d \
        -x 140 -y 40 "'$natstat' -t -a 2>'$out/view.err'; echo status \$? >'$out/status'; sleep infinity"
    until_true 20 shows "PROTO" "BYTES" && until_true 5 shows_no "reading the table"
}

connect() { # NAME FAMILY PORT
    lab_tcp_open "$1" in1 "$(lab_at "$2" in1 "$3")" out "$(lab_at "$2" masquerade 80)"
}

# -- what happens is on the screen ----------------------------------------------------------------

test_changes() {
    local family port
    for family in 4 6; do
        port=4310$family
        lab_hold synack 80
        lab_tcp_start life$family in1 "$(lab_at $family in1 $port)" out "$(lab_at $family masquerade 80)"
        check "IPv$family: SYN_SENT or SYN_RECV is on the screen" until_true 0.5 shows ":$port" "SYN_"
        lab_release synack 80
        lab_tcp_opened life$family
        check "IPv$family: ESTABLISHED is on the screen" until_true 0.5 shows ":$port" ESTAB
        lab_tcp_shutdown life$family server
        lab_tcp_state life$family CLOSE_WAIT
        check "IPv$family: CLOSE_WAIT is on the screen" until_true 0.5 shows ":$port" CLOSE_WA
        lab_tcp_shutdown life$family client
        lab_tcp_state life$family TIME_WAIT
        check "IPv$family: TIME_WAIT is on the screen" until_true 0.5 shows ":$port" TIME_WAIT
        until_true 10 gone $port
        check "IPv$family: how it ended is on the screen" until_true 0.5 shows ":$port" closed
        check "IPv$family: and then it leaves the screen" until_true 8 shows_no ":$port"
    done
}

gone() { ! table_has "$1"; }
table_has() {
    { lab_in nat conntrack -L -f ipv4; lab_in nat conntrack -L -f ipv6; } 2>/dev/null |
        grep -q -- "sport=$1 "
}

# No event tells of these, but lists do, once a second here.
test_open_before() {
    local family
    for family in 4 6; do
        check "IPv$family: what was open before is there" until_true 2 shows ":4300$family" ESTAB
        lab_tcp_close before$family
        check "IPv$family: its end is found by a list" until_true 2.5 shows ":4300$family" \
            '\(TIME_WAIT\|LAST_ACK\|closed\|unknown\)'
    done
}

# -- the delete key -------------------------------------------------------------------------------

test_delete() {
    connect stays 4 43201 && connect goes 4 43202 || fail "the connections could not be opened"
    check "both are there" until_true 2 shows ":43202" ESTAB
    press /
    press -l "sport=43202"
    press Enter
    check "the filter leaves one" until_true 2 shows "(1)\|1 of"
    press x
    check "x shows the flow and asks" until_true 2 shows "Delete this flow"
    press n
    check "n deletes nothing" until_true 2 shows "nothing was deleted"
    check "n: it is there" table_has 43202
    press x y
    check "y deletes it" until_true 2 shows "deleted"
    check "it has gone from the kernel's table" until_true 2 gone 43202
    check "the others have not" table_has 43201
    press Escape
}

# Several are confirmed by their number.
test_delete_many() {
    local port
    for port in 43211 43212 43213; do
        connect many$port 4 $port || fail "the connections could not be opened"
    done
    press /
    press -l "sport=43211-43213"
    press Enter
    check "the filter leaves three" until_true 2 shows "3 of"
    press X
    check "X shows the flows and asks for their number" until_true 2 shows "Delete 3 flows"
    press 2 Enter
    check "another number deletes nothing" until_true 2 shows "nothing was deleted"
    check "they are there" table_has 43211
    # The cursor goes along with its row, and that may be the last one by now.
    press Home Space Space x
    check "x asks about two that are marked" until_true 2 shows "Delete 2 flows"
    press Escape Escape X
    check "X asks about all of them" until_true 2 shows "Delete 3 flows"
    press 3 Enter
    check "their number deletes them" until_true 2 shows "deleted 3 of 3"
    for port in 43211 43212 43213; do
        check "$port has gone from the kernel's table" until_true 2 gone $port
    done
    check "the others have not" table_has 43201
    press Escape
}

test_end() {
    press q
    check "q ends it with 0" until_true 5 grep -qx "status 0" "$out/status"
    check "it said nothing on standard error" test ! -s "$out/view.err"
}

connect before4 4 43004 && connect before6 6 43006 || fail "the first connections could not be opened"
check "the view opens" open_view
test_open_before
test_changes
test_delete
test_delete_many
test_end
for family in 4 6; do
    source=$(lab_at $family in1) destination=$(lab_at $family masquerade)
    count_checks "${box[@]}" "$python" -B "$here/steady_rate.py" "$natstat" "$LAB_PREFIX-in1" \
        "$source" "$destination" 4321$family
done
# In a namespace of its own, where no other flow has such an address.
count_checks unshare -n "$python" -B "$here/steady_titles.py" "$natstat"
count_checks "${box[@]}" "$python" -B "$here/view_storm.py" "$natstat" "$fill"
finish
