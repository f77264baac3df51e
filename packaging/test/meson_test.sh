#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# meson_test.sh BUILD | meson_test.sh [dist | flags]: what somebody does who builds without packages. A BUILD that is
# there is installed, and what came of it is looked at. Without one, natstat is built for it: outside of the
# sources, without the optional parts, for a prefix of its own; "dist" then makes the archive of a release, too,
# with `meson dist`, which builds it again and runs its tests (many minutes, and only in a git checkout). "flags" builds
# it and its tests as Amazon Linux, Enterprise Linux and Fedora compile: with link-time optimization, for a newer
# processor, with their hardening.

set -uo pipefail
root=$(realpath "$(dirname "$0")/../..")
# shellcheck source=SCRIPTDIR/../../tests/kernel/judge.sh
source "$root/tests/kernel/judge.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What is given to the compiler for src/main.cpp about _FORTIFY_SOURCE, when the environment has these settings.
fortified() {
    rm -rf "$work/flags"
    env -u CFLAGS -u CXXFLAGS -u CPPFLAGS "$@" meson setup "$work/flags" "$root" -Dtests=false >"$work/log" 2>&1 || cat "$work/log"
    "$python" - "$work/flags/compile_commands.json" <<'END'
import json, sys
command = next(each["command"] for each in json.load(open(sys.argv[1])) if each["file"].endswith("src/main.cpp"))
print(*[word for word in command.split() if "_FORTIFY_SOURCE" in word])
END
}

# Twice would be a warning in every file.
test_fortify() {
    succeeds "without flags of a distribution it is ours" test "$(fortified PATH="$PATH")" == -D_FORTIFY_SOURCE=2
    succeeds "where Debian has it, it is Debian's" test \
        "$(fortified CPPFLAGS='-Wdate-time -D_FORTIFY_SOURCE=2' CXXFLAGS='-g -O2')" == -D_FORTIFY_SOURCE=2
    succeeds "where Fedora has it, it is Fedora's" test \
        "$(fortified CXXFLAGS='-O2 -Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=3')" == -Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=3
}

if [[ ${1:-} == flags ]]; then
    build=$work/build flags='-O2 -g -flto=auto -ffat-lto-objects -Wp,-D_FORTIFY_SOURCE=2 -Wp,-D_GLIBCXX_ASSERTIONS'
    flags+=' -fstack-protector-strong -fstack-clash-protection'
    [[ $(uname -m) != x86_64 ]] || flags+=' -march=x86-64-v2 -fcf-protection'
    succeeds "configured" env CXXFLAGS="$flags" LDFLAGS="$flags -Wl,-z,relro -Wl,-z,now" \
        meson setup "$build" "$root" --buildtype=plain --werror -Db_pch=false
    succeeds "built" ninja -C "$build" natstat tests/unit
    succeeds "the tests of its parts" env -C "$build" tests/unit
    succeeds "the golden files" "$python" "$root/tests/golden/golden.py" "$build/natstat"
    succeeds "it is hardened" "$python" "$root/tests/hardening_test.py" "$build/natstat"
    finish
fi
test_fortify
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
