#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# repo_test.sh: packaging/repo/make-repo.sh by itself, on empty packages: what it refuses, and that the
# repository is then as it was to the byte; which key signs; and what dnf, asked as each distribution and
# machine, takes for the newest package. Installing is in install_test.sh. Needs no privilege and no packages of
# natstat.

set -uo pipefail
here=$(realpath "$(dirname "$0")")
# shellcheck source=SCRIPTDIR/../../tests/kernel/judge.sh
source "$here/../../tests/kernel/judge.sh"
# shellcheck source=SCRIPTDIR/packages.sh
source "$here/packages.sh"

for tool in rpmbuild rpmsign rpmkeys createrepo_c gpg dnf; do
    command -v "$tool" >/dev/null || skip_all "needs the command $tool (packaging/deps.sh package)"
done
work=$(mktemp -d)
# shellcheck disable=SC2317 # called by the trap
leave() {
    local home
    for home in "$work/keys" "$work"/cache-*/*/pubring; do # dnf has its own
        gpgconf --homedir "$home" --kill all 2>/dev/null
    done
    rm -rf "$work"
}
trap leave EXIT
export LC_ALL=C HOME=$work GNUPGHOME=$work/keys # rpm and gpg keep files there
umask 022
repository=$work/site/repository url=https://packages.example.invalid/natstat

make_repo() {
    "$here/../repo/make-repo.sh" "$@"
}

publish() {
    make_repo --key "$key" --url "$url" --out "$repository" "$1"
}

# state: all that is in the repository and beside it.
state() {
    (cd "$work/site" && find . -mindepth 1 -printf '%p %y %m %s %T@ %l\n' | sort &&
        find . -type f -print0 | sort -z | xargs -0r sha256sum)
}

# refuses WHAT TEXT ARGUMENT...: make-repo.sh says so, and nothing is there that was not before.
refuses() {
    local what=$1 text="make-repo.sh: $2" before said
    shift 2
    before=$(state)
    if said=$(make_repo "$@" 2>&1); then
        fail "$what: went through" "$*" "$said"
    elif [[ $said != *"$text"* ]]; then
        fail "$what: said nothing of '$text'" "$*" "$said"
    elif [[ $before != "$(state)" ]]; then
        fail "$what: the repository is not as it was" "$(diff <(echo "$before") <(state))"
    else
        passed=$((passed + 1))
    fi
}

# equals WANTED COMMAND...
equals() {
    local wanted=$1
    shift
    diff <(printf '%s\n' "$wanted") <("$@")
}

# with_gpg_failing AT COMMAND...: gpg is called off when AT is among its arguments, as by a refused passphrase.
with_gpg_failing() {
    local at=$1 gpg
    shift
    gpg=$(command -v gpg)
    mkdir -p "$work/bin"
    printf '%s\n' '#!/bin/sh' "case \"\$*\" in *$at*) echo 'gpg: signing failed: Operation cancelled' >&2; exit 2 ;; esac" \
        "exec $gpg \"\$@\"" >"$work/bin/gpg"
    chmod +x "$work/bin/gpg"
    PATH=$work/bin:$PATH "$@"
}

test_arguments() {
    local address
    refuses "no key named" "usage: make-repo.sh --key" --url "$url" "$work/first"
    refuses "no address named" "usage: make-repo.sh --key" --key "$key" "$work/first"
    refuses "an unknown option" "no option --sign" --key "$key" --url "$url" --sign "$work/first"
    refuses "two directories of packages" "one DIST, not $work/first and $work/second" \
        --key "$key" --url "$url" --out "$repository" "$work/first" "$work/second"
    refuses "an address that is not secured" "http://h/natstat: whoever is on the way could change the key" \
        --key "$key" --url http://h/natstat --out "$repository" "$work/first"
    refuses "no packages" "there are no packages in $work/site" --key "$key" --url "$url" --out "$repository" "$work/site"
    for address in nonsense https:// file:/// 'https://h/a,b' 'https://h/a&b' 'https://h/a b' 'https://h/a\nb' ftp://h \
        $'https://h\nenabled=0'; do
        refuses "the address $address" "no address of a repository: " \
            --key "$key" --url "$address" --out "$repository" "$work/first"
    done
}

test_keys() {
    local curve small
    curve=$(make_key curve ed25519)
    small=$(make_key small rsa3072)
    refuses "no such key" "the key ring has no secret key nobody" \
        --key nobody --url "$url" --out "$repository" "$work/first"
    refuses "a key of another kind" "$curve is not RSA with 4096 bits" \
        --key "$curve" --url "$url" --out "$repository" "$work/first"
    refuses "a key that is too small" "$small is not RSA with 4096 bits" \
        --key "$small" --url "$url" --out "$repository" "$work/first"
    refuses "a name that several keys have" "the key ring has 4 secret keys that fit example.invalid" \
        --key example.invalid --url "$url" --out "$repository" "$work/first"
}

# The key has a newer subkey, which gpg would sign with by itself.
test_signer() {
    local lists=$repository/amzn2023/x86_64/repodata
    succeeds "the primary key signed the package" says "Key ID $(tail -c 17 <<<"${key,,}")" \
        rpm -qp --nosignature --qf '%{RSAHEADER:pgpsig}' "$repository/amzn2023/x86_64/natstat-1-1.amzn2023.x86_64.rpm"
    succeeds "the primary key signed the lists" says "[GNUPG:] VALIDSIG $key " \
        gpg --batch --status-fd 1 --verify "$lists/repomd.xml.asc" "$lists/repomd.xml"
}

test_publish() {
    succeeds "all may read what is published" test -z "$(find "$repository" ! -perm -o=r -o -type d ! -perm -o=x)"
    succeeds "nothing is beside it" test "$(ls -A "$work/site")" == repository
    succeeds "the address is in natstat.repo" says "baseurl=$url/amzn2023/\$basearch/" cat "$repository/amzn2023/natstat.repo"
    make_repo --key "$key" --url file:///srv/natstat/ --out "$work/elsewhere" "$work/first" >/dev/null
    succeeds "an address on a disk" says "gpgkey=file:///srv/natstat/RPM-GPG-KEY-natstat" cat "$work/elsewhere/amzn2023/natstat.repo"
}

test_other_key() {
    refuses "another key" "$repository/RPM-GPG-KEY-natstat is $key, not $other" \
        --key "$other" --url "$url" --out "$repository" "$work/second"
    # Two keys: what is signed with the other one would be believed, too.
    cp "$repository/RPM-GPG-KEY-natstat" "$work/published"
    gpg --batch --armor --export "$key" "$other" >"$repository/RPM-GPG-KEY-natstat"
    refuses "a second key that is published" "$repository/RPM-GPG-KEY-natstat is $key and $other, not $key" \
        --key "$key" --url "$url" --out "$repository" "$work/second"
    : >"$repository/RPM-GPG-KEY-natstat"
    refuses "a published key that can not be read" "$repository/RPM-GPG-KEY-natstat is no key, not $key" \
        --key "$key" --url "$url" --out "$repository" "$work/second"
    cp "$work/published" "$repository/RPM-GPG-KEY-natstat"
}

# All of these come after something that is new and could be published.
test_unfinished() {
    local file=natstat-2-1.amzn2023.x86_64.rpm broken=$work/second/aarch64
    mkdir "$broken"
    broken+=/$file
    head -c -100 "$work/second/x86_64/$file" >"$broken"
    refuses "a package that is cut off" "$broken is not a whole package" \
        --key "$key" --url "$url" --out "$repository" "$work/second"
    succeeds "with one line, but for gpg's" test "$(publish "$work/second" 2>&1 | grep -vc '^gpg: ')" -eq 1
    rm "$broken"
    make_package "$work/second/aarch64" natstat 1 'Summary: Another'
    refuses "another package under its name" "$repository/amzn2023/aarch64 has another natstat-1-" \
        --key "$key" --url "$url" --out "$repository" "$work/second"
    rm -r "$work/second/aarch64"
    with_gpg_failing .rpm. refuses "a package that is not signed" "can not sign natstat-2-" \
        --key "$key" --url "$url" --out "$repository" "$work/second"
    with_gpg_failing repomd.xml refuses "lists that are not signed" "can not sign the lists of amzn2023/x86_64" \
        --key "$key" --url "$url" --out "$repository" "$work/second"
    succeeds "it goes on from there" publish "$work/second"
    succeeds "both are there" test "$(find "$repository" -name 'natstat-[12]-*.rpm' | wc -l)" -eq 3
    succeeds "both are in the lists" test \
        "$(gzip -dc "$repository"/amzn2023/x86_64/repodata/*-primary.xml.gz | grep -c '<version ')" -eq 2
}

# What lies in a wrong place would be another distribution's newer package.
test_places() {
    local release file
    for release in 1 1.mga9 1.amzn 1.xel9 1.el9x; do
        rm -rf "$work/stray"
        make_package "$work/stray/x86_64" natstat "3-$release"
        refuses "release $release" "$work/stray/x86_64/natstat-3-$release.x86_64.rpm is of no distribution" \
            --key "$key" --url "$url" --out "$repository" "$work/stray"
    done
    rm -rf "$work/stray"
    mkdir -p "$work/stray/aarch64"
    make_package "$work/stray/x86_64" natstat 3
    mv "$work"/stray/x86_64/*.rpm "$work/stray/aarch64/"
    refuses "another machine's" "$work/stray/aarch64/natstat-3-1.amzn2023.x86_64.rpm is for x86_64, and lies among those for aarch64" \
        --key "$key" --url "$url" --out "$repository" "$work/stray"
    file=natstat-3-1.el9.x86_64.rpm
    make_package "$work/strange/x86_64" natstat 3-1.el9
    make_package "$work/next/x86_64" natstat 3
    cp "$work/strange/x86_64/$file" "$repository/amzn2023/x86_64/"
    refuses "another distribution's, laid into the repository" \
        "$repository/amzn2023/x86_64/$file belongs into el9/x86_64" --key "$key" --url "$url" --out "$repository" "$work/next"
    rm "$repository/amzn2023/x86_64/$file"
}

# dnf_as TAG MACHINE COMMAND...: dnf on a machine of that distribution, whose one repository is natstat's.
dnf_as() {
    local tag=$1 machine=$2
    shift 2
    timeout "$(patient 10)" dnf -q -y --noplugins --installroot="$work/host-$tag-$machine" --releasever="${tag//[a-z]/}" \
        --forcearch="$machine" --setopt=reposdir="$work/many/$tag" --setopt=cachedir="$work/cache-$tag-$machine" --setopt=logdir="$work" "$@" 2>/dev/null
}

# One directory of packages of several distributions and two machines, as they come together before a release. In one
# list dnf would take those of Fedora.
test_answers() {
    local tag machine all=$work/all what='%{repoid} %{name}-%{version}-%{release}.%{arch}'
    for tag in amzn2023 el9 fc43; do
        for machine in x86_64 aarch64 SRPMS; do
            make_package "$all/$machine" natstat "0.2-1.$tag" || fail "no package for $machine of $tag"
        done
    done
    make_package "$all/aarch64" natstat-debuginfo 0.2-1.el9
    succeeds "packages of three distributions and two machines" \
        make_repo --key "$key" --url "file://$work/many" --out "$work/many" "$all"
    for tag in amzn2023 el9 fc43; do
        for machine in x86_64 aarch64; do
            succeeds "$tag on $machine has its own alone" equals "natstat natstat-0.2-1.$tag.$machine" \
                dnf_as "$tag" "$machine" --setopt=skip_if_unavailable=False repoquery --available --qf "$what" '*'
        done
    done
    succeeds "debuginfo and sources are there, and off" equals "natstat natstat-0.2-1.el9.aarch64
natstat-debuginfo natstat-debuginfo-0.2-1.el9.aarch64
natstat-source natstat-0.2-1.el9.src" \
        dnf_as el9 aarch64 --enablerepo='natstat-*' repoquery --available --qf "$what" '*'
    succeeds "it has the distribution's name" says "name=natstat for Enterprise Linux 9 - \$basearch" cat "$work/many/el9/natstat.repo"
    # Its server can not be reached: a machine must get the updates of others all the same.
    rm -rf "$work/many/fc43/x86_64" "$work/cache-fc43-x86_64"
    succeeds "where it can not be reached dnf goes on" dnf_as fc43 x86_64 repoquery natstat
}

mkdir -m 700 "$GNUPGHOME"
mkdir -p "$work/site" "$work/first/x86_64" "$work/first/aarch64" "$work/second/x86_64"
key=$(make_key one rsa4096)
other=$(make_key other rsa4096)
gpg --batch --quiet --no-auto-check-trustdb --passphrase '' --quick-add-key "$key" ed25519 sign never
succeeds "an older version" make_package "$work/first/x86_64" natstat 1
succeeds "and for another machine" make_package "$work/first/aarch64" natstat 1
succeeds "a newer version" make_package "$work/second/x86_64" natstat 2
test_arguments
test_keys
succeeds "the repository is made" publish "$work/first"
test_signer
test_publish
test_other_key
test_unfinished
test_places
test_answers
finish
