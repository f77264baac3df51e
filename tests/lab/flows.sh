# shellcheck shell=bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes the flows of flows.txt, each in its state, and knows them again in conntrack's table. Part
# of lab.sh. Nothing here reads natstat's output: what a row should look like there is for the
# tests to say.

# The rows of flows.txt that this kernel can show, one for each family:
# NAME FAMILY PROTO KIND HOST SOURCE DIALS SERVER ANSWERS SEEN_AS STATE MORE
# with addresses in place of their names.
lab_flows() {
    local row family name proto field who column resolved
    while read -r -a row; do
        [[ ${#row[@]} -gt 0 && ${row[0]} != '#'* ]] || continue
        [[ $LAB_WITHOUT != *" ${row[2]} "* ]] || continue
        [[ $LAB_WITHOUT != *" helper "* || ${row[0]} != @(ftp|pptp)* ]] || continue
        for family in 4 6; do
            [[ ${row[1]} == *$family* ]] || continue
            name=${row[0]}$family proto=${row[2]}
            [[ $proto$family != icmp6 ]] || proto=icmpv6
            resolved=()
            for column in 5 6 8 9; do
                field=${row[column]} who=${field%%:*}
                resolved[column]=${LAB_ADDRESS[$family.$who]}
                [[ $family == 4 || $field != *:* ]] || resolved[column]="[${resolved[column]}]"
                [[ $field != *:* ]] || resolved[column]+=:${field#*:}
            done
            echo "$name ipv$family $proto ${row[3]} ${row[4]} ${resolved[5]} ${resolved[6]}" \
                "${row[7]} ${resolved[8]} ${resolved[9]} ${row[10]} ${row[11]}"
        done
    done <"$LAB_HOME/flows.txt"
}

# A row of lab_flows as a line for _lab_wait_all.
_lab_expectation() {
    local words="$1 $2 $3" state=${11} more=${12} word
    case $3 in
        253) words="$1 $2 unknown 253" ;;
        tcp | sctp) [[ $state == UNREPLIED ]] || words+=" $state" ;;
    esac
    _lab_tuple "$3" "$6" "$7" original
    [[ $more != zone-orig=* ]] || words+=" $more"
    [[ $state != UNREPLIED && $more != '[UNREPLIED]' ]] || words+=" [UNREPLIED]"
    _lab_tuple "$3" "$9" "${10}" reply
    case $state in
        ASSURED) words+=" [ASSURED]" ;;
        REPLIED) words+=" ![ASSURED] ![UNREPLIED]" ;;
    esac
    [[ $more == @(-|'[UNREPLIED]'|zone-orig=*) ]] || words+=" $more"
    # What the kernel chose can not be looked for.
    for word in $words; do
        [[ $word == *'=*' ]] || printf '%s ' "$word"
    done
    echo
}

# Brings one flow of lab_flows into its state.
_lab_make() {
    local name=$1 proto=$3 host=$5 source=$6 dials=$7 server=$8 state=${11}
    case $proto.$state in
        tcp.*) _lab_make_tcp "$@" ;;
        *.UNREPLIED | sctp.COOKIE_WAIT) lab_packet "$name" "$proto" "$host" "$source" "$dials" ;;
        sctp.*)
            # INIT ACK and COOKIE ACK.
            lab_packet "$name" "$proto" "$host" "$source" "$dials" && lab_answered "$name" 2
            ;;
        *) lab_packet "$name" "$proto" "$host" "$source" "$dials" && lab_answered "$name" ;;
    esac || return
    # The rest of ASSURED is _lab_assure, later.
    [[ $state != ASSURED ]] || assured+=("$name $proto $host $source $dials")
    [[ $proto.$state != udp.ASSURED ]] || udp_made=${EPOCHREALTIME/[.,]/}
}

_lab_make_tcp() {
    local name=$1 host=$5 source=$6 dials=$7 server=$8 state=${11}
    case $name.$state in
        *.SYN_SENT | *.SYN_RECV)
            lab_tcp_start "$name" "$host" "$source" "$server" "$dials"
            return
            ;;
        *.SYN_SENT2)
            # Both open it at once, and neither SYN arrives.
            lab_tcp_start "$name" "$host" "$source" "$server" "$dials" &&
                lab_tcp_state "$name" SYN_SENT &&
                lab_tell "$server" connect "$name" "$dials" "$source"
            return
            ;;
    esac
    lab_tcp_open "$name" "$host" "$source" "$server" "$dials" || return
    case $name.$state in
        ftp4.*) _lab_ftp "$name" ;;
        pptp4.*) lab_tell "$host" pptp "$name" start && lab_tell "$host" pptp "$name" call ;;
        *.FIN_WAIT | *.CLOSE_WAIT) lab_tcp_shutdown "$name" client ;;
        *.TIME_WAIT) lab_tcp_close "$name" ;;
        *.LAST_ACK)
            # A FIN held back together with the ACK of the first would have that one sent again.
            lab_tcp_shutdown "$name" client && lab_tcp_state "$name" CLOSE_WAIT &&
                lab_tcp_shutdown "$name" server
            ;;
        *.CLOSE) lab_tcp_reset "$name" ;;
        *) lab_tcp_fill "$name" client 1000 && lab_tcp_fill "$name" server 5000 ;;
    esac
}

# The server says where its data connection will be: port 50000 = 195 * 256 + 80.
_lab_ftp() {
    lab_tell out say "$1@server" 220 ready && lab_tell in1 say "$1" PASV &&
        lab_tell out say "$1@server" "227 Entering Passive Mode (203,0,113,20,195,80)"
}

_lab_assure() {
    local row name proto host source dials
    for row in "$@"; do
        read -r name proto host source dials <<<"$row"
        lab_packet "$name" "$proto" "$host" "$source" "$dials" && lab_answered "$name" 2 || return
    done
}

_lab_serve() {
    local family
    for family in 4 6; do
        lab_tell out serve udp "$(lab_at $family masquerade 53)" &&
            lab_tell out serve udp "$(lab_at $family routed 53)" &&
            lab_tell in1 serve udp "$(lab_at $family in1 53)" &&
            lab_tell nat serve udp "$(lab_at $family box1 53)" &&
            lab_tell out serve sctp "$(lab_at $family masquerade)" &&
            lab_tell out serve gre "$(lab_at $family masquerade)" &&
            lab_tell out serve gre "$(lab_at $family routed)" &&
            lab_tell out serve gre "$(lab_at $family snat)" &&
            lab_tell out serve 253 "$(lab_at $family masquerade)" || return
        [[ $LAB_WITHOUT != *udplite* ]] || continue
        lab_tell out serve udplite "$(lab_at $family masquerade 9)" &&
            lab_tell out serve udplite "$(lab_at $family routed 9)" || return
    done
}

# Makes the flows, and waits until conntrack shows each in its state.
lab_traffic() {
    local rows row made=() assured=() udp_made=0 rest
    _lab_serve && lab_hold synack 8001 && lab_hold fin 8002 && lab_hold last_fin 8003 &&
        lab_hold syn 8005 || return
    mapfile -t rows < <(lab_flows)
    for row in "${rows[@]}"; do
        # shellcheck disable=SC2086 # the row's words
        set -- $row
        _lab_make "$@" || return
        made+=("$(_lab_expectation "$@")")
    done
    rest=$((2200000 - (${EPOCHREALTIME/[.,]/} - udp_made)))
    ((rest <= 0)) || sleep "$(printf '%d.%06d' $((rest / 1000000)) $((rest % 1000000)))"
    _lab_assure "${assured[@]}" && _lab_wait_all 5 < <(printf '%s\n' "${made[@]}")
}

# lab_fill_pool TRIES PORT: TCP connections from two clients in turn to one server. Those behind the fifth only
# begin: for a NAT that has five ports left.
lab_fill_pool() {
    local tries=$1 server i client
    server=$(lab_at 4 masquerade "$2")
    for ((i = 1; i <= tries; i++)); do
        client=in$((i % 2 + 1))
        if ((i <= 5)); then
            lab_tcp_open "pool$i" $client "$(lab_at 4 $client $((50000 + i)))" out "$server"
        else
            lab_tcp_start "pool$i" $client "$(lab_at 4 $client $((50000 + i)))" out "$server"
        fi || return
    done
}
