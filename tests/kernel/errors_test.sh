#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What natstat says and how it ends when something is not as it should be: no privilege, no
# conntrack, no reader, no space, no file, no resolver. In a network namespace of its own, with
# flows that natstat-fill of the same build makes. It leaves nothing behind.
# usage: errors_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: errors_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/kernel/runs.sh
. "$here/runs.sh"

# -- privilege ------------------------------------------------------------------------------------

test_privilege() {
    local words
    for words in -nN -N "-n --json" "-n --format csv" "-na --sort none" "-n nat 198.51.100.1:80"; do
        # shellcheck disable=SC2086 # words
        run 5 "${as_nobody[@]}" "$program" $words
        check "not root, $words: a message that helps" could_not CAP_NET_ADMIN sudo
    done
    run 5 "${in_box[@]}" setpriv --bounding-set=-net_admin "$program" -n
    check "root without the capability: the same" could_not CAP_NET_ADMIN
    run 5 "${as_nobody[@]}" "$program" --help
    check "not root, --help" ends_well
    run 5 "${in_box[@]}" setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=+net_admin \
        --ambient-caps=+net_admin "$program" -nN
    check "not root, with the capability: works" ends_well
    check "and shows the flows" test "$(wc -l <"$tmp/out")" -ge 1
    if "${as_nobody[@]}" unshare -rn true 2>/dev/null; then
        run 5 "${as_nobody[@]}" unshare -rn "$program" -nN
        check "not root, in a namespace of one's own: works" ends_well
        check "and shows an empty table" prints_lines 1
    else
        skip "a user namespace of one's own: not allowed here"
    fi
}

# -- calls that fail ------------------------------------------------------------------------------

# inject FAULTS NATSTAT_ARGUMENT...: natstat with a fault in its calls; with write, in those to
# standard output only, because no signal can interrupt the one to an eventfd.
inject() {
    local faults=$1 only=()
    shift
    [[ $faults != write:* ]] || only=(-P "$tmp/out")
    run 10 "${in_box[@]}" strace -f -qq -o "$tmp/calls" "${only[@]}" -e "trace=${faults%%:*}" \
        -e "inject=$faults" "$program" "$@"
    check "$faults: happens" grep -qF INJECTED "$tmp/calls"
}

test_calls() {
    local error
    [[ $can_inject ]] || return
    for error in EPROTONOSUPPORT EAFNOSUPPORT; do
        inject socket:error=$error -nN
        check "$error: no conntrack in the kernel, and what helps" \
            could_not "cannot list connections" "no conntrack" modprobe
    done
    for error in EPERM EACCES; do
        inject socket:error=$error -nN
        check "$error: the capability" could_not "cannot list connections" CAP_NET_ADMIN
    done
    inject socket:error=EMFILE -nN
    check "EMFILE: why" could_not "cannot list connections" "Too many open files"

    "${in_box[@]}" "$program" -nNa >"$tmp/whole"
    for error in recvfrom,recvmsg:error=EINTR:when=1+2 poll:error=EINTR:when=1+2 \
        write:error=EINTR:when=1+2; do
        inject $error -nNa
        check "$error: no row is lost or comes twice" same_as_whole
    done
    # What a dump that ends at once can make of a receive in another thread. The addresses of the
    # host come by recvmsg.
    "${in_box[@]}" "$program" -nN >"$tmp/whole"
    inject recvfrom:error=EINVAL:when=1+2 -nN
    check "EINVAL: no row is lost or comes twice" same_as_whole
    # strace counts for each thread, and every list has its own: each try ends in the middle.
    for error in ENOBUFS ENOMEM; do
        inject recvfrom,recvmsg:error=$error:when=12 -nNa
        check "$error in the middle of every try: an end, and a word" not_whole
        inject sendto:error=$error:when=3+ -nNa # the first two are getifaddrs's
        check "$error for every request: an end, and a word" not_whole
    done
    inject sendto:error=EINTR:when=3 -nN
    check "a request that is interrupted is made again" same_as_whole
    inject clone3,clone:error=EAGAIN -nNa
    check "no thread to be had: a message, or the listing all the same" message_or_listing
    inject write:error=EIO:when=1 -nNa
    check "EIO for the output" could_not "standard output" "Input/output error"
}

not_whole() {
    exits 0 && one_message && says "answers were lost"
}

same_as_whole() {
    ends_well && prints "$tmp/whole"
}

message_or_listing() {
    same_as_whole || { exits 1 && one_message; }
}

# -- output ---------------------------------------------------------------------------------------

formats=("-nNa" "-nNa --sort none" "-na --json" "-na --format jsonl" "-na --format csv")

test_full_disk() {
    local words
    : >"$tmp/out"
    for words in "${formats[@]}" "-n port 1" "--help" "--version" "--list-columns"; do
        # shellcheck disable=SC2086 # words
        timed 10 "${in_box[@]}" "$program" $words >/dev/full 2>"$tmp/err"
        check "full disk, $words" could_not "standard output" "No space left on device"
    done
}

test_closed_pipe() {
    local words reader
    for words in "${formats[@]}"; do
        for reader in "head -1" true; do
            # shellcheck disable=SC2086 # words
            { "${in_box[@]}" "$program" $words 2>"$tmp/err"; echo $? >"$tmp/status"; } |
                $reader >"$tmp/out"
            status=$(<"$tmp/status") elapsed=0
            check "closed pipe, $words | $reader" ends_well
        done
    done
    { "${in_box[@]}" "$program" --help 2>"$tmp/err"; echo $? >"$tmp/status"; } | true
    status=$(<"$tmp/status")
    check "closed pipe, --help" ends_well
}

test_closed_descriptors() {
    local words
    : >"$tmp/out"
    for words in "${formats[@]}" --help "-na -f $tmp/list"; do
        # shellcheck disable=SC2086 # words
        timed 5 "${in_box[@]}" "$program" $words >&- 2>"$tmp/err"
        check "standard output closed, ${words/ $tmp/ }" could_not "standard output"
    done
    timed 5 "${in_box[@]}" "$program" -nNa >&- 2>"$tmp/err" <&-
    check "standard input and output closed" could_not "standard output"
    : >"$tmp/err"
    timed 5 "${in_box[@]}" "$program" -nNa >&- 2>&-
    check "standard output and error closed: exit 1" exits 1
    timed 5 "${in_box[@]}" "$program" -nNa >"$tmp/out" 2>&-
    check "standard error closed, nothing to say: exit 0" exits 0
    check "and all rows" prints <("${in_box[@]}" "$program" -nNa)
    timed 5 "${as_nobody[@]}" "$program" -nNa >"$tmp/out" 2>&-
    check "standard error closed, not root: exit 1" exits 1
    check "and no output" prints_nothing
    timed 3 "$program" -n -f - >"$tmp/out" 2>"$tmp/err" <&-
    check "standard input closed, -f -" could_not "standard input"
}

# A reader that takes its time, behind a pipe that does not wait.
test_slow_reader() {
    "${in_box[@]}" "$program" -nNa >"$tmp/whole"
    "${in_box[@]}" "$python" -c '
import fcntl, os, subprocess, sys, time
r, w = os.pipe()
fcntl.fcntl(w, fcntl.F_SETFL, fcntl.fcntl(w, fcntl.F_GETFL) | os.O_NONBLOCK)
child = subprocess.Popen(sys.argv[1:], stdout=w)
os.close(w)
while True:
    data = os.read(r, 30000)
    if not data:
        break
    sys.stdout.buffer.write(data)
    time.sleep(0.01)
sys.exit(child.wait())' "$program" -nNa >"$tmp/out" 2>"$tmp/err"
    status=$? elapsed=0
    check "a pipe that does not wait: every row arrives" same_as_whole
}

test_signals() {
    local signal pid words reader
    for signal in INT TERM; do
        for words in -nNa "-na --json" "-na --sort none"; do
            rm -f "$tmp/pipe"
            mkfifo "$tmp/pipe"
            exec {reader}<>"$tmp/pipe" # holds it open, looks whether something came, reads nothing
            # With job control, as without it bash lets background processes ignore SIGINT.
            set -m
            # shellcheck disable=SC2086 # words
            "${in_box[@]}" "$program" $words >"$tmp/pipe" 2>"$tmp/err" &
            pid=$!
            set +m
            until_true 5 read -r -t 0 -u "$reader"
            kill -$signal $pid
            : >"$tmp/out"
            over $pid
            exec {reader}<&-
            check "SIG$signal in the middle, $words: ends it, as this signal" exits $((128 + $(kill -l $signal)))
            check "without a word" quiet
        done
    done
}

# -- files ----------------------------------------------------------------------------------------

test_files() {
    local name
    run 5 "$program" -n -f "$tmp/none"
    check "no such file" could_not "$tmp/none" "No such file or directory"
    run 5 "$program" -n -f "$tmp"
    check "a directory" could_not "$tmp" "no file of a NAT log"
    cp "$tmp/list" "$tmp/secret"
    chmod 000 "$tmp/secret"
    run 5 "${as_nobody[@]}" "$program" -n -f "$tmp/secret"
    check "a file that may not be read" could_not "$tmp/secret" "Permission denied"
    run 5 "$program" -n -f "$program"
    check "a binary file" could_not "$program" "not conntrack text"
    printf 'root:x:0:0:root:/root:/bin/bash\n' >"$tmp/passwd"
    run 5 "$program" -n -f "$tmp/passwd"
    check "text of another kind" could_not "$tmp/passwd" "not conntrack text" "line 1"
    : >"$tmp/empty"
    for name in "$tmp/empty" /dev/null; do
        run 5 "$program" -n -f "$name"
        check "an empty file is an empty table" ends_well
        check "with a header" prints_lines 1
    done
    run 5 "$program" -n --json -f "$tmp/empty"
    check "an empty file as JSON" test "$(jq -c . "$tmp/out")" = '[]'
    for name in zero urandom; do
        run 10 "$program" -n -f /dev/$name
        check "/dev/$name comes to an end" could_not "not conntrack text"
    done
    run 10 "$program" -n -f <(yes)
    check "garbage without end" could_not "not conntrack text"
    run 10 "$program" -n -f <(tr '\0' x </dev/zero)
    check "a line without end" could_not "not conntrack text"
    run 10 "${in_box[@]}" "$program" -na -f "$tmp/list"
    check "conntrack's own text, saved" ends_well
    check "is the kernel's table" prints <("${in_box[@]}" "$program" -na)
    run 10 "$program" -na -f - <"$tmp/list"
    check "the same from standard input" prints <("${in_box[@]}" "$program" -na)
    { cat "$tmp/list"; printf 'this is no flow\n'; } >"$tmp/mixed"
    run 10 "$program" -na -f "$tmp/mixed"
    check "a strange line among flows: the rest is shown" \
        prints <("${in_box[@]}" "$program" -na)
    check "and it is told" says "1 "
}

# Nobody writes to it, and nobody will.
# A library that is loaded when it is asked for, and is not there: in a mount namespace it is an empty file.
test_absent_library() {
    local library
    library=$(realpath "$(ldconfig -p | awk '$1 ~ /^libpcap\.so\.(1|0\.8)$/ { print $NF; exit }')")
    # shellcheck disable=SC2016 # for the other shell
    local without=(unshare -m bash -c 'mount --bind /dev/null "$0" && exec "$@"' "$library")
    run 5 "${without[@]}" "$program" -n -f "$here/../../packaging/demo.pcap"
    check "no libpcap: no recording is read" could_not "cannot read $here/../../packaging/demo.pcap: libpcap.so" "install"
    run 5 "${in_box[@]}" "${without[@]}" "$program" -w "$tmp/unmade"
    check "nor recorded" could_not "cannot record to $tmp/unmade: libpcap.so" "install"
    check "and no file is made" test ! -e "$tmp/unmade"
    run 5 "${in_box[@]}" "${without[@]}" "$program" -nN
    check "a list does without it" ends_well
}

test_lonely_fifo() {
    local words pid
    mkfifo "$tmp/lonely"
    for words in "-nN" "-E" "-aE --json" "-n --by source"; do
        set -m
        # shellcheck disable=SC2086 # words
        "$program" $words -f "$tmp/lonely" >"$tmp/out" 2>"$tmp/err" &
        pid=$!
        set +m
        until_true 20 eval "ls -l /proc/$pid/fd 2>/dev/null | grep -q lonely" ||
            fail "a FIFO without a writer, $words: it is not opened"
        kill -TERM $pid
        wait $pid
        status=$?
        check "a FIFO without a writer, $words: ended by a signal" ends_by_signal
    done
}

ends_by_signal() { exits 143 || exits 0; }

test_usage() {
    run 5 "$program" -n -C sorce
    check "an unknown column" exits 2
    check "what was meant" says "did you mean 'source'?"
    run 5 "$program" -n 'tcp and prot 80'
    check "a filter with a mistake" exits 2
    check "the place" says "^"
    run 5 "$program" --frobnicate
    check "an unknown option" exits 2
    check "by its name" says frobnicate
}

# -- names ----------------------------------------------------------------------------------------

# A name server that never answers, at an address of this namespace.
dead_resolver() {
    mkdir -p "$etc" && printf 'nameserver 192.0.2.53\n' >"$etc/resolv.conf" || return
    # Without names for ports a table with names must be the one without.
    [[ ! -e /etc/services ]] || : >"$etc/services"
    [[ ! -e /etc/nsswitch.conf ]] ||
        printf 'hosts: files dns\nservices: files\n' >"$etc/nsswitch.conf"
    "${in_box[@]}" ip link set lo up && "${in_box[@]}" ip address add 192.0.2.53/32 dev lo &&
        "${in_box[@]}" nft -f - <<'END'
table inet deaf {
    chain input {
        type filter hook input priority filter; policy accept;
        meta l4proto { tcp, udp } th dport 53 counter drop
    }
}
END
}

# How many questions have come to it.
questions() { "${in_box[@]}" nft list chain inet deaf input | sed -n 's/.*counter packets \([0-9]*\) .*/\1/p'; }
asked_since() { (($(questions) > $1)); }

test_names() {
    if [[ ! -e /etc/resolv.conf ]]; then
        skip "names: there is no /etc/resolv.conf to cover"
        return
    fi
    dead_resolver || { skip "names: no dead name server could be made"; return; }
    "${in_box[@]}" "$program" -nN -4 >"$tmp/whole"
    run 15 ip netns exec "$ns" "$program" -N -4
    check "a dead name server costs the deadline of 2 s" lasts 1900
    check "exit 0" exits 0
    check "and the table has numbers" prints "$tmp/whole"
    check "with a word about it" one_message
    run 15 ip netns exec "$ns" "$program" -N -4 --name-timeout 0.5
    check "--name-timeout 0.5" lasts 450
    check "has the same numbers" prints "$tmp/whole"
    run 15 ip netns exec "$ns" "$program" -N -4 --name-timeout 0
    check "--name-timeout 0 has the same numbers" prints "$tmp/whole"
    check "somebody was asked until here" asked_since 0
    local before
    before=$(questions)
    run 15 ip netns exec "$ns" "$program" --json -4
    check "JSON has no names and asks nobody" eval '! asked_since "$before"'
    check "nor speaks of it" ends_well
    run 15 ip netns exec "$ns" "$program" -n -s nowhere.example
    check "a name in an option" fails
    check "is told" says nowhere.example

    set -m
    ip netns exec "$ns" "$program" -N --name-timeout 20 >"$tmp/out" 2>"$tmp/err" &
    local pid=$!
    set +m
    before=$(questions)
    until_true 10 asked_since "$before"
    kill -INT $pid
    over $pid
    check "SIGINT while it waits for names: ends it, as this signal" exits 130
}

# -------------------------------------------------------------------------------------------------

needs ip nft conntrack nsenter setpriv unshare python3 jq
open_box
if [[ -x $fill ]]; then
    fill_box 0 4000
else
    skip "a table of thousands of flows: the build has no $fill"
    for ((i = 0; i < 20; i++)); do
        "${in_box[@]}" conntrack -I -p udp -s 192.0.2.10 -d 203.0.113.10 --sport $((40000 + i)) \
            --dport 53 -t 600 --src-nat 198.51.100.1 >/dev/null 2>&1
    done
fi
"${in_box[@]}" conntrack -L -o extended 2>/dev/null >"$tmp/list"

find_strace
test_privilege
test_calls
test_full_disk
test_closed_pipe
test_closed_descriptors
test_slow_reader
[[ ! -x $fill ]] || test_signals
test_files
test_absent_library
test_lonely_fifo
test_usage
test_names
finish
