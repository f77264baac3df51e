#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# release_test.sh: packaging/release.sh in a clone of its own, where building and installing are stand-ins that leave
# empty packages: what it refuses, that --dry-run changes nothing, and what a release consists of. Nothing is compiled.

set -uo pipefail
here=$(realpath "$(dirname "$0")")
root=$(realpath "$here/../..")
# shellcheck source=SCRIPTDIR/../../tests/kernel/judge.sh
source "$root/tests/kernel/judge.sh"
# shellcheck source=SCRIPTDIR/packages.sh
source "$here/packages.sh"

for tool in git gpg rpmbuild rpmsign createrepo_c dpkg-parsechangelog; do
    command -v "$tool" >/dev/null || skip_all "needs the command $tool"
done
work=$(mktemp -d)
# shellcheck disable=SC2317 # called by the trap
leave() {
    gpgconf --homedir "$work/keys" --kill all
    rm -rf "$work"
}
trap leave EXIT
export LC_ALL=C HOME=$work GNUPGHOME=$work/keys # rpm, git and gpg keep files there
version=$(sed -n "s/^ *version: '\([^']*\)'.*/\1/p" "$root/meson.build" | head -n 1)
tree=$work/clone out=$work/out url=https://packages.example.invalid/natstat

in_tree() { git -C "$tree" "$@"; }

commit() {
    in_tree add -A && in_tree commit -qm "$1"
}

release() {
    "$tree/packaging/release.sh" --key "$key" --url "$url" --out "$out" "$@"
}

# The tree, with a closed changelog, and builders that leave packages which were made before.
make_tree() {
    mkdir "$tree" && tar -xf "$("$root/packaging/archive.sh" "$work")" --strip-components=1 -C "$tree" || return
    sed -i "1,/^## /s/^## $version.*/## $version (2026-11-22)/" "$tree/CHANGELOG.md"
    printf '%s\n' '#!/bin/sh' 'while [ "$1" != --out ]; do shift; done' "mkdir -p \"\$2\" && cp -r $work/built/. \"\$2\"" \
        >"$tree/packaging/rpm/build.sh"
    printf '%s\n' '#!/bin/sh' "echo \"\$1\" >$work/installed" >"$tree/packaging/test/install_test.sh"
    git config --global user.name tester && git config --global user.email tester@example.invalid
    in_tree -c init.defaultBranch=main init -q && commit "A release"
}

test_refusals() {
    touch "$tree/more"
    refused "what is not committed" "the tree has what is not committed: ?? more" release --dry-run
    rm "$tree/more"
    sed -i "s/^## $version .*/## $version (unreleased)/" "$tree/CHANGELOG.md" && commit "Not closed"
    refused "a changelog that is open" "CHANGELOG.md has no '## $version (YYYY-MM-DD)'" release --dry-run
    in_tree reset -q --hard HEAD~
    sed -i 's/^Version: .*/Version: 99/' "$tree/packaging/rpm/natstat.spec" && commit "Another version"
    refused "versions that do not agree" "the spec says '99', meson.build says '$version'" release --dry-run
    in_tree tag "v$version"
    in_tree reset -q --hard HEAD~
    refused "a tag that is elsewhere" "the tag v$version is on another commit" release --dry-run
    in_tree tag -d "v$version" >/dev/null
    refused "a key that is not there" "no secret key nobody" \
        "$tree/packaging/release.sh" --key nobody --url "$url" --dry-run
    refused "no packages of others" "there are no packages in $work/bin/MACHINE" release --packages "$work/bin" --dry-run
}

test_dry() {
    local said
    said=$(release --dry-run 2>&1) || fail "--dry-run" "$said"
    succeeds "it says what it would do" test -z "${said##*make-repo.sh --key "$key" --url "$url"*install_test.sh*git push origin "v$version"*}"
    succeeds "and makes nothing" test ! -e "$out"
    succeeds "nor a tag" test -z "$(in_tree tag)"
}

test_release() {
    local archive=$out/natstat-$version.tar.gz
    succeeds "a release, with what others have built" release --packages "$work/others"
    succeeds "the tag is signed" in_tree verify-tag "v$version"
    succeeds "the archive has its sum" bash -c "cd $out && sha256sum -c natstat-$version.tar.gz.sha256"
    succeeds "and its signature" gpg --verify "$archive.asc" "$archive"
    for file in amzn2023/x86_64/natstat-1-1.amzn2023.x86_64 amzn2023/SRPMS/natstat-1-1.amzn2023.src el9/aarch64/natstat-1-1.el9.aarch64; do
        succeeds "$file is in the repository" test -s "$out/repo/$file.rpm"
    done
    succeeds "it was tried to install from it" test "$(<"$work/installed")" == "$out/packages"
    succeeds "made again, it is the same" release --packages "$work/others"
}

mkdir -m 700 "$GNUPGHOME"
mkdir -p "$work/bin"
key=$(make_key natstat rsa4096)
succeeds "packages of this machine" make_package "$work/built/x86_64" natstat 1
succeeds "and their source" make_package "$work/built/SRPMS" natstat 1
succeeds "packages of others" make_package "$work/others/aarch64" natstat 1-1.el9
succeeds "a clone" make_tree
test_refusals
test_dry
test_release
finish
