#!/bin/sh
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# build.sh DIRECTORY MESON_OPTIONS...: configures once and compiles. The compiler is that of CXX.
set -eu
directory=$1
shift
[ -f "$directory/build.ninja" ] || meson setup "$directory" "$@"
exec ninja -C "$directory"
