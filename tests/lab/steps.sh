# shellcheck shell=bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The single steps of the lab: what its hosts are told to do, what the NAT box is told to hold back,
# and the waiting until conntrack shows it. Part of lab.sh, where the functions are listed. It does
# not decide which flows there are: flows.sh and the tests do.

declare -gA LAB_CLIENT LAB_SERVER # the host of each end of a named flow
declare -gA LAB_TUPLE             # its original tuple, in conntrack's words

lab_at() {
    local address=${LAB_ADDRESS[$1.$2]-}
    [[ $address ]] || { lab_fail "no address $2 of family $1"; return; }
    case $1.${3-} in
        ?.) echo "$address" ;;
        4.*) echo "$address:$3" ;;
        6.*) echo "[$address]:$3" ;;
    esac
}

lab_tell() {
    local host=$1 answer
    shift
    printf '%s\n' "$*" >&"${LAB_ASK[$host]}"
    if ! read -r -t 300 -u "${LAB_HEAR[$host]}" answer; then
        lab_fail "$host does not answer to: $* ($(tail -1 "$LAB_RUN/$host.log"))"
        return
    fi
    [[ $answer == ok ]] || lab_fail "$host: $*: ${answer#error }"
}

# -- looking --------------------------------------------------------------------------------------

lab_table() {
    lab_in nat conntrack -L -f ipv4 -o extended,id,timestamp 2>/dev/null
    lab_in nat conntrack -L -f ipv6 -o extended,id,timestamp 2>/dev/null
}

# Splits an endpoint into the variables address and port of the caller.
_lab_split() {
    address=$1 port=
    case $1 in
        \[*) address=${1%]:*} address=${address#[} port=${1##*]:} ;;
        *:*:*) ;;
        *:*) address=${1%:*} port=${1##*:} ;;
    esac
}

# Adds one tuple in conntrack's words to the caller's variable words:
# PROTO FROM TO original|reply.
_lab_tuple() {
    local address port from_address from_port
    _lab_split "$2"
    from_address=$address from_port=$port
    _lab_split "$3"
    words+=" src=$from_address dst=$address"
    case $1.$4 in
        icmp.original) words+=" type=8 code=0 id=$from_port" ;;
        icmp.reply) words+=" type=0 code=0 id=$port" ;;
        icmpv6.original) words+=" type=128 code=0 id=$from_port" ;;
        icmpv6.reply) words+=" type=129 code=0 id=$port" ;;
        gre.*) words+=" srckey=${from_port:-0x0} dstkey=${port:-0x0}" ;;
        253.*) ;;
        *) words+=" sport=$from_port dport=$port" ;;
    esac
}

# Reads "NAME WORD..." lines from standard input and prints those that no flow matches.
_lab_missing() {
    awk '
        function fits(flow, wanted,    words, count, i, place) {
            count = split(wanted, words)
            for (i = 2; i <= count; i++) {
                if (words[i] ~ /^!/) {
                    if (index(flow, " " substr(words[i], 2) " "))
                        return 0
                    continue
                }
                place = index(flow, " " words[i] " ")
                if (!place)
                    return 0
                flow = substr(flow, place + length(words[i]) + 1)
            }
            return 1
        }
        FNR == NR { wanted[++count] = $0; next }
        {
            $1 = $1
            for (i = 1; i <= count; i++)
                if (!found[i])
                    found[i] = fits(" " $0 " ", wanted[i])
        }
        END {
            for (i = 1; i <= count; i++)
                if (!found[i])
                    print wanted[i]
        }' - <(lab_table)
}

# Waits for all the "NAME WORD..." lines of standard input: SECONDS where nothing else runs, and twenty times as
# long before it is given up, because a machine may be slow or busy.
_lab_wait_all() {
    local missing end=$((SECONDS + $1 * 20))
    missing=$(cat)
    while missing=$(_lab_missing <<<"$missing") && [[ $missing ]]; do
        ((SECONDS < end)) ||
            { lab_fail "no such flow after $(($1 * 20)) s:"$'\n'"$missing"; return; }
        sleep 0.05
    done
}

lab_wait() {
    _lab_wait_all "${2:-5}" <<<"flow $1"
}

# -- steps ----------------------------------------------------------------------------------------

lab_hold() {
    _lab_change_hold add "$1" "$2"
}

lab_release() {
    _lab_change_hold delete "$1" "$2"
}

_lab_change_hold() {
    local host hosts=(nat)
    [[ $2 != syn ]] || hosts=(in1 in2 out)
    for host in "${hosts[@]}"; do
        lab_in "$host" nft "$1" element inet lab "hold_$2" "{ $3 }" || return
    done
}

lab_tcp_start() {
    local name=$1 client=$2 local_end=$3 server=$4 remote=$5
    local words=
    _lab_tuple tcp "$local_end" "$remote" original
    LAB_CLIENT[$name]=$client LAB_SERVER[$name]=$server LAB_TUPLE[$name]=$words
    lab_tell "$server" forget "$name" && lab_tell "$client" connect "$name" "$local_end" "$remote"
}

lab_tcp_opened() {
    lab_tell "${LAB_CLIENT[$1]}" wait "$1" && lab_tell "${LAB_CLIENT[$1]}" say "$1" "$1" &&
        lab_tell "${LAB_SERVER[$1]}" accepted "$1"
}

lab_tcp_open() {
    lab_tcp_start "$@" && lab_tcp_opened "$1"
}

lab_tcp_state() {
    lab_wait "tcp $2${LAB_TUPLE[$1]}" "${3:-5}"
}

# A command about one side of a connection: COMMAND NAME client|server ARGUMENT...
_lab_tell_side() {
    local command=$1 name=$2 side=$3
    shift 3
    if [[ $side == server ]]; then
        lab_tell "${LAB_SERVER[$name]}" "$command" "$name@server" "$@"
    else
        lab_tell "${LAB_CLIENT[$name]}" "$command" "$name" "$@"
    fi
}

lab_tcp_fill() {
    _lab_tell_side fill "$1" "$2" "$3"
}

lab_tcp_shutdown() {
    _lab_tell_side shutdown "$1" "$2"
}

lab_tcp_close() {
    lab_tcp_shutdown "$1" client && lab_tcp_shutdown "$1" server
}

lab_tcp_reset() {
    _lab_tell_side reset "$1" "${2:-client}"
}

lab_packet() {
    LAB_CLIENT[$1]=$3
    lab_tell "$3" packet "$1" "$2" "$4" "$5"
}

lab_answered() {
    lab_tell "${LAB_CLIENT[$1]}" wait "$1" "${2:-1}"
}

