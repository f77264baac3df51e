#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What somebody does with the live view in an hour on a NAT box, each thing from a fresh start, in a real
# terminal, counted in keys: no more than stands here. A text that has to be typed (a number, the name of a
# file) is counted by itself.
# usage: tasks_test.sh NATSTAT

# shellcheck disable=SC2317
set -u

natstat=$(realpath "${1:?usage: tasks_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/lab/lab.sh
. "$here/../lab/lab.sh"

needs ip nft nsenter conntrack tmux
out=$(mktemp -d -t natstat-tasks.XXXXXX) || exit 1
trap 'tmux -S "$server" kill-server 2>/dev/null; rm -rf "$out"; lab_down' EXIT
lab_up || { fail "the lab could not be raised"; finish; }
namespace=$LAB_PREFIX-nat
keys=0 views=0 server=$out/tmux

check() { # WHAT COMMAND...
    local what=$1
    shift
    if "$@"; then passed=$((passed + 1)); else fail "$what" "$(screen)"; fi
}

screen() { tmux -S "$server" capture-pane -p; }
shows() { screen | grep -q -- "$1"; }
shows_no() { ! shows "$1"; }
table_has() { lab_table | grep -q -- "$1"; }
table_lacks() { ! table_has "$1"; }
copied() { tmux -S "$server" show-buffer 2>/dev/null; }
copied_has() { copied | grep -q -- "$1"; }

# fresh [OPTION...]: a view of the box, in which nothing was pressed yet. It remembers nothing.
fresh() {
    tmux -S "$server" kill-server 2>/dev/null
    views=$((views + 1))
    server=$out/tmux$views # another one, for the last may not be gone yet
    env TERM=xterm-256color LC_ALL=C.UTF-8 tmux -S "$server" -f "$here/tmux.conf" new-session -d \
        -x 120 -y 30 "'$natstat' -t --no-config --netns '$namespace' $* 2>'$out/view.err'; sleep infinity"
    until_true 20 shows "SOURCE" && until_true 20 shows_no "reading the table"
    keys=0
}

press() {
    tmux -S "$server" send-keys "$@"
    keys=$((keys + $#))
}
typed() { tmux -S "$server" send-keys -l "$1"; }

# at_most COUNT WHAT
at_most() { check "$2 takes $keys keys, of at most $1" test "$keys" -le "$1"; }

connect() { # NAME HOST PORT
    lab_tcp_open "$1" "$2" "$(lab_at 4 "$2" "$3")" out "$(lab_at 4 masquerade 80)"
}

if ! { connect first in1 43301 && connect second in2 43301 && connect third in1 43302; }; then
    fail "the connections could not be opened"
fi
# The port of the first was taken already: the second has another one outside.
taken=$(lab_table | sed -nE 's/.*src=192.0.2.70 .*sport=43301 .* dport=([0-9]+) .*/\1/p' | head -n 1)

fresh
press 2
check "who uses the NAT, and how fast" until_true 5 shows "192.0.2.10 .*[0-9]"
check "their rates are there" shows "↓b/s"
at_most 1 "who uses the NAT, and how fast"

fresh
press /
typed "$taken"
check "who has this NAT port" until_true 5 shows "192.0.2.70:43301.*:$taken"
check "and nobody else" until_true 5 shows_no "192.0.2.10:"
at_most $((16 - ${#taken})) "who has this NAT port"

fresh --port-range 43301-43302
press 3
check "which destination runs out of ports" until_true 5 shows "203.0.113.10:80 .*100.00"
at_most 1 "which destination runs out of ports"

fresh
press d
check "nothing has changed in the last minute, as far as is known" until_true 5 shows "known since"
connect fourth in2 43304 || fail "the connection could not be opened"
check "what changed: a new one" until_true 5 shows "192.0.2.70 .*203.0.113.10:80 .*1"
at_most 1 "what changed"

fresh
press t
check "what expires first" until_true 5 shows "by TIMEOUT ▲"
at_most 3 "what expires first"

fresh
press 2
until_true 5 shows "192.0.2.10 .*2"
press Enter
check "one host alone" until_true 5 shows "hosts › "
at_most 3 "one host alone"

fresh
press y
check "an address is copied" until_true 5 shows "copied, if the terminal can: 192.0.2."
check "it is in the clipboard" until_true 5 copied_has "^192.0.2.[0-9]*:4330"
at_most 1 "an address"

fresh
press Enter y
check "a command for tcpdump is copied" until_true 5 shows "copied, if the terminal can: "
check "it is one of this namespace" until_true 5 copied_has "^ip netns exec $namespace tcpdump "
at_most 2 "a command for tcpdump"
# It is right: -d compiles its filter on its interface and catches nothing.
if command -v tcpdump >/dev/null; then
    check "tcpdump takes it" bash -c "$(copied) -d >/dev/null"
else
    skip "no tcpdump to take the command"
fi

fresh
press w
typed "$out/flows.csv"
press Enter
check "what is shown is in a file" until_true 5 shows "written to"
check "with a line for each flow" test "$(grep -c '203.0.113.10' "$out/flows.csv")" = 4
at_most 3 "a file of it"

fresh "src=192.0.2.10"
press 2
until_true 5 shows "192.0.2.10 .*2"
press x
check "the end of all flows of a host asks for their number" until_true 5 shows "Delete 2 flows"
typed 2
press Enter
check "and ends them" until_true 5 shows "deleted 2 of 2"
at_most 4 "the end of all flows of a host"
check "they are gone" until_true 5 table_lacks "src=192.0.2.10 .*dport=80 "
check "those of others are not" table_has "src=192.0.2.70"
check "it said nothing on standard error" test ! -s "$out/view.err"
finish
