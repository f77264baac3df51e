#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Records demo.pcap anew: the NAT lab with a flow of everything, and half a minute of connections
# that are opened, used, closed, broken off and left without an answer. It is what every view of
# natstat can be tried on without privilege (natstat -f demo.pcap). Needs root.
# usage: make-demo.sh NATSTAT [FILE]

set -euo pipefail

natstat=$(realpath "${1:?usage: make-demo.sh NATSTAT [FILE]}")
here=$(dirname "$(realpath "$0")")
file=${2:-$here/demo.pcap}
# shellcheck source=tests/lab/lab.sh
. "$here/../tests/lab/lab.sh"

lab_up
lab_traffic
# From here on what is over or idle is gone soon.
mapfile -t soon < <(lab_in nat sysctl -N -a -r '^net\.netfilter\.nf_conntrack_.*timeout' |
    grep -vE 'established|max_retrans|unack|frag6' | sed 's/$/=4/')
lab_in nat sysctl -q -w "${soon[@]}"

nsenter "--net=/run/netns/$LAB_PREFIX-nat" -- "$natstat" -w "$file" -i 8 &
recorder=$!
sleep 1

round() {
    local family=$1 port=$2
    connect() {
        lab_tcp_open "$1" "$2" "$(lab_at "$family" "$2" "$3")" out "$(lab_at "$family" masquerade 80)"
    }
    connect "page$port" in1 "$port" && lab_tcp_fill "page$port" client 700
    lab_tcp_fill "page$port" server 60000
    connect "upload$port" in2 $((port + 1)) && lab_tcp_fill "upload$port" client 90000
    lab_tcp_start "silent$port" in1 "$(lab_at "$family" in1 $((port + 2)))" out \
        "$(lab_at "$family" silent 443)"
    lab_packet "query$port" udp in2 "$(lab_at "$family" in2 $((port + 3)))" \
        "$(lab_at "$family" masquerade 53)"
    lab_answered "query$port"
    connect "broken$port" in2 $((port + 4))
    sleep 2
    lab_tcp_close "page$port"
    lab_tcp_reset "broken$port"
    lab_tcp_reset "silent$port"
    sleep 1
    lab_tcp_close "upload$port"
}

round 4 43000
round 6 43010
round 4 43020
# Until the last of them has gone.
sleep 9
kill -INT $recorder
wait $recorder
ls -l "$file"
