#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What runs beside the main thread, under the thread sanitizer: a build of these tests alone.
# usage: threads.sh BUILD_DIRECTORY

set -eu

build=${1:?usage: threads.sh BUILD_DIRECTORY}
cd "$(dirname "$0")/.."
[ -f "$build/build.ninja" ] ||
    meson setup "$build" --buildtype=debug -Doptimization=1 -Db_sanitize=thread -Db_lundef=false >/dev/null
ninja -C "$build" tests/threads-test
TSAN_OPTIONS=halt_on_error=1 "$build/tests/threads-test"
