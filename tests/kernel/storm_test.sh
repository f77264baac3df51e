#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# natstat --events while flows come faster than anything else makes them: with the default settings
# every one is told; with hardly any room for events losses are told, and what the stream amounts to
# in the end is the table all the same. storm.py compares.
# usage: storm_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: storm_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/kernel/runs.sh
. "$here/runs.sh"

# start NAME WORD...: natstat in the box, until it tells of a flow that is made then.
start() {
    local name=$1 end=$((SECONDS + $(patient 20)))
    shift
    "${in_box[@]}" "$natstat" -aE --json "$@" >"$tmp/$name" 2>"$tmp/$name.err" &
    children+=($!)
    until [[ -s $tmp/$name ]]; do
        first=$((first + 1))
        fill_box $first 1
        sleep 0.1
        ((SECONDS < end)) || { fail "$name: nothing is told"; finish; }
    done
}

# Ends them; each with exit 0.
stop() {
    local child
    kill -INT "${children[@]}"
    for child in "${children[@]}"; do
        wait "$child"
        status=$?
        check "SIGINT ends it well" exits 0
    done
    children=()
}

save_table() {
    "${in_box[@]}" conntrack -L -o id 2>/dev/null >"$tmp/$1"
    "${in_box[@]}" conntrack -L -f ipv6 -o id 2>/dev/null >>"$tmp/$1"
}

same_as_table() {
    save_table table
    "$python" -B "$here/storm.py" "$@" "$tmp/table" "$tmp/before"
}

until_same() {
    local end=$((SECONDS + $(patient "$1")))
    shift
    until same_as_table "$@" | grep -q ' 0$'; do
        ((SECONDS < end)) || return 1
        sleep 0.1
    done
}

needs ip nsenter conntrack python3
open_box
[[ -x $fill ]] || skip_all "hundreds of thousands of flows: the build has no $fill"
first=0

start all
start all_slow -i 3600
save_table before
fill_box 1000 200000
until_same 30 "$tmp/all"
stop
echo "default settings:"
count_checks same_as_table --nothing-lost "$tmp/all"
count_checks same_as_table --nothing-lost "$tmp/all_slow"

"${in_box[@]}" conntrack -F 2>/dev/null
start few --receive-buffer 4096
save_table before
fill_box 300000 50000
check "the stream is the table again after the storm" until_same 2 "$tmp/few"
"${in_box[@]}" conntrack -F 2>/dev/null
check "and again when all of it has been removed" until_same 10 "$tmp/few"
stop
echo "a receive buffer of 4 KiB:"
count_checks same_as_table --something-lost "$tmp/few"
finish
