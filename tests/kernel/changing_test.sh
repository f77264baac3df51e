#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Listings of a table that changes while it is read (churn.py): every line is whole, none comes
# twice, and of the flows that are there all the time none is missing. Half of the listings are
# slowed down, so that more happens from one read to the next. What can go wrong here goes wrong now
# and then: a natstat that does not look for repeated entries fails about every second run.
# usage: changing_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: changing_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/kernel/runs.sh
. "$here/runs.sh"

flows=4000
listings=20

start_changing() {
    "${in_box[@]}" ip link set lo up && "${in_box[@]}" nft -f - <<'END' || return
table inet change {
    chain output {
        type filter hook output priority mangle; policy accept;
        udp sport 7777 ct state new accept
    }
    chain input {
        type filter hook input priority filter; policy accept;
        udp sport 7777 drop
    }
}
END
    "${in_box[@]}" "$python" -B "$here/churn.py" $flows &
    children+=($!)
    until_true 5 changes
}
# shellcheck disable=SC2317
changes() { "${in_box[@]}" conntrack -L 2>/dev/null | grep -q 'src=127\.'; }

# look NUMBER: what is wrong with the listing of the last run.
look() {
    exits 0 || bad+=" $1:$status"
    # One blank for many: --sort none may widen a column as it goes.
    tr -s ' ' <"$tmp/out" | sort >"$tmp/sorted"
    ! grep -q ' 127\.' "$tmp/sorted" || changed=$((changed + 1))
    [[ ! -s $tmp/err ]] || told=$((told + 1))
    ! grep -vqE '^[a-z0-9]+ [^ ]+ [^ ]+( [A-Z_0-9]+)?$' "$tmp/sorted" || broken+=" $1"
    uniq -d "$tmp/sorted" >"$tmp/again"
    [[ ! -s $tmp/again ]] || twice+=" $1:$(wc -l <"$tmp/again")"
    comm -23 "$tmp/stay" "$tmp/sorted" >"$tmp/missing"
    [[ ! -s $tmp/missing ]] || says "table changed" || lost+=" $1:$(wc -l <"$tmp/missing")"
}

needs ip nft nsenter conntrack python3
open_box
[[ -x $fill ]] || skip_all "a table of thousands of flows: the build has no $fill"
find_strace
fill_box 0 $flows
"${in_box[@]}" "$program" -nao | tr -s ' ' | sort >"$tmp/stay"
start_changing || { fail "the table could not be changed"; finish; }

bad='' lost='' twice='' broken='' told=0 changed=0
for ((i = 0; i < listings; i++)); do
    words=-nao slow=()
    ((i % 4 < 2)) || words="-nao --sort none"
    if [[ $can_inject ]] && ((i % 2 == 0)); then
        slow=(strace -f -qq -o /dev/null -e 'trace=recvfrom,recvmsg'
            -e 'inject=recvfrom,recvmsg:delay_enter=8000')
    fi
    # shellcheck disable=SC2086 # words
    run 20 "${in_box[@]}" "${slow[@]}" "$program" $words
    look $i
done
stop_children

echo "$listings listings, $changed of them saw flows that came and went, $told said so"
: >"$tmp/out"
: >"$tmp/err"
status=0 elapsed=0
check "exit 0 each time (listing:exit)" test -z "$bad"
check "every line is whole (listings)" test -z "$broken"
check "no line comes twice (listing:lines)" test -z "$twice"
check "no flow is missing that was there all the time (listing:lines)" test -z "$lost"
check "the table did change" test $changed -ge $((listings / 2))
finish
