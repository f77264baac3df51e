#!/bin/sh
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# build.sh DIRECTORY MESON_OPTIONS... [-- TARGET...]: configures, again when the options are others than the last
# time, and compiles the targets (default: all). The compiler is that of CXX at the first time.
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
# The options have no blanks.
if [ ! -f "$directory/build.ninja" ]; then
    # shellcheck disable=SC2086
    meson setup "$directory" $options
elif [ "$(cat "$asked" 2>/dev/null)" != "$options" ]; then
    # shellcheck disable=SC2086
    meson setup --reconfigure "$directory" $options
fi
echo "$options" >"$asked"
exec ninja -C "$directory" "$@"
