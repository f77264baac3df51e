#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# deps_test.sh: packaging/deps.sh as it goes on Amazon Linux 2023 and its relatives, with stand-ins of dnf and rpm
# that write down what they are asked for: what can be done without and is not there is passed over, what is
# needed is asked for. Nothing is installed. It lays another /etc/os-release over this machine's in a mount
# namespace of its own, so it needs root.

set -uo pipefail
here=$(realpath "$(dirname "$0")")
# shellcheck source=SCRIPTDIR/../../tests/kernel/judge.sh
source "$here/../../tests/kernel/judge.sh"
# shellcheck source=SCRIPTDIR/packages.sh
source "$here/packages.sh"

((EUID == 0)) || skip_all "needs root, to lay another /etc/os-release over this one"
unshare --mount true 2>/dev/null || skip_all "mount namespaces are not allowed here"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A path on which there is no apt-get.
mkdir "$work/bin"
for tool in bash env tr cat grep; do
    ln -s "$(command -v "$tool")" "$work/bin/"
done

# stand_in NAME LINE...: a command.
stand_in() {
    printf '%s\n' '#!/bin/bash' "${@:2}" >"$work/bin/$1"
    chmod +x "$work/bin/$1"
}
# rpm has what is in "installed", dnf what is not in "missing".
stand_in rpm 'grep -qxF -- "${!#}" '"$work/installed"
# shellcheck disable=SC2016 # it is a script
stand_in dnf 'echo "$*" >>'"$work/asked" 'if [[ " $* " == *" repoquery "* ]]; then' \
    'grep -qxF -- "${!#}" '"$work/missing"' || echo "${!#}-1-1"' 'exit 0' 'fi' \
    'for name in "$@"; do if grep -qxF -- "$name" '"$work/missing"'; then echo "No match for argument: $name"; exit 1; fi; done'

# deps ID VERSION SET...: on that distribution.
deps() {
    printf 'ID="%s"\nVERSION_ID="%s"\n' "$1" "$2" >"$work/os-release"
    : >"$work/asked"
    shift 2
    # shellcheck disable=SC2016 # its own arguments
    unshare --mount bash -c 'mount --bind "$0" "$(realpath /etc/os-release)" && PATH=$1 exec "${@:2}"' \
        "$work/os-release" "$work/bin" "$here/../deps.sh" "$@"
}

asked() {
    grep -qE -- "$1" "$work/asked" || { cat "$work/asked" && false; }
}

not_asked() {
    ! grep -E -- "$1" "$work/asked"
}

printf '%s\n' gcc-c++ meson >"$work/installed"
printf '%s\n' python3-prometheus_client wireshark-cli >"$work/missing"
succeeds "what Amazon Linux 2023 has not, and can be done without" \
    says "amzn 2023 has no python3-prometheus_client; going on without" deps amzn 2023 build test package
succeeds "the rest is installed" asked '^-y install .*libseccomp-devel.*catch2-devel.*strace'
succeeds "without these" not_asked '^-y install .*(prometheus_client|wireshark)'
succeeds "nor what is there" not_asked '^-y install .*gcc-c\+\+ '
succeeds "SPAL is enabled, where Catch2 is" asked '^-y install spal-release$'
echo catch2-devel >>"$work/missing"
refused "what is needed and not there" "could not install: " deps amzn 2023 build test
printf '%s\n' python3-prometheus_client >"$work/missing"
succeeds "Enterprise Linux 9" deps almalinux 9.6 build package
succeeds "with EPEL" asked '^-y install epel-release dnf-plugins-core$'
succeeds "and CRB" asked '^config-manager --set-enabled crb$'
succeeds "Fedora" deps fedora 43 build
succeeds "with nothing beside its own" not_asked 'release|config-manager'
refused "Debian's packages" "builds Debian's packages on Debian" deps fedora 43 package-debian
finish
