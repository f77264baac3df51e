#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A tour of natstat on real NATed traffic, in a fresh clone on any machine:
#
#   sudo tests/lab/demo.sh
#
# installs what is missing, builds natstat in build/, raises the lab and shows natstat's listings
# while connections come and go. NATSTAT=PATH takes that program and builds nothing. It checks
# nothing: that is for the tests.

set -u

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$home" || exit 1

if ((EUID != 0)); then
    echo "demo: needs root, to make network namespaces and to list connections: sudo $0" >&2
    exit 1
fi

bold='' plain=''
if [[ -t 1 && ! ${NO_COLOR-} ]]; then
    bold=$'\e[1m' plain=$'\e[0m'
fi

title() {
    printf '\n%s== %s%s\n' "$bold" "$1" "$plain"
}

# Shows a command of natstat and runs it on the NAT box.
show() {
    printf '$ natstat %s\n' "$*"
    lab_in nat "$NATSTAT" "$@" || stop "natstat failed"
}

stop() {
    echo "demo: $*" >&2
    exit 1
}

# -- the program ----------------------------------------------------------------------------------

# As the owner of the clone, so that build/ is not root's.
as_owner() {
    local owner
    owner=$(stat -c %U "$home")
    if [[ $owner == root || $owner == UNKNOWN ]]; then
        "$@"
    else
        runuser -u "$owner" -- "$@"
    fi
}

build() {
    packaging/deps.sh build lab || stop "could not install what is needed"
    title "Building natstat in build/"
    [[ -e build/build.ninja ]] || as_owner meson setup build -Dtests=false || stop "meson setup failed"
    as_owner meson compile -C build natstat || stop "natstat does not build"
    NATSTAT=$home/build/natstat
}

if [[ ${NATSTAT-} ]]; then
    packaging/deps.sh lab || stop "could not install what is needed"
    NATSTAT=$(realpath "$NATSTAT")
else
    build
fi
[[ -x $NATSTAT ]] || stop "no program $NATSTAT"

# -- one connection, step by step -----------------------------------------------------------------

# shellcheck source=tests/lab/lab.sh
. tests/lab/lab.sh

client=$(lab_at 4 in1 50001)
second_client=$(lab_at 4 in2 50001)
web=$(lab_at 4 masquerade 443)

title "A NAT box between two clients and their servers, in network namespaces"
cat <<END
  192.0.2.10, 192.0.2.70  ---[ NAT box: 198.51.100.1 ]---  203.0.113.x
END
lab_up && lab_tell out tcp 443 || exit 1

# Without a shell between, so that the signal is its own.
nsenter "--net=/run/netns/$LAB_PREFIX-nat" -- "$NATSTAT" -EN >"$LAB_RUN/events" &
follower=$!
title "1. A client dials a web server, which has not answered yet"
lab_hold syn 443 && lab_tcp_start web in1 "$client" out "$web" &&
    lab_tcp_state web SYN_SENT || exit 1
show -nN

title "2. The server answers"
lab_hold synack 443 && lab_release syn 443 && lab_tcp_state web SYN_RECV || exit 1
show -nN

title "3. The connection is made"
lab_release synack 443 && lab_tcp_opened web && lab_tcp_state web ESTABLISHED || exit 1
show -nN

title "4. A second client dials the same server from the same port, and goes away with a reset"
lab_tcp_open reset in2 "$second_client" out "$web" && lab_tcp_reset reset &&
    lab_tcp_state reset CLOSE || exit 1
show -nN

title "5. The first client closes its side"
lab_hold last_fin 443 && lab_tcp_shutdown web client && lab_tcp_state web CLOSE_WAIT || exit 1
show -nN

title "6. The server closes too; the client has not confirmed it"
lab_tcp_shutdown web server && lab_tcp_state web LAST_ACK || exit 1
show -nN

title "7. The connection is over"
lab_release last_fin 443 && lab_tcp_state web TIME_WAIT || exit 1
show -nN

title "The same as it happened: natstat -EN"
kill -INT $follower && wait $follower
cat "$LAB_RUN/events"

# -- the whole table ------------------------------------------------------------------------------

title "8. One of everything: SNAT, masquerade, DNAT, redirects, hairpins; TCP to GRE; IPv4 and IPv6"
lab_traffic || exit 1
show -nN

title "9. DNAT alone, with the port that was dialled"
show -nD -N

title "10. Every flow of IPv4: those of the box itself and routed ones too"
show -na -4

title "11. Two clients had the same port; who was behind this one?"
port=$(lab_table |
    sed -n 's/.* src=192\.0\.2\.70 .* sport=41002 .* dport=\([0-9]*\) .*ASSURED.*/\1/p')
show -nN nat "198.51.100.1:$port"

title "12. For programs: JSON"
printf '$ natstat -n --json -p sctp | jq -c ...\n'
lab_in nat "$NATSTAT" -n --json -p sctp |
    jq -c '.[] | {proto, kind, src, sport, gate, gport, dst, dport, state}'

lab_down
title "That was natstat. The lab is down; nothing of it stays."
