#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# build.sh [--arch x86_64|aarch64] [--out DIRECTORY] [--portable] [--without check] [--unoptimized]: source and
# binary packages into DIRECTORY/SRPMS and DIRECTORY/ARCH (default: dist, this machine's). It takes the tree as it
# is, committed or not, and the same tree gives the same bytes.
#
# Where rpm knows how the distribution builds with meson, the packages are for that distribution. Elsewhere,
# or with --portable, they are for Amazon Linux 2023 and are made with what Debian 12 has: g++ 11 and its
# libstdc++ linked statically, because the shared one is newer; ncurses linked statically, because Debian's
# symbols have versions; and libpcap under the name that it has everywhere but on Debian. check-requires.sh
# has the last word. What must be installed: packaging/deps.sh build package (and package-aarch64).

set -euo pipefail
here=$(realpath "$(dirname "$0")")
root=$(realpath "$here/../..")
spec=$here/natstat.spec

die() {
    echo "build.sh: $*" >&2
    exit 1
}

arch=$(uname -m) out=$root/dist mode=native conditions=() unoptimized=''
command -v rpmbuild >/dev/null || die "needs rpmbuild: packaging/deps.sh build package"
# A macro that rpm does not know stays as it is.
[[ $(rpm --eval '%meson') != %meson ]] || mode=portable
while (($# > 0)); do
    case $1 in
        --arch) arch=${2:?--arch takes x86_64 or aarch64} && shift 2 ;;
        --out) out=$(realpath -m "${2:?--out takes a directory}") && shift 2 ;;
        --portable) mode=portable && shift ;;
        --unoptimized) unoptimized=-O0 && shift ;; # to look at packages that nobody gets
        --without) conditions+=(--without "${2:?--without takes a condition of the spec}") && shift 2 ;;
        *) die "no option $1" ;;
    esac
done
[[ $arch == x86_64 || $arch == aarch64 ]] || die "packages are for x86_64 and aarch64, not for $arch"
[[ $arch == "$(uname -m)" || $mode == portable ]] || die "only --portable builds for another machine"
[[ ! $unoptimized || $mode == portable ]] || die "the distribution's own flags stay: --unoptimized is for --portable"

if [[ $mode == portable ]]; then
    sets='build package'
    [[ $arch == "$(uname -m)" ]] || sets+=" package-$arch"
    for tool in patchelf "$arch-linux-gnu-g++-11" "$arch-linux-gnu-objdump"; do
        command -v "$tool" >/dev/null || die "needs $tool: packaging/deps.sh $sets"
    done
fi

# Always the same place, whatever TMPDIR says: the names of files in debuginfo, and with them the build id,
# depend on it.
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
# The time of everything is the day of the changelog's last entry, from its beginning: rpm says noon, which
# may be still to come, and a source from the future is built again and again.
changed=$(rpmspec -q --srpm --qf '%{CHANGELOGTIME}' "$spec" 2>"$work/log") || die "$(<"$work/log")"
export SOURCE_DATE_EPOCH=$((changed - changed % 86400))

files_of_the_tree() {
    if [[ -e .git ]]; then
        # A file that is removed but not committed is still in git's list.
        git ls-files -z --cached --others --exclude-standard |
            xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh
    else
        find . \( -path './build*' -o -path ./dist -o -path ./.git \) -prune -o ! -type d -printf '%P\0'
    fi
}

source_archive() {
    local name=$1
    cd "$root"
    files_of_the_tree | sort -z |
        tar --null --no-recursion --files-from=- --transform="s,^,$name/,S" --format=ustar \
            --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="@$SOURCE_DATE_EPOCH" -cf - |
        gzip -n9
}

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
    pcap_for "$triplet"
    cat "$here/portable.macros"
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
    if [[ $arch == "$(uname -m)" ]]; then
        export CC=${CC:-gcc-11} CXX=${CXX:-g++-11} PKG_CONFIG_PATH=$work/pcap
    fi
fi

version=$(rpmspec -q --srpm --qf '%{VERSION}' "$spec" 2>/dev/null)
source_archive "natstat-$version" >"$work/top/SOURCES/natstat-$version.tar.gz"
log=$work/log
echo "building natstat $version for $arch, $mode"
# The source package is made by itself, for no machine and with the tests: it is the same one on each of them.
# Newer rpm puts the spec into it as its macros come out.
for_no_machine=(--target noarch --define "_smp_build_ncpus 1")
for macro in flags meson tests; do
    for_no_machine+=(--define "portable_$macro %{nil}")
done
{
    rpmbuild -bs "${options[@]}" "${for_no_machine[@]}" "$spec" &&
        rpmbuild -bb "${options[@]}" "${conditions[@]}" "${target[@]}" "$spec"
} >"$log" 2>&1 || {
    tail -n 100 "$log"
    die "rpmbuild failed"
}
grep -E '^(Ok|Fail|Skipped|Timeout): ' "$log" | tr -s ' ' | paste -sd ' ' || true

mapfile -t packages < <(find "$work/top/RPMS" -name '*.rpm' | sort)
if [[ $mode == portable || $(rpm --eval '%{?amzn}') == 2023 ]]; then
    "$here/check-requires.sh" "${packages[@]}" ||
        die "Amazon Linux 2023 does not have all that these packages require"
fi
mkdir -p "$out/$arch" "$out/SRPMS"
# noarch packages belong to the build that made them.
cp "${packages[@]}" "$out/$arch/"
find "$work/top/SRPMS" -name '*.src.rpm' -exec cp -t "$out/SRPMS" {} +
find "$out/$arch" "$out/SRPMS" -name "natstat-*$version-*.rpm" | sort
