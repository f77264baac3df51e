#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# natstat --log beside real translations through the lab's NAT box: every life that -E tells of is in the database
# with the same words, nothing that was written is lost by kill -9, one writes at a time, and in no place of others.
# log_rows.py knows the tables.
# usage: log_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: log_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# Ended and idle flows are gone soon; established ones keep the kernel's own time.
LAB_TIMEOUT=3
# shellcheck source=tests/lab/lab.sh
. "$here/../lab/lab.sh"

needs ip nft nsenter conntrack jq
out=$(mktemp -d -t natstat-log.XXXXXX) || exit 1
followers=()
trap 'kill "${followers[@]}" 2>/dev/null; rm -rf "$out"; lab_down' EXIT
lab_up && _lab_serve || { fail "the lab could not be raised"; finish; }
mkdir -m 750 "$out/log"

box=(nsenter "--net=/run/netns/$LAB_PREFIX-nat" --)

# follow NAME WORD...: natstat in the box, its output in $out/NAME, until stop_followers.
follow() {
    local name=$1
    shift
    "${box[@]}" "$natstat" "$@" >"$out/$name" 2>"$out/$name.err" &
    followers+=($!)
}

rows() {
    "$python" "$here/log_rows.py" "$@"
}

# holds COUNT KIND: so many marks of this kind are there.
marks() {
    [[ $(rows marks "$out/log" "$2" 2>/dev/null) == "$1" ]]
}

connect() {
    lab_tcp_open "$1" in1 "$(lab_at "$2" in1 "$3")" out "$(lab_at "$2" masquerade 80)"
}

# refused WHAT WORD... : natstat ends with 1 and says WHAT.
refused() {
    local what=$1 said
    shift
    said=$("${box[@]}" "$natstat" "$@" 2>&1)
    [[ $? == 1 && $said == *"$what"* ]] || { echo "$said" && false; }
}

# The beginnings and ends that natstat reads out of the log are those that -E told.
read_back() {
    "$natstat" -f "$out/log" -E --json >"$out/read" 2>"$out/read.err" && rows same "$out/steps" "$out/read"
}

# had_then PORT: the early connection's NAT port was its own until the last moment of the log.
had_then() {
    local port until
    port=$(rows port "$out/log" "$1") && until=$(rows until "$out/log") &&
        [[ $("$natstat" -f "$out/log" --at "@$until" --json nat "198.51.100.1:$port" | jq .[].sport) == "$1" ]]
}

# The lives of a part of the time are those that the table has of it.
lived_between() {
    local until lived table
    until=$(rows until "$out/log") && table=$(rows between "$out/log" "$((until - 2))" "$until") || return
    lived=$("$natstat" -f "$out/log" --json --from "@$((until - 2))" --to "@$until" 2>"$out/between.err" |
        jq -c '[.[] | [.sport, .gport]] | sort')
    [[ $lived == "$table" ]] || { printf '%s\n' "$lived" "$table" && false; }
}

# What -E tells of a part is what it tells of all, without what is outside.
steps_between() {
    local from to
    read -r from to < <(rows middle "$out/read")
    "$natstat" -f "$out/log" -E --json --from "@$from" --to "@$to" >"$out/part" 2>"$out/part.err" &&
        rows part "$out/read" "$out/part" "$from" "$to"
}

lists_living() {
    [[ $("$natstat" -f "$out/log" --json 2>/dev/null | jq -c '[.[].sport] | sort') == '[42000,42001]' ]]
}

lives() {
    local family
    for family in 4 6; do
        connect closed$family $family 42010 && lab_tcp_fill closed$family client 1000 &&
            lab_tcp_fill closed$family server 5000 && lab_tcp_close closed$family &&
            connect reset$family $family 42012 && lab_tcp_reset reset$family client &&
            lab_packet udp$family udp in1 "$(lab_at $family in1 42031)" "$(lab_at $family masquerade 53)" &&
            lab_answered udp$family &&
            lab_packet silent$family udp in1 "$(lab_at $family in1 42030)" "$(lab_at $family silent 53)" || return
    done
    lab_packet ping icmp in1 "$(lab_at 4 in1 42032)" "$(lab_at 4 masquerade)" && lab_answered ping
}

connect early 4 42000 || { fail "the lab's own"; finish; }
follow steps -E --json --log "$out/log"
logger=$!
succeeds "the log says that it is whole" until_true 5 marks 1 whole
lives || { fail "the lab's lives"; finish; }
succeeds "all of them are in the log, and have ended" until_true 20 rows ended "$out/log" 42010 42012 42030 42031 42032
succeeds "what lives is there with its beginning" rows living "$out/log" 42000
succeeds "another one is refused" refused "another natstat writes there" --log "$out/log"
connect last 4 42001 || { fail "a last life"; finish; }
succeeds "it is in the log" until_true 5 rows living "$out/log" 42001
kill -9 $logger
wait $logger 2>/dev/null
followers=()
succeeds "nothing that was written is lost" rows living "$out/log" 42001
succeeds "nobody says that he ended" marks 0 stopped
succeeds "the log says what -E says" rows compare "$out/log" "$out/steps"
succeeds "read back it says the same" read_back
succeeds "who had the port then" had_then 42001
succeeds "what lives is what a list of the log has" lists_living
succeeds "what lived in its last seconds" lived_between
succeeds "and what happened in some of them" steps_between

follow again --log "$out/log"
succeeds "it goes on in the same files" until_true 5 marks 2 whole
lab_tcp_reset last client || fail "the end of a life"
succeeds "its end is in the log" until_true 5 rows ended "$out/log" 42001
succeeds "it ends when it is asked to" stop_followers
succeeds "that is in the log" marks 1 stopped
succeeds "nothing is beside the files" test -z "$(ls "$out/log" | grep -v '\.db$')"
succeeds "files are for few" test -z "$(find "$out/log" -type f ! -perm 640)"
succeeds "it said nothing" test ! -s "$out/again.err"

succeeds "what is read is not written" refused "it is being read" -f "$out/log/." --log "$out/log"
mkdir -m 777 "$out/open"
mkdir -m 750 "$out/foreign"
chown 12345:12345 "$out/foreign"
succeeds "a directory of another's is refused" refused "belongs to another user" --log "$out/foreign"
succeeds "one for everybody is refused" refused "others can write" --log "$out/open"
succeeds "one that is not there is refused" refused "mkdir -m 750" --log "$out/none"
finish
