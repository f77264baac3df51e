# shellcheck shell=bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests of packages share: packages beside the real ones, keys, refusals. Source it after judge.sh;
# it needs $work, a directory. It compiles nothing.
#
#   refused WHAT TEXT COMMAND...   it must fail and say TEXT
#   says TEXT COMMAND...           whether it succeeds and says TEXT
#   make_key WHO KIND              prints the fingerprint of a new key in the key ring

# rpmbuild_quietly OUT SPEC [HOW...]: the package of SPEC into OUT; HOW: -bb and what else rpmbuild is to be told.
rpmbuild_quietly() {
    local out=$1 spec=$2 log=${work:?}/rpmbuild.log
    shift 2
    (($# > 0)) || set -- -bb
    if ! rpmbuild "$@" --define "_topdir $work/rpmbuild" --define "_tmppath $work" --define '__os_install_post %{nil}' \
        --define '_build_id_links none' --define "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" \
        --define "_rpmdir $out" --define "_srcrpmdir $out" "$spec" >"$log" 2>&1; then
        cat "$log"
        return 1
    fi
}

# make_package OUT NAME VERSION[-RELEASE] TAG...: an empty package that says what it is told to. It is of release
# 1.amzn2023, and for the machine that OUT is named after, or a source package in SRPMS; otherwise for this machine.
make_package() {
    local out=$1 name=$2 version=$3 spec=$work/$2.spec release=1.amzn2023 machine how=(-bb)
    [[ $version != *-* ]] || release=${version#*-}
    machine=$(basename "$out")
    case $machine in
        SRPMS) how=(-bs) ;;
        x86_64 | aarch64) how+=(--target "$machine-linux") ;;
    esac
    shift 3
    {
        printf 'Name: %s\nVersion: %s\nRelease: %s\n' "$name" "${version%%-*}" "$release"
        [[ "$*" == *Summary:* ]] || echo 'Summary: A package for the tests'
        printf '%s\n' 'License: GPL-2.0-or-later' "$@" '%description' 'A package for the tests.' '%files'
    } >"$spec"
    rpmbuild_quietly "$out" "$spec" "${how[@]}"
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

refused() {
    local what=$1 text=$2 said
    shift 2
    if said=$("$@" 2>&1); then
        fail "$what: went through" "$*" "$said"
    elif [[ $said != *"$text"* ]]; then
        fail "$what: said nothing of '$text'" "$*" "$said"
    else
        passed=$((passed + 1))
    fi
}

says() {
    local text=$1 output
    shift
    output=$("$@" 2>&1) || { echo "$output" && return 1; }
    [[ $output == *"$text"* ]] || { echo "no '$text' in: $output" && return 1; }
}

make_key() {
    gpg --batch --quiet --no-auto-check-trustdb --passphrase '' --quick-gen-key "$1 <$1@example.invalid>" "$2" sign never &&
        gpg --batch --no-auto-check-trustdb --with-colons --list-secret-keys "=$1 <$1@example.invalid>" 2>/dev/null |
        awk -F: '$1 == "fpr" { print $10; exit }'
}
