#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# build.sh [--arch x86_64|aarch64] [--out DIRECTORY] [--source] [--portable [--tag TAG]] [--without check]
# [--unoptimized]: source and binary packages into DIRECTORY/SRPMS and DIRECTORY/ARCH (default: dist, this
# machine's). It takes the tree as it is, committed or not, and the same tree gives the same bytes.
#
# Where rpm knows how the distribution builds with meson, the packages are for that distribution. Elsewhere,
# or with --portable, they are for Amazon Linux 2023 and are made with what Debian 12 has: g++ 11 and its
# libstdc++ linked statically, because the shared one is newer; ncurses linked statically, because Debian's
# symbols have versions; and libpcap under the name that it has everywhere but on Debian. check-requires.sh
# has the last word. They run wherever glibc is 2.34 or newer; --tag el9 (el10, fc43) gives them the name of
# another such distribution. What must be installed: packaging/deps.sh build package (and package-aarch64).
#
# --source makes the source package alone, for COPR, Packit and mock; that needs rpmbuild and no compiler.

set -euo pipefail
here=$(realpath "$(dirname "$0")")
root=$(realpath "$here/../..")
spec=$here/natstat.spec

die() {
    echo "build.sh: $*" >&2
    exit 1
}

arch=$(uname -m) out=$root/dist mode=native conditions=() unoptimized='' source_alone='' tag=''
command -v rpmbuild >/dev/null || die "needs rpmbuild: packaging/deps.sh build package"
# A macro that rpm does not know stays as it is. What has a tag of its own is a distribution of rpm's.
knows_meson() { [[ $(rpm --eval '%meson') != %meson ]]; }
knows_meson || [[ $(rpm --eval '%{?dist}') ]] || mode=portable
while (($# > 0)); do
    case $1 in
        --arch) arch=${2:?--arch takes x86_64 or aarch64} && shift 2 ;;
        --out) out=$(realpath -m "${2:?--out takes a directory}") && shift 2 ;;
        --portable) mode=portable && shift ;;
        --source) source_alone=yes && shift ;;
        --tag) tag=${2:?--tag takes that of a distribution, like el9} && shift 2 ;;
        --unoptimized) unoptimized=-O0 && shift ;; # to look at packages that nobody gets
        --without) conditions+=(--without "${2:?--without takes a condition of the spec}") && shift 2 ;;
        *) die "no option $1" ;;
    esac
done
[[ $arch == x86_64 || $arch == aarch64 ]] || die "packages are for x86_64 and aarch64, not for $arch"
[[ $arch == "$(uname -m)" || $mode == portable ]] || die "only --portable builds for another machine"
[[ ! $unoptimized || $mode == portable ]] || die "the distribution's own flags stay: --unoptimized is for --portable"
[[ ! $tag || $mode == portable ]] || die "the distribution's own tag stays: --tag is for --portable"
[[ ! $tag || $tag =~ ^(amzn|el|fc)[0-9]+$ ]] || die "no tag of a distribution: $tag (amznN, elN, fcN)"
[[ $mode == portable || $source_alone ]] || knows_meson || die "needs meson: packaging/deps.sh build package"

if [[ $mode == portable && ! $source_alone ]]; then
    sets='build package'
    [[ $arch == "$(uname -m)" ]] || sets+=" package-$arch"
    for tool in patchelf "$arch-linux-gnu-g++-11" "$arch-linux-gnu-objdump"; do
        command -v "$tool" >/dev/null || die "needs $tool: packaging/deps.sh $sets"
    done
fi

# Always the same place, whatever TMPDIR says: the names of files in debuginfo, and with them the build id,
# depend on it; a source package has its name, too.
work=/tmp/natstat-rpmbuild
if ! mkdir -m 700 "$work" 2>/dev/null; then
    other=$(cat "$work/pid" 2>/dev/null) || true
    [[ $other && -O $work && ! -e /proc/$other ]] ||
        die "there is another build in $work${other:+ (process $other)}; remove it if it is none any more"
    rm -rf "$work" # of a build that was killed
    mkdir -m 700 "$work" || die "can not make $work"
fi
trap 'rm -rf "$work"' EXIT
echo $$ >"$work/pid"
mkdir -p "$work"/top/{SOURCES,SRPMS,RPMS,BUILD} "$work/home"
export LC_ALL=C TZ=UTC
archive=$("$root/packaging/archive.sh" "$work/top/SOURCES")
# The time of everything is that of the archive, the beginning of a day: rpm itself would take noon, which may be
# still to come.
SOURCE_DATE_EPOCH=$(tar -tvf "$archive" --full-time | awk 'NR == 1 { print $4, $5 }' | date -f - +%s)
export SOURCE_DATE_EPOCH

# pcap_for TRIPLET: libpcap's file as Debian has it, under the soname that every other distribution gives it,
# and where pkg-config finds it first. What natstat calls of it is the same since libpcap 1.5.1. It is named
# so that meson does not take it for a library: it would write a run path, whose text would stay in the program.
pcap_for() {
    local triplet=$1 pcap=$work/pcap
    mkdir -p "$pcap"
    cp "$(realpath "/usr/lib/$triplet/libpcap.so")" "$pcap/libpcap.so.1"
    patchelf --set-soname libpcap.so.1 "$pcap/libpcap.so.1"
    sed -e "s|^Libs:.*|Libs: -Wl,--push-state,--no-as-needed,$pcap/libpcap.so.1,--pop-state|" \
        "/usr/lib/$triplet/pkgconfig/libpcap.pc" >"$pcap/libpcap.pc"
    export LD_LIBRARY_PATH=$pcap # for the tests
}

# What meson must know to build for ARCH on another machine, and to run the tests there.
cross_file() {
    local triplet=$1 compiler=$2
    cat <<END
[binaries]
cpp = '$triplet-$compiler'
ar = '$triplet-ar'
strip = '$triplet-strip'
pkgconfig = 'pkg-config'
exe_wrapper = ['qemu-$arch-static']
[properties]
pkg_config_libdir = ['$work/pcap', '/usr/lib/$triplet/pkgconfig', '/usr/share/pkgconfig']
[host_machine]
system = 'linux'
cpu_family = '$arch'
cpu = '$arch'
endian = 'little'
END
}

portable_macros() {
    local triplet=$arch-linux-gnu
    cat "$here/portable.macros"
    [[ ! $tag ]] || echo "%dist .$tag"
    [[ ! $source_alone ]] || return 0
    pcap_for "$triplet"
    if [[ $arch != "$(uname -m)" ]]; then
        cross_file "$triplet" g++-11 >"$work/cross.txt"
        echo "%portable_meson --cross-file=$work/cross.txt"
        echo "%portable_tests unit oracle --timeout-multiplier 6" # slowly; the others start natstat themselves, without the emulator
        echo "%__strip $triplet-strip"
        echo "%__objdump $triplet-objdump"
    fi
    case $arch in
        x86_64) echo "%portable_flags -fcf-protection $unoptimized" ;;
        aarch64) echo "%portable_flags -mbranch-protection=standard $unoptimized" ;;
    esac
}

# The spec has no tests there by itself.
if [[ $mode == native && $(rpm --eval '%{?amzn}') && " ${conditions[*]} " != *' check '* ]] && rpm -q --quiet catch2-devel; then
    conditions+=(--with check)
fi

options=(--define "_topdir $work/top" --define "_tmppath $work")
# The same sources give the same bytes, anywhere and at any time.
options+=(--define "_buildhost reproducible" --define "use_source_date_epoch_as_buildtime 1"
    --define "clamp_mtime_to_source_date_epoch 1")
target=()
if [[ $mode == portable ]]; then
    # Not --load: it is forgotten with --target. BuildRequires mean rpm's database, which knows no Debian package.
    portable_macros >"$work/home/.rpmmacros"
    export HOME=$work/home
    options+=(--nodeps --with static_curses)
    target=(--target "$arch-linux")
    if [[ $arch == "$(uname -m)" && ! $source_alone ]]; then
        export CC=${CC:-gcc-11} CXX=${CXX:-g++-11} PKG_CONFIG_PATH=$work/pcap
    fi
fi

version=${archive##*/natstat-}
version=${version%.tar.gz}
log=$work/log
echo "building natstat $version${source_alone:+, the source package,} for $arch, $mode"
# The source package is made by itself, for no machine and with the tests: it is the same one on each of them.
# Newer rpm puts the spec into it as its macros come out.
for_no_machine=(--target noarch --define "_smp_build_ncpus 1")
for macro in flags meson tests; do
    for_no_machine+=(--define "portable_$macro %{nil}")
done
{
    rpmbuild -bs ${source_alone:+--nodeps} "${options[@]}" "${for_no_machine[@]}" "$spec" &&
        if [[ ! $source_alone ]]; then
            rpmbuild -bb "${options[@]}" "${conditions[@]}" "${target[@]}" "$spec"
        fi
} >"$log" 2>&1 || {
    tail -n 100 "$log"
    die "rpmbuild failed"
}
grep -E '^(Ok|Fail|Skipped|Timeout): ' "$log" | tr -s ' ' | paste -sd ' ' || true
mkdir -p "$out/SRPMS"
find "$work/top/SRPMS" -name '*.src.rpm' -exec cp -t "$out/SRPMS" {} +
if [[ $source_alone ]]; then
    find "$out/SRPMS" -name "natstat-$version-*.src.rpm"
    exit
fi

mapfile -t packages < <(find "$work/top/RPMS" -name '*.rpm' | sort)
if [[ $mode == portable || $(rpm --eval '%{?amzn}') == 2023 ]]; then
    "$here/check-requires.sh" "${packages[@]}" ||
        die "Amazon Linux 2023 does not have all that these packages require"
fi
mkdir -p "$out/$arch"
# noarch packages belong to the build that made them.
cp "${packages[@]}" "$out/$arch/"
find "$out/$arch" "$out/SRPMS" -name "natstat-*$version-*.rpm" | sort
