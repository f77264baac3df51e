# shellcheck shell=bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Hosts of the lab that do something until they are ended. Source it behind judge.sh and lab.sh, in a script
# that has $here and $tmp. It runs nothing by itself.
#
#   begin NAME HOST WORD...   hosts.py in the namespace of HOST, until `over NAME`
#   over NAME...              ends them
#   opened NAME COUNT         so many connections of it are there
#   pool FAMILY SERVER RANGE  the box has no other NAT ports towards port 5432 of it; again: another range

declare -A hosts
# shellcheck disable=SC2154
begin() {
    local name=$1 host=$2
    shift 2
    nsenter "--net=/run/netns/$LAB_PREFIX-$host" -- "$python" -B "$here/hosts.py" "$@" \
        >"$tmp/$name.out" 2>"$tmp/$name.err" &
    hosts[$name]=$!
    until_true 5 grep -q ready "$tmp/$name.out" || fail "$name does not begin: $(<"$tmp/$name.err")"
}

over() {
    local name
    for name in "$@"; do
        kill "${hosts[$name]}"
        wait "${hosts[$name]}" 2>/dev/null
        rm -f "$tmp/$name".*
        unset "hosts[$name]"
    done
}

# shellcheck disable=SC2317
opened() { [[ $(tail -n 1 "$tmp/$1.out") == "$2" ]]; }

pool() {
    local ip=ip
    [[ $1 == 4 ]] || ip=ip6
    lab_in nat nft -f - <<RULES || fail "the pool of $3"
table $ip pool {
    chain out { type nat hook postrouting priority srcnat - 10; }
}
flush chain $ip pool out
add rule $ip pool out $ip daddr $2 tcp dport 5432 masquerade to :$3
RULES
}
