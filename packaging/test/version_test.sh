#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# version_test.sh [NATSTAT]: the version is written in meson.build; the spec, its changelog, Debian's,
# CHANGELOG.md and, where it is named, the program have the same.

set -uo pipefail
root=$(realpath "$(dirname "$0")/../..")
# shellcheck source=SCRIPTDIR/../../tests/kernel/judge.sh
source "$root/tests/kernel/judge.sh"

same() {
    if [[ $2 == "$version" ]]; then
        passed=$((passed + 1))
    else
        fail "$1 says '$2', meson.build says '$version'"
    fi
}

version=$(sed -n "s/^ *version: '\([^']*\)'.*/\1/p" "$root/meson.build" | head -n 1)
spec=$root/packaging/rpm/natstat.spec
same "the spec" "$(sed -n 's/^Version: *//p' "$spec")"
same "the spec's changelog" "$(sed -n '/^%changelog/,$s/^\* .* - \(.*\)-[^-]*$/\1/p' "$spec" | head -n 1)"
same "Debian's changelog" "$(sed -n '1s/^natstat (\(.*\)-[^-]*) .*/\1/p' "$root/packaging/debian/changelog")"
same "CHANGELOG.md" "$(sed -n 's/^## \([^ ]*\).*/\1/p' "$root/CHANGELOG.md" | head -n 1)"
[[ ! ${1:-} ]] || same "natstat --version" "$("$1" --version | sed -n '1s/^natstat //p')"
finish
