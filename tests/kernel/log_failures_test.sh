#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What can happen to natstat --log: it is killed, the disk is full, the file system is dropped under it as by a power cut,
# the clock is set back and forward, the file is damaged. What was committed is there afterwards, what lives is there
# again, and who asks for a moment in which nobody looked hears of it. In network and mount namespaces of its own;
# log_rows.py knows the tables, clock.cpp is the clock, which is not this machine's.
# usage: log_failures_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: log_failures_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
needs ip nft nsenter conntrack python3 unshare mount
[[ ${in_own_mounts:-} ]] || exec env in_own_mounts=yes unshare --mount "$here/log_failures_test.sh" "$natstat"
# shellcheck source=tests/kernel/runs.sh
. "$here/runs.sh"
open_box
log=

rows() { "$python" "$here/log_rows.py" "$@"; }
flow() {
    "${in_box[@]}" conntrack "$1" -p udp -s 192.0.2.77 -d 203.0.113.77 --sport "$2" --dport 53 "${@:3}" >/dev/null 2>&1
}
# A translation that lives on: its NAT port is its own.
begins() { flow -I "$1" -t 6000 --src-nat 198.51.100.1; }
ends() { flow -D "$1"; }

# new_log NAME [WORD...]: a directory of its own, and natstat writes there once it has listed what there is.
new_log() {
    log=$tmp/$1
    [[ -d $log ]] || mkdir -m 750 "$log"
    start "${@:2}"
}

# start [WORD...]: $clocked goes before it.
start() {
    local before
    before=$(rows marks "$log" whole 2>/dev/null || echo 0)
    "${in_box[@]}" "${clocked[@]}" "$program" --log "$log" "$@" >/dev/null 2>"$tmp/said" &
    logger=$!
    children+=("$logger")
    until_true 10 more_than "$before" || fail "it does not begin"
}
more_than() { (($(rows marks "$log" whole) > $1)); }
clocked=()
# What natstat said that writes the log.
said() { grep -qF -- "$1" "$tmp/said" || { cat "$tmp/said" && false; }; }
said_nothing() { exits 0 && [[ ! -s $tmp/said ]] || { cat "$tmp/said" && false; }; }

stop() {
    kill -TERM "$logger"
    over "$logger"
}
drop() {
    kill -KILL "$logger"
    wait "$logger" 2>/dev/null
}

logs() { until_true 10 rows living "$log" "$@"; }

# asked MOMENT PORT: who had it then, in $tmp/out and $tmp/err.
asked() { run 20 "$program" -n -f "$log" --at "$1" nat "198.51.100.1:$2"; }
finds() { grep -q "192.0.2.77:$1" "$tmp/out"; }
all_lists() {
    local port
    run 20 "$program" -n -f "$log"
    for port in "$@"; do finds "$port" || return; done
}

is_gone() {
    run 20 "$program" -n -f "$log"
    exits 0 && ! finds "$1"
}

# -- killed ---------------------------------------------------------------------------------------

# What came while nobody looked is in the next list, and moments of that time are doubtful. The beginning of the gap is the
# last moment that was written, its end the next mark.
test_killed() {
    local from to middle
    new_log killed
    begins 41001 && logs 41001
    check "a translation is in the log" test $? = 0
    drop
    check "it is there when natstat has been killed" rows living "$log" 41001
    from=$(rows looked "$log")
    begins 41002
    ends 41001
    start
    check "what came meanwhile is found" logs 41002
    check "and what had ended" is_gone 41001
    to=$(rows last "$log" started)
    middle=$(((from + to) / 2))
    asked "@$((middle / 1000000000)).$(printf %09d $((middle % 1000000000)))" 41001
    check "of a moment in between it says what was known" finds 41001
    check "and that nobody looked" says "nobody looked"
    asked "$(rows began "$log" 41002)" 41002
    check "of what was found later it knows" finds 41002
    stop
    check "it ends well, and said nothing" said_nothing
}

# -- a full disk ----------------------------------------------------------------------------------

test_full() {
    mkdir -m 750 "$tmp/small" && mount -t tmpfs -o size=4m,mode=750 none "$tmp/small" ||
        { skip "a full disk: no file system can be mounted"; return; }
    new_log small
    begins 42001 && logs 42001
    check "a translation is in the log" test $? = 0
    head -c 8M /dev/zero >"$log/ballast" 2>/dev/null
    begins 42002
    check "that the disk is full is said" until_true 20 said "it is tried again and again"
    ends 42001
    begins 42003
    check "what was written can be read" all_lists 42001
    rm "$log/ballast"
    check "when there is room all of it is written" logs 42002 42003
    check "with what has ended" until_true 10 rows ended "$log" 42001
    check "it was said once" test "$(grep -c "tried again" "$tmp/said")" = 1
    check "nothing is missing" test "$(rows marks "$log" started)" = 1
    stop
    check "it ends well" exits 0
    umount "$log"
}

# -- the file system is dropped -------------------------------------------------------------------

# FS_IOC_SHUTDOWN, without writing the journal: from there on the device is as after a power cut.
shut_down() {
    "$python" - "$1" <<'END'
import fcntl, os, struct, sys
directory = os.open(sys.argv[1], os.O_RDONLY)
fcntl.ioctl(directory, 0x8004587D, struct.pack("I", 2))
END
}

test_dropped() {
    command -v mkfs.ext4 >/dev/null && truncate -s 32M "$tmp/disk" && mkfs.ext4 -q "$tmp/disk" &&
        mkdir "$tmp/dropped" && mount -o loop "$tmp/disk" "$tmp/dropped" 2>/dev/null ||
        { skip "a power cut: there is no ext4 on a loop device here"; return; }
    chmod 750 "$tmp/dropped"
    new_log dropped
    begins 43001 && begins 43002 && ends 43001 && logs 43002
    check "translations are in the log" until_true 10 rows ended "$log" 43001
    shut_down "$log" || { fail "the file system can not be dropped"; return; }
    begins 43003
    check "that nothing can be written is said" until_true 20 said "cannot write the log"
    drop
    umount "$log" && mount -o loop "$tmp/disk" "$log" || { fail "it can not be mounted again"; return; }
    check "what was written is there" rows living "$log" 43002
    check "with what had ended" rows ended "$log" 43001
    start
    check "it goes on with what lives" logs 43002 43003
    asked "$(rows began "$log" 43003)" 43003
    check "and knows it" finds 43003
    stop
    check "it ends well, and said nothing" said_nothing
    umount "$log"
}

# -- the clock ------------------------------------------------------------------------------------

# is_off SECONDS: the clock is wrong by so much from now on.
is_off() { "$python" -c 'import struct, sys
with open(sys.argv[1], "r+b") as file: file.write(struct.pack("=q", int(sys.argv[2]) * 10**9))' "$tmp/offset" "$1"; }

test_clock() {
    local library days began
    library=$(dirname "$natstat")/tests/libnatstat-clock.so
    head -c 8 /dev/zero >"$tmp/offset"
    cp "$library" "$tmp/clock.so" || { fail "there is no $library"; return; }
    clocked=(env "NATSTAT_CLOCK=$tmp/offset" "LD_PRELOAD=$tmp/clock.so")
    new_log clock --keep 1
    begins 44001 && logs 44001
    check "a translation is in the log" test $? = 0
    is_off -3600
    begins 44002 && logs 44002
    check "another one, after the clock was set back by an hour" test $? = 0
    began=$(rows began "$log" 44002)
    check "is of that hour" test "$(cut -c2-11 <<<"$began")" -lt $(($(date +%s) - 3000))
    asked "$began" 44002
    check "it is found there" finds 44002
    check "and that the clock was set back is said" says "the clock was set back from"
    is_off 777600 # nine days
    begins 44003 && logs 44003
    check "another one, after it was set forward by days" test $? = 0
    days=("$log"/nat-*.db)
    check "no day is taken away by that" test ${#days[@]} -ge 2
    check "all three live" all_lists 44001 44002 44003
    is_off 0
    begins 44004 && logs 44004
    check "and when it is right again" all_lists 44001 44002 44003 44004
    ends 44001
    check "an end is seen" until_true 10 is_gone 44001
    stop
    check "it ends well, and said nothing" said_nothing
    clocked=()
}

# -- a damaged file -------------------------------------------------------------------------------

test_damaged() {
    local file aside
    new_log damaged
    begins 45001 && logs 45001
    check "a translation is in the log" test $? = 0
    stop
    file=$(echo "$log"/nat-*.db)
    head -c 36864 /dev/urandom | dd of="$file" bs=4096 seek=1 conv=notrunc iflag=fullblock status=none
    start
    check "what lives is in a new file" logs 45001
    check "that the old one is damaged is said" said "is damaged"
    aside=$(sed -n 's/.* set aside as \([^ :]*\).*/\1/p' "$tmp/said" | head -n 1)
    check "and where it is" test -s "$log/${aside:-none}"
    stop
    check "it ends well" exits 0
    head -c 5000 "$file" >"$tmp/cut" && cat "$tmp/cut" >"$file"
    run 20 "$program" -n -f "$log"
    check "who reads a damaged one hears of it" says "is damaged"
}

open_nat
test_killed
test_full
test_dropped
test_clock
test_damaged
finish
