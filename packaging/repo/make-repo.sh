#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# make-repo.sh --key KEY --url URL [--out DIRECTORY] [DIST]: signs the packages of DIST (dist: SRPMS and one
# directory for each machine, as build.sh leaves them) and adds them to the repository in DIRECTORY
# (dist/repo), which any web server can serve under URL. KEY is a fingerprint in gpg's key ring: RSA, 4096
# bits, which every rpm understands.
#
# Each distribution has a place of its own, named like the tag in the release of its packages (1.amzn2023, 1.el9,
# 1.fc43), with a natstat.repo, and in it each machine. To dnf a package of another distribution would only be a
# newer one: "fc43" is more than "amzn2023". So the tag decides where a package goes; a package without one, or
# one that lies where another's are, is refused.
#
# What is in the repository already stays, so that an older version can be installed. The same packages and
# the same key give the same bytes: signatures are dated with the packages. All of it is compared and signed
# beside DIRECTORY and moved there when it is whole, so that what fails leaves the repository as it was.
# Nothing is uploaded, and no key leaves the key ring but the public one.

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
# The key comes from there, too: what could be changed on the way could be signed anew.
[[ $url != http://* ]] || die "$url: whoever is on the way could change the key, too; only https:// and file:// can be trusted"
# It goes through sed, and into a file that dnf reads by lines.
good_url='^(https|file)://[^[:space:],&\\]+$'
[[ $url =~ $good_url ]] || die "no address of a repository: '$url' (https://HOST/PATH, or file:///PATH)"
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
        "$package" >/dev/null 2>"$work/log" || die "can not sign ${package##*/}: $(cat "$work/log")"
    # The list of packages tells their time; a copy has that of the copying.
    touch -d "@$(rpm -qp --nosignature --qf '%{BUILDTIME}' "$package")" "$package"
}

# field PACKAGE FORMAT: what the package says of itself.
field() {
    rpm -qp --nosignature --qf "$2" "$1" 2>/dev/null
}

# place_of PACKAGE: where it belongs, below DIRECTORY: TAG/SRPMS, TAG/MACHINE or TAG/debug/MACHINE. A package for every
# machine belongs to the one that it was built with.
place_of() {
    local package=$1 name release machine source built
    built=$(basename "$(dirname "$package")")
    read -r name release machine source < <(field "$package" '%{NAME} %{RELEASE} %{ARCH} %{SOURCEPACKAGE}\n') ||
        die "$package is not a whole package ('rpmkeys --checksig --nosignature' says why)"
    [[ $release =~ ^[0-9.]+\.((amzn|el|fc)[0-9]+)([._]|$) ]] ||
        die "$package is of no distribution that has a place here: its release $release has no tag amznN, elN or fcN"
    release=${BASH_REMATCH[1]}
    if [[ $source == 1 ]]; then
        machine=SRPMS
    elif [[ $machine == noarch ]]; then
        machine=$built
    fi
    [[ $machine == "$built" ]] || die "$package is for $machine, and lies among those for $built"
    [[ $name != *-debuginfo && $name != *-debugsource ]] || machine=debug/$machine
    echo "$release/$machine"
}

# name_of TAG: the distribution, as people call it.
name_of() {
    case $1 in
        amzn*) echo "Amazon Linux ${1#amzn}" ;;
        el*) echo "Enterprise Linux ${1#el}" ;;
        fc*) echo "Fedora ${1#fc}" ;;
    esac
}

# add PLACE NEXT PACKAGE...: puts into NEXT what PLACE will be: what is there already, as links, and what is not, signed.
add() {
    local place=$1 next=$2 to=$out/$1 package belongs file
    shift 2
    mkdir -p "$next"
    for package in "$to"/*.rpm; do
        [[ -e $package ]] || continue
        belongs=$(place_of "$package")
        [[ $belongs == "$place" ]] || die "$package belongs into $belongs: take it out of the repository"
        ln -s "$package" "$next/"
    done
    for package in "$@"; do
        rpmkeys --checksig --nosignature "$package" >/dev/null 2>&1 ||
            die "$package is not a whole package ('rpmkeys --checksig --nosignature' says why)"
        file=$work/${package##*/}
        cp "$package" "$file"
        sign "$file"
        if [[ ! -e $next/${file##*/} ]]; then
            mv "$file" "$next/"
        elif ! cmp -s "$file" "$next/${file##*/}"; then
            die "$to has another ${file##*/}: a changed package needs a release of its own"
        fi
    done
}

# describe DIRECTORY: the lists that dnf reads, and their signature.
describe() {
    local directory=$1 time
    time=$(newest "$directory"/*.rpm)
    createrepo_c --quiet --no-database --general-compress-type=gz --checksum=sha256 \
        --revision="$time" --set-timestamp-to-revision "$directory" || die "can not list the packages of ${directory#"$work/next/"}"
    gpg --batch --yes --armor --detach-sign --digest-algo sha256 --faked-system-time "$(at_time "$time")" \
        -u "$signer" "$directory/repodata/repomd.xml" || die "can not sign the lists of ${directory#"$work/next/"}"
}

# publish NEXT TO: moves what add and describe made.
publish() {
    local next=$1 to=$2 package
    mkdir -p "$to"
    for package in "$next"/*.rpm; do
        [[ -L $package ]] || mv -f "$package" "$to/"
    done
    # The lists and their signature change together.
    [[ ! -e $to/repodata ]] || mv "$to/repodata" "$next/repodata.old"
    if ! mv "$next/repodata" "$to/"; then
        rm -rf "$to/repodata"
        [[ ! -e $next/repodata.old ]] || mv "$next/repodata.old" "$to/repodata"
        die "can not put the new lists into $to"
    fi
}

# The packages of each place, a line each.
declare -A packages_of=() tags=()
for package in "$dist"/{SRPMS,x86_64,aarch64}/*.rpm; do
    [[ -e $package ]] || continue
    place=$(place_of "$package")
    packages_of[$place]+=$package$'\n'
    tags[${place%%/*}]=yes
done
((${#packages_of[@]} > 0)) || die "there are no packages in $dist: packaging/rpm/build.sh makes them"

# Beside it, not in it: the same file system, and not in what is uploaded.
mkdir -p "$(dirname "$out")"
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'die "stopped; nothing is published"' HUP INT TERM
for place in "${!packages_of[@]}"; do
    mapfile -t packages <<<"${packages_of[$place]%$'\n'}"
    add "$place" "$work/next/$place" "${packages[@]}"
    describe "$work/next/$place"
done
gpg --batch --armor --no-emit-version --export "$name" >"$work/RPM-GPG-KEY-natstat"
for tag in "${!tags[@]}"; do
    sed -e "s,@URL@,$url,g" -e "s,@TAG@,$tag,g" -e "s,@DISTRIBUTION@,$(name_of "$tag"),g" \
        "$(dirname "$0")/natstat.repo.in" >"$work/$tag.repo"
done

# All of it is made. Who stops it now stops it afterwards.
trap '' HUP INT TERM
mkdir -p "$out"
mv -f "$work/RPM-GPG-KEY-natstat" "$out/"
for place in "${!packages_of[@]}"; do
    publish "$work/next/$place" "$out/$place"
done
for tag in "${!tags[@]}"; do
    mv -f "$work/$tag.repo" "$out/$tag/natstat.repo"
done
echo "the repository is in $out; its key is $name"
