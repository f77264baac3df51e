#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# source_test.sh: what packages are made of. The archive of the sources, from a clone of somebody else's, as root
# builds it in a container; the source packages that come of it, of rpm and of Debian, and COPR's and Packit's way
# to them.
# Nothing is compiled: a stand-in of dpkg-buildpackage looks at what it is given.

set -uo pipefail
here=$(realpath "$(dirname "$0")")
root=$(realpath "$here/../..")
# shellcheck source=SCRIPTDIR/../../tests/kernel/judge.sh
source "$root/tests/kernel/judge.sh"
# shellcheck source=SCRIPTDIR/packages.sh
source "$here/packages.sh"

for tool in rpmbuild rpm2archive git make; do
    command -v "$tool" >/dev/null || skip_all "needs the command $tool"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(sed -n "s/^ *version: '\([^']*\)'.*/\1/p" "$root/meson.build" | head -n 1)
name=natstat-$version

# A clone with this tree in it, a file that git is told to leave out, one that is new, and one that is gone.
tree=$work/clone
mkdir -p "$work/home" "$work/bin" "$tree"
tar -xf "$("$root/packaging/archive.sh" "$work")" --strip-components=1 -C "$tree" || fail "no archive of this tree"
export HOME=$work/home # no configuration of git's, and rpm's database
git -C "$tree" -c init.defaultBranch=main init -q
git -C "$tree" add -A
touch "$tree/new file"
mkdir -p "$tree/build/x" && touch "$tree/build/x/made-here"
echo 'build/' >>"$tree/.git/info/exclude"
rm "$tree/LICENSE"
if ((EUID == 0)); then
    chown -R 65534:65534 "$tree"
    refused "git itself does not touch another user's clone" "dubious ownership" git -C "$tree" status
else
    skip "not root: the clone is no other user's"
fi

contents() {
    tar -tf "$1" | sort
}

test_archive() {
    local files
    succeeds "the archive of another user's clone" says "$work/one/$name.tar.gz" "$tree/packaging/archive.sh" "$work/one"
    files=$(contents "$work/one/$name.tar.gz")
    succeeds "has what git knows" grep -qxF "$name/src/main.cpp" <<<"$files"
    succeeds "and what is new" grep -qxF "$name/new file" <<<"$files"
    succeeds "not what was built" test -z "$(grep -F made-here <<<"$files")"
    succeeds "nor what is gone" test -z "$(grep -xF "$name/LICENSE" <<<"$files")"
    touch "$tree/src/main.cpp"
    chmod g+w "$tree/src/main.cpp"
    succeeds "made again" "$tree/packaging/archive.sh" "$work/two"
    succeeds "the same tree gives the same bytes" cmp "$work"/{one,two}/"$name.tar.gz"
    mv "$tree/.git" "$work/git"
    rm "$tree/new file"
    succeeds "without git" "$tree/packaging/archive.sh" "$work/three"
    succeeds "it has the same files" diff <(grep -v 'new file' <<<"$files") <(contents "$work/three/$name.tar.gz")
    mv "$work/git" "$tree/.git"
    mkdir "$work/nogit"
    for tool in bash realpath dirname sed head grep date mkdir mktemp rm sort cat; do ln -s "$(command -v $tool)" "$work/nogit/"; done
    PATH=$work/nogit refused "a clone where there is no git" "git is not installed" "$tree/packaging/archive.sh" "$work/four"
    succeeds "leaves no half archive" test -z "$(ls -A "$work/four" 2>/dev/null)"
}

# Of the distribution DIST, where the macros of meson are missing, as in COPR's place for sources.
test_rpm() {
    local said package
    echo '%dist .fc43' >"$HOME/.rpmmacros"
    said=$("$tree/packaging/rpm/build.sh" --source --out "$work/rpm" 2>&1) || fail "build.sh --source" "$said"
    package=$work/rpm/SRPMS/$name-1.fc43.src.rpm
    succeeds "its name is the last line" test "$(tail -n 1 <<<"$said")" == "$package"
    succeeds "in it are the spec and the archive" test \
        "$(rpm -qpl --nosignature "$package" | sort | paste -sd ' ')" == "$name.tar.gz natstat.spec"
    refused "binary packages without the macros of meson" "needs meson: packaging/deps.sh build package" \
        "$tree/packaging/rpm/build.sh" --out "$work/rpm"
    refused "another tag for a distribution that has one" "--tag is for --portable" \
        "$tree/packaging/rpm/build.sh" --source --tag el9
    rm "$HOME/.rpmmacros"
    succeeds "portably it has the tag that it is given" says "$name-1.el9.src.rpm" \
        "$tree/packaging/rpm/build.sh" --source --portable --tag el9 --out "$work/rpm"
    refused "a tag that is none" "no tag of a distribution: .el9" \
        "$tree/packaging/rpm/build.sh" --source --portable --tag .el9 --out "$work/rpm"
}

# As its documentation has it: "make -f .copr/Makefile srpm", in the clone, as root.
test_copr() {
    succeeds "COPR's source package" make -s -C "$tree" -f "$tree/.copr/Makefile" srpm outdir="$work/copr" spec=natstat.spec
    succeeds "alone in the directory that it names" says "$name-1." ls "$work/copr"
    succeeds "and nothing else" test "$(find "$work/copr" -type f | wc -l)" -eq 1
}

# What Packit is told to run gives the version, and an archive whose name is the last line.
test_packit() {
    local actions
    if ! "$python" -c 'import yaml' 2>/dev/null; then
        skip "no yaml for $python: Packit's file"
        return
    fi
    actions=$("$python" -c 'import sys, yaml
for lines in yaml.safe_load(open(sys.argv[1]))["actions"].values(): print(" && ".join(lines))' "$tree/.packit.yaml")
    succeeds "Packit's version" says "$version" bash -c "cd $tree && $(sed -n 1p <<<"$actions")"
    succeeds "Packit's archive, where the spec is" test \
        "$(cd "$tree" && eval "$(sed -n 2p <<<"$actions")")" == "$tree/packaging/rpm/$name.tar.gz"
    rm "$tree/packaging/rpm/$name.tar.gz"
}

test_debian() {
    command -v dpkg-parsechangelog >/dev/null || { skip "no dpkg-parsechangelog: Debian's source package"; return; }
    # shellcheck disable=SC2016 # it is a script
    printf '%s\n' '#!/bin/sh' 'ls -A . .. debian >../natstat.seen' >"$work/bin/dpkg-buildpackage"
    chmod +x "$work/bin/dpkg-buildpackage"
    succeeds "Debian's packages of another user's clone" env PATH="$work/bin:$PATH" "$tree/packaging/debian/build.sh" "$work/debian"
    for file in "natstat_$version.orig.tar.gz" control meson.build; do
        succeeds "dpkg-buildpackage has $file" grep -qxF "$file" "$work/debian/natstat.seen"
    done
    succeeds "the archive is the one of all" cmp "$work/one/$name.tar.gz" "$work/debian/natstat_$version.orig.tar.gz"
}

test_archive
test_rpm
test_copr
test_packit
touch "$tree/new file"
test_debian
finish
