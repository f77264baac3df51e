#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --expectations beside conntrack -L expect: FTP through the box's NAT, the data connection opened by
# the client (passive) and by the server (active), in both families, until it comes.
# usage: expectations_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: expectations_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/lab/lab.sh
. "$here/../lab/lab.sh"

needs ip nft conntrack jq
tmp=$(mktemp -d -t natstat-expectations.XXXXXX) || exit 1
# shellcheck disable=SC2317  # called by the trap
clean_up() {
    lab_down
    rm -rf "$tmp"
}
lab_up || skip_all "no lab"
trap clean_up EXIT
if ! lab_in nat nft -f - 2>"$tmp/err" <<'RULES'; then
table inet ftp {
    ct helper ftp4 { type "ftp" protocol tcp; l3proto ip; }
    ct helper ftp6 { type "ftp" protocol tcp; l3proto ip6; }
    chain in {
        type filter hook prerouting priority filter; policy accept;
        ip daddr 203.0.113.0/24 tcp dport 21 ct helper set "ftp4"
        ip6 daddr 2001:db8:f0::/64 tcp dport 21 ct helper set "ftp6"
    }
}
RULES
    skip_all "no FTP helper: $(head -1 "$tmp/err")"
fi

# look WORD...: the answer in $tmp/out, what was said in $tmp/err, the exit in $status.
look() {
    lab_in nat "$natstat" --expectations "$@" >"$tmp/out" 2>"$tmp/err"
    status=$?
}
check() {
    local what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        fail "$what" "exit $status; $(<"$tmp/err")" "$(<"$tmp/out")" "conntrack: $(conntracks)"
    fi
}
conntracks() {
    { lab_in nat conntrack -L expect -f ipv4 && lab_in nat conntrack -L expect -f ipv6; } 2>/dev/null
}
# Without what counts down.
# shellcheck disable=SC2317
of_conntrack() { conntracks | sed -E 's/^ *-?[0-9]+ +//; s/ +/ /g; s/ $//' | sort; }
# shellcheck disable=SC2317
of_natstat() {
    look --json
    # shellcheck disable=SC2016
    jq -r '.[] | "proto=\({tcp: 6}[.proto]) src=\(.src) dst=\(.dst) sport=\(.sport) dport=\(.dport) " +
        "mask-src=\(.mask_src) mask-dst=\(.mask_dst) sport=\(.mask_sport) dport=\(.mask_dport) " +
        "master-src=\(.master_src) master-dst=\(.master_dst) sport=\(.master_sport) " +
        "dport=\(.master_dport) class=\(.class) helper=\(.helper)"' "$tmp/out" | sort
}
# shellcheck disable=SC2317
are_as_many() { [[ $(conntracks | wc -l) == "$1" ]]; }
# shellcheck disable=SC2317
are_equal() { diff <(of_conntrack) <(of_natstat); }
# shellcheck disable=SC2317
json() { jq -e "$1" "$tmp/out" >/dev/null && [[ $status == 0 ]]; }

# control NAME FAMILY PORT: a control connection of in1's from this port on. What comes first is not read
# by the helper, which waits for the beginning of a line.
control() {
    lab_tcp_open "$1" in1 "$(lab_at "$2" in1 "$3")" out "$(lab_at "$2" snat 21)" &&
        lab_tell out say "$1@server" 220 ready && lab_tell in1 say "$1" USER anybody
}

look
check "nothing is expected: a header alone" test "$status $(wc -l <"$tmp/out")" == "0 1"
look --json
check "nothing is expected: an empty array" json '. == []'

control passive4 4 41060 && control active4 4 41061 && control passive6 6 41060 && control active6 6 41061 ||
    fail "control connections"
lab_tell out say passive4@server "227 Entering Passive Mode (203,0,113,20,195,80)" # 50000
lab_tell in1 say active4 "PORT 192,0,2,10,160,110"                                # 41070
lab_tell out say passive6@server "229 Entering Extended Passive Mode (|||50000|)"
lab_tell in1 say active6 "EPRT |2|2001:db8:1::10|41071|"
until_true 10 are_as_many 4 || fail "four expectations" "$(conntracks)"
check "every field is what conntrack shows" are_equal
check "NAT: where it leads to, and in which direction of the master" json \
    '[.[] | [.family, .saved, .saved_port, .direction]] | sort == [
        ["ipv4", null, 41070, "reply"], ["ipv4", null, 50000, "original"],
        ["ipv6", null, 41071, "reply"], ["ipv6", null, 50000, "original"]]'
check "times, flags, numbers" json 'all(.[]; .timeout > 0 and .timeout <= 300 and .flags == "" and
    .zone == null and (.id | type) == "number" and (.function | type) == "string")'
look -n
check "a table has a line for each" test "$(wc -l <"$tmp/out")" == 5
check "a line: who, where to, the helper, the master" grep -qE \
    '^tcp +203\.0\.113\.20:0 +198\.51\.100\.2:41070 +ftp +[0-9]+ src=192\.0\.2\.10 dst=203\.0\.113\.20 sport=41061 dport=21$' "$tmp/out"
look --format csv -6
check "CSV, of IPv6 alone" test "$(wc -l <"$tmp/out")" == 3
look --json 'saved_port=41070'
check "a filter by its port" json 'length == 1 and .[0].dport == 41070'
look --json 'master=192.0.2.10:41060 and helper=ftp'
check "a filter by its master" json 'length == 1 and .[0].dport == 50000'
look --json 'dport!=saved_port'
check "a filter by two columns" json '. == []'
look --json --sort=-timeout,dport -C proto,dst,dport,master --limit 2 -4
check "order, columns, the first ones" json '[.[].dport] == [41070, 50000]'
look -C state
check "what no expectation has is refused" test "$status" == 2
look -f "$tmp/out"
check "a file has none" test "$status" == 2
lab_in nat "$natstat" -n 'master=192.0.2.10' >"$tmp/out" 2>"$tmp/err"
status=$?
check "a list of flows has no master" test "$status" == 2
lab_in nat setpriv --reuid=65534 --regid=65534 --clear-groups "$natstat" --expectations >"$tmp/out" 2>"$tmp/err"
status=$?
check "without privilege it says what it needs" grep -q 'cannot list expectations: .*CAP_NET_ADMIN' "$tmp/err"

lab_tcp_open data in1 "$(lab_at 4 in1 41062)" out "$(lab_at 4 snat 50000)" || fail "a data connection"
until_true 10 are_as_many 3 || fail "what has come is not expected any more" "$(conntracks)"
check "what has come is not expected any more" are_equal
finish
