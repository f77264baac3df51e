#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# check-requires.sh PACKAGE.rpm...: the gate. Reads what the packages ask for, most of which rpm itself has
# found in the binaries, and names everything that Amazon Linux 2023 does not have. Exits 1 if there is any.
# It needs no privilege and installs nothing.

set -euo pipefail
(($# > 0)) || { echo "usage: check-requires.sh PACKAGE.rpm..." >&2; exit 2; }

floor=$(dirname "$0")/amazon-linux-2023.txt
declare -A libraries=() symbols=() packages=()
while read -r kind name rest; do
    case $kind in
        library) libraries[$name]=$rest ;;
        symbols) symbols[$name]=$rest ;;
        package) packages[$name]=yes ;;
    esac
done <"$floor"

# at_most LEFT RIGHT: both are versions.
at_most() {
    [[ $(printf '%s\n' "$1" "$2" | sort -V | tail -n 1) == "$2" ]]
}

# Why "libx.so.1(NAME_1.2)(64bit)" can not be had; nothing if it can.
library_refused() {
    local soname=${1%%(*} version=${1#*(}
    version=${version%%)*}
    local name=${version%_*} number=${version##*_}
    if [[ ! ${libraries[$soname]+there} ]]; then
        echo "no library $soname"
    elif [[ $version && ! ${symbols[$name]+there} ]]; then
        echo "$soname has no symbol versions $name"
    elif [[ $version ]] && ! at_most "$number" "${symbols[$name]}"; then
        echo "$soname has $name only up to ${symbols[$name]}"
    fi
}

# Why REQUIREMENT can not be had.
refused() {
    case $1 in
        *.so.*'('*) library_refused "$1" ;;
        # A file capability (rpmlib(FileCaps)) is refused with all the others that are not here.
        'rpmlib(CompressedFileNames)'* | 'rpmlib(FileDigests)'* | 'rpmlib(PayloadFilesHavePrefix)'*) ;;
        'rpmlib(PayloadIsZstd)'* | 'rpmlib(PayloadIsXz)'*) ;;
        '/bin/sh' | 'rtld(GNU_HASH)' | 'natstat = '*) ;;
        *) [[ ${packages[${1%% *}]+there} ]] || echo "not known" ;;
    esac
}

status=0
for package in "$@"; do
    requirements=$(rpm -qp --nosignature --requires "$package")
    while read -r requirement; do
        [[ $requirement ]] || continue
        why=$(refused "$requirement")
        if [[ $why ]]; then
            echo "$(basename "$package") requires $requirement: $why"
            status=1
        fi
    done <<<"$requirements"
done
exit "$status"
