#!/bin/bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# The room names against a name server, good and bad, in a network namespace of its own: what is
# asked, how often, what comes of it and how long it takes. Leaves nothing behind.
# usage: names_test.sh PROBE    PROBE is the program built from names_probe.cpp

set -u

probe=$(realpath "${1:?usage: names_test.sh PROBE}")
here=$(dirname "$(realpath "$0")")
ns=natstat-names-$$
etc=/etc/netns/$ns
tmp=$(mktemp -d)
server=
passed=0
failed=0
skipped=0

close() {
    echo "$passed passed, $failed failed, $skipped skipped"
}

skip_all() {
    echo "SKIP all: $1"
    skipped=$((skipped + 1))
    close
    exit 77
}

stop_server() {
    [ -n "$server" ] || return 0
    kill "$server" 2>/dev/null
    wait "$server" 2>/dev/null
    server=
}

made_netns_directory=false
# shellcheck disable=SC2317  # called by the trap
clean_up() {
    stop_server
    ip netns del "$ns" 2>/dev/null
    rm -rf "$etc" "$tmp"
    $made_netns_directory && rmdir /etc/netns 2>/dev/null
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

# start_server ARGUMENTS...: returns once it listens.
start_server() {
    stop_server
    : >"$tmp/ready"
    rm -f "$tmp/count"
    ip netns exec "$ns" python3 "$here/dns_server.py" 192.0.2.53 --count "$tmp/count" "$@" \
        >"$tmp/ready" &
    server=$!
    while kill -0 $server 2>/dev/null; do
        grep -q ready "$tmp/ready" && return 0
        sleep 0.05
    done
    echo "FAIL the name server does not start"
    exit 1
}

# resolver LINES...: what resolv.conf says.
resolver() {
    printf '%s\n' "$@" >"$etc/resolv.conf"
}

# run ARGUMENTS...: the probe in the namespace, its output in $tmp/out; what hangs is ended. A probe that
# fails, or that a sanitizer has a word about, is a failed test.
run() {
    local status
    timeout 1200 ip netns exec "$ns" "$probe" "$@" >"$tmp/out" 2>"$tmp/err"
    status=$?
    [ $status -eq 0 ] && [ ! -s "$tmp/err" ] && return
    failed=$((failed + 1))
    echo "FAIL the probe ended with $status"
    head -20 "$tmp/err"
}

# figure NAME: a figure from the probe's last line of them.
figure() {
    sed -n "s/.*\b$1=\([0-9]*\).*/\1/p" "$tmp/out" | tail -1
}

# check WHAT CONDITION...: counts the test; on failure shows what the probe said.
check() {
    local what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        echo "ok   $what"
    else
        failed=$((failed + 1))
        echo "FAIL $what"
        tail -5 "$tmp/out" | cut -c1-200 | sed 's/^/     /'
    fi
}

named() { grep -qxF "$1 $2" "$tmp/out"; }
unnamed() { grep -qxF "$1 " "$tmp/out"; }
is() { [ "$(figure "$1")" = "$2" ]; }
lasted() { [ "$(figure elapsed_ms)" -ge "$1" ]; }
# What does not wait for its deadline is over before it, however slow the machine is: it is this long.
long=60000
before_the_deadline() { [ "$(figure elapsed_ms)" -lt $long ]; }
trouble() { grep -q 'trouble=.' "$tmp/out"; }
no_trouble() { grep -q 'trouble=$' "$tmp/out"; }
prints() { [ "$(grep -v elapsed_ms "$tmp/out" | tr '\n' ' ')" = "$1" ]; }

# asked QUESTIONS TIMES: so many different questions came in, each so many times.
asked() {
    [ "$(cut -d' ' -f1 "$tmp/count" | sort | uniq -c | tr -s ' ')" = " $1 $2" ]
}

# addresses GROUP COUNT: addresses of 2001:db8 with this third group, in the text form of probe and
# server alike.
addresses() {
    local i
    for ((i = 1; i <= $2; i++)); do
        printf '2001:db8:%s::%x\n' "$1" "$i"
    done
}

# ---------------------------------------------------------------------------------------------------

[ "$(id -u)" = 0 ] || skip_all "not root"
for tool in ip python3 timeout; do
    command -v $tool >/dev/null || skip_all "no $tool"
done
for file in /etc/resolv.conf /etc/hosts; do
    [ -e $file ] || skip_all "no $file to cover"
done
[ -d /etc/netns ] || made_netns_directory=true
if ! mkdir -p "$etc" || ! ip netns add "$ns"; then
    skip_all "network namespaces are not allowed here"
fi
ip -n "$ns" link set lo up
ip -n "$ns" address add 192.0.2.53/32 dev lo
ip -n "$ns" address add 192.0.2.54/32 dev lo
resolver 'nameserver 192.0.2.53'
printf '%s\n' '127.0.0.1 localhost' '# a comment' '203.0.113.7  inhosts.example inhosts # more' \
    '203.0.113.8 two_words;bad' >"$etc/hosts"
[ -e /etc/nsswitch.conf ] && printf 'hosts: files dns\nservices: files\n' >"$etc/nsswitch.conf"

test_listing() {
    start_server
    { seq -f '192.0.2.%g' 1 200; seq -f '192.0.2.%g' 1 200; echo 203.0.113.7; echo 203.0.113.7; } \
        >"$tmp/in"
    run hosts $long <"$tmp/in"
    check "200 addresses have their names" is named 402
    check "the right one" named 192.0.2.77 host-192-0-2-77.example
    check "the hosts file has its say" named 203.0.113.7 inhosts.example
    check "no word of trouble" no_trouble
    stop_server
    check "each was asked once, the one in the hosts file not at all" asked 200 1

    start_server
    run many 3000 $long
    check "3000 addresses have names" is named 3000
    check "none is left over" is unanswered 0
    check "and it was over when the last answer was in" before_the_deadline
    stop_server
    check "each was asked once" asked 3000 1
}

test_order() {
    start_server
    addresses 1 100 >"$tmp/in"
    run hosts $long <"$tmp/in"
    check "answers out of order: all named" is named 100
    check "the first" named 2001:db8:1::1 h1.many.example
    check "the last" named 2001:db8:1::64 h64.many.example
}

test_loss() {
    start_server
    addresses 2 20 >"$tmp/in"
    run hosts $long <"$tmp/in"
    check "each packet lost once: all named" is named 20
    check "within the deadline" before_the_deadline
    stop_server
    check "by asking twice" asked 20 2
}

test_answers() {
    start_server
    { addresses 3 3; addresses 4 30; addresses 6 3; addresses 7 3; addresses 8 3; echo 192.0.2.1; \
        echo 203.0.113.8; } >"$tmp/in"
    run hosts $long <"$tmp/in"
    check "a truncated answer is asked for again by TCP" named 2001:db8:3::2 tcp2.example
    check "answers to other questions are passed over" named 2001:db8:4::1 h1.many.example
    check "every time" test "$(grep -c ' h[0-9a-f]*\.many\.example$' "$tmp/out")" = 30
    check "and not believed" test "$(grep -c lie "$tmp/out")" = 0
    check "no such name is no name" unnamed 2001:db8:6::1
    check "a failure is no name" unnamed 2001:db8:7::1
    check "a refusal is no name" unnamed 2001:db8:8::1
    check "neither harms the others" named 192.0.2.1 host-192-0-2-1.example
    check "a bad line of the hosts file is no answer" named 203.0.113.8 host-203-0-113-8.example
    check "failures and refusals count as unanswered, no name does not" is unanswered 6
    check "they do not wait for the deadline" before_the_deadline

    { addresses 7 100; addresses 8 100; echo 192.0.2.1; } >"$tmp/in"
    run hosts $long <"$tmp/in"
    check "failures first: the rest is still asked" named 192.0.2.1 host-192-0-2-1.example
}

test_junk() {
    local kind
    for kind in 0 1 2 3 4; do
        start_server
        { echo "2001:db8:b::$kind"; seq -f '192.0.2.%g' 1 20; } >"$tmp/in"
        run hosts $long <"$tmp/in"
        check "a packet of junk, kind $kind: all named" is named 21
    done
    addresses 5 3 >"$tmp/in"
    run hosts $long <"$tmp/in"
    check "half of an answer is no name" is named 0
}

test_bad_names() {
    local address
    start_server
    # One at a time: a packet that can not be read makes newer c-ares ask anew for all others.
    : >"$tmp/all"
    for address in 2001:db8:a:: $(addresses a 16); do
        run hosts $long <<<"$address"
        cat "$tmp/out" >>"$tmp/all"
    done
    cp "$tmp/all" "$tmp/out"
    check "17 bad names are wanted" test "$(grep -c wanted=1 "$tmp/out")" = 17
    # The pointer to the question is odd, but it is a plain name: the reverse name itself.
    grep -v '^2001:db8:a::c ' "$tmp/out" | grep -v '^wanted=' | grep -v ' $' >"$tmp/shown"
    check "none of them is shown" test ! -s "$tmp/shown"
    check "no control character gets out" test "$(LC_ALL=C grep -c '[^ -~]' "$tmp/out")" = 0
}

test_silence() {
    start_server
    { addresses 9 5; seq -f '192.0.2.%g' 1 50; } >"$tmp/in"
    run hosts 5000 <"$tmp/in"
    check "5 of 55 get no answer: the others have names" is named 50
    check "and the five are counted" is unanswered 5
    check "at the cost of the deadline" lasted 4950
    check "which is no trouble with the server" no_trouble

    { addresses 9 700; seq -f '192.0.2.%g' 1 250; } >"$tmp/in"
    run hosts 10000 <"$tmp/in"
    check "700 without an answer do not hold up those behind them" is named 250
}

test_dead_server() {
    start_server --mute
    run many 10 1000
    check "a dead server costs the deadline" lasted 950
    check "and is told" trouble
    run many 100000 1000
    check "also with 100000 addresses" lasted 950
    check "which are all unanswered" is unanswered 100000
    run live 1000 1500
    check "a view is never held up by it" is waits 0
    start_server --delay $long
    run many 10 1000
    check "answers after the deadline do not count" is named 0
    check "nor are they waited for" before_the_deadline
}

test_no_server() {
    stop_server
    run many 10 $long
    check "nobody listens: over before the deadline" before_the_deadline
    check "and is told" trouble
    run many 100000 $long
    check "also with 100000 addresses" before_the_deadline
    resolver 'nameserver 203.0.113.1'
    run many 100000 $long
    check "no route to the server: over before the deadline" before_the_deadline
    check "and is told" trouble
    resolver ''
    run many 100000 $long
    check "no server configured: over before the deadline" before_the_deadline
    run resolve both.example $long
    check "also for the addresses of a name" before_the_deadline
    printf '203.0.113.7\n192.0.2.1\n' | run hosts $long
    check "the hosts file still works" named 203.0.113.7 inhosts.example
    resolver 'nameserver 192.0.2.53'
}

test_second_server() {
    start_server
    resolver 'nameserver 192.0.2.54' 'nameserver 192.0.2.53'
    run many 300 $long
    check "the first server refuses: the second names all" is named 300
    check "before the deadline" before_the_deadline
    resolver 'nameserver 192.0.2.53'
}

test_forwarder() {
    start_server --open-max 150 --delay 10
    run many 1500 $long
    check "a forwarder that bears 150 open questions is not swamped" is named 1500
    stop_server
    check "and is asked each thing once" asked 1500 1
}

test_live() {
    start_server --delay 5
    run live 1000 $long
    check "a view gets all names" is named 1000
    check "and its steps do not wait" is waits 0
    check "told when there is something new" test "$(figure learned)" -ge 1
    stop_server
    check "each was asked once" asked 1000 1
}

test_forward() {
    start_server
    run resolve both.example $long
    check "addresses of both families" prints "192.0.2.10 192.0.2.11 2001:db8::10 "
    run resolve only4.example $long
    check "of one" prints "192.0.2.12 "
    run resolve only6.example $long
    check "of the other" prints "2001:db8::12 "
    run resolve half.example 2000
    check "no answer for one family does not cost the other" prints "192.0.2.13 "
    run resolve mute.example 1000
    check "no answer at all: nothing" prints ""
    check "at the cost of the deadline" lasted 950
    run resolve absent.example $long
    check "no such name: nothing" prints ""
    check "before the deadline" before_the_deadline
    stop_server
    run resolve inhosts $long
    check "a name of the hosts file" prints "203.0.113.7 "
    run resolve 2001:db8::9 $long
    check "an address is its own" prints "2001:db8::9 "
    run resolve '' 1000
    check "an empty name: nothing" prints ""
    run resolve 'two words' 1000
    check "a name that can not be: nothing" prints ""
}

test_services() {
    if [ ! -e /etc/services ] || [ ! -e /etc/nsswitch.conf ]; then
        skipped=$((skipped + 1))
        echo "SKIP services: no /etc/services or /etc/nsswitch.conf to cover"
        return
    fi
    printf '%s\n' 'alpha 4001/tcp first-alias # comment' 'beta 4001/udp' 'gamma 4002/sctp' \
        'gamma 4003/tcp' 'later 4001/tcp' >"$etc/services"
    run service 4001 6
    check "a service of TCP" prints "alpha "
    run service 4001 17
    check "the same port with UDP" prints "beta "
    run service 4001 136
    check "UDP-Lite borrows from UDP" prints "beta "
    run service 4002 132
    check "SCTP" prints "gamma "
    run service 4009 6
    check "no service" prints " "
    run ports first-alias 6
    check "a port by an alias" prints "4001 "
    run ports gamma 0
    check "ports of any protocol" prints "4002 4003 "
    printf 'long 4010/tcp %s\nafter 4011/tcp\n' "$(seq -f 'alias-number-%g' -s ' ' 3000)" \
        >>"$etc/services"
    run ports alias-number-3000 6
    check "a line longer than the buffer" prints "4010 "
    run service 4011 6
    check "and the one behind it" prints "after "
}

test_listing
test_order
test_loss
test_answers
test_junk
test_bad_names
test_silence
test_dead_server
test_no_server
test_second_server
test_forwarder
test_live
test_forward
test_services
close
[ $failed -eq 0 ]
