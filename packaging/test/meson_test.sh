#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# meson_test.sh BUILD | meson_test.sh [dist]: what somebody does who builds without packages. A BUILD that is
# there is installed, and what came of it is looked at. Without one, natstat is built for it: outside of the
# sources, without the optional parts, for a prefix of its own; "dist" then makes the archive of a release, too,
# with `meson dist`, which builds it again and runs its tests (many minutes, and only in a git checkout).

set -uo pipefail
root=$(realpath "$(dirname "$0")/../..")
# shellcheck source=SCRIPTDIR/../../tests/kernel/judge.sh
source "$root/tests/kernel/judge.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [[ ${1:-dist} != dist ]]; then
    build=$1 there=$work/destination/usr/local
    succeeds "installed" meson install -C "$build" --no-rebuild --destdir "$work/destination"
else
    build=$work/build there=$work/prefix
    succeeds "configured outside of the sources" meson setup "$build" "$root" --prefix="$there" \
        -Dbuildtype=debugoptimized --werror -Dtests=false -Dfuzz=false -Dcost=false
    succeeds "built" meson compile -C "$build"
    succeeds "installed into a prefix" meson install -C "$build" --no-rebuild
fi

succeeds "it runs from there" "$there/bin/natstat" -nN -f "$there/share/natstat/demo.pcap"
for file in share/man/man8/natstat.8 share/bash-completion/completions/natstat \
    share/zsh/site-functions/_natstat share/fish/vendor_completions.d/natstat.fish; do
    succeeds "$file is there" test -s "$there/$file"
done

if [[ ${1:-} == dist ]]; then
    succeeds "configured with the tests" meson setup "$work/whole" "$root" --werror
    succeeds "meson dist, with its tests" meson dist -C "$work/whole" --formats gztar
    succeeds "the archive" test -s "$work"/whole/meson-dist/natstat-*.tar.gz
fi
finish
