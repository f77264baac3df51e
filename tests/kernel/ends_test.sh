#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How --events and --write end: signals while nobody takes what is written, a reader that goes, a
# shell's nohup, no privilege, a full disk.
# usage: ends_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: ends_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/kernel/runs.sh
. "$here/runs.sh"

# start WORD...: natstat in the box, in the background, as $child.
start() {
    "${in_box[@]}" "$program" "$@" 2>"$tmp/err" &
    child=$!
    children+=($child)
}

# ended SECONDS: waits for it; its exit is in $status.
ended() {
    local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
    while kill -0 "$child" 2>/dev/null; do
        ((${EPOCHREALTIME/[.,]/} < end)) || return
        sleep 0.05
    done
    wait "$child"
    status=$?
}

# waits_for_writing: it stands in a write that nobody takes.
stands() {
    local end=$((SECONDS + 20)) before=-1 now
    while ((SECONDS < end)); do
        now=$(awk '{print $14 + $15}' "/proc/$child/stat")
        ! grep -q pipe "/proc/$child/wchan" || return 0
        [[ $now != "$before" ]] || ((SECONDS + 17 < end)) || return 0
        before=$now
        sleep 0.1
    done
}

needs ip nsenter conntrack python3 setpriv
open_box
[[ -x $fill ]] || skip_all "thousands of flows: the build has no $fill"

mkfifo "$tmp/stuck"
sleep 300 <"$tmp/stuck" &
children+=($!)
for number in TERM INT HUP; do
    start -aE --json >"$tmp/stuck"
    sleep 0.3
    fill_box 0 3000
    stands
    kill -"$number" "$child"
    check "$number ends it while nobody reads" ended 10
    "${in_box[@]}" conntrack -F 2>/dev/null
done

start -w "$tmp/nobody.pcap"
sleep 0.3
mkfifo "$tmp/never"
start -w "$tmp/never"
sleep 0.3
kill -TERM "$child"
check "TERM ends it while it waits for a reader of a pipe" ended 5
start -aE -f "$tmp/never"
sleep 0.3
kill -TERM "$child"
check "TERM ends it while it waits for a writer of a pipe" ended 5

nohup "${in_box[@]}" "$program" -w "$tmp/nohup.pcap" >/dev/null 2>&1 &
child=$!
children+=($child)
until [[ -s $tmp/nohup.pcap ]]; do sleep 0.05; done
kill -HUP $child
sleep 0.5
check "what is ignored stays ignored (nohup)" kill -0 $child
kill -TERM $child
check "and the others end it" ended 5
check "well" exits 0

cat >"$tmp/its_end.py" <<'END'
import os, socket, subprocess, sys, time
ours, its = socket.socketpair()
child = subprocess.Popen(sys.argv[1:], stdout=its, stderr=subprocess.DEVNULL)
its.close()
time.sleep(0.5)
ours.close()
try:
    sys.exit(child.wait(10) != 0)
except subprocess.TimeoutExpired:
    child.kill()
    sys.exit(2)
END
run 20 "${in_box[@]}" "$python" "$tmp/its_end.py" "$program" -aEo
check "it ends when the other end of a socket has gone" exits 0

printf 'an older recording' >"$tmp/keep.pcap"
chmod 666 "$tmp/keep.pcap"
run 10 "${as_nobody[@]}" "$program" -w "$tmp/keep.pcap"
check "no privilege: exit 1 and why" exits 1
check "no privilege: why" says "CAP_NET_ADMIN"
check "no privilege: the older recording is still there" grep -q older "$tmp/keep.pcap"

start -w "$tmp/alone.pcap" > >(sleep 0.2)
sleep 1
check "who only records does not mind that nobody reads standard output" kill -0 "$child"
kill -INT "$child"
check "and ends well" ended 5
check "with exit 0" exits 0

run 10 "${in_box[@]}" "$program" -w /dev/full
check "a full disk: exit 1 and why" could_not "No space left"
timed 10 "${in_box[@]}" "$program" -aE >/dev/full 2>"$tmp/err"
check "a full disk under the stream: exit 1" exits 1
check "a full disk under the stream: why" says "No space left"
finish
