#!/bin/sh
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# tidy.sh DIRECTORY [deep]: clang-tidy over all of src, with what it finds and clang's own warnings as errors
# (.clang-tidy). DIRECTORY is a build with clang that is only configured: nothing is compiled. The analyzer follows
# fewer ways through each function, which is a quarter of the time less, but with "deep".
set -eu
cd "$(dirname "$0")/.."
[ -f "$1/build.ninja" ] || CXX=clang++ CC=clang meson setup "$1" -Dtests=false -Db_pch=false >/dev/null
# Generated files, version numbers and the like: there are none yet, but a changed meson.build is read.
ninja -C "$1" build.ninja >/dev/null
ways=mode=shallow
[ "${2:-}" != deep ] || ways=mode=deep
git ls-files 'src/*.cpp' | xargs -r -P "$(nproc)" -n 1 clang-tidy --quiet -p "$1" --extra-arg=-Xclang \
    --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=$ways
