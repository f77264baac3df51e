#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Containers of a real Docker and a real podman, which the box translates by the rules that these make themselves:
# connections that they open, and connections to ports that they publish. The runtimes and their files are in the
# box's network namespace and a mount namespace of this test, with documentation addresses; they are ended with it.
# usage: containers_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: containers_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/kernel/judge.sh
. "$here/judge.sh"
# shellcheck source=tests/kernel/runs.sh
. "$here/runs.sh"

needs ip ss conntrack nsenter unshare iptables tar
busybox=$(command -v busybox) && ! ldd "$busybox" >/dev/null 2>&1 || skip_all "needs a busybox that is linked statically"
command -v dockerd docker podman >/dev/null || skip_all "needs Docker or podman"
open_box
outside=$ns-out
# shellcheck disable=SC2317  # called by the trap
clean_up_all() {
    [[ ! ${docker_up:-} ]] || { docker_ kill shop-api && until_true 5 no_container; } >/dev/null 2>&1
    [[ ! ${podman_up:-} ]] || podman_ rm -f -t 0 web >/dev/null 2>&1
    [[ ! ${daemon:-} ]] || { kill "$daemon" && until_true 10 ended "$daemon"; } 2>/dev/null
    ip netns del "$outside" 2>/dev/null
    clean_up
}
trap clean_up_all EXIT

# -- the box, and a server outside ----------------------------------------------------------------

ip netns add "$outside" && "${in_box[@]}" ip link add up0 type veth peer name eth0 netns "$outside" &&
    "${in_box[@]}" ip addr add 198.51.100.1/24 dev up0 && "${in_box[@]}" ip link set up0 up &&
    "${in_box[@]}" ip link set lo up && ip -n "$outside" addr add 198.51.100.10/24 dev eth0 &&
    ip -n "$outside" link set eth0 up && "${in_box[@]}" sysctl -qw net.ipv4.ip_forward=1 || fail "a box with an uplink"

# A mount namespace whose runtimes' directories are this test's own.
mkdir "$tmp"/{networks,docker,containers,run-docker,exec,root,root/bin,root/tmp,root/dev,root/proc,root/sys,root/etc,root/run,root/var}
cp "$busybox" "$tmp/root/bin/busybox"
ln -s busybox "$tmp/root/bin/nc" && ln -s busybox "$tmp/root/bin/sh"
nsenter "--net=/run/netns/$outside" "$busybox" httpd -f -p 80 -h "$tmp/root" >"$tmp/server" 2>&1 &
children+=($!)
serves() { [[ $(nsenter "--net=/run/netns/$outside" ss -Hltn 'sport = 80') ]]; }
until_true 2 serves || fail "a server outside" "$(cat "$tmp/server")"
# shellcheck disable=SC2016 # its own variable
unshare -m bash -c 'mkdir -p /var/lib/docker /var/lib/containers /run/docker && mount --bind "$0/docker" /var/lib/docker &&
    mount --bind "$0/containers" /var/lib/containers && mount --bind "$0/run-docker" /run/docker && : >"$0/mounted" &&
    exec sleep 100000' "$tmp" &
holder=$!
children+=("$holder")
until_true 2 test -e "$tmp/mounted" || fail "mounts of its own"
in_place=("${in_box[@]}" nsenter -m -t "$holder" --)

workload_of() { awk -v from="$1" -v to="$2" '$1 == from && $2 == to { print $3; exit }' "$tmp/out"; }
listed() { run 10 "${in_place[@]}" "$program" -nao -C src,dst,workload; }
# named SOURCE DESTINATION NAME: once there is such a flow.
named() {
    listed
    [[ $(workload_of "$1" "$2") == "$3" ]]
}
comes() { until_true 5 named "$@"; }

# -- Docker ---------------------------------------------------------------------------------------

docker_() { docker -H "unix://$tmp/docker.sock" "$@"; }
no_container() { [[ ! $(docker_ ps -q) ]]; }
test_docker() {
    "${in_place[@]}" dockerd --data-root /var/lib/docker --exec-root "$tmp/exec" -H "unix://$tmp/docker.sock" --pidfile \
        "$tmp/docker.pid" --storage-driver vfs --bip 192.0.2.129/25 >"$tmp/dockerd" 2>&1 &
    daemon=$!
    until_true 20 docker_ version || { skip "Docker does not run here: $(tail -n 1 "$tmp/dockerd")" && return; }
    tar -C "$tmp/root" -c . | docker_ import - tiny >"$tmp/import" 2>&1
    docker_up=yes
    docker_ run -d --name shop-api -p 8081:80 tiny busybox httpd -f -p 80 >"$tmp/run" 2>&1 ||
        { skip "Docker runs no container here: $(tail -n 1 "$tmp/run")" && return; }
    docker_ exec -d shop-api sh -c "busybox sleep 100000 | nc 198.51.100.10 80"
    local inside
    inside=$(docker_ inspect -f '{{.NetworkSettings.IPAddress}}' shop-api)
    check "what a container of Docker's opens has its name" comes "$inside" 198.51.100.10 shop-api
    nsenter "--net=/run/netns/$outside" "$busybox" nc 198.51.100.1 8081 < <(exec sleep 100000) >/dev/null 2>&1 &
    children+=($!)
    check "what comes to its published port, too" comes 198.51.100.10 "$inside" shop-api
    run 10 "${in_place[@]}" "$program" -nao -b workload -C workload,flows
    check "they are one group" grep -q '^shop-api  *2' "$tmp/out"
    docker_ kill shop-api >/dev/null
    until_true 10 no_container
    listed
    check "of one that is gone nothing is made up" test "$(workload_of "$inside" 198.51.100.10)" != shop-api
}
if command -v dockerd >/dev/null; then test_docker; else skip "Docker is not installed"; fi

# -- podman ---------------------------------------------------------------------------------------

podman_() {
    "${in_place[@]}" podman --runtime runc --root /var/lib/containers/storage --runroot "$tmp/run-podman" --storage-driver vfs \
        --cgroup-manager cgroupfs --events-backend file --network-config-dir "$tmp/networks" --tmpdir "$tmp/libpod" "$@"
}
test_podman() {
    podman_ network create --subnet 203.0.113.128/25 own >"$tmp/podman" 2>&1 &&
        podman_ run -d --name web --network own --ulimit nofile=1000:1000 --ulimit nproc=1000:1000 -p 8082:80 \
            --rootfs "$tmp/root" busybox httpd -f -p 80 >>"$tmp/podman" 2>&1 ||
        { skip "podman runs no container here: $(tail -n 1 "$tmp/podman")" && return; }
    podman_up=yes
    local inside
    inside=$(podman_ inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' web)
    podman_ exec -d web sh -c "busybox sleep 100000 | nc 198.51.100.10 80" >>"$tmp/podman" 2>&1
    check "what a container of podman's opens has its name" comes "$inside" 198.51.100.10 web
    nsenter "--net=/run/netns/$outside" "$busybox" nc 198.51.100.1 8082 < <(exec sleep 100000) >/dev/null 2>&1 &
    children+=($!)
    check "what comes to its published port, too" comes 198.51.100.10 "$inside" web
    podman_ rm -f -t 0 web >/dev/null 2>&1
    podman_up=
}
if command -v podman >/dev/null; then test_podman; else skip "podman is not installed"; fi
finish
