# shellcheck shell=bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Packages that the tests want beside the real ones. Source it; it needs $work, a directory. It compiles
# nothing.

# rpmbuild_quietly OUT SPEC: the package of SPEC into OUT.
rpmbuild_quietly() {
    local out=$1 spec=$2 log=${work:?}/rpmbuild.log
    if ! rpmbuild -bb --define "_topdir $work/rpmbuild" --define "_tmppath $work" --define '__os_install_post %{nil}' \
        --define '_build_id_links none' --define "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" \
        --define "_rpmdir $out" "$spec" >"$log" 2>&1; then
        cat "$log"
        return 1
    fi
}

# make_package OUT NAME VERSION TAG...: an empty package that says what it is told to.
make_package() {
    local out=$1 name=$2 version=$3 spec=$work/$2.spec
    shift 3
    {
        printf 'Name: %s\nVersion: %s\nRelease: 1.amzn2023\n' "$name" "$version"
        [[ "$*" == *Summary:* ]] || echo 'Summary: A package for the tests'
        printf '%s\n' 'License: GPL-2.0-or-later' 'BuildArch: '"$(uname -m)" "$@" \
            '%description' 'A package for the tests.' '%files'
    } >"$spec"
    rpmbuild_quietly "$out" "$spec"
}

# repack PACKAGE VERSION OUT: the files of a package, as those of another version of it.
repack() {
    local package=$1 version=$2 out=$3 payload=$work/repacked spec=$work/repacked.spec
    mkdir -p "$payload"
    rpm2archive - <"$package" | tar -xz -C "$payload" || return
    {
        printf 'Name: natstat\nVersion: %s\nRelease: 1.amzn2023\nSummary: An older version\n' "$version"
        printf '%s\n' 'License: GPL-2.0-or-later' '%description' 'Older.' '%install' "cp -a $payload/. %{buildroot}" \
            '%files'
        rpm -qpl --nosignature "$package" | while read -r file; do
            [[ -d $payload/$file && ! -L $payload/$file ]] && echo "%dir \"$file\"" || echo "\"$file\""
        done
    } >"$spec"
    rpmbuild_quietly "$out" "$spec"
}
