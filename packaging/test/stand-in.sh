#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# stand-in.sh DIRECTORY: makes there a repository of stand-ins for the packages of Amazon Linux 2023 that
# natstat needs. They provide what ../rpm/amazon-linux-2023.txt says and nothing newer, so that dnf resolves
# as it would there; inside are this machine's libraries, so that what is installed also runs. What runs
# here because a library is newer than there, dnf has to have refused before.

set -euo pipefail
here=$(realpath "$(dirname "$0")")
floor=$here/../rpm/amazon-linux-2023.txt
out=$(realpath -m "$1")
triplet=$(uname -m)-linux-gnu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
payload=$work/payload
libraries=$payload/usr/lib64
mkdir -p "$out" "$libraries" "$work/top"
export LC_ALL=C

fields_of() {
    awk -v kind="$1" '$1 == kind { $1 = ""; print }' "$floor"
}

file_of() {
    local name=$1
    [[ $name != libpcap.so.1 ]] || name=libpcap.so.0.8 # Debian's own name for the same library
    find "/lib/$triplet" "/usr/lib/$triplet" /lib64 -maxdepth 1 -name "$name" -print -quit 2>/dev/null
}

# What rpm itself finds in a library, less what is above the floor.
provides_of() {
    local library=$1 capability version name
    while read -r capability; do
        version=${capability#*(}
        version=${version%%)*}
        name=${version%_*}
        if [[ ! $version ]]; then
            echo "$capability"
        elif [[ ${highest[$name]+there} ]] &&
            [[ $(printf '%s\n' "${version##*_}" "${highest[$name]}" | sort -V | tail -n 1) == "${highest[$name]}" ]]; then
            echo "$capability"
        fi
    done < <(/usr/lib/rpm/elfdeps --provides "$library" | sort -u)
    echo "$(basename "$library")()(64bit)"
}

declare -A highest=() versions=() files=() provides=()
while read -r name version; do highest[$name]=$version; done < <(fields_of symbols)
while read -r soname package version; do
    file=$(file_of "$soname")
    [[ $file ]] || continue # that of another machine
    cp -L "$file" "$libraries/$soname"
    [[ $soname != libpcap.so.1 ]] || patchelf --set-soname "$soname" "$libraries/$soname"
    versions[$package]=$version
    files[$package]+="/usr/lib64/$soname"$'\n'
    provides[$package]+="$(provides_of "$libraries/$soname" | sort -u)"$'\n'
done < <(fields_of library)
provides[glibc]+=$'rtld(GNU_HASH)\n'

# add NAME VERSION FILE...: a package with files from the payload.
add() {
    local name=$1
    versions[$name]=$2
    shift 2
    files[$name]=$(printf '%s\n' "$@")
}

# What only Debian's builds of these libraries need belongs to nobody there; it is not in Provides.
mkdir -p "$payload/etc" "$payload/usr/bin" "$payload/usr/share"
ldd "$libraries"/*.so.* /bin/dash | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u |
    while read -r file; do
        [[ -e $libraries/$(basename "$file") ]] || cp -L "$file" "$libraries/"
    done
mapfile -t rest < <(cd "$payload" && find usr/lib64 -type f -printf '/%p\n' | sort |
    grep -vxF -f <(printf '%s' "${files[@]}" | grep .))
ln -s usr/lib64 "$payload/lib64"
ln -s usr/bin "$payload/bin"
echo /usr/lib64 >"$payload/etc/ld.so.conf"
add filesystem 3.14 /lib64 /bin /etc/ld.so.conf "${rest[@]}"
cp /bin/dash "$payload/usr/bin/sh"
add bash 5.2.15 /usr/bin/sh
provides[bash]='/bin/sh'
mkdir -p "$payload/usr/share/terminfo"/{x,v}
cp -L "$(find /lib/terminfo /usr/share/terminfo -name xterm-256color -print -quit 2>/dev/null)" "$payload/usr/share/terminfo/x/"
cp -L "$(find /lib/terminfo /usr/share/terminfo -name vt100 -print -quit 2>/dev/null)" "$payload/usr/share/terminfo/v/"
add ncurses-base 6.2 /usr/share/terminfo
mkdir -p "$payload/usr/lib/locale"
cp -r /usr/lib/locale/C.utf8 "$payload/usr/lib/locale/"
add glibc-minimal-langpack 2.34 /usr/lib/locale/C.utf8
# What the scriptlets of packages call, where it is there. It writes down what it was asked for.
mkdir -p "$payload/usr/lib/systemd" "$payload/var/log/stand-in"
printf '%s\n' '#!/bin/sh' 'echo "$*" >>/var/log/stand-in/systemd-update-helper' \
    >"$payload/usr/lib/systemd/systemd-update-helper"
chmod +x "$payload/usr/lib/systemd/systemd-update-helper"
add systemd 252.4 /usr/lib/systemd/systemd-update-helper /var/log/stand-in
base=("${!versions[@]}")
add system-release 2023.12 # brings all of them
add netstat-nat 1.4.10 # the original, as a neighbour to conflict with

spec=$work/stand-ins.spec
{
    printf '%s\n' 'Name: stand-ins' 'Version: 1' 'Release: 1' 'Summary: Stand-ins' 'License: GPL-2.0-or-later' \
        'AutoReqProv: no' '%description' 'Stand-ins.' '%install' "cp -a $payload/. %{buildroot}"
    for name in "${!versions[@]}"; do
        printf '%%package -n %s\nVersion: %s\nRelease: 1.amzn2023\nSummary: Stand-in\nAutoReqProv: no\n' \
            "$name" "${versions[$name]}"
        grep . <<<"${provides[$name]:-}" | sed 's/^/Provides: /' || true
        [[ $name != system-release ]] || printf 'Requires: %s\n' "${base[@]}"
        printf '%%description -n %s\nStand-in.\n%%files -n %s\n%s\n' "$name" "$name" "${files[$name]}"
    done
} >"$spec"
rpmbuild -bb --define "_topdir $work/top" --define "_tmppath $work" --define '__os_install_post %{nil}' \
    --define '_binary_payload w1.gzdio' --define '_build_id_links none' --define "_rpmdir $out" \
    "$spec" >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    exit 1
}
createrepo_c --quiet --no-database "$out"
