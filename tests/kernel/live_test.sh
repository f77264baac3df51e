#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A followed table where system calls fail: the test is in kernel-test, the faults are here.
# usage: live_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: live_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/kernel/runs.sh
. "$here/runs.sh"

kernel_test=$(dirname "$natstat")/tests/kernel-test

# with INJECTION TEST: runs a test of kernel-test with system calls tampered with.
with() {
    run 60 strace -f --seccomp-bpf -qq -o "$tmp/strace" -e "trace=${1%%:*}" -e "inject=$1" "$kernel_test" "$2"
}

injected() { grep -q INJECTED "$tmp/strace"; }

needs ip strace
open_box
[[ -x $kernel_test ]] || skip_all "a followed table: the build has no $kernel_test"

# The namespace is deleted by its name; the process in it keeps it alive, and would never hear of it.
test_deleted_namespace() {
    local gone=$ns-gone pid
    ip netns add "$gone" || return
    "$program" --netns "$gone" "$@" >"$tmp/out" 2>"$tmp/err" &
    pid=$!
    children+=("$pid")
    until_true 20 eval "[[ \$(readlink /proc/$pid/ns/net) == net:\\[\$(stat -L -c %i /run/netns/$gone)\\] ]]" ||
        fail "natstat is not in the namespace"
    ip netns del "$gone"
    wait "$pid"
    status=$? elapsed=0
    children=()
    check "the namespace is deleted, $*: an end" exits 1
    check "and why" says "network namespace /run/netns/$gone has been deleted"
}
test_deleted_namespace -aE
test_deleted_namespace -w "$tmp/gone.pcap"

find_strace
[[ $can_inject ]] || finish

# The fifth answer of a list does not come; the next list is whole.
for error in ENOBUFS ENOMEM; do
    with "recvfrom:error=$error:when=5" "live: a list that breaks off is followed by a whole one"
    check "a list that breaks off with $error is told and followed by another" exits 0
    check "a list did break off with $error" injected
done
finish
