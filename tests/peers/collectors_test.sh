#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --ipfix and what others understand of it: nfcapd (nfdump), nfacctd (pmacct) and tshark, over UDP, TCP and in files,
# beside the lines of -E of the same steps; of the demo recording, and of flows of the real kernel through the lab's
# NAT box. Collectors that go away and come back, events as fast as they come, and a pool of ports that is used up.
# usage: collectors_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: collectors_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
fill=$(dirname "$natstat")/tests/bench/natstat-fill
demo=$here/../../packaging/demo.pcap
# shellcheck source=tests/kernel/judge.sh
. "$here/../kernel/judge.sh"
# shellcheck source=tests/lab/lab.sh
. "$here/../lab/lab.sh"

needs ip nft nsenter conntrack
for tool in nfcapd nfdump nfacctd tshark; do
    command -v $tool >/dev/null || skip_all "needs the command $tool"
done
export TZ=UTC
out=$(mktemp -d -t natstat-collectors.XXXXXX) || exit 1
followers=()
declare -A collector
trap 'kill "${followers[@]}" "${collector[@]}" 2>/dev/null; rm -rf "$out"; lab_down' EXIT
lab_up || { fail "the lab could not be raised"; finish; }
box=(nsenter "--net=/run/netns/$LAB_PREFIX-nat" --)
outside=(nsenter "--net=/run/netns/$LAB_PREFIX-out" --)
four=$(lab_at 4 outside) six=$(lab_at 6 outside)

compare() { count_checks "$python" -B "$here/collectors.py" "$@"; }

# -- collectors, in the namespace of the other side -----------------------------------------------

# takes WORDS: whether somebody there has this socket.
takes() { "${outside[@]}" ss -Hln "$@" | grep -q .; }

start_nfcapd() {
    mkdir -p "$out/$1"
    "${outside[@]}" nfcapd -b "$four" -p "$2" -w "$out/$1" -t 3600 -B 8388608 >"$out/$1.log" 2>&1 &
    collector[$1]=$!
    until_true 3 takes -u "sport = :$2" || fail "nfcapd does not begin" "$(<"$out/$1.log")"
}

# What it had is in $out/NAME.json then.
stop_nfcapd() {
    kill "${collector[$1]}"
    wait "${collector[$1]}" 2>/dev/null
    unset "collector[$1]"
    nfdump -R "$out/$1" -o json >"$out/$1.json" 2>/dev/null
}

start_nfacctd() {
    printf '%s\n' "daemonize: false" "nfacctd_ip: $2" "nfacctd_port: $3" "plugins: print[nat]" \
        "aggregate[nat]: src_host, dst_host, src_port, dst_port, proto, post_nat_src_host, post_nat_dst_host, \
post_nat_src_port, post_nat_dst_port, nat_event, timestamp_start" \
        "print_output[nat]: json" "print_output_file[nat]: $out/$1.json" "print_refresh_time[nat]: 3600" >"$out/$1.conf"
    "${outside[@]}" nfacctd -f "$out/$1.conf" >"$out/$1.log" 2>&1 &
    collector[$1]=$!
    until_true 3 takes -u "sport = :$3" || fail "nfacctd does not begin" "$(<"$out/$1.log")"
}

# It ends when it has written what it had.
stop_nfacctd() {
    kill -INT "${collector[$1]}"
    wait "${collector[$1]}" 2>/dev/null
    unset "collector[$1]"
    until_true 5 test -s "$out/$1.json"
}

start_tcp() {
    "${outside[@]}" "$python" -B "$here/collectors.py" serve "$six" "$2" "$out/$1" >"$out/$1.log" 2>&1 &
    collector[$1]=$!
    until_true 3 takes -t "sport = :$2" || fail "no collector begins" "$(<"$out/$1.log")"
}

kill_tcp() {
    kill -KILL "${collector[$1]}"
    wait "${collector[$1]}" 2>/dev/null
    unset "collector[$1]"
}

# -- natstat, in the box --------------------------------------------------------------------------

# follow NAME WORD...: its lines in $out/NAME.events, until stop_followers.
follow() {
    local name=$1
    shift
    "${box[@]}" "$natstat" -E --json -C +reply "$@" >"$out/$name.events" 2>"$out/$name.err" &
    followers+=($!)
}

mark=42800
# told_by NAME...: whether all of these tell of a flow that is made now, and that has a NAT side.
told_by() {
    local name
    mark=$((mark + 1))
    lab_packet mark$mark udp in1 "$(lab_at 4 in1 $mark)" "$(lab_at 4 masquerade 53)"
    for name in "$@"; do
        until_true 0.3 grep -q "\"src\":\"192.0.2.10\",\"sport\":$mark," "$out/$name.events" || return
    done
}

# -- the demo recording, into files and to all of them ---------------------------------------------

start_nfcapd demo 4739
start_nfacctd demo_pm "$six" 4740
"$natstat" -f "$demo" -E --json -C +reply >"$out/demo.events"
succeeds "a recording goes into a file" "$natstat" -f "$demo" --ipfix "file:$out/demo.ipfix"
succeeds "a file that is there is not written over" \
    eval '! "$natstat" -f "$demo" --ipfix "file:$out/demo.ipfix" 2>"$out/err" && grep -q "it is there already" "$out/err"'
succeeds "and through a pipe" \
    cmp <("$natstat" -f "$demo" --ipfix file:- | tshark -r - -T fields -e cflow.flow_id 2>/dev/null) \
    <(tshark -r "$out/demo.ipfix" -T fields -e cflow.flow_id 2>/dev/null)
succeeds "a disk that is full is said" \
    eval '! "$natstat" -f "$demo" --ipfix file:/dev/full 2>"$out/err" && grep -q "No space" "$out/err"'
succeeds "nfcapd is sent it" "${outside[@]}" "$natstat" -f "$demo" --ipfix "$four:4739"
succeeds "nfacctd is sent it" "${outside[@]}" "$natstat" -f "$demo" --ipfix "udp:[$six]:4740"
start_tcp demo_tcp 4741
succeeds "and somebody who takes connections" "${outside[@]}" "$natstat" -f "$demo" --ipfix "tcp:[$six]:4741"
kill_tcp demo_tcp
stop_nfcapd demo
stop_nfacctd demo_pm
compare nfdump "$out/demo.events" "$out/demo.json"
compare nfacctd "$out/demo.events" "$out/demo_pm.json"
compare tshark "$out/demo.events" "$out/demo.ipfix"
compare tshark "$out/demo.events" "$out/demo_tcp.0"
succeeds "nothing is malformed" \
    eval '! tshark -r "$out/demo.ipfix" -Y "_ws.malformed || _ws.expert.severity >= warn" 2>/dev/null | grep .'
"$natstat" -f "$demo" --ipfix "file:$out/historic.ipfix" --ipfix-historic --ipfix-domain 77
succeeds "the numbers of before, and a domain, when they are asked for" \
    test "$(tshark -r "$out/historic.ipfix" -T fields -e cflow.od_id -e cflow.nat_event 2>/dev/null | tr ',\t' '\n\n' |
        grep . | sort -u | paste -sd' ')" = "1 2 77"
succeeds "a filter chooses what is told" \
    test "$("$natstat" -f "$demo" --ipfix file:- proto udp | tshark -r - -T fields -e cflow.protocol 2>/dev/null |
        tr ',' '\n' | grep . | sort -u)" = 17
succeeds "nobody who listens is said, and is an error of what ends" \
    eval '! "${outside[@]}" "$natstat" -f "$demo" --ipfix "$four:4799" 2>"$out/err" &&
        grep -q "Connection refused" "$out/err" && grep -q "refused$" "$out/err"'

# -- lives of the real kernel ----------------------------------------------------------------------

start_nfcapd lives 4739
start_nfacctd lives_pm "$six" 4740
start_tcp lives_tcp 4741
follow lives --ipfix "udp:$four:4739"
follow lives_pm --ipfix "udp:[$six]:4740"
follow lives_tcp --ipfix "tcp:[$six]:4741"
follow lives_file --ipfix "file:$out/lives.ipfix"
streams=(lives lives_pm lives_tcp lives_file)
until_true 10 told_by "${streams[@]}" || fail "natstat does not tell of a flow" "$(cat "$out"/lives*.err)"
lab_traffic || fail "the lab could not make its flows"
lab_in nat conntrack -D -p icmp >/dev/null 2>&1
lab_in nat conntrack -F >/dev/null 2>&1
over() {
    local name
    for name in "${streams[@]}"; do
        grep -q "\"event\":\"ended\".*\"original_sport\":$mark," "$out/$name.events" || return
    done
}
until_true 10 told_by "${streams[@]}"
lab_in nat conntrack -F >/dev/null 2>&1
until_true 30 over || fail "the end of a flow is not told"
stop_followers
kill_tcp lives_tcp
stop_nfcapd lives
stop_nfacctd lives_pm
for name in "${streams[@]}"; do
    succeeds "$name: nothing on standard error" test ! -s "$out/$name.err"
done
compare nfdump "$out/lives.events" "$out/lives.json"
compare nfacctd "$out/lives_pm.events" "$out/lives_pm.json"
compare tshark "$out/lives_tcp.events" "$out/lives_tcp.0"
compare tshark "$out/lives_file.events" "$out/lives.ipfix"
succeeds "zones, IPv6 and counters were among it" \
    eval 'grep "\"zone_orig\":7" "$out/lives.events" | grep "2001:db8" | grep "\"ended\"" | grep -q "\"bytes_up\":[0-9]"'

# -- collectors that go away and come back ---------------------------------------------------------

start_nfcapd first 4739
start_tcp away 4741
follow gone --ipfix "$four:4739"
follow away --ipfix "tcp:[$six]:4741"
until_true 10 told_by gone away || fail "natstat does not tell of a flow"
kill_tcp away
stop_nfcapd first
says() { grep -q "$2" "$out/$1.err"; }
until_true 10 says away "the collector has gone" || fail "a connection that ends is not said"
refused() { told_by gone away && says gone "Connection refused"; }
until_true 10 refused || fail "a collector that is not there is not said" "$(<"$out/gone.err")"
last_lost=$mark
start_nfcapd second 4739
start_tcp back 4741
until_true 10 says away "the collector is there" || fail "nor that it is there again"
until_true 10 told_by gone away
stop_followers
kill_tcp back
stop_nfcapd second
compare again "$out/away.events" "$out/away.0" "$out/back.0"
succeeds "a new collector knows the templates, and has what came then" \
    grep -q "\"src_port\" : $mark," "$out/second.json"
succeeds "what was sent to nobody is not there" eval '! grep -q "\"src_port\" : $last_lost," "$out/second.json"'
succeeds "and what comes is said once" test "$(grep -c "Connection refused" "$out/gone.err")" = 1
succeeds "that messages were refused is said at the end" says gone "refused$"

# -- a collector that takes nothing for long: what has no room is said -----------------------------

# It takes connections, and reads nothing.
"${outside[@]}" "$python" -c '
import signal, socket, sys
with socket.create_server((sys.argv[1], 4742)) as listener:
    one, _ = listener.accept()
    signal.pause()' "$four" &
collector[stuck]=$!
until_true 3 takes -t "sport = :4742"
follow stuck --ipfix "tcp:$four:4742"
until_true 10 told_by stuck || fail "natstat does not tell of a flow"
kill -STOP "${collector[stuck]}"
until_true 10 told_by stuck || fail "a collector that reads nothing holds natstat up"
kill -INT "${followers[0]}"
kill -KILL "${collector[stuck]}"
wait "${followers[0]}"
succeeds "it ends, whatever the collector does" test $? -eq 0
followers=()
unset 'collector[stuck]'

# -- as fast as they come --------------------------------------------------------------------------

if [[ -x $fill ]]; then
    start_nfcapd storm 4739
    follow storm --ipfix "$four:4739"
    until_true 10 told_by storm || fail "natstat does not tell of a flow"
    "${box[@]}" "$fill" 50000 >"$out/fill.log" 2>&1 || fail "natstat-fill" "$(<"$out/fill.log")"
    lab_in nat conntrack -F >/dev/null 2>&1
    until_true 10 told_by storm || fail "natstat does not come to the end of a storm"
    stop_followers
    stop_nfcapd storm
    compare number "$out/storm.events" "$out/storm.log"
else
    skip "the storm: the build has no $fill"
fi

# -- ports that are used up ------------------------------------------------------------------------

insert() {
    lab_in nat conntrack -I -p tcp -s 192.0.2.10 --sport "$((45000 + $1))" -d 203.0.113.10 --dport 8000 \
        -r 203.0.113.10 --reply-port-src 8000 -q 198.51.100.1 --reply-port-dst "$1" \
        --state ESTABLISHED -t 300 >/dev/null 2>&1
}
for port in 5000 5001 5002; do insert $port; done
follow ports --ipfix "file:$out/ports.ipfix" --port-range 5000-5004
until_true 10 told_by ports || fail "natstat does not tell of a flow"
insert 5003 && insert 5004
until_true 10 grep -q '"gport":5004' "$out/ports.events" || fail "an entry that was made is not told"
stop_followers
tshark -r "$out/ports.ipfix" -T json 2>/dev/null | grep -A 12 '"cflow.nat_event": "12"' >"$out/exhausted"
succeeds "the last port of a destination is told, with its NAT side" \
    eval 'grep -q "\"cflow.post_natsource_ipv4_address\": \"198.51.100.1\"" "$out/exhausted" &&
        grep -q "\"cflow.post_natdestination_ipv4_address\": \"203.0.113.10\"" "$out/exhausted" &&
        grep -q "\"cflow.post_naptdestination_transport_port\": \"8000\"" "$out/exhausted"'
succeeds "once" test "$(grep -c nat_event "$out/exhausted")" = 1
finish
