#!/bin/sh
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# build.sh DIRECTORY MESON_OPTIONS...: configures, again when the options are others than the last time,
# and compiles. The compiler is that of CXX at the first time.
set -eu
directory=$1
shift
asked=$directory/asked-options
if [ ! -f "$directory/build.ninja" ]; then
    meson setup "$directory" "$@"
elif [ "$(cat "$asked" 2>/dev/null)" != "$*" ]; then
    meson setup --reconfigure "$directory" "$@"
fi
echo "$*" >"$asked"
exec ninja -C "$directory"
