#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is wrong, in the live view on a real terminal: a pool of NAT ports that is used up is named in the line
# at the top and in the view of problems, which leads to its flows; after the remedy both are silent.
# usage: problems_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: problems_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/lab/lab.sh
. "$here/../lab/lab.sh"
# shellcheck source=tests/kernel/hosts.sh
. "$here/hosts.sh"

needs ip nft nsenter tmux
tmp=$(mktemp -d -t natstat-problems.XXXXXX) || exit 1
trap 'tmux -S "$tmp/tmux" kill-server 2>/dev/null; over "${!hosts[@]}"; rm -rf "$tmp"; lab_down' EXIT
lab_up || { fail "the lab could not be raised"; finish; }

check() { # WHAT COMMAND...
    local what=$1
    shift
    if "$@"; then passed=$((passed + 1)); else fail "$what" "$(screen)"; fi
}

screen() { tmux -S "$tmp/tmux" capture-pane -p; }
press() { tmux -S "$tmp/tmux" send-keys "$@"; }
# shellcheck disable=SC2317
shows() { screen | grep -q -- "$1"; }
# shellcheck disable=SC2317
shows_no() { ! shows "$1"; }
# top_shows WORDS: the first line of the screen does.
# shellcheck disable=SC2317
top_shows() { screen | head -n 1 | grep -q -- "$1"; }
# shellcheck disable=SC2317
top_shows_no() { ! top_shows "$1"; }

server=$(lab_at 4 masquerade) client=$(lab_at 4 in1)
env TERM=xterm-256color LC_ALL=C.UTF-8 tmux -S "$tmp/tmux" -f /dev/null new-session -d -x 120 -y 30 \
    "'$natstat' -t --no-config --netns '$LAB_PREFIX-nat' 2>'$tmp/view.err'; sleep infinity"
check "the view is there" until_true 20 shows "6 problems"
press 6
check "where nothing is wrong, nothing is found" until_true 20 shows "^ ok    table "
check "and nothing is said of it" top_shows_no "FAIL\|WARN"

pool 4 "$server" 20000-20009
begin server out listen "$server" 5432
begin client in1 open "$client" "$server" 5432 14
until_true 5 opened client 10 || fail "10 connections through 10 ports"
check "the full pool is named at the top" until_true 20 top_shows " FAIL nat ports "
check "and found" shows "FAIL  NAT ports for $server:5432 are used up"
check "with its numbers" shows "seen .*: 10 of 10"
check "who has them" shows "who  *$client (10 ports)"
check "and the command that shows more" shows "look  *ip netns exec $LAB_PREFIX-nat natstat -nP"
press Enter
check "Enter leads to its flows" until_true 20 shows "problems › .*› flows.* 10 of "
press Escape
check "and Escape back" until_true 20 shows "^ FAIL  NAT ports for"
pool 4 "$server" 20000-20199
until_true 20 opened client 14 || fail "14 connections through 200 ports"
check "after the remedy there is no such finding" until_true 20 shows_no "NAT ports for"
check "and nothing at the top" top_shows_no "FAIL"
press q
check "it said nothing on standard error" test ! -s "$tmp/view.err"
finish
