#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Services, owners and countries of 10,000 addresses beside other readers: an ip-ranges file with overlapping
# prefixes beside Python's ipaddress, a database beside MaxMind's own reader in Perl, whose writer makes it.
# usage: owners_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: owners_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=SCRIPTDIR/../kernel/judge.sh
. "$here/../kernel/judge.sh"

tmp=$(mktemp -d -t natstat-owners.XXXXXX) || exit 1
trap 'rm -rf "$tmp"' EXIT

count_checks "$python" "$here/owners_check.py" "$natstat" services "$tmp"
if perl -MMaxMind::DB::Writer::Tree -MMaxMind::DB::Reader -e1 2>/dev/null; then
    count_checks "$python" "$here/owners_check.py" "$natstat" owners "$tmp"
else
    skip "databases: there is no MaxMind::DB::Writer for perl"
fi
finish
