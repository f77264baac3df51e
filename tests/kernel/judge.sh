# shellcheck shell=bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Counting for the tests against the kernel. Source it. It runs nothing by itself.
#
#   fail WHAT LINE...    skip WHY    skip_all WHY (ends)    finish (the last line, the exit status)
#   until_true SECONDS COMMAND...   waits for it
#   patient SECONDS                 the seconds after which it is given up
#
# Nothing fails because a machine is slow or busy: SECONDS are what something takes at most where nothing else
# runs, and it is given twenty times as long, and a minute at least. What hangs is noticed after that.
#   succeeds WHAT COMMAND...  it must; what it said is shown when it does not
#   stop_followers            ends the processes in `followers` as a user does, each with exit 0
#   count_checks COMMAND...   runs a program that prints its failures and `counted PASSED FAILED`

passed=0 failed=0 skipped=0
python=python3
# The system's own starts faster than a version switcher's.
[[ ! -x /usr/bin/python3 ]] || python=/usr/bin/python3

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    ((failed == 0)) || exit 1
    exit "${1:-0}"
}

skip() {
    echo "SKIP $1"
    skipped=$((skipped + 1))
}

skip_all() {
    skip "all: $1"
    finish 77
}

fail() {
    failed=$((failed + 1))
    printf 'FAIL %s\n' "$1"
    shift
    (($# == 0)) || printf '     %s\n' "$@"
}

succeeds() {
    local what=$1 said
    shift
    if said=$("$@" 2>&1); then
        passed=$((passed + 1))
    else
        fail "$what" "$*" "$(tail -n 60 <<<"$said")"
    fi
}

# needs COMMAND...: skips all if one is missing, or if this is not a place for network namespaces.
needs() {
    local tool
    ((EUID == 0)) || skip_all "needs root, to make network namespaces"
    for tool in "$@"; do
        command -v "$tool" >/dev/null || skip_all "needs the command $tool"
    done
    unshare -n true 2>/dev/null || skip_all "network namespaces are not allowed here"
}

patient() {
    local seconds
    seconds=$(printf '%.0f' "$1")
    echo $((seconds > 3 ? seconds * 20 : 60))
}

until_true() {
    local end=$((SECONDS + $(patient "$1")))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || return 1
        sleep 0.05
    done
}

count_checks() {
    local lines more_passed more_failed
    lines=$("$@") || fail "the checks did not come to their end: $*"
    grep -v '^counted ' <<<"$lines"
    read -r more_passed more_failed < <(sed -n 's/^counted //p' <<<"$lines")
    passed=$((passed + ${more_passed:-0})) failed=$((failed + ${more_failed:-0}))
}

stop_followers() {
    local follower status
    kill -INT "${followers[@]}"
    for follower in "${followers[@]}"; do
        wait "$follower"
        status=$?
        succeeds "SIGINT ends it with exit 0, not $status" test $status -eq 0
    done
    followers=()
}
