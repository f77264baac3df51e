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

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT

archive=$("$root/packaging/archive.sh" "$work")
name=$(basename "$archive" .tar.gz)
[[ $name == "natstat-${version%-*}" ]] || { echo "build.sh: the changelog has $version, the tree is $name" >&2 && exit 1; }
mv "$archive" "$work/natstat_${version%-*}.orig.tar.gz"
tar -C "$work" -xf "$work/natstat_${version%-*}.orig.tar.gz"
cp -R "$here" "$work/$name/debian"
rm "$work/$name/debian/build.sh"

(cd "$work/$name" && dpkg-buildpackage --no-sign)
mkdir -p "$out"
find "$out" -maxdepth 1 -type f -name 'natstat*' -delete # what is there is of this build
find "$work" -maxdepth 1 -type f -exec cp -t "$out" {} +
