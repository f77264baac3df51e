#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# fresh-root.sh [MIRROR]: the way of the packages from the beginning, on a Debian 12 with nothing else on it:
# debootstrap, packaging/deps.sh, the packages, a repository of them, the install test; and README's commands
# for Debian. Run on demand, as root, with a network for debootstrap and apt alone; nothing of it stays but
# dist/ in that root, which goes with the rest. It boots nothing: what runs there runs under chroot, in mounts
# and processes of its own.

set -euo pipefail
tree=$(realpath "$(dirname "$0")/../..")
mirror=${1:-http://deb.debian.org/debian}
((EUID == 0)) || { echo "fresh-root.sh: needs root" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "fresh-root.sh: needs debootstrap" >&2; exit 1; }

work=$(mktemp -d)
root=$work/root
# The mounts are gone with their namespace when this removes what was under them.
trap 'rm -rf --one-file-system "$work"' EXIT

say() { printf '\n== %s (%d s)\n' "$*" "$SECONDS"; }

say "debootstrap"
debootstrap --variant=minbase bookworm "$root" "$mirror" >"$work/log" 2>&1 || { tail -n 20 "$work/log"; exit 1; }
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # nothing is started by being installed
chmod +x "$root/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$root/etc/"
mkdir "$root/natstat"
tar -C "$tree" --exclude=./.git --exclude='./build*' --exclude=./dist -cf - . | tar -C "$root/natstat" -xf -

cat >"$root/steps" <<'END'
set -eu
cd /natstat
export LC_ALL=C.UTF-8 HOME=/root
step() { echo; echo "== $*"; "$@"; }
step packaging/deps.sh build package
step packaging/test/rpm_test.sh whole
step packaging/test/repo_test.sh
step packaging/test/install_test.sh
step packaging/deps.sh build package-debian
step packaging/debian/build.sh
step apt-get -q -y install ./dist/debian/natstat_*.deb
step natstat -nN -f /usr/share/natstat/demo.pcap
END
say "in the root"
unshare --mount --pid --fork --kill-child sh -euc '
    mount --bind "$1" "$1" # a root that is no mount can have no mounts of its own made private
    mount -t proc proc "$1/proc"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts"
    exec chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin bash /steps' sh "$root"
say "all of it passed"
