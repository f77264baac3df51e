#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs what natstat's build and tests need, with apt-get or dnf:
#
#   packaging/deps.sh SET...      (build, lab, test, bench, package, package-aarch64, package-debian, release;
#                                  default: build test)
#
# Only what is missing is installed; when nothing is, no network is touched and no privilege needed.
# The lists below are the one place that names packages. It does not install natstat, and it adds no
# repository but those in which the distribution itself keeps the rest of its packages. Run on Debian 12; for dnf it
# is written after the distributions' lists of packages, and has run beside a stand-in of dnf alone
# (packaging/test/deps_test.sh).

set -euo pipefail

# "a|b" is the first of these that there is; a "?" at the end: can be done without, tests that want
# it say so themselves.
debian_packages() {
    case $1 in
        build)
            echo g++ meson ninja-build pkg-config libmnl-dev libnetfilter-conntrack-dev libpcap-dev libncurses-dev \
                libc-ares-dev libexpat1-dev libmaxminddb-dev libseccomp-dev libarchive-dev libsqlite3-dev rapidjson-dev
            ;;
        lab) echo conntrack iproute2 nftables jq python3 procps util-linux ;;
        test)
            debian_packages lab
            debian_packages package-debian
            echo 'ccache?' 'g++-11?' 'netstat-nat?' 'tcpdump?' 'tshark?' 'nfdump?' 'pmacct?' 'dnsmasq-base?' 'isc-dhcp-client?' \
                'docker.io?' 'podman?' 'netavark?' 'runc?' 'busybox-static?' iptables \
                tmux 'strace?' valgrind clang clang-tidy clang-format \
                'libclang-rt-14-dev|libclang-rt-18-dev|libclang-rt-19-dev?' \
                'prometheus?' 'prometheus-node-exporter?' 'python3-prometheus-client?' 'systemd?' \
                'postgresql?' 'libmaxmind-db-writer-perl?' 'libmaxmind-db-reader-perl?' \
                'mandoc?' 'groff-base?' 'zsh?' 'fish?' 'lintian?' 'mmdebstrap?' 'python3-yaml?'
            ;;
        bench) echo conntrack iproute2 nftables python3 iptstate time ;;
        package) # the packages, their tests (rpm's %check, too) and a repository of them
            echo g++-11 catch2 python3 rpm debugedit elfutils patchelf createrepo-c gnupg \
                rpmlint dnf curl openssl iproute2 util-linux binutils file
            ;;
        package-aarch64)
            debian_packages package
            echo g++-11-aarch64-linux-gnu qemu-user-static libstdc++6:arm64 libmnl-dev:arm64 libpcap-dev:arm64 \
                libncurses-dev:arm64 libc-ares-dev:arm64 libexpat1-dev:arm64 libmaxminddb-dev:arm64 libseccomp-dev:arm64 \
                libnetfilter-conntrack-dev:arm64 libarchive-dev:arm64 libsqlite3-dev:arm64
            ;;
        package-debian) echo build-essential debhelper catch2 python3 ;;
        release) echo debootstrap mmdebstrap systemd-container ;; # beside package, package-aarch64, package-debian
    esac
}

fedora_packages() {
    case $1 in
        build)
            echo gcc-c++ meson ninja-build pkgconf-pkg-config libmnl-devel libnetfilter_conntrack-devel libpcap-devel \
                ncurses-devel c-ares-devel expat-devel libmaxminddb-devel libseccomp-devel libarchive-devel sqlite-devel rapidjson-devel
            ;;
        lab) echo conntrack-tools iproute nftables jq python3 procps-ng util-linux ;;
        test)
            fedora_packages lab
            # There is no netstat-nat: tests beside it say so.
            echo catch2-devel 'ccache?' 'tcpdump?' 'wireshark-cli?' 'dnsmasq?' 'dhcp-client?' tmux 'strace?' valgrind clang \
                clang-tools-extra compiler-rt libasan libubsan 'python3-prometheus_client?' 'systemd?' 'groff-base?' 'zsh?'
            ;;
        bench) echo conntrack-tools iproute nftables python3 iptstate time ;;
        package)
            # Not gnupg2: Amazon Linux has a smaller one, which conflicts with it.
            echo catch2-devel python3 rpm-build rpm-sign rpmlint systemd-rpm-macros createrepo_c openssl
            ;;
        package-aarch64) die "builds for aarch64 on aarch64: there is no cross build here" ;;
        package-debian) die "builds Debian's packages on Debian" ;;
        release) die "a release is tested on Debian" ;;
    esac
}

say() {
    printf 'deps: %s\n' "$*" >&2
}

die() {
    say "$@"
    exit 1
}

# -- the two families -----------------------------------------------------------------------------

debian_has() {
    [[ $(dpkg-query -W -f='${db:Status-Status} ' "$1" 2>/dev/null) == 'installed '* ]]
}

debian_offers() {
    [[ $(apt-cache policy "$1" 2>/dev/null) == *'Candidate: '[!\(]* ]]
}

# Optional packages are looked for in the lists that are there; but a machine may have none yet.
debian_prepare() {
    if [[ " ${sets[*]} " == *' package-aarch64 '* && " $(dpkg --print-foreign-architectures) " != *arm64* ]]; then
        as_root dpkg --add-architecture arm64
        as_root apt-get -q update
    fi
    if [[ $1 ]] || ! compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null; then
        as_root apt-get -q update || say "apt-get update failed; going on with older lists"
    fi
}

debian_install() {
    local package status=0
    debian_start_nothing
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y --no-install-recommends install "$@" || status=$?
    for package in "$@"; do
        case $package in
            prometheus*) as_root systemctl -q disable "$package" 2>/dev/null || true ;;
            docker.io) as_root systemctl -q disable docker.service docker.socket 2>/dev/null || true ;;
        esac
    done
    return $status
}

# What the tests want of Prometheus and Docker is their programs: no service is started now, nor at the next boot.
debian_start_nothing() {
    local policy=/usr/sbin/policy-rc.d
    [[ ! -e $policy ]] || return 0
    # shellcheck disable=SC2064 # the name of now
    trap "as_root rm -f $policy" EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null && as_root chmod 755 $policy
}

fedora_has() {
    rpm -q --quiet "$1"
}

# Of what is needed dnf itself says that it does not find it; what can be done without it is asked for.
fedora_offers() {
    [[ ! $2 || $(dnf -q repoquery --available --whatprovides "$1" 2>/dev/null) ]]
}

# Some of the packages are in the distribution's further repositories: SPAL on Amazon Linux 2023,
# EPEL and CRB on Enterprise Linux.
fedora_prepare() {
    case $distribution in
        amzn) fedora_has spal-release || as_root dnf -y install spal-release ;;
        almalinux | rocky | centos)
            as_root dnf -y install epel-release dnf-plugins-core &&
                as_root dnf config-manager --set-enabled crb
            ;;
        rhel) say "the packages need the repositories CodeReady Builder and EPEL to be enabled" ;;
    esac || die "can not enable the further repositories of $distribution $distribution_version"
}

fedora_install() {
    as_root dnf -y install "$@"
}

# -- both -----------------------------------------------------------------------------------------

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "needs root to install: $missing_names"
    fi
}

# Prints the first of the alternatives for which the test TEST succeeds, which is told the name and whether it can be
# done without ("?").
first_that() {
    local test=$1 mark=${2##*[!?]} name names
    IFS='|' read -r -a names <<<"${2%\?}"
    for name in "${names[@]}"; do
        if "$test" "$name" "$mark"; then
            echo "$name"
            return
        fi
    done
    return 1
}

find_family() {
    local key value
    distribution=unknown distribution_version=
    while IFS='=' read -r key value; do
        value=${value//\"/}
        case $key in
            ID) distribution=$value ;;
            VERSION_ID) distribution_version=$value ;;
        esac
    done </etc/os-release
    if command -v apt-get >/dev/null; then
        family=debian
    elif command -v dnf >/dev/null; then
        family=fedora
    else
        die "knows apt-get and dnf, and finds neither ($distribution $distribution_version)." \
            "Install what packaging/deps.sh lists by hand."
    fi
}

main() {
    local set listed names package wanted=() missing=() chosen=() required='' name
    find_family
    (($# > 0)) || set -- build test
    sets=("$@")
    for set in "$@"; do
        case $set in
            build | lab | test | bench | package | package-aarch64 | package-debian | release) ;;
            *) die "no set named '$set': see the top of this file" ;;
        esac
        listed=$("${family}_packages" "$set") || exit 1
        read -r -a names <<<"${listed//$'\n'/ }"
        wanted+=("${names[@]}")
    done
    for package in "${wanted[@]}"; do
        first_that "${family}_has" "$package" >/dev/null && continue
        missing+=("$package")
        [[ $package == *'?' ]] || required=yes
    done
    ((${#missing[@]} > 0)) || return 0
    missing_names=${missing[*]}

    "${family}_prepare" "$required"
    for package in "${missing[@]}"; do
        if name=$(first_that "${family}_offers" "$package"); then
            chosen+=("$name")
        elif [[ $package == *'?' ]]; then
            say "$distribution $distribution_version has no ${package%\?}; going on without"
        else
            die "$distribution $distribution_version has no package $package"
        fi
    done
    ((${#chosen[@]} > 0)) || return 0
    say "installing ${chosen[*]}"
    "${family}_install" "${chosen[@]}" || die "could not install: ${chosen[*]}"
}

main "$@"
