#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# natstat-log.service without a systemd: what it runs, as a user with its one capability and with a directory of its own,
# says that it is ready, logs, ends well, goes on, and calls nothing that the unit does not let through; and what
# systemd-analyze says of the unit. In a network namespace of its own.
# usage: log_service_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: log_service_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/../kernel/judge.sh"
# shellcheck source=tests/kernel/runs.sh
. "$here/../kernel/runs.sh"
# shellcheck source=tests/peers/units.sh
. "$here/units.sh"

needs ip nft nsenter conntrack setpriv python3
open_box
as_unit=(setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "--inh-caps=-all,+net_admin"
    "--ambient-caps=-all,+net_admin" "--bounding-set=-all,+net_admin")
unit=$tmp/units/natstat-log.service
log=$tmp/log
mkdir -m 750 "$log" && mkdir "$tmp/units" && chown 65534:65534 "$log"
sed -e "s|@bindir@/natstat|$program|; s|/var/lib/natstat|$log|" \
    "$here/../../packaging/systemd/natstat-log.service.in" >"$unit"

rows() { "$python" "$here/../kernel/log_rows.py" "$@"; }
flow() {
    "${in_box[@]}" conntrack -I -p udp -s 192.0.2.77 -d 203.0.113.77 --sport "$1" --dport 53 -t 600 \
        --src-nat 198.51.100.1 >/dev/null 2>&1
}
said_ready() { [[ $(<"$tmp/notified") == READY=1 ]]; }

# Hears one datagram, as systemd does.
hear() {
    : >"$tmp/notified"
    rm -f "$tmp/notify"
    "$python" -c '
import os, socket, sys
place = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
place.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o777)
print(place.recv(100).decode(), flush=True)' "$tmp/notify" >"$tmp/notified" &
    children+=("$!")
    until_true 10 test -S "$tmp/notify"
}

# start WRAPPER...: what the unit runs, in WRAPPER.
start() {
    # shellcheck disable=SC2046 # words
    NOTIFY_SOCKET=$tmp/notify "${in_box[@]}" "$@" $(sed -n 's/^ExecStart=//p' "$unit") >"$tmp/out" 2>"$tmp/err" &
    running=$!
    children+=("$running")
}

stop() {
    kill -TERM "$1"
    over "$1"
}

test_life() {
    hear
    start "${as_unit[@]}"
    until_true 10 said_ready
    check "it says that it is ready" said_ready
    flow 40001
    check "what comes is in its log" until_true 10 rows living "$log" 40001
    stop "$running"
    check "it ends well" ends_well
    start "${as_unit[@]}"
    flow 40002
    check "it goes on" until_true 10 rows living "$log" 40001 40002
    stop "$running"
    check "and ends again" ends_well
    check "both runs are in the log" test "$(rows marks "$log" started) $(rows marks "$log" stopped)" = "2 2"
    check "files are its user's, and for few" test -z "$(find "$log" -type f ! \( -perm 640 -user 65534 \))"
    run 20 "$program" -n -f "$log" port 40002
    check "root reads it" grep -q 192.0.2.77:40002 "$tmp/out"
}

test_refusal() {
    chown 0:0 "$log"
    hear
    start "${as_unit[@]}"
    over "$running"
    check "in another's directory it ends with a word" could_not "belongs to another user"
    check "and was never ready" test ! -s "$tmp/notified"
    chown 65534:65534 "$log"
}

test_analysis() {
    judge_units 20 "$unit" || return
    test_calls
}

test_calls() {
    find_strace
    [[ $can_inject ]] || return
    : >"$tmp/calls" && chmod 666 "$tmp/calls"
    hear
    start "${as_unit[@]}" env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$tmp/calls" -I 2
    until_true 20 said_ready
    flow 40003
    check "it logs under strace" until_true 20 rows living "$log" 40003
    kill -TERM "$(head -n 1 "$tmp/calls" | cut -d' ' -f1)"
    over "$running"
    run 20 systemd-analyze syscall-filter
    check "systemd's sets of system calls" exits 0
    mv "$tmp/out" "$tmp/sets"
    run 10 "$python" "$here/unit_calls.py" "$tmp/calls" "$tmp/sets" "$unit"
    check "the unit lets natstat's system calls through" exits 0
}

open_nat
test_life
test_refusal
test_analysis
finish
