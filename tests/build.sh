#!/bin/sh
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# build.sh DIRECTORY MESON_OPTIONS... [-- TARGET...]: configures, anew when the options or the compiler (CXX) are
# others than the last time, and compiles the targets (default: all).
set -eu
directory=$1
shift
options=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    options="$options $1"
    shift
done
[ $# -eq 0 ] || shift
asked=$directory/asked-options
wanted="${CXX:-}$options"
# The options have no blanks.
if [ ! -f "$directory/build.ninja" ]; then
    # shellcheck disable=SC2086
    meson setup "$directory" $options
elif [ "$(cat "$asked" 2>/dev/null)" != "$wanted" ]; then
    # shellcheck disable=SC2086
    meson setup --wipe "$directory" $options
fi
echo "$wanted" >"$asked"
exec ninja -C "$directory" "$@"
