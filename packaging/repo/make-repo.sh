#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# make-repo.sh --key KEY --url URL [--out DIRECTORY] [DIST]: signs the packages of DIST (dist: SRPMS and one
# directory for each machine, as build.sh leaves them) and adds them to the repository in DIRECTORY
# (dist/repo), which any web server can serve under URL. KEY is a fingerprint in gpg's key ring: RSA, 4096
# bits, which every rpm understands.
#
# What is in the repository already stays, so that an older version can be installed. The same packages and
# the same key give the same bytes: signatures are dated with the packages. Nothing is uploaded, and no key
# leaves the key ring but the public one.

set -euo pipefail

die() {
    echo "make-repo.sh: $*" >&2
    exit 1
}

key='' url='' out='' dist=''
while (($# > 0)); do
    case $1 in
        --key) key=${2:?--key takes a fingerprint} && shift 2 ;;
        --url) url=${2:?--url takes the address of the repository} && shift 2 ;;
        --out) out=${2:?--out takes a directory} && shift 2 ;;
        -*) die "no option $1" ;;
        *)
            [[ ! $dist ]] || die "one DIST, not $dist and $1"
            dist=$1 && shift
            ;;
    esac
done
[[ $key && $url ]] || die "usage: make-repo.sh --key KEY --url URL [--out DIRECTORY] [DIST]"
dist=${dist:-$(dirname "$0")/../../dist}
out=$(realpath -m "${out:-$dist/repo}")
url=${url%/}
# It goes through sed, and into a file that dnf reads by lines.
good_url='^(https?|file)://[^[:space:],&\\]+$'
[[ $url =~ $good_url ]] || die "no address of a repository: '$url' (https://HOST/PATH, http or file)"
export LC_ALL=C TZ=UTC

mapfile -t keys < <(gpg --batch --with-colons --list-secret-keys -- "$key" | grep '^sec:')
((${#keys[@]} > 0)) || die "the key ring has no secret key $key"
((${#keys[@]} == 1)) || die "the key ring has ${#keys[@]} secret keys that fit $key: a fingerprint tells which"
# "sec:TRUST:BITS:ALGORITHM:ID:CREATED...": 1 is RSA.
IFS=: read -r _ _ bits algorithm _ created _ <<<"${keys[0]}"
[[ $algorithm == 1 && $bits -ge 4096 ]] || die "$key is not RSA with 4096 bits: old rpm may not know it"

# fingerprints: those of the primary keys that gpg lists.
fingerprints() {
    awk -F: '$1 == "pub" || $1 == "sec" { primary = 1 } $1 == "fpr" && primary { print $10; primary = 0 }'
}

name=$(gpg --batch --with-colons --list-secret-keys -- "$key" | fingerprints)
# With the mark it is this key; without, gpg takes the newest subkey that can sign, of whatever kind.
signer=$name!
published=$out/RPM-GPG-KEY-natstat
if [[ -e $published ]]; then
    there=$(gpg --batch --with-colons --show-keys -- "$published" 2>/dev/null | fingerprints) || true
    there=${there//$'\n'/ and }
    [[ $there == "$name" ]] ||
        die "$published is ${there:-no key}, not $name: another key needs another directory"
fi

# newest PACKAGE...: the time of the latest of them, but not before the key's: a signature can not be older.
newest() {
    rpm -qp --nosignature --qf '%{BUILDTIME}\n' "$@" | { cat && echo "$created"; } | sort -n | tail -n 1
}

at_time() {
    date -d "@$1" +%Y%m%dT%H%M%S!
}

sign() {
    local package=$1
    rpmsign --addsign --define "_gpg_name $signer" --define '_gpg_digest_algo sha256' \
        --define "__gpg $(command -v gpg)" \
        --define "_gpg_sign_cmd_extra_args --batch --faked-system-time $(at_time "$(newest "$package")")" \
        "$package" >/dev/null 2>"$package.log" || die "can not sign $package: $(cat "$package.log")"
    rm "$package.log"
    # The list of packages tells their time; a copy has that of the copying.
    touch -d "@$(rpm -qp --nosignature --qf '%{BUILDTIME}' "$package")" "$package"
}

# add FROM TO: signs what is not there yet. A package never changes under its name.
add() {
    local from=$1 to=$2 package new=$2/.new
    mkdir -p "$to" "$new"
    for package in "$from"/*.rpm; do
        cp "$package" "$new/"
        package=$new/${package##*/}
        sign "$package"
        if [[ ! -e $to/${package##*/} ]]; then
            mv "$package" "$to/"
        elif ! cmp -s "$package" "$to/${package##*/}"; then
            rm -r "$new"
            die "$to has another ${package##*/}: a changed package needs a release of its own"
        fi
    done
    rm -r "$new"
}

# describe DIRECTORY: the lists that dnf reads, and their signature.
describe() {
    local directory=$1 time
    time=$(newest "$directory"/*.rpm)
    createrepo_c --quiet --no-database --general-compress-type=gz --checksum=sha256 \
        --revision="$time" --set-timestamp-to-revision "$directory"
    gpg --batch --yes --armor --detach-sign --digest-algo sha256 --faked-system-time "$(at_time "$time")" \
        -u "$signer" "$directory/repodata/repomd.xml"
}

found=''
for directory in "$dist"/SRPMS "$dist"/x86_64 "$dist"/aarch64; do
    compgen -G "$directory/*.rpm" >/dev/null || continue
    found=yes
    add "$directory" "$out/al2023/${directory##*/}"
    describe "$out/al2023/${directory##*/}"
done
[[ $found ]] || die "there are no packages in $dist: packaging/rpm/build.sh makes them"

gpg --batch --armor --no-emit-version --export "$name" >"$out/RPM-GPG-KEY-natstat"
sed "s,@URL@,$url,g" "$(dirname "$0")/natstat.repo.in" >"$out/natstat.repo"
echo "the repository is in $out; its key is $name"
