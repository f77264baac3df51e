#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# install_test.sh [DIST]: the packages of DIST (dist, as rpm/build.sh leaves them) as somebody on Amazon
# Linux 2023 meets them: from a signed repository on https://127.0.0.1, with the real dnf, onto stand-ins of the
# base packages with exactly that system's binary interface. Installed, run, upgraded, downgraded, verified,
# removed; and what must be refused is refused.
#
# It runs in network and process namespaces of its own: there is no network but 127.0.0.1, and what gpg and
# dnf leave running ends with it. It needs root. It does not show that AL2023's kernel, rpm 4.16 or SELinux
# agree (docs/packaging.md).

set -uo pipefail
here=$(realpath "$(dirname "$0")")
# shellcheck source=SCRIPTDIR/../../tests/kernel/judge.sh
source "$here/../../tests/kernel/judge.sh"
# shellcheck source=SCRIPTDIR/packages.sh
source "$here/packages.sh"

dist=$(realpath -m "${1:-$here/../../dist}")
needs dnf rpmbuild rpmsign createrepo_c gpg curl python3 ip patchelf openssl
compgen -G "$dist/$(uname -m)/natstat-*.rpm" >/dev/null || skip_all "no packages in $dist: packaging/rpm/build.sh makes them"
if [[ ${NATSTAT_INSIDE:-} != yes ]]; then
    NATSTAT_INSIDE=yes exec unshare --net --pid --fork --kill-child --mount --mount-proc "$0" "$dist"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C HOME=$work GNUPGHOME=$work/keys # rpm and gpg keep files there
root=$work/root url=https://127.0.0.1:8443 site=$work/site
arch=$(uname -m)
told=("install-system-units natstat-log.service natstat-metrics.service natstat-metrics.socket") # systemd, by the scriptlets
version=$(sed -n "s/^ *version: '\([^']*\)'.*/\1/p" "$here/../../meson.build" | head -n 1)
ip link set lo up
echo '%_dbpath /var/lib/rpm' >"$HOME/.rpmmacros" # Debian's is in the home directory

# must WHAT COMMAND...: a check without which there is nothing more to see.
must() {
    succeeds "$@"
    ((failed == 0)) || finish
}

dnf_there() {
    timeout 120 dnf -y --noplugins --installroot="$root" --releasever=2023 --setopt=reposdir="$root/etc/yum.repos.d" \
        --setopt="sslcacert=$work/server.crt" --setopt=skip_if_unavailable=False --setopt=natstat.skip_if_unavailable=False --setopt=metadata_expire=0 --setopt=cachedir=/var/cache/dnf "$@"
}

rpm_there() {
    rpm --root "$root" "$@"
}

there() {
    timeout 60 chroot "$root" "$@"
}

installed_version() {
    says "natstat $1-" rpm_there -q --qf 'natstat %{version}-%{release}' natstat
}

# -- the repository and the host ------------------------------------------------------------------

publish() {
    "$here/../repo/make-repo.sh" --key "$key" --url "$url" --out "$site" "$1"
}

# The server's certificate is its own authority, which the clients are told of.
serve() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
        -keyout "$work/server.key" -out "$work/server.crt" 2>/dev/null || return
    python3 - "$site" "$work" <<'END' >/dev/null 2>&1 &
import functools, http.server, ssl, sys
site, work = sys.argv[1:]
server = http.server.ThreadingHTTPServer(
    ("127.0.0.1", 8443), functools.partial(http.server.SimpleHTTPRequestHandler, directory=site))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{work}/server.crt", f"{work}/server.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
END
    curl -fs --cacert "$work/server.crt" --retry 30 --retry-connrefused --retry-delay 1 -o /dev/null "$url/"
}

make_host() {
    "$here/stand-in.sh" "$work/base" || return
    mkdir -p "$root/etc/yum.repos.d"
    printf '%s\n' '[base]' 'name=stand-ins' "baseurl=file://$work/base" 'gpgcheck=0' >"$root/etc/yum.repos.d/base.repo"
    dnf_there install system-release || return
    ldconfig -r "$root"
}

test_publish() {
    local first
    first=$(fingerprints)
    succeeds "made again" publish "$dist"
    succeeds "the same packages and key give the same bytes" test "$first" == "$(fingerprints)"
    local first_site=$site
    site=$work/again
    succeeds "made elsewhere" publish "$work/old"
    succeeds "made elsewhere, the newer version" publish "$dist"
    succeeds "the same bytes there" test "$first" == "$(fingerprints)"
    site=$first_site
    succeeds "an older version stays" test -e "$site/amzn2023/$arch/natstat-0.0.9-1.amzn2023.$arch.rpm"
    succeeds "the sources are there" says "natstat-$version" ls "$site/amzn2023/SRPMS"
    succeeds "every package is signed" every_package_signed
    mkdir -p "$work/other/$arch"
    make_package "$work/other/$arch" natstat 0.0.9 "Summary: Another"
    refused "another package of the same name" "needs a release of its own" publish "$work/other"
}

# every_package_signed: the clients' way, with a store of keys where the published key alone is.
every_package_signed() {
    local store=(--dbpath "$work/store") said
    local packages=("$site"/amzn2023/*/*.rpm "$site"/amzn2023/debug/*/*.rpm)
    rpmkeys "${store[@]}" --import "$site/RPM-GPG-KEY-natstat" || return
    said=$(rpmkeys "${store[@]}" --checksig "${packages[@]}") || { echo "$said" && return 1; }
    echo "$said"
    [[ $(grep -c ': digests signatures OK$' <<<"$said") -eq ${#packages[@]} ]] &&
        [[ $said == */SRPMS/natstat-"$version"-*/$arch/natstat-0.0.9-*/$arch/natstat-debuginfo-"$version"-* ]]
}

fingerprints() {
    (cd "$site" && find . -type f | sort | xargs sha256sum)
}

# -- what is installed ----------------------------------------------------------------------------

# no_capability: no file of the package has one. A query that fails shows nothing.
no_capability() {
    local files
    files=$(rpm_there -q --filecaps natstat) && echo "$files" && [[ $files == *natstat* ]] &&
        [[ ! $(awk '$2 != ""' <<<"$files") ]]
}

# units LINE...: what systemd was asked for since the host was made.
units() {
    diff <(printf '%s\n' "$@") "$root/var/log/stand-in/systemd-update-helper"
}

# nothing_enabled: the package brings no link that switches a unit on, and nothing that would make one.
nothing_enabled() {
    local scripts files
    scripts=$(rpm -qp --nosignature --scripts "$dist/$arch/natstat-$version"-[0-9]*.rpm) || return
    files=$(rpm_there -ql natstat) || return
    printf '%s\n' "$scripts" "$files"
    [[ $scripts == *systemd-update-helper* && $scripts != *enable* ]] &&
        [[ $files == */natstat-metrics.service* && $files != *.wants/* ]]
}

test_install() {
    succeeds "the version that was published" installed_version "$version"
    succeeds "the signature is that of the key" says "$(tail -c 17 <<<"$key" | tr '[:upper:]' '[:lower:]')" \
        rpm_there -q --qf '%{RSAHEADER:pgpsig}' natstat
    succeeds "rpm verifies the files" rpm_there -V natstat
    succeeds "no file has a capability" no_capability
    succeeds "the metrics are there" test -f "$root/usr/lib/systemd/system/natstat-metrics.service"
    succeeds "the log is there" test -f "$root/usr/lib/systemd/system/natstat-log.service"
    succeeds "systemd is told, and presets decide" units "${told[@]}"
    succeeds "the package switches nothing on" nothing_enabled
    succeeds "the manual page is there" test -s "$root/usr/share/man/man8/natstat.8.gz"
}

test_run() {
    local demo=/usr/share/natstat/demo.pcap locale
    succeeds "natstat --version" says "natstat $version" there natstat --version
    succeeds "a recording as a table" says "ESTABLISHED" there natstat -nN -f "$demo"
    succeeds "a recording as steps" says "created" there natstat -EN -f "$demo"
    succeeds "a recording as JSON" says '"proto":"tcp"' there natstat -n --json -f "$demo"
    succeeds "the kernel's table" there natstat -nN
    for locale in C C.UTF-8; do
        succeeds "the live view with LC_ALL=$locale" timeout 60 python3 "$here/live_view.py" "$locale" \
            chroot "$root" natstat -t -f "$demo"
    done
}

test_changes() {
    succeeds "downgraded" dnf_there downgrade natstat
    succeeds "the older version is there" installed_version 0.0.9
    succeeds "the older version runs" there natstat --version
    succeeds "upgraded" dnf_there upgrade natstat
    succeeds "the newer version is there" installed_version "$version"
    told+=("mark-restart-system-units natstat-log.service natstat-metrics.service")
    succeeds "systemd is told that there is another version" units "${told[@]}"
    succeeds "both can be had" says "0.0.9-1" dnf_there list --showduplicates natstat
}

test_replacement() {
    succeeds "who asks for netstat-nat finds natstat's" says natstat-netstat-nat dnf_there install netstat-nat \
        --exclude='netstat-nat-1.4.10-*'
    succeeds "netstat-nat as natstat" dnf_there install natstat-netstat-nat
    succeeds "netstat-nat is natstat" says "natstat $version" there netstat-nat --version
    succeeds "its manual page is natstat's" cmp "$root"/usr/share/man/man8/{netstat-nat,natstat}.8.gz
    refused "beside the original" "conflicts with netstat-nat" dnf_there install netstat-nat
    succeeds "removed alone" dnf_there remove natstat-netstat-nat
    succeeds "natstat stays" installed_version "$version"
}

test_remove() {
    local left
    succeeds "removed" dnf_there remove natstat
    told+=("remove-system-units natstat-log.service natstat-metrics.service natstat-metrics.socket")
    succeeds "systemd is told of the removal" units "${told[@]}"
    left=$(cd "$root" && find . -path ./var -prune -o -name '*natstat*' ! -name natstat.repo -print)
    succeeds "nothing of it is left" test -z "$left"
    succeeds "what it needs was there before" rpm_there -q libpcap
}

# -- what must be refused -------------------------------------------------------------------------

# The repository is broken in place, from a copy that mends it.
broken() {
    cp -a "$site/amzn2023" "$site/amzn2023.good"
    directory=$site/amzn2023/$arch
}

mend() {
    rm -rf "$site/amzn2023"
    mv "$site/amzn2023.good" "$site/amzn2023"
    dnf_there clean all >/dev/null 2>&1
}

# lists_again: honest lists, with an honest signature, of packages that are not.
lists_again() {
    createrepo_c --quiet --no-database "$directory" &&
        gpg --batch --yes --armor --detach-sign -u "$key" "$directory/repodata/repomd.xml"
}

test_refusals() {
    broken
    echo '<!-- -->' >>"$directory/repodata/repomd.xml"
    dnf_there clean all >/dev/null 2>&1
    refused "changed lists" "GPG" dnf_there install natstat
    mend

    broken
    rpmsign --delsign "$directory"/natstat-"$version"-*.rpm >/dev/null 2>&1
    lists_again
    refused "an unsigned package" "not signed" dnf_there install natstat
    mend

    broken
    make_package "$directory" natstat 99 "Requires: libncursesw.so.6(NCURSESW6_5.1.20000708)(64bit)"
    rpmsign --addsign --define "_gpg_name $key" --define "__gpg $(command -v gpg)" "$directory"/natstat-99-*.rpm >/dev/null 2>&1
    lists_again
    refused "what Amazon Linux's ncurses has not" "nothing provides libncursesw.so.6(NCURSESW6" dnf_there install natstat-99
    mend
    succeeds "nothing of these was installed" test ! -e "$root/usr/bin/natstat"
}

mkdir -p "$work/old/$arch"
mkdir -m 700 "$GNUPGHOME"
key=$(make_key natstat rsa4096)
must "a key" test "$key"
must "an older version to come from" repack "$dist/$arch/natstat-$version"-[0-9]*.rpm 0.0.9 "$work/old/$arch"
must "the repository is made" publish "$work/old"
must "a newer version is added to it" publish "$dist"
test_publish
serve || fail "nothing is served on $url"
must "a host of stand-ins" make_host
must "the address is the one thing to fetch" \
    curl -fsS --cacert "$work/server.crt" -o "$root/etc/yum.repos.d/natstat.repo" "$url/amzn2023/natstat.repo"
must "dnf install natstat" dnf_there install natstat
test_install
test_run
test_changes
test_replacement
test_remove
test_refusals
finish
