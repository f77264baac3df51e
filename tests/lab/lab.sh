#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A NAT box in network namespaces, with real traffic through it. Source this file and call lab_up,
# lab_traffic and the single steps; or run it (as root) to look around:
#
#   tests/lab/lab.sh [--empty] [COMMAND [ARGUMENT...]]
#
# raises the lab, makes one flow of everything (not with --empty), runs COMMAND in the box's
# namespace (default: a listing of the flows) and takes the lab down. It takes no file or setting of
# the machine outside its namespaces, and several labs can run at once.
#
#   in1  192.0.2.10   2001:db8:1::10  --- .1 ::1 --+     +-- public: 198.51.100.1 (masquerade),
#                                                  | nat |   .2 (SNAT), .3 (DNAT); 2001:db8:ff::1-3
#   in2  192.0.2.70   2001:db8:2::10  -- .65 ::1 --+     +-- out: 198.51.100.10, 2001:db8:ff::10
#                                            with the servers 203.0.113.x, 2001:db8:f0::x (nat.nft)
#
#   lab_up                         raise it; the traps of this shell take it down again
#   lab_down                       take it down, with every process in its namespaces
#   lab_in HOST COMMAND...         run a command in the namespace of in1, in2, nat or out
#   lab_table                      the box's flows, as conntrack says them
#   lab_wait WORDS [SECONDS]       wait until one flow has these words in this order (!WORD: not)
#   lab_at FAMILY WHO [PORT]       an address by name (LAB_ADDRESS), with its port
#   lab_tell HOST COMMAND...       a command of traffic.py
#   lab_hold / lab_release WHAT SERVER_PORT
#                                  WHAT of a connection gets no further than the box: syn, synack,
#                                  fin (the client's), last_fin (the server's)
#   lab_tcp_start NAME CLIENT LOCAL SERVER REMOTE   send a SYN: host CLIENT, from LOCAL to REMOTE;
#                                                   host SERVER is where it will arrive
#   lab_tcp_opened NAME            wait until it is established, at both ends
#   lab_tcp_open ...               both
#   lab_tcp_fill NAME client|server BYTES           lab_tcp_shutdown NAME client|server (a FIN)
#   lab_tcp_close NAME             FIN from the client, then from the server
#   lab_tcp_state NAME STATE [SECONDS]              wait until conntrack has it in this state
#   lab_tcp_reset NAME [client|server]
#   lab_packet NAME PROTO HOST LOCAL REMOTE         one packet; again: one more of the same flow
#   lab_answered NAME [COUNT]      wait until it has got so many answers
#   lab_traffic, lab_flows         one of everything; what that is (flows.txt, flows.sh)
# Each returns 1 with a message on standard error when it could not.

LAB_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_HOSTS=(in1 in2 nat out)
# Seconds that closed, unanswered and idle flows stay, in place of the kernel's 10 to 120, so that
# they are still there when a test looks; "default" leaves the kernel's own.
LAB_TIMEOUT=${LAB_TIMEOUT:-300}

declare -gA LAB_ADDRESS=(
    [4.in1]=192.0.2.10          [6.in1]=2001:db8:1::10
    [4.in2]=192.0.2.70          [6.in2]=2001:db8:2::10
    [4.box1]=192.0.2.1          [6.box1]=2001:db8:1::1
    [4.box2]=192.0.2.65         [6.box2]=2001:db8:2::1
    [4.public]=198.51.100.1     [6.public]=2001:db8:ff::1
    [4.fixed]=198.51.100.2      [6.fixed]=2001:db8:ff::2
    [4.service]=198.51.100.3    [6.service]=2001:db8:ff::3
    [4.outside]=198.51.100.10   [6.outside]=2001:db8:ff::10
    # Servers, by what the box does with flows to them.
    [4.masquerade]=203.0.113.10 [6.masquerade]=2001:db8:f0::10
    [4.snat]=203.0.113.20       [6.snat]=2001:db8:f0::20
    [4.routed]=203.0.113.30     [6.routed]=2001:db8:f0::30
    [4.zone]=203.0.113.40       [6.zone]=2001:db8:f0::40
    [4.half_zone]=203.0.113.41  [6.half_zone]=2001:db8:f0::41
    [4.mark]=203.0.113.50       [6.mark]=2001:db8:f0::50
    [4.labels]=203.0.113.51     [6.labels]=2001:db8:f0::51
    [4.redirect]=203.0.113.60   [6.redirect]=2001:db8:f0::60
    [4.silent]=203.0.113.99     [6.silent]=2001:db8:f0::99
)
LAB_SERVERS=(masquerade snat routed zone half_zone mark labels)

declare -gA LAB_ASK LAB_HEAR LAB_PROCESS # each agent's pipes and process
LAB_PREFIX=
LAB_WITHOUT= # what this kernel can not show

lab_fail() {
    printf 'lab: %s\n' "$*" >&2
    return 1
}

# What the lab needs; says what is missing.
lab_possible() {
    local command
    ((EUID == 0)) || { lab_fail "needs root, to make network namespaces"; return; }
    for command in ip nft nsenter conntrack python3 setsid sysctl; do
        command -v "$command" >/dev/null ||
            { lab_fail "needs the command $command (packaging/deps.sh lab installs it)"; return; }
    done
    [[ -d /proc/sys/net/ipv6 ]] || lab_fail "needs IPv6, which is off in this kernel"
}

lab_in() {
    local host=$1
    shift
    nsenter --net="/run/netns/$LAB_PREFIX-$host" -- "$@"
}

# -- up and down ----------------------------------------------------------------------------------

lab_up() {
    [[ ! $LAB_PREFIX ]] || { lab_fail "is up already"; return; }
    lab_possible || return
    local prefix=natstat-$BASHPID
    LAB_PREFIX=$prefix
    LAB_RUN=$(mktemp -d -t "$prefix.XXXXXX") || return
    _lab_set_traps
    mkfifo "$LAB_RUN/guard"
    setsid --fork bash "$LAB_HOME/lab.sh" --guard "$BASHPID" "$LAB_PREFIX" "$LAB_RUN" \
        </dev/null >/dev/null 2>&1
    if ! { _lab_links && _lab_rules && _lab_agents; }; then
        lab_down
        lab_fail "could not be raised"
    fi
}

lab_down() {
    [[ $LAB_PREFIX ]] || return 0
    local prefix=$LAB_PREFIX host ask hear
    LAB_PREFIX=
    for host in "${!LAB_ASK[@]}"; do
        ask=${LAB_ASK[$host]} hear=${LAB_HEAR[$host]}
        exec {ask}>&- {hear}>&-
    done
    _lab_remove "$prefix"
    for host in "${!LAB_PROCESS[@]}"; do
        wait "${LAB_PROCESS[$host]}" 2>/dev/null || true
    done
    LAB_ASK=() LAB_HEAR=() LAB_PROCESS=() LAB_CLIENT=() LAB_SERVER=()
    # Open both ways, so that it does not wait for a guard that is gone.
    echo over 1<>"$LAB_RUN/guard"
    rm -rf "$LAB_RUN"
}

_lab_remove() {
    local host pids
    for host in "${LAB_HOSTS[@]}"; do
        [[ -e /run/netns/$1-$host ]] || continue
        mapfile -t pids < <(ip netns pids "$1-$host" 2>/dev/null)
        ((${#pids[@]} == 0)) || kill -KILL "${pids[@]}" 2>/dev/null || true
        ip netns del "$1-$host"
    done
}

# A caller with traps of its own calls lab_down there; the guard helps one that forgets.
_lab_set_traps() {
    [[ $(trap -p EXIT) ]] || trap lab_down EXIT
    [[ $(trap -p HUP) ]] || trap 'exit 129' HUP
    [[ $(trap -p INT) ]] || trap 'exit 130' INT
    [[ $(trap -p TERM) ]] || trap 'exit 143' TERM
}

# A process of its own session, for the deaths that no trap sees: waits for the end of the shell
# that raised the lab, and removes what is left.
_lab_guard() {
    local shell=$1 prefix=$2 run=$3 pipe _
    exec {pipe}<>"$run/guard"
    while kill -0 "$shell" 2>/dev/null; do
        ! read -r -t 1 -u "$pipe" _ || exit 0
    done
    _lab_remove "$prefix"
    rm -rf "$run"
}

_lab_links() {
    local host setup=net.ipv6.conf
    for host in "${LAB_HOSTS[@]}"; do
        ip netns add "$LAB_PREFIX-$host" || return
        # No waiting for duplicate addresses, and no redirects: they are not in the picture.
        lab_in "$host" sysctl -q -w "$setup.all.disable_ipv6=0" "$setup.default.disable_ipv6=0" \
            "$setup.default.accept_dad=0" "$setup.default.accept_ra=0" \
            "$setup.default.accept_redirects=0" net.ipv4.conf.all.send_redirects=0 \
            net.ipv4.conf.default.send_redirects=0 net.ipv4.conf.all.rp_filter=0 \
            net.ipv4.conf.default.rp_filter=0 || return
        ip -n "$LAB_PREFIX-$host" link set lo up || return
    done
    _lab_link in1 in1 26 box1 && _lab_link in2 in2 26 box2 && _lab_link out outside 24 public ||
        return
    {
        printf 'address add %s/24 dev out\n' "${LAB_ADDRESS[4.fixed]}" "${LAB_ADDRESS[4.service]}"
        # Not preferred, so that masquerading takes the first address.
        printf 'address add %s/64 dev out nodad preferred_lft 0\n' \
            "${LAB_ADDRESS[6.fixed]}" "${LAB_ADDRESS[6.service]}"
        printf 'route add 203.0.113.0/24 via %s\n' "${LAB_ADDRESS[4.outside]}"
        printf 'route add 2001:db8:f0::/64 via %s\n' "${LAB_ADDRESS[6.outside]}"
    } | ip -n "$LAB_PREFIX-nat" -batch - || return
    for host in "${LAB_SERVERS[@]}"; do
        printf 'address add %s dev lo\n' "${LAB_ADDRESS[4.$host]}/32" "${LAB_ADDRESS[6.$host]}/128"
    done | ip -n "$LAB_PREFIX-out" -batch - || return
    printf 'route add blackhole %s\n' "${LAB_ADDRESS[4.silent]}" "${LAB_ADDRESS[6.silent]}" |
        ip -n "$LAB_PREFIX-out" -batch -
}

# A link between HOST and the box: HOST NAME PREFIX_LENGTH NAME_OF_THE_BOX.
_lab_link() {
    local host=$1 four=${LAB_ADDRESS[4.$2]}/$3 six=${LAB_ADDRESS[6.$2]}/64
    local box_four=${LAB_ADDRESS[4.$4]} box_six=${LAB_ADDRESS[6.$4]}
    ip -n "$LAB_PREFIX-nat" -batch - <<END || return
link add $host type veth peer name eth0 netns $LAB_PREFIX-$host
address add $box_four/$3 dev $host
address add $box_six/64 dev $host nodad
link set $host up
END
    ip -n "$LAB_PREFIX-$host" -batch - <<END
address add $four dev eth0
address add $six dev eth0 nodad
link set eth0 up
route add default via $box_four
route add default via $box_six
END
}

# The rules load conntrack where it is a module; its settings exist only after that.
_lab_rules() {
    local host
    LAB_WITHOUT=
    lab_in nat nft -f "$LAB_HOME/nat.nft" || return
    for host in in1 in2 out; do
        lab_in "$host" nft -f "$LAB_HOME/host.nft" || return
    done
    if ! lab_in nat nft -f "$LAB_HOME/helpers.nft" 2>"$LAB_RUN/helpers.log"; then
        _lab_do_without helper "$(head -1 "$LAB_RUN/helpers.log")"
    fi
    # Conntrack checks UDPlite's checksum as if it were UDP's, finds it wrong and keeps no flow.
    lab_in nat sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
        net.netfilter.nf_conntrack_acct=1 net.netfilter.nf_conntrack_timestamp=1 \
        net.netfilter.nf_conntrack_checksum=0 && _lab_timeouts
}

# A kernel without SCTP or GRE in conntrack has no time-outs for them either.
_lab_timeouts() {
    local protocol setting settings=() all
    all=$(lab_in nat sysctl -N -a -r '^net\.netfilter\.nf_conntrack_.*timeout') || return
    for protocol in sctp gre; do
        [[ $all == *"_${protocol}_"* ]] || _lab_do_without $protocol "conntrack does not know it"
    done
    [[ $LAB_TIMEOUT != default ]] || return 0
    for setting in $all; do
        case $setting in
            *_tcp_timeout_established | *_tcp_timeout_max_retrans | *_tcp_timeout_unack*) ;;
            *_sctp_timeout_established | *_frag6_*) ;;
            *) settings+=("$setting=$LAB_TIMEOUT") ;;
        esac
    done
    lab_in nat sysctl -q -w "${settings[@]}"
}

# Leaves out the flows of a protocol, or those with a helper, and says why.
_lab_do_without() {
    LAB_WITHOUT+=" $1 "
    printf 'lab: no flows with %s: %s\n' "$1" "$2" >&2
}

_lab_agents() {
    local host ask hear python=python3
    # The system's own starts faster than a version switcher's.
    [[ ! -x /usr/bin/python3 ]] || python=/usr/bin/python3
    for host in "${LAB_HOSTS[@]}"; do
        mkfifo "$LAB_RUN/$host.ask" "$LAB_RUN/$host.hear" || return
        lab_in "$host" "$python" -B "$LAB_HOME/traffic.py" \
            <"$LAB_RUN/$host.ask" >"$LAB_RUN/$host.hear" 2>"$LAB_RUN/$host.log" &
        LAB_PROCESS[$host]=$!
    done
    # Opened only now, so that no agent holds another's pipe.
    for host in "${LAB_HOSTS[@]}"; do
        exec {ask}<>"$LAB_RUN/$host.ask" {hear}<>"$LAB_RUN/$host.hear"
        LAB_ASK[$host]=$ask LAB_HEAR[$host]=$hear
    done
    # Linux is about to give UDPlite up.
    "$python" -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136)' \
        2>"$LAB_RUN/udplite.log" || _lab_do_without udplite "$(tail -1 "$LAB_RUN/udplite.log")"
    lab_tell in1 tcp 80 90 && lab_tell in2 tcp 80 && lab_tell nat tcp 22 3128 &&
        lab_tell out tcp 21 80 1723 8001 8002 8003 8004 50000
}

# shellcheck source=tests/lab/steps.sh
. "$LAB_HOME/steps.sh"
# shellcheck source=tests/lab/flows.sh
. "$LAB_HOME/flows.sh"

# -- as a command ---------------------------------------------------------------------------------

_lab_main() {
    local empty=
    if [[ ${1-} == --guard ]]; then
        shift
        _lab_guard "$@"
        exit
    fi
    [[ ${1-} != --empty ]] || { empty=yes; shift; }
    lab_up || exit 1
    [[ $empty ]] || lab_traffic || exit 1
    if (($# == 0)); then
        lab_flows
        exit
    fi
    # In the background, so that a signal to this shell ends the lab at once.
    lab_in nat "$@" <&0 &
    wait $!
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    _lab_main "$@"
fi
