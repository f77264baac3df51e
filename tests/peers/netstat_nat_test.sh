#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# natstat beside the program that it replaces, the real netstat-nat 1.4.10, on the lab's table
# (netstat_nat_test.py), and on a table of 1,000 flows if the build has natstat-fill.
# usage: netstat_nat_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: netstat_nat_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
fill=$(dirname "$natstat")/tests/bench/natstat-fill
# shellcheck source=tests/kernel/judge.sh
. "$here/../kernel/judge.sh"

needs ip nft conntrack python3 watch
peer=$(command -v netstat-nat) || skip_all "there is no netstat-nat on this machine"
version=$("$peer" -v)
[[ $version == 'Version 1.4.10' ]] || skip_all "this netstat-nat is another one: $version"
[[ -r /proc/net/nf_conntrack ]] ||
    skip_all "netstat-nat needs /proc/net/nf_conntrack, which is not there"

# shellcheck source=tests/lab/lab.sh
. "$here/../lab/lab.sh"

# compare WHAT: runs netstat_nat_test.py in the box.
compare() {
    local directory
    directory=$(mktemp -d -p "$LAB_RUN")
    PYTHONPATH=$here/../kernel count_checks lab_in nat "$python" -B "$here/netstat_nat_test.py" \
        "$1" "$natstat" "$peer" "$directory"
}

{ lab_up && lab_traffic; } || { fail "the lab could not be raised"; finish; }
compare lab
compare scripts
if [[ ! -x $fill ]]; then
    skip "a large table: the build has no $fill"
elif ! lab_in nat "$fill" --ipv6 5 1000 >"$LAB_RUN/fill.log" 2>&1; then
    fail "natstat-fill: $(<"$LAB_RUN/fill.log")"
else
    compare 1000-more-flows
fi
finish
