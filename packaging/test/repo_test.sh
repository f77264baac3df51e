#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# repo_test.sh: packaging/repo/make-repo.sh by itself, on empty packages: what it refuses, and that the
# repository is then as it was to the byte; which key signs. What dnf makes of a repository is in
# install_test.sh. Needs no privilege and no packages of natstat.

set -uo pipefail
here=$(realpath "$(dirname "$0")")
# shellcheck source=SCRIPTDIR/../../tests/kernel/judge.sh
source "$here/../../tests/kernel/judge.sh"
# shellcheck source=SCRIPTDIR/packages.sh
source "$here/packages.sh"

for tool in rpmbuild rpmsign rpmkeys createrepo_c gpg; do
    command -v "$tool" >/dev/null || skip_all "needs the command $tool (packaging/deps.sh package)"
done
work=$(mktemp -d)
trap 'gpgconf --homedir "$work/keys" --kill all; rm -rf "$work"' EXIT
arch=$(uname -m)
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
    local lists=$repository/al2023/x86_64/repodata
    succeeds "the primary key signed the package" says "Key ID $(tail -c 17 <<<"${key,,}")" \
        rpm -qp --nosignature --qf '%{RSAHEADER:pgpsig}' "$repository/al2023/x86_64/natstat-1-1.amzn2023.$arch.rpm"
    succeeds "the primary key signed the lists" says "[GNUPG:] VALIDSIG $key " \
        gpg --batch --status-fd 1 --verify "$lists/repomd.xml.asc" "$lists/repomd.xml"
}

test_publish() {
    succeeds "all may read what is published" test -z "$(find "$repository" ! -perm -o=r -o -type d ! -perm -o=x)"
    succeeds "nothing is beside it" test "$(ls -A "$work/site")" == repository
    succeeds "the address is in natstat.repo" says "baseurl=$url/al2023/\$basearch/" cat "$repository/natstat.repo"
    make_repo --key "$key" --url file:///srv/natstat/ --out "$work/elsewhere" "$work/first" >/dev/null
    succeeds "an address on a disk" says "gpgkey=file:///srv/natstat/RPM-GPG-KEY-natstat" cat "$work/elsewhere/natstat.repo"
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
    local file=natstat-2-1.amzn2023.$arch.rpm broken=$work/second/aarch64
    mkdir "$broken"
    broken+=/$file
    head -c -100 "$work/second/x86_64/$file" >"$broken"
    refuses "a package that is cut off" "$broken is not a whole package" \
        --key "$key" --url "$url" --out "$repository" "$work/second"
    succeeds "with one line, but for gpg's" test "$(publish "$work/second" 2>&1 | grep -vc '^gpg: ')" -eq 1
    rm "$broken"
    make_package "$work/second/aarch64" natstat 1 'Summary: Another'
    refuses "another package under its name" "$repository/al2023/aarch64 has another natstat-1-" \
        --key "$key" --url "$url" --out "$repository" "$work/second"
    rm -r "$work/second/aarch64"
    with_gpg_failing .rpm. refuses "a package that is not signed" "can not sign natstat-2-" \
        --key "$key" --url "$url" --out "$repository" "$work/second"
    with_gpg_failing repomd.xml refuses "lists that are not signed" "can not sign the lists of x86_64" \
        --key "$key" --url "$url" --out "$repository" "$work/second"
    succeeds "it goes on from there" publish "$work/second"
    succeeds "both are there" test "$(find "$repository" -name 'natstat-[12]-*.rpm' | wc -l)" -eq 3
    succeeds "both are in the lists" test \
        "$(gzip -dc "$repository"/al2023/x86_64/repodata/*-primary.xml.gz | grep -c '<version ')" -eq 2
}

mkdir -m 700 "$GNUPGHOME"
mkdir -p "$work/site" "$work/first/x86_64" "$work/first/aarch64" "$work/second/x86_64"
key=$(make_key one rsa4096)
other=$(make_key other rsa4096)
gpg --batch --quiet --no-auto-check-trustdb --passphrase '' --quick-add-key "$key" ed25519 sign never
# The directories stand for machines; what is in them is of this one.
succeeds "an older version" make_package "$work/first/x86_64" natstat 1
cp "$work/first/x86_64"/*.rpm "$work/first/aarch64/"
succeeds "a newer version" make_package "$work/second/x86_64" natstat 2
test_arguments
test_keys
succeeds "the repository is made" publish "$work/first"
test_signer
test_publish
test_other_key
test_unfinished
finish
