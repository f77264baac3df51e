#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The names of connection labels, with a connlabel.conf that only this test sees: it has an /etc of
# its own, in a mount namespace.
# usage: labels_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: labels_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/kernel/runs.sh
. "$here/runs.sh"

# In the box, where labels have names.
# shellcheck disable=SC2016 # for the other shell
named=("${in_box[@]}" unshare -m bash -c 'mount -t tmpfs none /etc && mkdir /etc/xtables &&
    printf "%s\n" "# ours" "1 mail" "5 voice" "70 far" >/etc/xtables/connlabel.conf && exec "$@"' -)

labels_of() { sed 1d "$tmp/out" | awk '{ print $NF }'; }
shows() { ends_well && [[ $(labels_of) == "$1" ]]; }
# has_lines LINE...: they are among those of the output.
has_lines() {
    local line
    for line in "$@"; do
        grep -qxF -- "$line" "$tmp/out" || return
    done
}

needs ip nft conntrack nsenter unshare mount
open_box
# Entries have room for labels where a rule uses them.
"${in_box[@]}" nft 'add table ip t; add chain ip t c; add rule ip t c ct label 0x2' ||
    skip_all "labels can not be used here"
"${named[@]}" conntrack -I -p udp -s 192.0.2.10 -d 203.0.113.10 --sport 1000 --dport 53 -t 600 \
    --src-nat 198.51.100.1 --label-add mail >"$tmp/insert" 2>&1
"${named[@]}" conntrack -U -p udp -s 192.0.2.10 --label-add far >>"$tmp/insert" 2>&1
"${named[@]}" conntrack -I -p udp -s 192.0.2.11 -d 203.0.113.10 --sport 1000 --dport 53 -t 600 \
    --src-nat 198.51.100.1 >>"$tmp/insert" 2>&1
"${named[@]}" conntrack -L -o labels 2>/dev/null | grep -q labels= ||
    fail "conntrack sets labels" "$(<"$tmp/insert")"

columns=(-n -C source,labels)
run 5 "${named[@]}" "$program" "${columns[@]}" -s 192.0.2.10
check "labels have their names" shows mail,far
run 5 "${in_box[@]}" "$program" "${columns[@]}" -s 192.0.2.10
check "without a file the bitmap is shown" shows 0x400000000000000002
run 5 "${named[@]}" "$program" "${columns[@]}" labels=mail
check "a name filters" shows mail,far
run 5 "${named[@]}" "$program" "${columns[@]}" labels=far,voice
check "so do several" shows mail,far
run 5 "${named[@]}" "$program" "${columns[@]}" labels=70
check "so does a number" shows mail,far
run 5 "${named[@]}" "$program" "${columns[@]}" labels=voice
check "a label that no flow has" shows ""
run 5 "${in_box[@]}" "$program" "${columns[@]}" labels=mail
check "a name that is not known is told" exits 2
check "with what a label can be" says "connlabel.conf"
run 5 "${named[@]}" "$program" -n --json labels=mail
check "programs get the bitmap" grep -qF '"labels":"0x400000000000000002"' "$tmp/out"
run 5 "${named[@]}" "$program" --complete natstat labels=
check "the names are completed" has_lines labels=mail labels=voice labels=far
run 5 "${in_box[@]}" "$program" --complete natstat labels=
check "without a file there are none" prints_nothing
finish
