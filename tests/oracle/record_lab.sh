#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Records the messages that the decoder is tested with: tests/oracle/record_lab.sh NATSTAT_RECORD.
# It raises the lab, makes every flow in it, adds what traffic can not make with conntrack(8), updates
# and deletes some, and writes tests/data/messages.nlm and the corpus of the fuzz target. It runs by
# hand, as root, when the kernel has something new to say; no test calls it.
set -euo pipefail

record=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
recording=$here/../data/messages.nlm
corpus=$here/../fuzz/corpus/decoder

# shellcheck source=tests/lab/lab.sh
. "$here/../lab/lab.sh"

# What no packet brings: marks of 32 bits, fixed timeouts, zones, states by hand.
insert_more() {
    local insert=(lab_in nat conntrack -I)
    "${insert[@]}" -p tcp -s 192.0.2.200 -d 203.0.113.200 --sport 1 --dport 65535 \
        --state ESTABLISHED -u ASSURED,SEEN_REPLY,FIXED_TIMEOUT -t 4294967 -m 0xffffffff &&
        "${insert[@]}" -p tcp -s 192.0.2.201 -d 203.0.113.200 --sport 2 --dport 80 \
            --state SYN_SENT -n 198.51.100.77:4001 -t 100 -w 65535 &&
        "${insert[@]}" -p udp -s 2001:db8:1::77 -d 2001:db8:f0::77 --sport 3 --dport 53 -t 100 \
            --orig-zone 12 &&
        "${insert[@]}" -p udp -s 192.0.2.202 -d 203.0.113.200 --sport 4 --dport 53 -t 100 \
            --reply-zone 13 &&
        "${insert[@]}" -p tcp -s 2001:db8:1::78 -d 2001:db8:f0::78 --sport 5 --dport 80 \
            --state TIME_WAIT -t 100 -w 14 &&
        "${insert[@]}" -p sctp -s 192.0.2.203 -d 203.0.113.200 --sport 6 --dport 7 \
            --state SHUTDOWN_SENT --orig-vtag 1 --reply-vtag 2 -t 100
}

change_and_delete() {
    local proto
    lab_in nat conntrack -U -p tcp -s 192.0.2.200 -m 0x1 &&
        lab_in nat conntrack -U -p udp -s 192.0.2.202 -t 50 || return
    for proto in tcp udp icmp gre sctp udplite; do
        lab_in nat conntrack -D -f ipv4 -p "$proto" || return
    done
    for proto in tcp udp icmpv6 gre sctp udplite; do
        lab_in nat conntrack -D -f ipv6 -p "$proto" || return
    done
}

# Runs a command while the recorder listens; then it lists. What it heard is added to the recording.
listen_to() {
    local recorder said stop
    lab_in nat "$record" "$LAB_RUN/heard.nlm" 60 <"$LAB_RUN/stop" >"$LAB_RUN/said" &
    recorder=$!
    exec {stop}>"$LAB_RUN/stop" {said}<"$LAB_RUN/said"
    read -r -u "$said" _
    "$@" >"$LAB_RUN/$1.log" 2>&1 {stop}>&- || { tail -3 "$LAB_RUN/$1.log" >&2; return 1; }
    exec {stop}>&-
    wait "$recorder"
    exec {said}<&-
    cat "$LAB_RUN/heard.nlm" >>"$LAB_RUN/messages.nlm"
}

lab_up
mkfifo "$LAB_RUN/stop" "$LAB_RUN/said"
listen_to lab_traffic
listen_to insert_more
listen_to change_and_delete
"$record" --thin "$LAB_RUN/messages.nlm" 3
mkdir -p "$(dirname "$recording")" "$corpus"
cp "$LAB_RUN/messages.nlm" "$recording"
"$record" --thin "$LAB_RUN/messages.nlm" 1
rm -f "$corpus"/*
"$record" --split "$LAB_RUN/messages.nlm" "$corpus"
