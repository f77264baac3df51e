#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What natstat keeps of its privileges, in every way of answering, on the kernel, in a network
# namespace and on a file: capabilities, no_new_privs, the filter of system calls and Landlock, as
# /proc/PID/status and strace tell them; no program is started and nothing opened for writing but
# what was asked for. Then those who are not root, and the files that are written.
# The program must be built without sanitizers, with which there is no filter and no Landlock.
# usage: guard_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: guard_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/kernel/runs.sh
. "$here/runs.sh"

net_admin=0000000000001000
in_netns=0000000000001004 # and CAP_DAC_READ_SEARCH
view=0000000000001002     # and CAP_DAC_OVERRIDE, for the key w
none=0000000000000000

# -- every answer, under strace -------------------------------------------------------------------

# traced WORD...: natstat with its calls in $tmp/calls.
traced() {
    run 30 strace -f -qq -o "$tmp/calls" \
        -e trace=execve,execveat,open,openat,openat2,creat,capset,landlock_restrict_self "$@"
}

starts_nothing() { [[ $(grep -cE ' execve(at)?\(' "$tmp/calls") == "$1" ]]; }

# No file was opened to be written but those whose names begin so.
writes_only() {
    ! grep -E '(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|creat\()' "$tmp/calls" | grep -v ' = -1 ' |
        grep -vF "\"$1" | grep -q .
}
# Something was wrong with the flows, or nothing.
works() { [[ $status == [03] ]] && quiet; }

# The last change of capabilities left these.
ends_with() {
    grep -F 'capset(' "$tmp/calls" | tail -n 1 | grep -qF "effective=$1, permitted=$1, inheritable=0}) = 0"
}

# Nothing is opened after it but by its threads; has Landlock: it was restricted.
is_restricted() { grep -q 'landlock_restrict_self(.* = 0' "$tmp/calls"; }

# answers_with EXECS EFFECTIVE WRITES WORD...
answers_with() {
    local execs=$1 effective=$2 writes=$3
    shift 3
    traced "$@"
    check "$*: works" works
    check "$*: starts no program" starts_nothing "$execs"
    check "$*: writes nothing else" writes_only "$writes"
    check "$*: capabilities" ends_with "$effective"
    [[ ! $landlock ]] || check "$*: Landlock" is_restricted
}

kernel_answers=("-na" "-na --sort none" "-n --json" "-nb src" "-nP" "-nP -i 0.2" "--metrics" "--metrics -i 0.2"
    "--metrics --diagnose --metrics-by src" "--metrics --format emf -i 0.2" "--health" "--expectations -n"
    "--diagnose -i 0.2" "--wait --below 1000000" "-n src host 192.0.2.1")
netns_answers=(-na --health "--metrics -i 0.2" "--diagnose -i 0.2" "--expectations -n" "--wait --below 1000000")
file_answers=("-na" "-aE" "-n --json" "-nb src" "-nP" "--metrics" "--metrics --format emf" "--diagnose")

test_answers() {
    local words where
    for words in "${kernel_answers[@]}"; do
        # shellcheck disable=SC2086 # words
        answers_with 2 '1<<CAP_NET_ADMIN' none "${in_box[@]}" "$program" $words
    done
    sleep infinity &
    children+=($!)
    "${in_box[@]}" sleep infinity &
    children+=($!)
    local inside=$!
    until_true 5 test "/proc/$inside/ns/net" -ef "/run/netns/$ns"
    for where in "$ns" "$inside" "/run/netns/$ns"; do
        for words in "${netns_answers[@]}"; do
            # shellcheck disable=SC2086 # /proc/net may be another user's
            answers_with 1 '1<<CAP_DAC_READ_SEARCH|1<<CAP_NET_ADMIN' none "$program" --netns "$where" $words
        done
    done
    for words in "${file_answers[@]}"; do
        # shellcheck disable=SC2086
        answers_with 1 0 none "$program" $words -f "$tmp/recording"
        # shellcheck disable=SC2086
        answers_with 1 0 none "$program" $words -f "$tmp/list"
    done
    gzip -c "$tmp/list" >"$tmp/list.gz"
    answers_with 1 0 none "$program" -na -f "$tmp/list.gz"
    mkdir "$tmp/days"
    answers_with 1 0 "$tmp/days" "$program" --log "$tmp/days" -f "$tmp/recording"
    answers_with 1 0 none "$program" -na -f "$tmp/days"
    traced "$program" -nt --plain -f "$tmp/recording"
    check "-t of a file: works" ends_well
    check "-t of a file: starts no program" starts_nothing 1
    check "-t of a file: writes nothing" writes_only none
    answers_with 1 0 "$tmp/flows.ipfix" "$program" --ipfix "file:$tmp/flows.ipfix" -f "$tmp/recording"
}

# follows_with WRITES READY WORD...: what goes on until it is asked to end, when the condition READY holds.
follows_with() {
    local writes=$1 ready=$2 tracer
    shift 2
    start strace -f -qq -o "$tmp/calls" -e trace=execve,execveat,open,openat,openat2,creat "${in_box[@]}" "$program" \
        "$@" >"$tmp/out"
    tracer=$child
    check "$*: works" until_true 20 eval "$ready"
    pkill -INT -P "$tracer"
    over "$tracer"
    check "$*: ends when it is asked to" eval "quiet && [[ $status == 0 || $status == 130 ]]"
    check "$*: starts no program" starts_nothing 2
    check "$*: writes nothing else" writes_only "$writes"
}

# shellcheck disable=SC2016 # what is ready is looked at later
test_follows() {
    mkdir "$tmp/log" "$tmp/prom"
    follows_with none '[[ -s $tmp/out ]]' -aE --json
    follows_with none '[[ -s $tmp/out ]]' -nt --plain
    follows_with "$tmp/kept.pcap" '[[ -s $tmp/kept.pcap ]]' -w "$tmp/kept.pcap"
    follows_with "$tmp/log" '[[ $(ls "$tmp/log") ]]' --log "$tmp/log"
    follows_with "$tmp/kept.ipfix" '[[ -e $tmp/kept.ipfix ]]' --ipfix "file:$tmp/kept.ipfix"
    follows_with natstat.prom '[[ -s $tmp/prom/natstat.prom ]]' --metrics --diagnose -i 0.2 --write \
        "$tmp/prom/natstat.prom"
    # The live view, in which w writes a file by a process of its own.
    printf '#!/bin/sh\nexec strace -f -qq -o %s -e trace=execve,execveat,open,openat,openat2,creat %s "$@"\n' \
        "$tmp/calls" "$program" >"$tmp/traced" && chmod 755 "$tmp/traced"
    run 60 "${in_box[@]}" "$python" -B "$here/guard_view.py" "$tmp/traced" "$tmp/drawn" "$tmp/seen.txt"
    check "-t: works" exits 0
    check "-t: starts no program" starts_nothing 1
    sed -i '\|"/dev/tty"|d' "$tmp/calls"
    check "-t: writes what w was asked for" grep -qF "\"$tmp/seen.txt\"" "$tmp/calls"
    check "-t: writes nothing else" writes_only "$tmp/seen.txt"
}

# -- those that go on, in /proc -------------------------------------------------------------------

# start WORD...: in the background, as $child.
start() {
    "$@" 2>"$tmp/err" &
    child=$!
    children+=($child)
}

# has FIELD VALUE: of all threads.
has() {
    local status
    for status in /proc/"$child"/task/*/status; do
        [[ $(awk -v field="$1:" '$1 == field { print $2 }' "$status") == "$2" ]] || return
    done
}

threads() { (($(find "/proc/$child/task" -mindepth 1 -maxdepth 1 | wc -l) >= $1)); }

# is_left EFFECTIVE PERMITTED THREADS WHAT: of $child.
is_left() {
    local effective=$1 permitted=$2 number=$3 what=$4
    check "$what: $number threads" until_true 10 threads "$number"
    check "$what: capabilities in effect" until_true 10 has CapEff "$effective"
    check "$what: capabilities that could be" has CapPrm "$permitted"
    check "$what: none for what it starts" has CapBnd $none
    check "$what: nor ambient, nor inheritable" eval "has CapAmb $none && has CapInh $none"
    check "$what: no new privileges" has NoNewPrivs 1
    check "$what: a filter of calls" has Seccomp 2
    kill -TERM "$child"
    wait "$child" 2>/dev/null
}

test_goes_on() {
    start "${in_box[@]}" "$program" -aE >"$tmp/out"
    is_left $net_admin $net_admin 2 "-aE"
    start "${in_box[@]}" "$program" -w "$tmp/goes-on"
    is_left $net_admin $net_admin 2 "-w"
    start "${in_box[@]}" "$program" --wait --all --timeout 3600 >"$tmp/out"
    is_left $net_admin $net_admin 2 "--wait"
    mkdir "$tmp/kept-log"
    start "${in_box[@]}" "$program" --log "$tmp/kept-log"
    is_left $net_admin $net_admin 3 "--log"
    start "${in_box[@]}" "$program" --ipfix "file:$tmp/left.ipfix"
    is_left $net_admin $net_admin 2 "--ipfix"
    start "${in_box[@]}" "$program" --metrics -i 0.2 --write "$tmp/left.prom"
    until_true 10 test -s "$tmp/left.prom"
    is_left $net_admin $view 2 "--metrics --write"
    start "${in_box[@]}" "$program" --diagnose -i 3600 >"$tmp/out"
    is_left $net_admin $net_admin 1 "--diagnose"
    start "$program" --netns "$ns" -aE --json >"$tmp/out"
    is_left $in_netns $in_netns 2 "--netns NAME -aE"
    mkfifo "$tmp/fifo"
    exec {hold}<>"$tmp/fifo"
    start "$program" -na -f "$tmp/fifo" >"$tmp/out"
    head -c 200 "$tmp/recording" >&"$hold"
    is_left $none $none 2 "-f"
    exec {hold}<&-
    start "${in_box[@]}" "$python" -B "$here/guard_view.py" "$program" "$tmp/ready"
    until_true 20 test -s "$tmp/ready"
    local terminal=$child
    child=$(<"$tmp/ready")
    is_left $net_admin $view 2 "-t"
    kill "$terminal" 2>/dev/null
}

# -- others than root -----------------------------------------------------------------------------

# shellcheck disable=SC2317 # called by until_true
differs() { [[ -e $1 && ! $1 -ef /proc/self/ns/net ]]; }

test_others() {
    local nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    "${in_box[@]}" "$program" -na >"$tmp/whole"
    run 10 "${in_box[@]}" "${nobody[@]}" --inh-caps=+net_admin --ambient-caps=+net_admin "$program" -na
    check "an ambient capability: the same rows" prints "$tmp/whole"
    start "${in_box[@]}" "${nobody[@]}" --inh-caps=+net_admin --ambient-caps=+net_admin "$program" -aE >"$tmp/out"
    check "an ambient capability: works" until_true 10 has Seccomp 2
    check "and it stays alone" until_true 10 has CapPrm $net_admin
    check "no new privileges" has NoNewPrivs 1
    kill "$child"
    if command -v setcap >/dev/null && cp "$natstat" "$tmp/capable" && chmod 755 "$tmp/capable" &&
        setcap cap_net_admin=ep "$tmp/capable" 2>/dev/null; then
        run 10 "${in_box[@]}" "${nobody[@]}" "$tmp/capable" -na
        check "a file capability: the same rows" prints "$tmp/whole"
    else
        skip "a file capability: there is no setcap, or this file system has none"
    fi
    if "${nobody[@]}" unshare -rn true 2>/dev/null; then
        run 10 "${nobody[@]}" unshare -rn "$program" -na
        check "in a user namespace: works" ends_well
    else
        skip "a user namespace of one's own: not allowed here"
    fi
    if "${nobody[@]}" unshare -Ur unshare -n true 2>/dev/null; then
        # A namespace that is made when its users have their numbers is theirs in /proc, too.
        "${nobody[@]}" unshare -Ur unshare -n sleep infinity &
        children+=($!)
        until_true 10 differs /proc/$!/ns/net
        run 10 "$program" --netns $! --health
        check "another user's namespace: its expectations are counted" grep -q 'expectations  *0 of' "$tmp/out"
    fi
    run 10 "${nobody[@]}" "$program" -na -f "$tmp/list"
    check "no privilege, a file: works" ends_well
    : >"$tmp/calls" && chmod 666 "$tmp/calls"
    # What a unit of systemd leaves may have no capset(2) either; then there is nothing to give up.
    run 10 "${in_box[@]}" "${nobody[@]}" --inh-caps=+net_admin --ambient-caps=+net_admin strace -qq -o "$tmp/calls" \
        -e trace=capset -e inject=capset:error=EPERM "$program" -na
    check "with nothing to give up nothing is asked for" prints "$tmp/whole"
    run 10 "${in_box[@]}" strace -qq -o "$tmp/calls" -e trace=capset -e inject=capset:error=EPERM "$program" -na
    check "what can not be given up is no secret" could_not "cannot give up privileges"
}

# -- files ----------------------------------------------------------------------------------------

# records NAME: a recording with the list of the flows that there are.
records() {
    start "${in_box[@]}" "$program" -w "$1"
    until_true 10 has_list "$1" || fail "the list of a recording is there" "$(<"$tmp/lacks")" "$(<"$tmp/err")"
    kill -INT "$child"
    wait "$child"
    status=$?
}

# Read as far as it is written, it complains of nothing: neither that no list is in it, nor that one is cut off.
# shellcheck disable=SC2317 # called by until_true
has_list() {
    "$program" -n -f "$1" >"$tmp/flows" 2>"$tmp/lacks" && [[ -s $tmp/flows && ! -s $tmp/lacks ]]
}
mode_is() { [[ $(stat -c %a "$1") == "$2" ]]; }
file_is() { [[ $(<"$1") == "$2" ]]; }

test_recordings() {
    umask 000
    records "$tmp/new"
    check "a recording is its maker's alone to read" mode_is "$tmp/new" 600
    echo precious >"$tmp/kept"
    : >"$tmp/out"
    run 5 "${in_box[@]}" "$program" -w "$tmp/kept"
    check "a file that is there is not written over" could_not "cannot record to $tmp/kept" "there already"
    check "it is as it was" file_is "$tmp/kept" precious
    run 5 "${in_box[@]}" "$program" -w "$tmp/new"
    check "nor is a recording" could_not "there already"
    : >"$tmp/made" && chmod 640 "$tmp/made"
    records "$tmp/made"
    check "an empty one is taken as it was made" eval "exits 0 && mode_is '$tmp/made' 640"
    mkdir -m 1777 "$tmp/common" && echo root >"$tmp/target"
    setpriv --reuid=65534 --regid=65534 --clear-groups ln -s "$tmp/target" "$tmp/common/link"
    setpriv --reuid=65534 --regid=65534 --clear-groups ln -s "$tmp/absent" "$tmp/common/dangling"
    run 5 "${in_box[@]}" "$program" -w "$tmp/common/link"
    check "root follows no link" could_not "symbolic link"
    run 5 "${in_box[@]}" "$program" -w "$tmp/common/dangling"
    check "nor one to nothing" could_not "symbolic link"
    check "nothing was made there" test ! -e "$tmp/absent"
    mkfifo "$tmp/pipe"
    start "${in_box[@]}" "$program" -w "$tmp/pipe"
    check "a pipe is written to" test "$(timeout 10 head -c 4 "$tmp/pipe" | od -An -tx1 | tr -d ' ')" = 4d3cb2a1
    kill "$child" 2>/dev/null
    start "${in_box[@]}" "$program" -w - >"$tmp/stdout"
    check "so is standard output" until_true 10 test -s "$tmp/stdout"
    kill "$child"
    start "${in_box[@]}" "$program" -w /dev/stdout >"$tmp/by-name"
    check "by its name, too" until_true 10 test -s "$tmp/by-name"
    kill "$child"
    umask 022
}

# As root in a directory that is another user's, which takes a capability that is not in effect.
test_view_files() {
    umask 000
    mkdir -m 700 "$tmp/home" && chown 65534:65534 "$tmp/home"
    run 60 "${in_box[@]}" "$python" -B "$here/guard_view.py" "$program" "$tmp/ready" "$tmp/home/flows.txt"
    check "w writes where root may" eval "exits 0 && test -s '$tmp/home/flows.txt'"
    check "for who made it alone to read" mode_is "$tmp/home/flows.txt" 600
    run 60 "$python" -B "$here/guard_view.py" "$program" "$tmp/ready" "$tmp/home/again.txt" -f "$tmp/recording"
    check "so it does on a recording" eval "exits 0 && test -s '$tmp/home/again.txt'"
    umask 022
}

# As root without the right to pass over modes, a file of somebody else's can still be named.
test_named_files() {
    mkdir -m 700 "$tmp/theirs" && cp "$tmp/list" "$tmp/theirs/list" && chmod 600 "$tmp/theirs/list" &&
        chown -R 65534:65534 "$tmp/theirs"
    run 10 "$program" -na -f "$tmp/theirs/list"
    check "root reads a file of another user's" ends_well
    records "$tmp/theirs/recording"
    check "and records into their directory" exits 0
}

test_limits() {
    : >"$tmp/limited"
    # shellcheck disable=SC2016
    timed 10 "${in_box[@]}" bash -c 'ulimit -f 1; exec "$0" -na >"$1"' "$program" "$tmp/limited" 2>"$tmp/err"
    check "a file that may not grow: exit 1" exits 1
    check "and why" says "File too large"
    # shellcheck disable=SC2016
    run 10 "${in_box[@]}" bash -c 'ulimit -f 1; exec "$0" -w "$1"' "$program" "$tmp/limited.pcap"
    check "a recording that may not grow: why" could_not "cannot record to" "File too large"
}

# -------------------------------------------------------------------------------------------------

needs ip conntrack nsenter setpriv unshare strace python3
open_box
umask 022
[[ -x $fill ]] || skip_all "flows: the build has no $fill"
fill_box 0 500
"${in_box[@]}" conntrack -L -o extended 2>/dev/null >"$tmp/list"
if grep -qE '__asan|__tsan' "$program"; then
    skip_all "this natstat has sanitizers, and with them no filter of calls and no Landlock"
fi
landlock=
traced "$program" -na -f "$tmp/list"
if grep -q 'landlock_restrict_self' "$tmp/calls"; then
    landlock=yes
else
    skip "Landlock: this kernel has none"
fi
records "$tmp/recording"
test_answers
test_follows
test_goes_on
test_others
test_recordings
test_view_files
test_named_files
test_limits
finish
