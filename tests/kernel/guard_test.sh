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

# No file was opened to be written but those of this name.
writes_only() {
    ! grep -E '(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|creat\()' "$tmp/calls" | grep -v ' = -1 ' |
        grep -vF "\"$1\"" | grep -q .
}

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
    check "$*: works" ends_well
    check "$*: starts no program" starts_nothing "$execs"
    check "$*: writes nothing else" writes_only "$writes"
    check "$*: capabilities" ends_with "$effective"
    [[ ! $landlock ]] || check "$*: Landlock" is_restricted
}

kernel_answers=("-na" "-na --sort none" "-n --json" "-nb src" "-nP" "-nP -i 0.2" "--metrics"
    "--metrics -i 0.2" "--health" "-n src host 192.0.2.1")
file_answers=("-na" "-aE" "-n --json" "-nb src" "-nP" "--metrics")

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
        for words in -na --health "--metrics -i 0.2"; do
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
    until_true 10 has_list "$1"
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
test_goes_on
test_others
test_recordings
test_view_files
test_named_files
test_limits
finish
