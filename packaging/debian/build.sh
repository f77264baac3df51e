#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds the Debian packages, source and binary, unsigned, of the tree as it is. The tree itself has no
# debian/ at its top and gets none: a copy is built, in a place of its own.
# usage: build.sh [DIRECTORY]      (default: dist/debian)
# DEB_BUILD_OPTIONS has its usual meaning; nocheck leaves the tests out.

set -euo pipefail

here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
out=$(realpath -m "${1:-$root/dist/debian}")
version=$(dpkg-parsechangelog -l "$here/changelog" -S Version)
name=natstat-${version%-*}

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT

# What git knows of and what is new; without git, what is no build.
files() {
    if [[ -e $root/.git ]]; then
        git -C "$root" ls-files -z --cached --others --exclude-standard
    else
        (cd "$root" && find . -mindepth 1 -path './build*' -prune -o -path ./dist -prune -o ! -type d -print0)
    fi
}

mkdir "$work/$name"
files | tar -C "$root" --null --files-from=- --ignore-failed-read -cf - | tar -C "$work/$name" -xf -
epoch=$(dpkg-parsechangelog -l "$here/changelog" -S Timestamp)
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$epoch" -cJf \
    "$work/natstat_${version%-*}.orig.tar.xz" "$name"
cp -R "$here" "$work/$name/debian"
rm "$work/$name/debian/build.sh"

(cd "$work/$name" && dpkg-buildpackage --no-sign)
mkdir -p "$out"
find "$out" -maxdepth 1 -type f -name 'natstat*' -delete # what is there is of this build
find "$work" -maxdepth 1 -type f -exec cp -t "$out" {} +
