#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# The one command: installs what is missing, builds, runs every test, and ends with
# "N passed, N failed, N skipped". Run as root for the tests on the real kernel; without root they are
# skipped, and it says so. Words after it choose tests by a part of their name ("tests/run.sh golden").

set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

builds=${NATSTAT_BUILDS:-build-tests}
mkdir -p "$builds" && builds=$(realpath "$builds") || exit 1
passed=0 failed=0 skipped=0
only=("$@")

say() { printf '\n== %s\n' "$*"; }

wanted() {
    [ ${#only[@]} -eq 0 ] && return 0
    local word
    for word in "${only[@]}"; do
        [[ $1 == *"$word"* ]] && return 0
    done
    return 1
}

# Adds up what a test printed of itself: our own closing line, or Catch2's.
count() {
    local log=$1 status=$2 line
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
    local p f s
    read -r p _ f _ s _ <<<"${line//,/}"
    if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
        f=1 # it counted no failure and yet did not end well
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + ${s:-0}))
    return $((f > 0))
}

# step NAME COMMAND...: runs it, shows what it said if it failed or skipped something, counts it.
step() {
    local name=$1 log
    shift
    wanted "$name" || [[ $name == build* ]] || return 0
    say "$name"
    log=$builds/log-${name//[^a-z0-9+-]/-}.txt
    local started=$SECONDS status=0
    timeout --kill-after=10 1800 "$@" >"$log" 2>&1 </dev/null || status=$?
    if count "$log" "$status"; then
        grep -aiE 'skip' "$log" | grep -avE '^[0-9]+ passed' | head -n 20
        tail -n 1 "$log"
    else
        tail -n 200 "$log"
        echo "-- $name failed (exit $status); all of it is in $log"
    fi
    echo "-- $((SECONDS - started)) s"
}

have() { command -v "$1" >/dev/null 2>&1; }

say "what the build and the tests need"
if [ "$(id -u)" -eq 0 ]; then
    packaging/deps.sh build test package || exit 1
else
    echo "not root: installs nothing, and the tests on the real kernel are skipped"
fi

sanitized=$builds/sanitized
plain=$builds/plain
clang=$builds/clang
sanitizers=(-Db_sanitize=address,undefined -Db_lundef=false)
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

step doors python3 tests/doors.py
step "build sanitized" tests/build.sh "$sanitized" --werror --buildtype=debug -Doptimization=1 "${sanitizers[@]}"
[ -x "$sanitized/natstat" ] || { echo "$passed passed, $((failed + 1)) failed, $skipped skipped"; exit 1; }
# The tests find their data beside their sources, whose names are relative to the build.
step unit env -C "$sanitized" tests/unit
step guard env -C "$sanitized" tests/guard-test
step oracle env -C "$sanitized" tests/oracle-test
step golden python3 tests/golden/golden.py "$sanitized/natstat"
step messages python3 tests/messages_test.py "$sanitized/natstat"
step man python3 tests/man/man_test.py "$sanitized"
step completion python3 tests/shells/completion_test.py "$sanitized/natstat"

oldest=g++
have g++-11 && oldest=g++-11
step "build plain ($oldest)" env CXX=$oldest tests/build.sh "$plain" --werror -Dtests=false -Dcost=true
step "golden plain" python3 tests/golden/golden.py "$plain/natstat"
step cost python3 tests/cost/cost.py "$plain/tests/cost/natstat-instructions" "$plain/tests/cost/natstat-crafted"

if have clang++; then
    step "build clang" env CXX=clang++ CC=clang tests/build.sh "$clang" --werror --buildtype=debug \
        -Doptimization=1 "${sanitizers[@]}" -Dtests=false -Dfuzz=true -Db_pch=false
    for target in decoder filter json recording text; do
        step "corpus $target" "$clang/tests/fuzz/$target-fuzz" -runs=0 "tests/fuzz/corpus/$target"
    done
else
    echo "no clang++: the fuzz corpora are skipped"
    skipped=$((skipped + 5))
fi
if have clang++ && have clang-tidy && [ -d .git ]; then
    step tidy bash -c "git ls-files 'src/*.cpp' | xargs -r -P 2 -n 4 clang-tidy --quiet -p '$clang'"
else
    echo "no clang++, no clang-tidy or no git checkout: tidy is skipped"
    skipped=$((skipped + 1))
fi

step terminal python3 tests/terminal/top_test.py "$sanitized/natstat"
step "terminal tour" python3 tests/terminal/tour_test.py "$plain/natstat"
step "kernel facts" env -C "$sanitized" tests/kernel-test
step "package debian" packaging/test/debian_test.sh
for test in tests/kernel/*_test.sh tests/peers/*_test.sh; do
    name=$(basename "$test" _test.sh)
    case $name in
        names) step "kernel $name" "$test" "$sanitized/tests/names-probe" ;;
        # They run what they test under strace, where LeakSanitizer can not work.
        errors | changing | live) step "kernel $name" env ASAN_OPTIONS=detect_leaks=0 "$test" "$sanitized/natstat" ;;
        # As fast as it is installed.
        storm | view | guard) step "kernel $name" "$test" "$plain/natstat" ;;
        *) step "kernel $name" "$test" "$sanitized/natstat" ;;
    esac
done

# As fast as it is installed: it is started some thousand times.
step adversary python3 tests/adversary/adversary.py "$plain/natstat"

step "package version" packaging/test/version_test.sh "$sanitized/natstat"
step "package meson" packaging/test/meson_test.sh "$plain"
step "package source" packaging/test/meson_test.sh
step "package rpm" packaging/test/rpm_test.sh --out "$builds/packages"
step "package repository" packaging/test/repo_test.sh
step "package install" packaging/test/install_test.sh "$builds/packages"

printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
