# shellcheck shell=bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For the tests of how natstat ends: a network namespace without traffic (the box), runs of a
# command with a limit of time, and conditions on what came of the last run. Source it after
# judge.sh, with natstat set.
#
#   open_box                   makes it; a trap takes it down
#   "${in_box[@]}" COMMAND     runs a command there; "${as_nobody[@]}" without any privilege
#   open_talk                  what 192.0.2.1 and 203.0.113.1, both of the box, say to each other is followed there
#   open_nat                   flows that are put into the table can be translated
#   fill_box FIRST NUMBER      flows of natstat-fill
#   run SECONDS COMMAND...     output in $tmp/out, standard error in $tmp/err, the exit in $status,
#                              milliseconds in $elapsed. What hangs is ended (patient), with $status 124
#   timed SECONDS COMMAND...   the same without a place for the output
#   listens PROCESS            it has asked the kernel for events in the box
#   follows PROCESS            and it has read its first list, and waits
#   over PROCESS               waits for its end, as long as it takes; the exit in $status
#   check WHAT CONDITION...    counts; a condition is a command; shows the last run if it is false

fill=$(dirname "$natstat")/tests/bench/natstat-fill
ns=natstat-errors-$$
etc=/etc/netns/$ns
# What runs in the box is a process of its own with no shell between, so that signals and closed
# descriptors are its own too.
in_box=(nsenter "--net=/run/netns/$ns" --)
as_nobody=("${in_box[@]}" setpriv --reuid=65534 --regid=65534 --clear-groups)
tmp=
children=()
status=0 elapsed=0

open_box() {
    trap clean_up EXIT
    trap 'exit 1' INT TERM HUP
    made_netns_directory=
    [[ -d /etc/netns ]] || made_netns_directory=yes
    tmp=$(mktemp -d -t natstat-errors.XXXXXX) || exit 1
    chmod 755 "$tmp"
    : >"$tmp/out"
    : >"$tmp/err"
    # Where anybody may run it.
    program=$tmp/natstat
    cp "$natstat" "$program" && chmod 755 "$program"
    ip netns add "$ns" || exit 1
}

open_talk() {
    local address
    "${in_box[@]}" ip link set lo up
    for address in 192.0.2.1/24 203.0.113.1/24; do "${in_box[@]}" ip address add $address dev lo; done
    "${in_box[@]}" nft -f - <<'END'
table ip track {
    chain out { type filter hook output priority 0; ct state new accept; }
}
END
}

open_nat() {
    "${in_box[@]}" nft -f - <<'END'
table ip nat {
    chain post { type nat hook postrouting priority 100; }
}
END
}

# shellcheck disable=SC2317  # called by the trap
clean_up() {
    stop_children
    ip netns del "$ns" 2>/dev/null
    rm -rf "$etc" "$tmp"
    [[ ! $made_netns_directory ]] || rmdir /etc/netns 2>/dev/null
}

stop_children() {
    local child
    for child in "${children[@]}"; do
        kill -KILL "$child" 2>/dev/null
        wait "$child" 2>/dev/null
    done
    children=()
}

fill_box() {
    "${in_box[@]}" "$fill" --first "$1" "$2" >"$tmp/fill.log" 2>&1 && return
    fail "natstat-fill: $(<"$tmp/fill.log")"
    finish
}

run() {
    timed "$@" >"$tmp/out" 2>"$tmp/err"
}

timed() {
    local start=${EPOCHREALTIME/[.,]/}
    timeout -k 1 "$(patient "$1")" "${@:2}"
    status=$?
    elapsed=$(((${EPOCHREALTIME/[.,]/} - start) / 1000))
}

# shellcheck disable=SC2016,SC2317 # awk's dollars
listens() { "${in_box[@]}" awk -v pid="$1" '$3 == pid && $4 !~ /^0+$/ { found = 1 } END { exit !found }' /proc/net/netlink; }

# Between two answers of the kernel it does not sleep in a poll: none of its threads runs, five looks long.
# shellcheck disable=SC2317
follows() {
    local look
    listens "$1" || return
    for look in 1 2 3 4 5; do
        ! grep -q '^State:.*[RD]' /proc/"$1"/task/*/status || return
        sleep 0.02
    done
}

over() {
    if until_true 10 ended "$1"; then
        wait "$1"
        status=$?
    else
        status=hangs
        kill -KILL "$1" && wait "$1"
    fi
}
# shellcheck disable=SC2317
ended() { ! [[ -e /proc/$1/exe ]]; }

check() {
    local what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        return
    fi
    fail "$what" "expected: $*" "came: exit $status after $elapsed ms"
    head -3 "$tmp/err" | cut -c1-300 | sed 's/^/     standard error: /'
    head -2 "$tmp/out" | cut -c1-200 | tr -d '\0' | sed 's/^/     output: /'
}

# -- conditions -----------------------------------------------------------------------------------

exits() { [[ $status == "$1" ]]; }
fails() { [[ $status == [12] ]]; }
says() { grep -qF -- "$1" "$tmp/err"; }
quiet() { [[ ! -s $tmp/err ]]; }
prints_nothing() { [[ ! -s $tmp/out ]]; }
prints_lines() { [[ $(wc -l <"$tmp/out") == "$1" ]]; }
prints() { cmp -s "$tmp/out" "$1"; }
lasts() { ((elapsed >= $1)); }
ends_well() { exits 0 && quiet; }
one_message() { [[ $(wc -l <"$tmp/err") == 1 && $(<"$tmp/err") == 'natstat: '* ]]; }

# could_not TEXT...: exit 1, one message on standard error with all of the texts, no output.
could_not() {
    local text
    exits 1 && one_message && prints_nothing || return
    for text in "$@"; do
        says "$text" || return
    done
}

# -- faults ---------------------------------------------------------------------------------------

can_inject=
find_strace() {
    if ! command -v strace >/dev/null; then
        skip "failing system calls: there is no strace"
        return
    fi
    run 5 strace -qq -o /dev/null -e inject=getppid:error=EPERM true
    if exits 0; then
        can_inject=yes
    else
        skip "failing system calls: strace does not work here: $(head -1 "$tmp/err")"
    fi
}
