#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who has the addresses inside: namespaces of ip-netns(8) that hang on the box, one without a name whose process has
# control groups as a container's, hosts of a LAN with leases of a real dnsmasq; and who has not, though his
# namespace has the same address.
# usage: who_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: who_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/kernel/runs.sh
. "$here/runs.sh"

needs ip conntrack nsenter unshare setpriv
open_box
made=()
# shellcheck disable=SC2317  # called by the trap
clean_up_all() {
    local each
    for each in "${made[@]}"; do
        ip netns del "$each" 2>/dev/null
    done
    [[ ! ${cgroup:-} ]] || rmdir "$cgroup" 2>/dev/null
    clean_up
    [[ ! ${cgroup:-} ]] || rmdir "$cgroup" 2>/dev/null
}
trap clean_up_all EXIT

in_ns() { nsenter "--net=/run/netns/$1" -- "${@:2}"; }

# linked NAME DEVICE BOX_ADDRESS ADDRESS...: a namespace on a link of the box.
linked() {
    local address
    made+=("$1")
    ip netns add "$1" && "${in_box[@]}" ip link add "$2" type veth peer name up0 netns "$1" &&
        "${in_box[@]}" ip addr add "$3" dev "$2" && "${in_box[@]}" ip link set "$2" up || return
    for address in "${@:4}"; do
        in_ns "$1" ip addr add "$address" dev up0 || return
    done
    in_ns "$1" ip link set up0 up
}

# flow SOURCE DESTINATION NAT OF: an entry of the box's table, established.
flow() {
    "${in_box[@]}" conntrack -I -p tcp -s "$1" -d "$2" --sport "$((++port))" --dport 80 --state ESTABLISHED -t 900 \
        -u SEEN_REPLY,ASSURED "$3" "$4" >>"$tmp/insert" 2>&1 || fail "a flow of $1" "$(tail -n 1 "$tmp/insert")"
}
port=10000

# workload_of ADDRESS: what the last run, of columns src, dst and workload, has for the flow of this end.
workload_of() { awk -v end="$1" '$1 == end || $2 == end { $1 = $2 = ""; print substr($0, 3); exit }' "$tmp/out"; }
names_it() { [[ $(workload_of "$1") == "$2" ]]; }
list=("$program" -nao -C src,dst,workload)

a=$ns-a b=$ns-b far=$ns-far
linked "$a" va0 192.0.2.1/26 192.0.2.10/26 2001:db8:1::10/64 || fail "a namespace that is linked"
linked "$b" vb0 192.0.2.65/26 192.0.2.70/26 || fail "a second one"
# It hangs on the second one alone, with an address of its own and one of the first's.
made+=("$far")
ip netns add "$far" && ip -n "$far" link add vf0 type veth peer name down0 netns "$b" &&
    ip -n "$far" addr add 192.0.2.10/26 dev vf0 && ip -n "$far" addr add 203.0.113.77/24 dev vf0 &&
    ip -n "$far" link set vf0 up || fail "a namespace that is not linked"

flow 192.0.2.10 203.0.113.10 --src-nat 198.51.100.1
flow 2001:db8:1::10 2001:db8:f0::10 --src-nat 2001:db8:ff::1
flow 203.0.113.9 198.51.100.1 --dst-nat 192.0.2.70
flow 203.0.113.77 203.0.113.10 --src-nat 198.51.100.1
flow 192.0.2.20 203.0.113.10 --src-nat 198.51.100.1

run 5 "${in_box[@]}" "${list[@]}"
check "the answer is given" ends_well
check "a linked namespace has its name" names_it 192.0.2.10 "$a"
check "by its IPv6 address, too" names_it 2001:db8:1::10 "$a"
check "behind destination NAT it is the destination" names_it 192.0.2.70 "$b"
check "one that hangs elsewhere is not named" names_it 203.0.113.77 -
check "nor is an address of nobody" names_it 192.0.2.20 -

cp "$tmp/out" "$tmp/of-root"
run 5 "${in_box[@]}" setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=+net_admin --ambient-caps=+net_admin \
    "${list[@]}"
check "with CAP_NET_ADMIN alone the names are the same" prints "$tmp/of-root"
run 5 "${in_box[@]}" "$program" -nao -b workload -r workload -C workload,flows
grouped() { [[ $(awk '{ print $1, $2 }' "$tmp/out") == "$a 2"$'\n'"$b 1"$'\n'"- 2" ]]; }
check "they make groups" grouped
run 5 "${in_box[@]}" "$program" -na --format csv -C +workload workload="$b"
check "and filter" prints_lines 2
run 5 "${in_box[@]}" "$program" -nao --who
check "--who shows them" grep -q " $a " "$tmp/out"
run 5 "${in_box[@]}" "$program" -nP --who
check "of NAT ports it shows who holds them" grep -Eq "203.0.113.10:80 .* $a 1, 192.0.2.20 1, 203.0.113.77 1\$" "$tmp/out"
run 5 "${in_box[@]}" "$program" -na -b src -C +src_workload
check "a host has its workload" grep -Eq "^192.0.2.10 .* $a\$" "$tmp/out"
check "but none of what is behind destination NAT" grep -Eq '^203.0.113.9 .* -$' "$tmp/out"

# -- processes ------------------------------------------------------------------------------------

# holds NAMESPACE PROTOCOL LOCAL PORT [REMOTE]: a process with that socket, connected to port 80 of the other end; its id
# in $socket_process.
holds() {
    : >"$tmp/held"
    nsenter "--net=/run/netns/$1" -- "$python" -c '
import socket, sys, time
protocol, local, port, *remote = sys.argv[2:]
family = socket.AF_INET6 if ":" in local else socket.AF_INET
held = socket.socket(family, socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM)
held.bind((local, int(port)))
if remote:
    held.connect((remote[0], 80))
elif protocol == "tcp":
    held.listen()
    connection = held.accept()
open(sys.argv[1], "w").write("held")
time.sleep(100000)' "$tmp/held" "${@:2}" 2>"$tmp/socket" &
    socket_process=$!
    children+=("$socket_process")
    [[ $2 == tcp ]] || until_true 1 test -s "$tmp/held" || fail "a socket in $1" "$(tail -n 1 "$tmp/socket")"
}
# process_is ADDRESS PORT PROCESS: of the last run, of columns src, sport, dst, dport, process, pid.
process_is() {
    [[ $(awk -v end="$1" -v port="$2" '($1 == end && $2 == port) || ($3 == end && $4 == port) { print $6; exit }' \
        "$tmp/out") == "$3" ]]
}
processes=("$program" -nao -C src,sport,dst,dport,process,pid)
udp_flow() {
    "${in_box[@]}" conntrack -I -p udp -s "$1" -d "$3" --sport "$2" --dport 80 -t 900 "${@:4}" >>"$tmp/insert" 2>&1 ||
        fail "a flow of $1" "$(tail -n 1 "$tmp/insert")"
}
in_ns "$a" ip route add default via 192.0.2.1
holds "$a" udp 192.0.2.10 5001 203.0.113.10
connected=$socket_process
holds "$b" udp 0.0.0.0 5002
unconnected=$socket_process
holds "$a" udp :: 5003
six=$socket_process
udp_flow 192.0.2.10 5001 203.0.113.10 --src-nat 198.51.100.1
udp_flow 192.0.2.70 5002 203.0.113.10 --src-nat 198.51.100.1
udp_flow 2001:db8:1::10 5003 2001:db8:f0::10 --src-nat 2001:db8:ff::1
udp_flow 192.0.2.10 5003 203.0.113.10 --src-nat 198.51.100.1
udp_flow 192.0.2.10 5002 203.0.113.10 --src-nat 198.51.100.1
run 5 "${in_box[@]}" "${processes[@]}"
check "the answer is given" ends_well
check "a socket that is connected has its process" process_is 192.0.2.10 5001 "$connected"
check "so has one that is not, on any address of its namespace" process_is 192.0.2.70 5002 "$unconnected"
check "and of IPv6" process_is 2001:db8:1::10 5003 "$six"
check "which is of IPv4, too" process_is 192.0.2.10 5003 "$six"
check "but none of another namespace" process_is 192.0.2.10 5002 -
named_python() { awk '$2 == 5001 { print $5 }' "$tmp/out" | grep -q ^python; }
check "processes have names" named_python
holds "$ns" tcp 0.0.0.0 80
server=$socket_process
listening() { "${in_box[@]}" grep -q '00000000:0050 ' /proc/net/tcp; }
until_true 1 listening || fail "a server on the box"
holds "$a" tcp 192.0.2.10 5004 192.0.2.1
client=$socket_process
until_true 1 test -s "$tmp/held" || fail "a connection to the box" "$(tail -n 1 "$tmp/socket")"
"${in_box[@]}" conntrack -I -p tcp -s 192.0.2.10 -d 192.0.2.1 --sport 5004 --dport 80 --state ESTABLISHED -t 900 \
    -u SEEN_REPLY,ASSURED >>"$tmp/insert" 2>&1
run 5 "${in_box[@]}" "${processes[@]}" port 5004
check "of a connection to the box it is the server on it" process_is 192.0.2.10 5004 "$server"
"${in_box[@]}" conntrack -D -p tcp --sport 5004 >>"$tmp/insert" 2>&1
flow_of_port() { port=5003 && flow 192.0.2.10 192.0.2.1 --src-nat 198.51.100.1; }
flow_of_port
run 5 "${in_box[@]}" "${processes[@]}" port 5004
check "a connection is known by both of its ends" process_is 192.0.2.10 5004 "$client"
"${in_box[@]}" conntrack -D -p tcp --sport 5004 >>"$tmp/insert" 2>&1
run 5 "${in_box[@]}" setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=+net_admin --ambient-caps=+net_admin \
    "${processes[@]}"
check "who may not look into processes is told" says "root's to see"
check "and nothing is made up" process_is 192.0.2.10 5001 -
port=2000

# -- control groups -------------------------------------------------------------------------------

cgroups=/sys/fs/cgroup
[[ -e $cgroups/cgroup.procs || ! -d $cgroups/unified ]] || cgroups=$cgroups/unified
[[ -e $cgroups/cgroup.procs ]] || cgroups=$(ls -d $cgroups/pids $cgroups/cpuset 2>/dev/null | head -1)
id=$(printf '%064x' $$)
# in_cgroup NAME: moves the process of the namespace without a name there.
in_cgroup() {
    [[ ! ${cgroup:-} || $cgroup == "$cgroups/$1" ]] || old=$cgroup
    cgroup=$cgroups/$1
    mkdir -p "$cgroup" && echo "$holder" >"$cgroup/cgroup.procs" || return
    [[ ! ${old:-} ]] || rmdir "$old" || return
}
unshare -n sleep 100000 &
holder=$!
children+=("$holder")
apart() { [[ $(readlink /proc/$holder/ns/net) != $(readlink /proc/self/ns/net) && $(</proc/$holder/comm) == sleep ]]; }
until_true 1 apart || fail "a process in a namespace of its own"
"${in_box[@]}" ip link add vc0 type veth peer name up0 netns "/proc/$holder/ns/net" 2>/dev/null ||
    { "${in_box[@]}" ip link add vc0 type veth peer name vc1 && "${in_box[@]}" ip link set vc1 netns "$holder" name up0; }
"${in_box[@]}" ip link set vc0 up
nsenter -n -t "$holder" ip addr add 192.0.2.130/26 dev up0
flow 192.0.2.130 203.0.113.10 --src-nat 198.51.100.1
run 5 "${in_box[@]}" "${list[@]}"
check "a namespace without a name is called after what runs there" names_it 192.0.2.130 sleep
named_by() {
    in_cgroup "$1" || return
    run 5 "${in_box[@]}" "${list[@]}"
    names_it 192.0.2.130 "$2"
}
if [[ $cgroups ]] && in_cgroup "docker-$id.scope" 2>/dev/null; then
    check "a container of Docker, whose files are not there, by its id" named_by "docker-$id.scope" "${id:0:12}"
    check "a container of LXC" named_by lxc.payload.web-$$ web-$$
    check "a container of nspawn" named_by "systemd-nspawn@guest$$.service" guest$$
    check "a machine" named_by "machine-qemu\\x2d$$.scope" qemu-$$
    check "a container of containerd" named_by "cri-containerd-$id.scope" "${id:0:12}"
    # Its pod, by the kubelet's links to its logs; /var/log is this test's own.
    run 5 "${in_box[@]}" unshare -m bash -c 'mount -t tmpfs none /var/log && mkdir /var/log/containers &&
        ln -s nowhere "/var/log/containers/web-0_shop_nginx-$0.log" && exec "$@"' "$id" "${list[@]}"
    check "its pod" names_it 192.0.2.130 shop/web-0
else
    skip "control groups: none can be made here"
fi

# -- leases ---------------------------------------------------------------------------------------

if command -v dnsmasq dhclient >/dev/null; then
    # A host on the LAN behind a bridge of the first namespace's link would be a workload; this one is in a
    # namespace whose link the box does not see: it hangs on a switch.
    switch=$ns-switch host=$ns-host
    linked "$switch" vs0 192.0.2.193/26 || fail "a switch"
    made+=("$host")
    ip netns add "$host"
    ip -n "$switch" link add br0 type bridge && ip -n "$switch" link set br0 up && ip -n "$switch" link set up0 master br0 &&
        ip -n "$switch" link add vh0 type veth peer name eth0 netns "$host" && ip -n "$switch" link set vh0 master br0 up &&
        ip -n "$host" link set eth0 up || fail "a host on the switch"
    "${in_box[@]}" unshare -m bash -c 'mkdir -p /var/lib/misc && mount -t tmpfs none /var/lib/misc && touch "$0/up" &&
        dnsmasq -k -C /dev/null -p 0 -i vs0 -z --dhcp-range=192.0.2.200,192.0.2.210,1h --dhcp-leasefile=/var/lib/misc/dnsmasq.leases \
            -u root --pid-file= 2>"$0/dnsmasq"' "$tmp" &
    server=$!
    children+=("$server")
    dnsmasq_of() { pgrep -P "$server" dnsmasq || { [[ $(</proc/$server/comm) == dnsmasq ]] && echo "$server"; }; }
    until_true 2 dnsmasq_of || fail "dnsmasq runs" "$(<"$tmp/dnsmasq")"
    dnsmasq=$(dnsmasq_of)
    children+=("$dnsmasq")
    printf 'send host-name "printer-%s";\n' $$ >"$tmp/dhclient.conf"
    succeeds "a lease" in_ns "$host" timeout "$(patient 10)" dhclient -1 -cf "$tmp/dhclient.conf" -lf "$tmp/lease" \
        -pf "$tmp/dhclient.pid" -sf /bin/true eth0
    [[ ! -s $tmp/dhclient.pid ]] || children+=("$(<"$tmp/dhclient.pid")")
    leased=$(awk '{ print $3 }' "/proc/$dnsmasq/root/var/lib/misc/dnsmasq.leases")
    flow "$leased" 203.0.113.10 --src-nat 198.51.100.1
    # In dnsmasq's mount namespace, which has the file where it usually is.
    run 5 "${in_box[@]}" nsenter -m -t "$dnsmasq" -- "${list[@]}"
    check "a host is called as it told dnsmasq" names_it "$leased" "printer-$$"
else
    skip "leases: there is no dnsmasq or no dhclient"
fi
mac=52:54:00:12:34:56
"${in_box[@]}" ip neigh add 192.0.2.20 lladdr $mac dev va0 nud permanent
run 5 "${in_box[@]}" "${list[@]}"
check "who answers for an address on a link is known by its MAC" names_it 192.0.2.20 $mac

# -- the live view --------------------------------------------------------------------------------

# shows PATTERN OPTION...: the live view, as text, comes to have such a line.
shows() {
    "${in_box[@]}" "$program" -ta --plain "${@:2}" >"$tmp/live" 2>"$tmp/live-err" &
    local view=$! found
    children+=("$view")
    until_true 5 grep -Eq "$1" "$tmp/live"
    found=$?
    kill -INT "$view"
    over "$view"
    return $found
}
check "the live view shows whose the flows are" shows "192.0.2.10:5001 .* ${a:0:9}[^ ]* +python" --who 'port 5001'
check "the workloads of hosts" shows "^ *192.0.2.10 +${a:0:15}" --who -b src
check "and who holds the NAT ports" shows "203.0.113.10:80 .* ${a:0:15}" --who -P src=192.0.2.10
not_asked() { shows "^ *192.0.2.10 " -b src && ! grep -q "${a:0:9}" "$tmp/live"; }
check "it tells nothing that is not asked for" not_asked

# -- a view that goes on --------------------------------------------------------------------------

"${in_box[@]}" "$program" -E -ao -C event,src,sport,workload >"$tmp/events" 2>"$tmp/events-err" &
follower=$!
children+=("$follower")
until_true 2 follows "$follower" || fail "it follows"
later=$ns-later
linked "$later" vl0 192.0.2.33/30 || fail "a namespace that comes later"
in_ns "$later" ip addr add 192.0.2.34/30 dev up0
# told ADDRESS NAME: a flow of the address, begun now, is the namespace's; tried until it is found.
told() {
    flow "$1" 203.0.113.10 --src-nat 198.51.100.1
    grep -q "^created *$1 *$port *$2\$" "$tmp/events"
}
tell() { until_true 5 told "$@" && at=$port; }
# ends_as PORT NAME: the flow is deleted, and its last step names who has begun it.
ends_as() {
    "${in_box[@]}" conntrack -D -s 192.0.2.34 -p tcp --sport "$1" >>"$tmp/insert" 2>&1
    until_true 1 grep -q "^ended *192.0.2.34 *$1 *$2\$" "$tmp/events"
}
check "a namespace that came later is found" tell 192.0.2.34 "$later"
earlier=$at
flow 192.0.2.34 203.0.113.10 --src-nat 198.51.100.1
last=$port
linked "$ns-witness" vw0 192.0.2.37/30 192.0.2.38/30 || fail "a namespace that tells when there was one more look"
check "it is looked again" tell 192.0.2.38 "$ns-witness"
ip netns del "$later"
check "one that has ended keeps its name" ends_as "$last" "$later"
third=$ns-third
linked "$third" vm0 192.0.2.33/30 192.0.2.34/30 || fail "another one gets the address"
check "an address that goes to another one is the other one's" tell 192.0.2.34 "$third"
check "but for the flows that had begun before" ends_as "$earlier" "$later"
"${in_box[@]}" "$program" -E -ao -C event,src,sport,pid >"$tmp/processes" 2>"$tmp/processes-err" &
children+=($!)
until_true 2 follows $! || fail "it follows processes"
holds "$a" udp 192.0.2.10 5009 203.0.113.10
of_process() {
    "${in_box[@]}" conntrack -D -p udp --sport 5009 >>"$tmp/insert" 2>&1
    udp_flow 192.0.2.10 5009 203.0.113.10 --src-nat 198.51.100.1
    grep -q "^created *192.0.2.10 *5009 *$socket_process\$" "$tmp/processes"
}
check "a process that came later is found" until_true 5 of_process
kill -INT "$follower"
over "$follower"
check "it ends well" exits 0
finish
