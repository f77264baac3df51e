# shellcheck shell=bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What systemd says of units. Source it behind judge.sh and runs.sh. It runs nothing by itself.
#
#   judge_units TENTHS UNIT...  all are right, and the first one, a service, is exposed by so many tenths at most;
#                               1, with a word, where there is no systemd-analyze

judge_units() {
    local tenths=$1
    shift
    command -v systemd-analyze >/dev/null || { skip "units: there is no systemd-analyze"; return 1; }
    run 20 systemd-analyze verify "$@"
    check "systemd-analyze verify" ends_well
    run 20 systemd-analyze security --offline=true --threshold="$tenths" "$1"
    if grep -qi 'unrecognized option' "$tmp/err"; then
        skip "systemd-analyze security: this one can not look at a file"
    else
        check "systemd-analyze security: $tenths tenths or better" exits 0
        grep -a 'Overall exposure' "$tmp/out"
    fi
}
