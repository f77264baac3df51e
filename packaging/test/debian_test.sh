#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# The Debian packages: built, read by lintian, installed into a root of their own from nothing but the
# packages and Debian's mirror, run there, put in the place of netstat-nat, and removed without a trace.
# Tests of the program itself run elsewhere. Needs root and the mirror; says so and skips without.
# usage: debian_test.sh [whole | DIRECTORY]      (packages built before; default: builds them, without optimization,
#        which is what takes long; whole: as they are given away, with their tests, and a warning is an error)

set -uo pipefail

here=$(dirname "$(realpath "$0")")
root_of_tree=$(realpath "$here/../..")
work=$(mktemp -d) || exit 1
chroot=$work/root
passed=0 failed=0 skipped=0

# Nothing is mounted below it; should something be, it stays.
trap 'rm -rf --one-file-system "$work"' EXIT

check() { # WHAT COMMAND...
    local what=$1 log=$work/check.log
    shift
    if "$@" >"$log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "debian: $what: failed"
        tail -n 25 "$log"
    fi
}

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [[ $failed -eq 0 ]]
    exit
}

skip() {
    echo "debian: $*: skipped"
    skipped=$((skipped + 1))
}

inside() {
    chroot "$chroot" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TZ=UTC DEBIAN_FRONTEND=noninteractive "$@"
}

equals() { # WANTED COMMAND...
    local wanted=$1
    shift
    diff <(printf '%s\n' "$wanted") <("$@" 2>&1)
}

install_in_root() {
    inside apt-get -q -y --no-install-recommends install "$@"
}

has() {
    [[ -e $chroot/$1 || -L $chroot/$1 ]]
}

has_not() {
    ! has "$1"
}

# What is left of the packages, outside of the package manager's own memory.
no_trace() {
    local left
    left=$(cd "$chroot" && find . -xdev -name '*natstat*' -not -path './var/lib/apt/*' -not -path './var/cache/*' \
        -not -path './tmp/*' -print)
    echo "$left"
    [[ -z $left ]]
}

for tool in dpkg-buildpackage dh lintian mmdebstrap; do
    if ! command -v "$tool" >/dev/null; then
        skip "$tool is not installed"
        finish
    fi
done

# A base system of this release, while the packages are built.
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
base=
if [[ $EUID -eq 0 && $release ]]; then
    timeout 600 mmdebstrap --quiet --variant=apt --dpkgopt=force-unsafe-io "$release" "$chroot" \
        >"$work/base.log" 2>&1 &
    base=$!
fi

packages=$work/packages
built=()
case ${1:-} in
    '')
        built=(unoptimized)
        check "the packages build" env DEB_BUILD_OPTIONS="nocheck noopt parallel=$(nproc)" \
            "$root_of_tree/packaging/debian/build.sh" "$packages"
        ;;
    whole)
        check "the packages build" env DEB_BUILD_OPTIONS="parallel=$(nproc)" DEB_CXXFLAGS_APPEND=-Werror \
            "$root_of_tree/packaging/debian/build.sh" "$packages"
        ;;
    *) packages=$(realpath "$1") ;;
esac
version=$(dpkg-parsechangelog -l "$root_of_tree/packaging/debian/changelog" -S Version)
upstream=$(sed -nE "s/^ *version: '([0-9.]+)',$/\1/p" "$root_of_tree/meson.build" | head -n 1)
check "the version is that of the program" test "${version%-*}" = "$upstream"
for name in natstat natstat-netstat-nat natstat-dbgsym; do
    check "there is a package $name" compgen -G "$packages/${name}_${version}_*.deb"
done
check "lintian has nothing to say" lintian --fail-on error,warning --suppress-tags-from-file \
    "$here/lintian-suppressed.txt" "$packages"/*.changes

if [[ -z $base ]]; then
    skip "not root, or no release that a root could be made of: the installation"
    finish
fi
if ! wait "$base"; then
    tail -n 3 "$work/base.log" | cut -c 1-200
    skip "no base system from the mirror: the installation"
    finish
fi
cp "$packages"/natstat*.deb "$chroot/tmp"
cp /etc/resolv.conf "$chroot/etc/resolv.conf"
if ! inside apt-get -q update >"$work/update.log" 2>&1; then
    tail -n 3 "$work/update.log"
    skip "the mirror can not be read: the installation"
    finish
fi

check "natstat installs" install_in_root "/tmp/natstat_${version}_$(dpkg --print-architecture).deb"
check "it is hardened" python3 "$root_of_tree/tests/hardening_test.py" "$chroot/usr/bin/natstat" "${built[@]}"
check "it starts" equals "natstat $upstream" inside sh -c 'natstat --version | head -n 1'
check "it reads its recording as it does in the tree" diff \
    <(sed '/^--- standard error/,$d' "$root_of_tree/tests/golden/expected/demo") \
    <(inside natstat -nN -f /usr/share/natstat/demo.pcap)
for file in usr/share/man/man8/natstat.8.gz usr/share/bash-completion/completions/natstat \
    usr/share/zsh/vendor-completions/_natstat usr/share/fish/vendor_completions.d/natstat.fish \
    usr/share/doc/natstat/copyright usr/share/natstat/natstat.rules.yml usr/share/natstat/natstat.json \
    lib/systemd/system/natstat-metrics.service lib/systemd/system/natstat-metrics.socket \
    lib/systemd/system/natstat-metrics@.service lib/systemd/system/natstat-log.service; do
    check "$file is there" has "$file"
done
for service in metrics log; do
    check "the service of the $service is not switched on" \
        has_not "etc/systemd/system/multi-user.target.wants/natstat-$service.service"
done
check "nor the socket" has_not etc/systemd/system/sockets.target.wants/natstat-metrics.socket
check "the manual page can be read" bash -o pipefail -c \
    "gzip -dc '$chroot/usr/share/man/man8/natstat.8.gz' | grep -c '/usr/share/natstat/demo.pcap'"
check "its papers lead to what is there" python3 "$root_of_tree/tests/papers_test.py" "$chroot/usr/bin/natstat" \
    "$chroot/usr/share/doc/natstat"
# The packages' own test, of the program that was installed. It has a network namespace, and needs no machine here.
mkdir -p "$work/bin"
ln -s "$chroot/usr/bin/natstat" "$work/bin/"
if command -v conntrack >/dev/null && command -v nft >/dev/null && unshare -n true 2>/dev/null; then
    check "the test that the packages bring" env PATH="$work/bin:$PATH" \
        sh "$root_of_tree/packaging/debian/tests/translations"
else
    skip "no conntrack, nft or network namespaces: the test that the packages bring"
fi
check "it can be asked by a shell" equals --interval inside sh -c 'natstat --complete --interv | cut -f 1'

# In the place of the original, which goes, and comes back.
check "netstat-nat installs" install_in_root netstat-nat
check "natstat-netstat-nat takes its place" install_in_root "/tmp/natstat-netstat-nat_${version}_all.deb"
check "netstat-nat is natstat" equals natstat readlink "$chroot/usr/bin/netstat-nat"
check "and names itself so" equals "netstat-nat: unknown option '-z'" inside netstat-nat -z
check "netstat-nat is satisfied by it" inside bash -c \
    "dpkg-query -W -f='\${Provides} \${db:Status-Status}' natstat-netstat-nat | grep -qx 'netstat-nat installed'"
check "the original is gone" bash -c "! chroot '$chroot' dpkg-query -s netstat-nat | grep -q ' ok installed'"
check "the original can come back" inside apt-get -q -y install netstat-nat
check "and is not natstat" bash -c "[[ ! -L '$chroot/usr/bin/netstat-nat' ]]"

check "natstat is removed" inside apt-get -q -y purge natstat
check "the command is gone" has_not usr/bin/natstat
check "nothing is left" no_trace
finish
