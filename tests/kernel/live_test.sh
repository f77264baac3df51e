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
find_strace
[[ $can_inject ]] || finish

# The fifth answer of a list does not come; the next list is whole.
for error in ENOBUFS ENOMEM; do
    with "recvfrom:error=$error:when=5" "live: a list that breaks off is followed by a whole one"
    check "a list that breaks off with $error is told and followed by another" exits 0
    check "a list did break off with $error" injected
done
finish
