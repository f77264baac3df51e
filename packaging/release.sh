#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# release.sh --key KEY --url URL [--out DIRECTORY] [--packages DIST]... [--dry-run]: a release of the commit that is
# checked out, in the order in which one thing rests on the other: the versions agree and the changelog is
# closed, the tag, the archive with its sum and signature, the source package, the packages of this machine (and, built
# portably, of aarch64), the repository of them with what is in DIST (what COPR or other machines have built), and an
# installation from it. KEY and URL are make-repo.sh's; DIRECTORY (dist/release) has all that is to be published.
#
# It publishes nothing: the last lines are the commands that do. --dry-run says what would be done, and refuses what would
# be refused. sudo tests/run.sh release comes before.

set -euo pipefail
here=$(realpath "$(dirname "$0")")
root=$(realpath "$here/..")

die() {
    echo "release.sh: $*" >&2
    exit 1
}

key='' url='' out=$root/dist/release dry='' others=()
while (($# > 0)); do
    case $1 in
        --key) key=${2:?--key takes a fingerprint} && shift 2 ;;
        --url) url=${2:?--url takes the address of the repository} && shift 2 ;;
        --out) out=$(realpath -m "${2:?--out takes a directory}") && shift 2 ;;
        --packages) others+=("$(realpath "${2:?--packages takes a directory of packages}")") && shift 2 ;;
        --dry-run) dry=yes && shift ;;
        *) die "no option $1" ;;
    esac
done
[[ $key && $url ]] || die "usage: release.sh --key KEY --url URL [--out DIRECTORY] [--packages DIST]... [--dry-run]"

# step WHAT COMMAND...
step() {
    echo "== $1"
    shift
    if [[ $dry ]]; then
        echo "   $*"
    else
        "$@"
    fi
}

# -- what must be so before -----------------------------------------------------------------------

cd "$root"
version=$(sed -n "s/^ *version: '\([^']*\)'.*/\1/p" meson.build | head -n 1)
tag=v$version
[[ -z $(git status --porcelain) ]] || die "the tree has what is not committed: $(git status --porcelain | head -n 3 | paste -sd ' ')"
"$here/test/version_test.sh" || die "the versions do not agree"
grep -qE "^## $version \([0-9]{4}-[0-9]{2}-[0-9]{2}\)$" CHANGELOG.md ||
    die "CHANGELOG.md has no '## $version (YYYY-MM-DD)': a release is closed with its day"
gpg --batch --list-secret-keys -- "$key" >/dev/null 2>&1 || die "the key ring has no secret key $key"
if git rev-parse -q --verify "refs/tags/$tag" >/dev/null; then
    [[ $(git rev-parse "$tag^{commit}") == "$(git rev-parse HEAD)" ]] ||
        die "the tag $tag is on another commit: what is released does not change"
    tagged=yes
fi
for directory in "${others[@]}"; do
    compgen -G "$directory/*/*.rpm" >/dev/null || die "there are no packages in $directory/MACHINE"
done

# -- what is made ---------------------------------------------------------------------------------

sum() {
    (cd "$out" && sha256sum "natstat-$version.tar.gz" >"natstat-$version.tar.gz.sha256")
    gpg --batch --yes --armor --detach-sign -u "$key" "$out/natstat-$version.tar.gz"
}

packages=$out/packages
[[ $dry ]] || mkdir -p "$packages"
[[ ${tagged:-} ]] || step "the tag" git tag -s -u "$key" -m "natstat $version" "$tag"
step "the archive" "$here/archive.sh" "$out"
step "its sum and its signature" sum
step "the source package" "$here/rpm/build.sh" --source --out "$packages"
step "packages of this machine" "$here/rpm/build.sh" --out "$packages"
if [[ $(uname -m) != aarch64 && $(rpm --eval '%meson') == %meson ]]; then
    step "packages of aarch64" "$here/rpm/build.sh" --portable --arch aarch64 --out "$packages"
fi
for directory in "$packages" "${others[@]}"; do
    step "the repository, with $directory" "$here/repo/make-repo.sh" --key "$key" --url "$url" --out "$out/repo" "$directory"
done
step "an installation from such a repository" "$here/test/install_test.sh" "$packages"

cat <<END
== what publishes it
   git push origin $tag
   natstat-$version.tar.gz, .sha256 and .asc of $out: to the page of the release
   $out/repo: to $url (docs/packaging.md, "Publishing")
   copr-cli build natstat $packages/SRPMS/natstat-$version-*.src.rpm
END
