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

# stands READER: it stands in a write to the pipe that nobody reads: the pipe takes no more, and it sleeps.
# shellcheck disable=SC2317
stands() {
    "$python" -c '
import select, sys
poll = select.poll()
poll.register(int(sys.argv[1]), select.POLLOUT)
sys.exit(bool(poll.poll(0)))' "$1" && grep -q '^State:.*S' "/proc/$child/status"
}

# sleeps_in PART: in the kernel's function of this name, if the kernel tells it.
# shellcheck disable=SC2317
sleeps_in() {
    local where
    where=$(<"/proc/$child/wchan")
    [[ $where == 0 || $where == *"$1"* ]] && grep -q '^State:.*S' "/proc/$child/status"
}

# ignores NUMBER: the signal.
# shellcheck disable=SC2317
ignores() { (((0x$(sed -n 's/^SigIgn:\s*//p' "/proc/$child/status") >> ($1 - 1)) & 1)); }

# ends_by SIGNAL
ends_by() {
    kill -"$1" "$child"
    over "$child"
    [[ $status != hangs ]]
}

needs ip nsenter conntrack python3 setpriv
open_box
[[ -x $fill ]] || skip_all "thousands of flows: the build has no $fill"

for number in TERM INT HUP; do
    mkfifo "$tmp/stuck-$number"
    exec {reader}<>"$tmp/stuck-$number" # holds it open, reads nothing
    start -aE --json >"$tmp/stuck-$number"
    until_true 5 listens "$child"
    fill_box 0 3000
    check "it stands while nobody reads" until_true 20 stands "$reader"
    check "$number ends it while nobody reads" ends_by "$number"
    exec {reader}<&-
    "${in_box[@]}" conntrack -F 2>/dev/null
done

mkfifo "$tmp/never"
start -w "$tmp/never"
until_true 5 sleeps_in wait_for_partner
check "TERM ends it while it waits for a reader of a pipe" ends_by TERM
start -aE -f "$tmp/never"
until_true 5 sleeps_in wait_for_partner
check "TERM ends it while it waits for a writer of a pipe" ends_by TERM

nohup "${in_box[@]}" "$program" -w "$tmp/nohup.pcap" >/dev/null 2>&1 &
child=$!
children+=($child)
until_true 5 test -s "$tmp/nohup.pcap"
check "what is ignored stays ignored (nohup)" ignores 1
check "and the others end it" ends_by TERM
check "well" exits 0

cat >"$tmp/its_end.py" <<'END'
import socket, subprocess, sys, time
ours, its = socket.socketpair()
child = subprocess.Popen(sys.argv[1:], stdout=its, stderr=subprocess.DEVNULL)
its.close()
def listens():
    with open("/proc/net/netlink", encoding="ascii") as sockets:
        return any(words[2] == str(child.pid) and words[3].strip("0") for words in map(str.split, sockets))
while child.poll() is None and not listens():
    time.sleep(0.02)
ours.close()
sys.exit(child.wait() != 0)
END
run 20 "${in_box[@]}" "$python" "$tmp/its_end.py" "$program" -aEo
check "it ends when the other end of a socket has gone" exits 0

printf 'an older recording' >"$tmp/keep.pcap"
chmod 666 "$tmp/keep.pcap"
run 10 "${as_nobody[@]}" "$program" -w "$tmp/keep.pcap"
check "no privilege: exit 1 and why" exits 1
check "no privilege: why" says "CAP_NET_ADMIN"
check "no privilege: the older recording is still there" grep -q older "$tmp/keep.pcap"

exec {nobody}> >(true)
wait $!
start -w "$tmp/alone.pcap" >&"$nobody"
exec {nobody}>&-
until_true 5 listens "$child"
until_true 5 test -s "$tmp/alone.pcap"
check "who only records does not mind that nobody reads standard output" kill -0 "$child"
check "and ends well" ends_by INT
check "with exit 0" exits 0

run 10 "${in_box[@]}" "$program" -w /dev/full
check "a full disk: exit 1 and why" could_not "No space left"
timed 10 "${in_box[@]}" "$program" -aE >/dev/full 2>"$tmp/err"
check "a full disk under the stream: exit 1" exits 1
check "a full disk under the stream: why" says "No space left"
finish
