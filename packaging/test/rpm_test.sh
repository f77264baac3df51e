#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# rpm_test.sh [--out DIRECTORY] [whole] [twice] [aarch64]: builds the packages into the directory (dist) and looks
# at them: rpmlint, the gate on what they require, the files. Compiling is what takes long: without "whole" it is
# done without optimization, and the tests of the spec are left out. "twice" builds them again and compares the
# bytes; "aarch64" builds those of aarch64, too, with their tests in an emulator. Needs no privilege.

set -uo pipefail
here=$(realpath "$(dirname "$0")")
root=$(realpath "$here/../..")
# shellcheck source=SCRIPTDIR/../../tests/kernel/judge.sh
source "$root/tests/kernel/judge.sh"
# shellcheck source=SCRIPTDIR/packages.sh
source "$here/packages.sh"

dist=$root/dist
if [[ ${1:-} == --out ]]; then
    dist=$(realpath -m "$2")
    shift 2
fi
for tool in rpmbuild rpmlint debugedit eu-strip patchelf g++-11; do
    command -v "$tool" >/dev/null || skip_all "needs the command $tool (packaging/deps.sh build package)"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work # rpm keeps a database there
version=$(sed -n 's/^Version: *//p' "$root/packaging/rpm/natstat.spec")

refuses() {
    local what=$1 text=$2 said
    said=$("$root/packaging/rpm/check-requires.sh" "$work"/gate/*.rpm 2>&1) && said+=" (and let it pass)"
    if [[ $said == *"$text" ]]; then
        passed=$((passed + 1))
    else
        fail "the gate: $what" "$said"
    fi
    rm -rf "$work/gate"
}

# What a package built without care would ask for.
test_gate() {
    local requirement text
    while IFS='|' read -r requirement text; do
        make_package "$work/gate" natstat 99 "Requires: $requirement" || fail "no package requires $requirement"
        refuses "$requirement" "$text"
    done <<'END'
libc.so.6(GLIBC_2.36)(64bit)|libc.so.6 has GLIBC only up to 2.34
libstdc++.so.6(GLIBCXX_3.4.30)(64bit)|libstdc++.so.6 has GLIBCXX only up to 3.4.29
libncursesw.so.6(NCURSESW6_5.1.20000708)(64bit)|libncursesw.so.6 has no symbol versions NCURSESW6
libpcap.so.0.8()(64bit)|no library libpcap.so.0.8
libnl-3.so.200()(64bit)|no library libnl-3.so.200
conntrack-tools|not known
END
}

# Where rpm knows how to build with meson, whatever its macro says, the packages are the distribution's. The
# macros are those of meson 0.63 (Amazon Linux 2023, Enterprise Linux 9) and 1.4 (10), in short.
test_mode() {
    local macro said
    mkdir "$work/fake"
    printf '#!/bin/sh\necho "rpmbuild $*"\nexit 1\n' >"$work/fake/rpmbuild"
    chmod +x "$work/fake/rpmbuild"
    for macro in '%{shrink:%{__meson} --buildtype=plain %{_vpath_srcdir}}' '%{shrink:%{__meson} setup --buildtype=plain}'; do
        echo "%meson $macro" >"$HOME/.rpmmacros"
        said=$(PATH=$work/fake:$PATH "$root/packaging/rpm/build.sh" --out "$work/none" 2>&1)
        if [[ $said == *', native'*'_buildhost reproducible'* && $said != *--nodeps* ]]; then
            passed=$((passed + 1))
        else
            fail "built natively with $macro" "$said"
        fi
    done
    rm "$HOME/.rpmmacros"
    said=$(PATH=$work/fake:$PATH "$root/packaging/rpm/build.sh" --out "$work/none" 2>&1)
    succeeds "portably without such a macro: $said" test -z "${said##*, portable*}"
}

# A build that was killed is in nobody's way, one that goes on is.
test_lock() {
    local said
    mkdir -m 700 /tmp/natstat-rpmbuild || { fail "there is another build"; return; }
    echo $$ >/tmp/natstat-rpmbuild/pid
    said=$(PATH=$work/fake:$PATH "$root/packaging/rpm/build.sh" --out "$work/none" 2>&1)
    succeeds "not beside another build: $said" test -z "${said##*another build*process $$*}"
    : & # a process that has ended
    echo $! >/tmp/natstat-rpmbuild/pid
    wait $!
    said=$(PATH=$work/fake:$PATH "$root/packaging/rpm/build.sh" --out "$work/none" 2>&1)
    succeeds "after a killed one: $said" test -z "${said##*rpmbuild failed*}"
    rm -rf /tmp/natstat-rpmbuild
}

test_build() {
    local out=$1
    shift
    if ! "$root/packaging/rpm/build.sh" --out "$out" --portable "${quickly[@]}" "$@"; then
        fail "build.sh --portable $*"
        finish
    fi
    passed=$((passed + 1))
}

test_packages() {
    local arch=$1 name=natstat-$version packages
    packages=("$dist/$arch/"*"-$version-"*.rpm "$dist/SRPMS/$name-"*.src.rpm)
    succeeds "rpmlint, $arch" rpmlint -c "$root/packaging/rpm/rpmlint.toml" "$root/packaging/rpm/natstat.spec" "${packages[@]}"
    succeeds "there are five packages for $arch" test "${#packages[@]}" -eq 5
    succeeds "debuginfo, $arch" test -n "$(rpm -qpl --nosignature "$dist/$arch/natstat-debuginfo-$version"-*.rpm | grep '/natstat-.*\.debug$')"
    succeeds "the sources for it, $arch" test -n "$(rpm -qpl --nosignature "$dist/$arch/natstat-debugsource-$version"-*.rpm | grep '/src/main\.cpp$')"
    succeeds "no path of this build is inside, $arch" no_path_inside "$dist/$arch/$name"-[0-9]*.rpm
    succeeds "its papers lead to what is there, $arch" python3 "$root/tests/papers_test.py" "$work/inside/usr/bin/natstat" \
        "$(echo "$work/inside/usr/share/doc/natstat"*)"
    succeeds "the notices of what is compiled in are there, $arch" test "$(rpm -qp --nosignature --licensefiles \
        "$dist/$arch/$name"-[0-9]*.rpm | sed 's,.*/,,' | sort | paste -sd ' ')" == \
        "LICENSE LICENSE.gcc-11-base LICENSE.libncurses-dev NOTICE"
    succeeds "the program is hardened, $arch" python3 "$root/tests/hardening_test.py" "$work/inside/usr/bin/natstat"
}

# no_path_inside PACKAGE: the program does not tell where it was built.
no_path_inside() {
    rm -rf "$work/inside"
    mkdir "$work/inside"
    rpm2archive - <"$1" | tar -xz -C "$work/inside" &&
        ! grep -aroF -e /tmp/natstat-rpmbuild -e /top/BUILD/ -e "$root/" "$work/inside/usr/bin"
}

same_source() {
    "$root/packaging/rpm/build.sh" --source --portable --out "$work/source" &&
        cmp "$work/source/SRPMS/natstat-$version-"*.src.rpm "$work/here.src.rpm"
}

# same_bytes ARCH: built at another time.
same_bytes() {
    local arch=$1 package
    test_build "$work/again" --arch "$arch"
    for package in "$work/again/$arch"/*.rpm "$work/again/SRPMS"/*.rpm; do
        succeeds "the same bytes again: ${package##*/}" cmp "$package" "$dist${package#"$work/again"}"
    done
}

quickly=(--without check --unoptimized)
[[ " $* " != *' whole '* ]] || quickly=()
machines=("$(uname -m)")
[[ " $* " != *' aarch64 '* ]] || machines+=(aarch64)
test_gate
test_mode
test_lock
for machine in "${machines[@]}"; do
    rm -rf "${dist:?}/$machine"
    test_build "$dist" --arch "$machine"
    test_packages "$machine"
    if [[ $machine == "$(uname -m)" ]]; then
        cp "$dist/SRPMS/natstat-$version-"*.src.rpm "$work/here.src.rpm"
        succeeds "alone, it is the same one" same_source
    else
        succeeds "the source package is the same one for $machine" cmp "$work/here.src.rpm" "$dist/SRPMS/natstat-$version-"*.src.rpm
    fi
    [[ " $* " != *' twice '* ]] || same_bytes "$machine"
done
finish
