#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# archive.sh [DIRECTORY]: the sources of a release, natstat-VERSION.tar.gz, into DIRECTORY (default: here), and
# its name on standard output. It is the one archive: the source packages of every distribution are made of it. It has
# the tree as it is, committed or not, and the same tree gives the same bytes: the time of everything is the beginning
# of the day of the spec's last changelog entry, because what is from the future is built again and again.

set -euo pipefail
root=$(realpath "$(dirname "$0")/..")
out=$(realpath -m "${1:-.}")
export LC_ALL=C TZ=UTC

die() {
    echo "archive.sh: $*" >&2
    exit 1
}

# git refuses a repository of somebody else's, such as a clone that root builds in a container. What could do harm
# there are programs that its configuration names; who runs a script of that tree has trusted it already.
git_here() {
    git -c safe.directory="$root" -C "$root" "$@"
}

# What git knows of and what is new; without git, what is no build.
files_of_the_tree() {
    cd "$root"
    if [[ -e .git ]]; then
        command -v git >/dev/null || die "this is a clone, and git is not installed to say what belongs to it"
        # A file that is removed but not committed is still in git's list.
        git_here ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
            [[ ! -e $file && ! -L $file ]] || printf '%s\0' "$file"
        done
    else
        find . \( -path './build*' -o -path ./dist -o -path ./.git \) -prune -o ! -type d -printf '%P\0'
    fi
}

version=$(sed -n "s/^ *version: '\([^']*\)'.*/\1/p" "$root/meson.build" | head -n 1)
# "* Sun Nov 22 2026 The natstat authors - 0.1.0-1"
read -r _ day month number year _ < <(sed -n '/^%changelog/,$p' "$root/packaging/rpm/natstat.spec" | grep -m 1 '^\* ')
time=$(date -d "$day $month $number $year" +%s) || die "the spec's changelog has no day in its last entry"
name=natstat-$version
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
files_of_the_tree | sort -z >"$work/files"
[[ -s $work/files ]] || die "there are no files in $root"
tar -C "$root" --null --no-recursion --files-from="$work/files" --transform="s,^,$name/,S" --format=ustar \
    --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="@$time" -cf - | gzip -n9 >"$work/archive"
mv "$work/archive" "$out/$name.tar.gz"
echo "$out/$name.tar.gz"
