#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who had this port: real flows through the lab's NAT box, some of which keep their port and some of
# which do not, TCP and UDP, IPv4 and IPv6. The kernel is asked while they are there, and when they
# have ended a recording and an event log, which were made meanwhile, are asked for that time.
# usage: past_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: past_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/lab/lab.sh
. "$here/../lab/lab.sh"

needs ip nft nsenter conntrack jq
out=$(mktemp -d -t natstat-past.XXXXXX) || exit 1
followers=()
trap 'kill "${followers[@]}" 2>/dev/null; rm -rf "$out"; lab_down' EXIT
lab_up || { fail "the lab could not be raised"; finish; }
box=(nsenter "--net=/run/netns/$LAB_PREFIX-nat" --)

now() { date -u +%Y-%m-%dT%H:%M:%S.%NZ; }

# -- the flows ------------------------------------------------------------------------------------

names=()                              # of the flows below
declare -A inside protocol gate state # who is inside, and what the NAT made of it, by conntrack

# make NAME FAMILY PROTOCOL CLIENT PORT: to one server, so that the second one with a port gets
# another.
make() {
    local server from words line
    from=$(lab_at "$2" "$4" "$5") server=$(lab_at "$2" masquerade 8443)
    if [[ $3 == tcp ]]; then
        lab_tcp_open "$1" "$4" "$from" out "$server" || return
    else
        lab_packet "$1" udp "$4" "$from" "$server" && lab_answered "$1" || return
    fi
    line=$(lab_in nat conntrack -L -f "ipv$2" -p "$3" --src "$(lab_at "$2" "$4")" \
        --sport "$5" 2>/dev/null) || return
    [[ $(wc -l <<<"$line") == 1 ]] || return
    # The reply's destination: its second dst and dport.
    words=$(grep -oE '\b(dst|dport)=\S+' <<<"$line" | sed -n '3,4s/.*=//p' | paste -sd' ')
    gate[$1]=${words% *}:${words#* }
    [[ $2 == 4 ]] || gate[$1]="[${words% *}]:${words#* }"
    names+=("$1")
    inside[$1]=$from protocol[$1]=$3
    state[$1]=
    [[ $3 == udp ]] || state[$1]=ESTABLISHED
}

make_all() {
    local family
    lab_tell out tcp 8443 || return
    for family in 4 6; do
        lab_tell out serve udp "$(lab_at $family masquerade 8443)" || return
    done
    for family in 4 6; do
        make kept_tcp$family $family tcp in1 51258 && make moved_tcp$family $family tcp in2 51258 &&
            make kept_udp$family $family udp in1 51259 &&
            make moved_udp$family $family udp in2 51259 || return
    done
}

keeps_port() { [[ ${inside[$1]##*:} == "${gate[$1]##*:}" ]]; }
moves_port() { ! keeps_port "$1"; }

# -- the questions --------------------------------------------------------------------------------

# answers HOST STATE WORD...: one row, and it is of this host in this state.
answers() {
    local host=$1 wanted=$2 said
    shift 2
    said=$("${box[@]}" "$natstat" -n --format jsonl -C source,state "$@") || return
    [[ $(jq -c '[.src, .sport, .state]' <<<"$said") == "$(expected "$host" "$wanted")" ]] && return
    printf 'natstat %s: %s\n' "$*" "$said"
    return 1
}
expected() {
    local address=${1%:*}
    address=${address#[}
    jq -cn --arg a "${address%]}" --argjson p "${1##*:}" --arg s "$2" '[$a, $p, $s]'
}
# finds_nobody WORD...: no row, and exit 0.
finds_nobody() {
    local said
    said=$("${box[@]}" "$natstat" -no "$@") || return
    [[ -z $said ]]
}
# could_not WORD...: exit 1, and says why.
could_not() {
    local status=0
    "${box[@]}" "$natstat" -n "$@" >"$out/said" 2>"$out/why" || status=$?
    [[ $status == 1 && ! -s $out/said ]] && grep -q 'holds what happened from' "$out/why"
}

# ask WHAT WORD...: for all flows, by filter and by option.
ask() {
    local what=$1 name
    shift
    for name in "${names[@]}"; do
        succeeds "$name, nat ${gate[$name]}, $what" answers "${inside[$name]}" "${state[$name]}" \
            "$@" "${protocol[$name]}" and nat "${gate[$name]}"
        succeeds "$name, -g ${gate[$name]}, $what" answers "${inside[$name]}" "${state[$name]}" \
            "$@" -p "${protocol[$name]}" -g "${gate[$name]}"
    done
}

# -- the course of things -------------------------------------------------------------------------

"${box[@]}" "$natstat" -w "$out/recording" 2>"$out/recording.err" &
followers+=($!)
"${box[@]}" "$natstat" -E --json >"$out/log" 2>"$out/log.err" &
followers+=($!)
# Flows of their own until both listen: such a one has no events if nobody did.
probe=42000
listens() {
    probe=$((probe + 1))
    lab_packet probe$probe udp in1 "$(lab_at 4 in1 $probe)" "$(lab_at 4 masquerade 53)"
    until_true 1 grep -qw $probe "$out/log"
}
until_true 20 listens || fail "nobody listens"
before=$(now)

if make_all; then
    passed=$((passed + 1))
else
    fail "the flows could not be made"
    finish
fi
succeeds "eight flows" test ${#names[@]} == 8
for name in "${names[@]}"; do
    case $name in
        kept*) succeeds "$name keeps its port" keeps_port "$name" ;;
        moved*) succeeds "$name gets another port" moves_port "$name" ;;
    esac
done
ask "of the kernel"

# Until the recording and the log have all of it, the last step too.
in_log() { "$natstat" -no -f "$1" nat "${gate[moved_udp6]}" and not unreplied | grep -q .; }
succeeds "the log has the flows" until_true 10 in_log "$out/log"
succeeds "the recording has the flows" until_true 10 in_log "$out/recording"
then=$(now)
# They end: a program deletes those of UDP, the connections are broken off.
lab_in nat conntrack -D -p udp >/dev/null 2>&1
for name in kept_tcp4 moved_tcp4 kept_tcp6 moved_tcp6; do
    lab_tcp_reset $name || fail "$name could not be reset"
done
lab_in nat conntrack -D -p tcp >/dev/null 2>&1
succeeds "nobody is there any more" until_true 5 finds_nobody nat 198.51.100.1 or nat 2001:db8:ff::1
all_ended() {
    for name in "${names[@]}"; do
        "$natstat" -o -f "$1" -E event=ended and "${protocol[$name]}" and \
            nat "${gate[$name]}" | grep -q . || return
    done
}
succeeds "the log has the ends" until_true 20 all_ended "$out/log"
succeeds "the recording has the ends" until_true 20 all_ended "$out/recording"
after=$(now)
# One more, so that what is asked for lies within what was recorded.
until_true 10 listens || fail "the log does not tell one more"
more_in_recording() { "$natstat" -no -f "$out/recording" port $probe | grep -q .; }
succeeds "one more in the recording" until_true 10 more_in_recording
kill -INT "${followers[@]}"
for follower in "${followers[@]}"; do
    wait "$follower"
    succeeds "SIGINT ends it with exit 0" test $? == 0
done
followers=()

for file in recording log; do
    ask "of the $file" -f "$out/$file" --at "$then"
    for name in "${names[@]}"; do
        question=("${protocol[$name]}" and nat "${gate[$name]}")
        succeeds "$name, after its end, of the $file" finds_nobody -f "$out/$file" --at "$after" \
            "${question[@]}"
        succeeds "$name, at the end of the $file" finds_nobody -f "$out/$file" "${question[@]}"
        succeeds "$name, before it began, of the $file" finds_nobody -f "$out/$file" --at "$before" \
            "${question[@]}"
    done
    succeeds "long before the $file" could_not -f "$out/$file" --at 2020-01-01
    succeeds "long after the $file" could_not -f "$out/$file" --at 2199-01-01
done
succeeds "the log reads as it was written" cmp "$out/log" <("$natstat" -E --json -f "$out/log")
succeeds "the log tells the steps of the recording" test \
    "$(jq -c '[.event, .proto, .sport, .state, .ending]' "$out/log" | grep 5125)" == \
    "$("$natstat" -E --json -f "$out/recording" | jq -c '[.event, .proto, .sport, .state, .ending]' |
        grep 5125)"

# -- a log that was begun again -------------------------------------------------------------------

# Stopped, and then killed; each time a NAT port passes to another host while nobody looks.
runs=0
whole() { [[ $(grep -c '"event":"whole"' "$out/again") == "$runs" ]]; }
follow_again() {
    "${box[@]}" "$natstat" -aE --json >>"$out/again" 2>>"$out/again.err" &
    followers=($!)
    runs=$((runs + 1))
    succeeds "run $runs has told all that is there" until_true 20 whole
}
# leave SIGNAL
leave() {
    kill "-$1" "${followers[0]}"
    wait "${followers[0]}" 2>/dev/null
    followers=()
}
# pass_to CLIENT: the port is its own from now on.
pass_to() {
    lab_in nat conntrack -D -p udp >/dev/null 2>&1
    lab_packet "passed_$1" udp "$1" "$(lab_at 4 "$1" 51300)" "$(lab_at 4 masquerade 8443)" ||
        fail "no packet of $1"
}
had() { # had CLIENT TIME: it alone had the port, and nothing is to be said
    local said
    said=$("$natstat" -n --format jsonl -C source -f "$out/again" --at "$2" udp and \
        nat 198.51.100.1:51300 2>"$out/why") || return
    [[ $said == *'"src":"'"$(lab_at 4 "$1")"'"'* && $(wc -l <<<"$said") == 1 && ! -s $out/why ]] && return
    printf '%s\n' "$said" "$(cat "$out/why")"
    return 1
}
is_warned() {
    "$natstat" -n -f "$out/again" --at "$1" nat 198.51.100.1:51300 2>&1 >/dev/null |
        grep -q 'nobody looked'
}
in_again() { grep -q '"event":"created".*"src":"'"$(lab_at 4 "$1")"'","sport":'"$2" "$out/again"; }

: >"$out/again"
follow_again
pass_to in1
succeeds "the first owner is in the log" until_true 10 in_again in1 51300
first=$(now)
# What is asked for has to lie within what the run has told.
lab_packet later1 udp in1 "$(lab_at 4 in1 51301)" "$(lab_at 4 masquerade 53)"
succeeds "one more in the first run" until_true 10 in_again in1 51301
leave INT
pass_to in2
between=$(now)
follow_again
second=$(now)
lab_packet later2 udp in1 "$(lab_at 4 in1 51302)" "$(lab_at 4 masquerade 53)"
succeeds "one more in the second run" until_true 10 in_again in1 51302
leave KILL
pass_to in1
follow_again
third=$(now)
lab_packet later3 udp in1 "$(lab_at 4 in1 51303)" "$(lab_at 4 masquerade 53)"
succeeds "one more in the third run" until_true 10 in_again in1 51303
leave INT
succeeds "who had it in the first run" had in1 "$first"
succeeds "when nobody looked, that is said" is_warned "$between"
succeeds "who had it in the second run" had in2 "$second"
succeeds "who had it in the third run" had in1 "$third"
succeeds "the one who was killed has said no end" test "$(grep -c '"event":"stopped"' "$out/again")" == 2
finish
