#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# natstat --events beside what the test did: real connections through the lab's NAT box, opened,
# used and ended in every way; those that were open before natstat came; a recording of all that,
# which must replay byte for byte. lives.py knows the lives that are expected.
# usage: events_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: events_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# Ended and idle flows are gone soon; established ones keep the kernel's own time.
LAB_TIMEOUT=3
# shellcheck source=tests/lab/lab.sh
. "$here/../lab/lab.sh"

needs ip nft nsenter conntrack
out=$(mktemp -d -t natstat-events.XXXXXX) || exit 1
followers=()
trap 'kill "${followers[@]}" 2>/dev/null; rm -rf "$out"; lab_down' EXIT
lab_up || { fail "the lab could not be raised"; finish; }

box=(nsenter "--net=/run/netns/$LAB_PREFIX-nat" --)

# follow NAME WORD...: natstat in the box, its output in $out/NAME, until stop_followers.
follow() {
    local name=$1
    shift
    "${box[@]}" "$natstat" "$@" >"$out/$name" 2>"$out/$name.err" &
    followers+=($!)
}

# A flow of its own each time: one that was there before somebody listened has no events.
mark=42900
make_mark() {
    mark=$((mark + 1))
    lab_packet mark$mark udp in1 "$(lab_at 4 in1 $mark)" "$(lab_at 4 silent 53)"
}

# Whether all of these streams tell of a flow that was just made: then they listen.
told_by() {
    local stream
    make_mark
    for stream in "$@"; do
        until_true 0.3 grep -qw $mark "$out/$stream" || return
    done
}

recorded() {
    make_mark
    until_true 0.3 eval '"$natstat" -f "$out/killed.pcap" -nao | grep -qw $mark'
}

# -- what happens ---------------------------------------------------------------------------------

# Silent for good, as if nobody listened: the kernel's own rule takes a listener in any namespace for one
# (nf_ctnetlink_has_listener).
before() {
    lab_in nat sysctl -qw net.netfilter.nf_conntrack_events=0 &&
        lab_tcp_open early in1 "$(lab_at 4 in1 42000)" out "$(lab_at 4 masquerade 80)" &&
        lab_tcp_open early_reset in1 "$(lab_at 6 in1 42001)" out "$(lab_at 6 masquerade 80)" &&
        lab_in nat sysctl -qw net.netfilter.nf_conntrack_events=2
}

connect() {
    lab_tcp_open "$1" in1 "$(lab_at "$2" in1 "$3")" out "$(lab_at "$2" masquerade "${4:-80}")"
}

tcp_lives() {
    local family
    for family in 4 6; do
        connect by_client$family $family 42010 && lab_tcp_fill by_client$family client 1000 &&
            lab_tcp_fill by_client$family server 5000 && lab_tcp_close by_client$family || return
        connect by_server$family $family 42011 && lab_tcp_shutdown by_server$family server &&
            lab_tcp_state by_server$family CLOSE_WAIT &&
            lab_tcp_shutdown by_server$family client || return
        connect reset$family $family 42012 && lab_tcp_reset reset$family client || return
        connect cut$family $family 42013 && lab_tcp_reset cut$family server || return
        lab_tcp_start silent$family in1 "$(lab_at $family in1 42014)" \
            out "$(lab_at $family silent 80)" || return
        # Given up before the client sends its SYN again: after the flow has gone, that would be another one.
        lab_tcp_state silent$family SYN_SENT && lab_tcp_reset silent$family client || return
        # Nobody listens there.
        lab_tcp_start refused$family in1 "$(lab_at $family in1 42015)" \
            out "$(lab_at $family masquerade 81)" || return
        connect half$family $family 42016 8002 && lab_tcp_shutdown half$family client || return
    done
    # Both open it at once, and the box holds the first segment of either back.
    lab_tcp_start both in1 "$(lab_at 4 in1 42017)" out "$(lab_at 4 routed 8005)" &&
        lab_tcp_state both SYN_SENT &&
        lab_tell out connect both "$(lab_at 4 routed 8005)" "$(lab_at 4 in1 42017)" &&
        lab_tcp_state both SYN_SENT2 || return
    connect deleted 4 42018 && lab_in nat conntrack -D -p tcp --sport 42018 >/dev/null 2>&1
}

other_lives() {
    local family proto
    for family in 4 6; do
        lab_packet udp_silent$family udp in1 "$(lab_at $family in1 42030)" \
            "$(lab_at $family silent 53)" &&
            lab_packet udp$family udp in1 "$(lab_at $family in1 42031)" \
                "$(lab_at $family masquerade 53)" && lab_answered udp$family || return
        proto=icmp
        [[ $family == 4 ]] || proto=icmpv6
        lab_packet ping$family $proto in1 "$(lab_at $family in1 42032)" \
            "$(lab_at $family masquerade)" && lab_answered ping$family || return
        lab_packet ping_silent$family $proto in1 "$(lab_at $family in1 42033)" \
            "$(lab_at $family silent)" || return
        [[ $LAB_WITHOUT != *sctp* ]] || continue
        lab_packet sctp$family sctp in1 "$(lab_at $family in1 42034)" \
            "$(lab_at $family masquerade 5000)" && lab_answered sctp$family 2 || return
        lab_packet sctp_silent$family sctp in1 "$(lab_at $family in1 42035)" \
            "$(lab_at $family silent 5000)" || return
    done
}

after() {
    lab_tell in1 reset both && lab_tell out reset both &&
        lab_tcp_close early && lab_tcp_reset early_reset client
}

# All that expires has expired: it is the last that natstat tells.
all_over() {
    ! lab_table | grep -E '(sport|id)=42[0-9]{3} ' | grep -qv ESTABLISHED
}

all_told() {
    local stream port
    for stream in json received; do
        for port in 42000 42001; do
            grep -q "\"event\":\"ended\".*\"sport\":$port," "$out/$stream" || return
        done
    done
}

_lab_serve && lab_hold fin 8002 && lab_hold syn 8005 && before || { fail "the lab's own"; finish; }
follow json -aE --json -w "$out/recording.pcap"
follow text -EN
follow failures -aE --format csv 'ending=reset,no_reply' and proto tcp
# A recorder here, a reader there.
mkfifo "$out/pipe"
tee "$out/sent.pcap" <"$out/pipe" |
    "$natstat" -f - -aE --json >"$out/received" 2>"$out/received.err" &
receiver=$!
"${box[@]}" "$natstat" -w - >"$out/pipe" 2>"$out/sent.err" &
sender=$!
until_true 10 told_by json text received ||
    fail "natstat does not tell of a flow " "$(cat "$out"/*.err)"

tcp_lives && other_lives && after || fail "the lab could not do what was to be told"
until_true 60 all_over || fail "flows that have expired stay in the table"
# The list that finds the last of them; what the others tell is told by then.
until_true 30 all_told || fail "the end of what was there before is not told"
stop_followers
kill -INT $sender
wait $receiver
succeeds "whoever reads a recorder ends with it" test $? -eq 0
wait $sender
succeeds "and it ends well" test $? -eq 0

# -- what was told --------------------------------------------------------------------------------

for name in json text failures sent received; do
    succeeds "$name: nothing on standard error" test ! -s "$out/$name.err"
done
count_checks "$python" -B "$here/lives.py" "$out/json" "$LAB_WITHOUT"
count_checks "$python" -B "$here/lives.py" --same "$out/json" "$out/received"
succeeds "only what was asked for is told" \
    awk -F, 'NR > 1 && $2 !~ /started|whole|stopped/ && !/reset|no_reply/ { print; bad = 1 } END { exit bad || NR < 5 }' "$out/failures"
succeeds "every line of the table is one flow and its NAT side" \
    awk 'NR > 1 && $2 " " $3 !~ /^[0-9:.]+ (created|changed|ended)$/ { print; bad = 1 } END { exit bad || NR < 50 }' \
    "$out/text"

# -- the recording --------------------------------------------------------------------------------

# The end that was asked for is not the recording's.
succeeds "a recording replays byte for byte" \
    cmp <("$natstat" -f "$out/recording.pcap" -aE --json) <(grep -v '"event":"stopped"' "$out/json")
succeeds "that it was asked to end is told at its end" grep -q '"event":"stopped"' <(tail -n 1 "$out/json")
succeeds "so does what was sent through a pipe" \
    cmp <("$natstat" -f "$out/sent.pcap" -aE --json) "$out/received"
succeeds "and the table at its end is the table" \
    diff <("$natstat" -f "$out/recording.pcap" -nao -C proto,source,destination,state) \
    <("${box[@]}" "$natstat" -nao -C proto,source,destination,state)
size=$(stat -c %s "$out/recording.pcap")
for part in 3 7 9; do
    head -c $((size * part / 10)) "$out/recording.pcap" >"$out/cut.pcap"
    "$natstat" -f "$out/cut.pcap" -aE --json >"$out/cut" 2>"$out/cut.err"
    succeeds "a recording that was cut off gives what is whole" test $? -eq 0 -a -s "$out/cut"
    succeeds "and that is where the whole one begins" \
        cmp -n "$(stat -c %s "$out/cut")" "$out/cut" "$out/json"
done

follow killed -w "$out/killed.pcap"
recorder=${followers[0]}
until_true 10 recorded ||
    fail "what was recorded is not in the file while natstat runs"
kill -KILL "$recorder"
wait "$recorder" 2>/dev/null
followers=()
succeeds "a recorder that was killed leaves a file that is whole" \
    eval '"$natstat" -f "$out/killed.pcap" -nao 2>&1 | grep -q "^udp .*:429[0-9][0-9] "'
finish
