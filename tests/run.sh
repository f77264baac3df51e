#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# The one command: installs what is missing, builds, runs every test, and ends with
# "N passed, N failed, N skipped". Run as root for the tests on the real kernel; without root they are
# skipped, and it says so.
#
#   tests/run.sh [WORD...]            words choose tests by a part of their name, and then nothing is installed
#                                     and only what these need is built ("tests/run.sh unit")
#   tests/run.sh release [WORD...]    what is for before a release alone, because it takes too long for every run
#   tests/run.sh rewrite [WORD...]    no tests: writes what they expect anew, as the program now has it (golden
#                                     files, frames, the manual's tables, budgets): to be read with git diff
#
# Three things go on side by side: what compiles, which fills every core, what tests, and what tests on the
# kernel, which mostly waits. A test waits for the build that it names. What each has said is in $NATSTAT_BUILDS
# (build-tests), log-NAME.txt.

set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

builds=${NATSTAT_BUILDS:-build-tests}
mkdir -p "$builds" && builds=$(realpath "$builds") || exit 1
sanitized=$builds/sanitized plain=$builds/plain
# Only for what never ends: a slow or busy machine may take as long as it takes.
limit=14400

mode=tests
case ${1:-} in
    release | rewrite) mode=$1 && shift ;;
esac
only=("$@")
planning='' needed=''

# -- counting -------------------------------------------------------------------------------------

# counted LOG STATUS: "PASSED FAILED SKIPPED" of what a test printed of itself: our own closing line, or Catch2's.
counted() {
    local log=$1 status=$2 line p f s
    [ "$status" -eq 77 ] && status=0 # it skipped itself and said so
    line=$(grep -aE '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$log" | tail -n 1)
    if [ -z "$line" ]; then
        line=$(sed -nE \
            -e 's/^All tests passed \(.* in ([0-9]+) test cases?\)$/\1 passed, 0 failed, 0 skipped/p' \
            -e 's/^test cases: *[0-9]+ \| *([0-9]+) passed \| *([0-9]+) failed.*$/\1 passed, \2 failed, 0 skipped/p' \
            -e 's/^test cases: *([0-9]+) \| *([0-9]+) failed.*$/0 passed, \2 failed, 0 skipped/p' \
            "$log" | tail -n 1)
    fi
    if [ -z "$line" ]; then # a step that only succeeds or not
        [ "$status" -eq 0 ] && line="1 passed, 0 failed, 0 skipped" || line="0 passed, 1 failed, 0 skipped"
    fi
    read -r p _ f _ s _ <<<"${line//,/}"
    if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
        f=1 # it counted no failure and yet did not end well
    fi
    echo "$p $f ${s:-0}"
}

# not_run WHAT WHY FAILED SKIPPED
not_run() {
    echo "0 $3 $4" >>"$run/counts"
    printf '\n== %s: %s\n' "$1" "$2"
}

# show NAME LOG STATUS COUNTS TIME: in one piece, whatever the other side says meanwhile.
show() {
    local name=$1 log=$2 status=$3 p f s
    read -r p f s <<<"$4"
    {
        flock 9
        printf '\n== %s: %s passed, %s failed, %s skipped; %s\n' "$name" "$p" "$f" "$s" "$5"
        if ((f > 0)); then
            tail -n 200 "$log"
            echo "-- $name failed (exit $status); all of it is in $log"
        else
            grep -aiE 'skip' "$log" | grep -avE '^[0-9]+ passed' | head -n 20
        fi
    } 9>>"$run/screen"
}

# perform NAME COMMAND...: runs it, shows what it said if it failed or skipped something, counts it.
perform() {
    local name=$1 log counts took=$run/time-$BASHPID status=0
    shift
    log=$builds/log-${name//[^a-z0-9+-]/-}.txt
    TIMEFORMAT='%0R s, %0U + %0S s of CPU'
    { time timeout --kill-after=10 "$limit" "$@" >"$log" 2>&1 </dev/null; } 2>"$took" || status=$?
    counts=$(counted "$log" "$status")
    echo "$counts" >>"$run/counts"
    show "$name" "$log" "$status" "$counts" "$(tail -n 1 "$took")"
    [[ $counts == *' 0 '* ]]
}

# -- the words of the lists below -----------------------------------------------------------------

wanted() {
    [ ${#only[@]} -eq 0 ] && return 0
    local word
    for word in "${only[@]}"; do
        [[ $1 == *"$word"* ]] && return 0
    done
    return 1
}

# step NAME BUILD COMMAND...: a test, and the build that it needs ("-": none).
step() {
    local name=$1 needs=$2
    shift 2
    wanted "$name" || return 0
    if [[ $planning ]]; then
        needed+=" $needs "
    elif [[ $needs != - ]] && ! built "$needs"; then
        not_run "$name" "not run, because there is no build $needs" 1 0
    else
        perform "$name" "$@"
    fi
}

# build NAME COMMAND...: made if a step needs it.
build() {
    [[ $needed == *" $1 "* && ! $planning ]] || return 0
    perform "build $1" "${@:2}" && : >"$run/built-$1"
    : >"$run/tried-$1"
}

built() {
    until [[ -e $run/tried-$1 || -e $run/compiled ]]; do sleep 0.2; done
    [[ -e $run/built-$1 ]]
}

# skipped_without NAME WHY: a step that this machine can not make.
skipped_without() {
    ! wanted "$1" || [[ $planning ]] || not_run "$1" "skipped: $2" 0 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# -- what compiles, one after the other -----------------------------------------------------------

sanitizers=(--buildtype=plain -Db_sanitize=address,undefined -Db_lundef=false)
oldest=g++
! have g++-11 || oldest=g++-11
# clang needs half the time of g++ for it, and has the fuzzers.
fuzzing=() fuzz=-Dfuzz=false
! have clang++ || fuzzing=(CXX=clang++ CC=clang) fuzz=-Dfuzz=true

building() {
    build sanitized env "${fuzzing[@]}" tests/build.sh "$sanitized" --werror "${sanitizers[@]}" -Doptimization=1 \
        -Dcpp_args=-g1 "$fuzz"
    build plain env CXX=$oldest tests/build.sh "$plain" --werror --buildtype=plain -Doptimization=2 \
        -Dtests=false -Dcost=true
}

compiling() {
    if have clang++ && have clang-tidy && [ -d .git ]; then
        step tidy - tests/tidy.sh "$builds/tidy"
    else
        skipped_without tidy "no clang++, no clang-tidy or no git checkout"
    fi
    step threads - tests/threads.sh "$builds/threads"
    step "package debian" - packaging/test/debian_test.sh
    step "package rpm" - packaging/test/rpm_test.sh --out "$builds/packages"
    step "package sources" - packaging/test/source_test.sh
    step "package dependencies" - packaging/test/deps_test.sh
    step "package release" - packaging/test/release_test.sh
    step "package repository" - packaging/test/repo_test.sh
    step "package install" - packaging/test/install_test.sh "$builds/packages"
}

# -- what tests, meanwhile ------------------------------------------------------------------------

testing() {
    local target
    step doors - python3 tests/doors.py
    # The tests find their data beside their sources, whose names are relative to the build.
    step unit sanitized env -C "$sanitized" tests/unit
    step guard sanitized env -C "$sanitized" tests/guard-test
    step oracle sanitized env -C "$sanitized" tests/oracle-test
    step golden sanitized python3 tests/golden/golden.py "$sanitized/natstat"
    step emf sanitized python3 tests/emf_check.py "$sanitized/natstat"
    step messages sanitized python3 tests/messages_test.py "$sanitized/natstat"
    step characters sanitized python3 tests/characters_test.py "$sanitized/natstat"
    step man sanitized python3 tests/man/man_test.py "$sanitized"
    step papers sanitized python3 tests/papers_test.py "$sanitized/natstat"
    step completion sanitized python3 tests/shells/completion_test.py "$sanitized/natstat"
    step terminal sanitized python3 tests/terminal/top_test.py "$sanitized/natstat"
    step "terminal lists" sanitized python3 tests/terminal/list_test.py "$sanitized/natstat"
    step "package version" sanitized packaging/test/version_test.sh "$sanitized/natstat"
    step hardening plain python3 tests/hardening_test.py "$plain/natstat" "$plain/compile_commands.json"
    step libraries plain python3 tests/libraries_test.py "$plain/natstat"
    step "golden plain" plain python3 tests/golden/golden.py "$plain/natstat"
    step cost plain python3 tests/cost/cost.py "$plain/tests/cost/natstat-instructions" "$plain/tests/cost/natstat-crafted"
    # It is started some thousand times.
    step adversary plain python3 tests/adversary/adversary.py "$plain/natstat"
    step "terminal tour" plain python3 tests/terminal/tour_test.py "$plain/natstat"
    step "package meson" plain packaging/test/meson_test.sh "$plain"
    for target in tests/fuzz/corpus/*; do
        target=$(basename "$target")
        if have clang++; then
            step "corpus $target" sanitized "$sanitized/tests/fuzz/$target-fuzz" -runs=0 "tests/fuzz/corpus/$target"
        else
            skipped_without "corpus $target" "no clang++"
        fi
    done
}

# -- what tests on the kernel: it waits more than it works ----------------------------------------

on_kernel() {
    local name test
    step "kernel facts" sanitized env -C "$sanitized" tests/kernel-test
    for test in tests/kernel/*_test.sh tests/peers/*_test.sh; do
        name=$(basename "$test" _test.sh)
        case $name in
            names) step "kernel $name" sanitized "$test" "$sanitized/tests/names-probe" ;;
            # They run what they test under strace, where LeakSanitizer can not work.
            errors | changing | live | metrics)
                step "kernel $name" sanitized env ASAN_OPTIONS=detect_leaks=0 "$test" "$sanitized/natstat"
                ;;
            # As fast as it is installed.
            storm | view | tasks | guard | labels | prometheus | log_service) step "kernel $name" plain "$test" "$plain/natstat" ;;
            *) step "kernel $name" sanitized "$test" "$sanitized/natstat" ;;
        esac
    done
}

# -- what is for before a release alone -----------------------------------------------------------

releasing() {
    step "tidy in depth" - tests/tidy.sh "$builds/tidy" deep
    step "packages, tested, built twice and for aarch64" - \
        packaging/test/rpm_test.sh --out "$builds/release" whole twice aarch64
    step "debian packages as they are given away" - packaging/test/debian_test.sh whole
    step "the archive and a build from it" - packaging/test/meson_test.sh dist
    step "as distributions compile" - packaging/test/meson_test.sh flags
    step "everything from a fresh root on" - packaging/test/fresh-root.sh
    step "the units under systemd" - packaging/test/boot_test.sh
}

# -- what writes the expected files ---------------------------------------------------------------

rewriting() {
    step golden sanitized python3 tests/golden/golden.py "$sanitized/natstat" --write
    step frames sanitized env -C "$sanitized" NATSTAT_WRITE_FRAMES=1 tests/unit "[frames]"
    step man sanitized python3 tests/man/man_test.py "$sanitized" --write
    step tour plain python3 tests/terminal/tour_test.py "$plain/natstat" --write
    step cost plain python3 tests/cost/cost.py "$plain/tests/cost/natstat-instructions" \
        "$plain/tests/cost/natstat-crafted" --write
}

# -------------------------------------------------------------------------------------------------

sets=(build test package)
[[ $mode != release ]] || sets+=(package-aarch64 package-debian release)
if [ ${#only[@]} -gt 0 ] || [[ $mode == rewrite ]]; then
    : # quickly: what is needed is there, or what fails says so
elif [ "$(id -u)" -eq 0 ]; then
    echo "== what the build and the tests need"
    packaging/deps.sh "${sets[@]}" || exit 1
else
    echo "not root: installs nothing, and the tests on the real kernel are skipped"
fi

export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export LSAN_OPTIONS=print_suppressions=0:suppressions=$PWD/tests/leaks.txt
# meson uses ccache where it is. This is what lets it work with precompiled headers.
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros,include_file_mtime,include_file_ctime}

run=$(mktemp -d) || exit 1
: >"$run/counts"
sides=()

# shellcheck disable=SC2317 # called by the traps
end_sides() {
    local side below
    for side in "${sides[@]}"; do
        mapfile -t below < <(pgrep -P "$side")
        kill -TERM "$side" "${below[@]}" 2>/dev/null
    done
    wait
}
trap 'rm -rf "$run"' EXIT
trap 'end_sides; exit 130' INT
trap 'end_sides; exit 143' TERM HUP

one=: others=()
case $mode in
    tests) one=compiling others=(testing on_kernel) ;;
    release) others=(releasing) ;;
    rewrite) others=(rewriting) ;;
esac
planning=yes
for side in "$one" "${others[@]}"; do $side; done
planning=''
# With job control, as what bash has in the background would be deaf to SIGINT without it.
set -m
(
    building
    : >"$run/compiled" # nothing more is coming
    $one
) &
sides+=($!)
for side in "${others[@]}"; do
    $side &
    sides+=($!)
done
set +m
wait "${sides[@]}"

awk '{ passed += $1; failed += $2; skipped += $3 }
    END {
        printf "\n%d passed, %d failed, %d skipped\n", passed, failed, skipped
        exit failed > 0 || passed == 0
    }' "$run/counts"
