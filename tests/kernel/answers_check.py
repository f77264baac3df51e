#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts the flows of `conntrack -L -o extended` by hand and compares them with natstat --by and
--ports. usage: answers_check.py NATSTAT [PORT_RANGE]; ends with `counted PASSED FAILED`."""

import collections
import ipaddress
import json
import re
import subprocess
import sys

STATES = {
    "opening": {"SYN_SENT", "SYN_RECV", "SYN_SENT2", "COOKIE_WAIT", "COOKIE_ECHOED",
                "HEARTBEAT_SENT"},
    "established": {"ESTABLISHED", "HEARTBEAT_ACKED"},
    "closing": {"FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE", "CLOSED",
                "SHUTDOWN_SENT", "SHUTDOWN_RECD", "SHUTDOWN_ACK_SENT"},
}
PORTS = {"tcp", "udp", "udplite", "sctp", "dccp"}
NUMBERS = {"6": "tcp", "17": "udp", "132": "sctp", "136": "udplite", "33": "dccp", "1": "icmp",
           "58": "icmpv6", "47": "gre"}


class Flow:
    """One line: `ipv4 2 tcp 6 431999 ESTABLISHED src=... [ASSURED] mark=0`."""

    def __init__(self, line):
        words = line.split()
        self.proto = NUMBERS.get(words[3], words[3])
        self.state = words[5] if self.proto in ("tcp", "sctp", "dccp") else ""
        pairs = collections.defaultdict(list)
        for name, value in re.findall(r"(\S+?)=(\S+)", line):
            pairs[name].append(value)
        address = ipaddress.ip_address
        self.ends = [address(pairs["src"][0]), address(pairs["dst"][0]),
                     address(pairs["src"][1]), address(pairs["dst"][1])]
        if "id" in pairs:
            self.ports = [int(pairs["id"][0]), None, None, int(pairs["id"][1])]
        elif "sport" in pairs:
            self.ports = [int(pairs["sport"][0]), int(pairs["dport"][0]),
                          int(pairs["sport"][1]), int(pairs["dport"][1])]
        elif "srckey" in pairs:
            self.ports = [int(pairs["srckey"][0], 16), int(pairs["dstkey"][0], 16),
                          int(pairs["srckey"][1], 16), int(pairs["dstkey"][1], 16)]
        else:
            self.ports = [None] * 4
        self.zone = int(pairs["zone"][0]) if "zone" in pairs else None
        self.unanswered = "[UNREPLIED]" in line
        if not self.state and self.proto not in ("tcp", "sctp", "dccp"):
            self.state = ("UNREPLIED" if self.unanswered else
                          "ASSURED" if "[ASSURED]" in line else "")
        self.packets = sum(map(int, pairs["packets"])) if "packets" in pairs else None
        self.bytes = sum(map(int, pairs["bytes"])) if "bytes" in pairs else None
        self.snat = (self.ends[3], self.ports[3]) != (self.ends[0], self.ports[0])
        self.dnat = (self.ends[2], self.ports[2]) != (self.ends[1], self.ports[1])
        end = 2 if self.dnat else 1
        self.src = self.ends[0]
        self.dst, self.dport = self.ends[end], self.ports[end]
        self.gate, self.gport = self.ends[3], self.ports[3]


class Judge:
    def __init__(self, natstat):
        self.natstat = natstat
        self.passed = self.failed = 0

    def rows(self, *words, said=""):
        """`said` is what it must say on standard error."""
        done = subprocess.run([self.natstat, "-n", "--json", *words], capture_output=True,
                              text=True, check=False)
        if not self.check(f"{' '.join(words)}: what it says",
                          done.returncode == 0 and done.stderr == said):
            print(f"     natstat {' '.join(words)}: exit {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout or "[]")

    def equal(self, what, expected, got):
        if expected == got:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAIL {what}: {len(expected)} rows expected, {len(got)} came")
        for key in list(expected.keys() ^ got.keys())[:3] + [
                key for key in expected.keys() & got.keys() if expected[key] != got[key]][:3]:
            print(f"     {key}: expected {expected.get(key)}, came {got.get(key)}")

    def check(self, what, condition):
        self.equal(what, {what: True}, {what: bool(condition)})
        return condition


def count(flows, key):
    groups = {}
    for flow in flows:
        row = groups.setdefault(key(flow), collections.Counter())
        row["flows"] += 1
        row["unanswered"] += flow.unanswered
        for phase, states in STATES.items():
            if flow.proto in ("tcp", "sctp", "dccp") and flow.state in states:
                row[phase] += 1
        for name in ("packets", "bytes"):
            row[name] += getattr(flow, name) or 0
    return {group: {name: row[name] for name in
                    ("flows", "opening", "established", "closing", "unanswered", "packets",
                     "bytes")} for group, row in groups.items()}


def network(address, length):
    bits = length if address.version == 4 else 128
    return f"{ipaddress.ip_network((address, bits), strict=False)}"


def check_by(judge, flows):
    natted = [flow for flow in flows if flow.snat or flow.dnat]
    questions = [
        (["-b", "src"], natted, ("src",), lambda f: (str(f.src),)),
        (["-b", "dst,dport"], natted, ("dst", "dport"), lambda f: (str(f.dst), f.dport)),
        (["-b", "state"], natted, ("state",), lambda f: (f.state,)),
        (["-b", "proto,state", "-a"], flows, ("proto", "state"), lambda f: (f.proto, f.state)),
        (["-b", "src/24"], natted, ("src",), lambda f: (network(f.src, 24),)),
        (["-b", "src", "tcp"], [f for f in natted if f.proto == "tcp"], ("src",),
         lambda f: (str(f.src),)),
    ]
    for words, of, names, key in questions:
        expected = count(of, key)
        sums = any(flow.packets is not None for flow in of)
        rows = judge.rows(*words)
        got = {}
        for row in rows:
            got[tuple(row[name] for name in names)] = {
                "flows": row["flows"], "opening": row["opening"],
                "established": row["established"], "closing": row["closing"],
                "unanswered": row["unanswered"],
                "packets": (row["packets_up"] or 0) + (row["packets_down"] or 0),
                "bytes": (row["bytes_up"] or 0) + (row["bytes_down"] or 0)}
        judge.equal(" ".join(words), expected, got)
        flows_of = [row["flows"] for row in rows]
        judge.check(" ".join(words) + ": most flows first",
                    flows_of == sorted(flows_of, reverse=True) and len(rows) == len(got))
        judge.check(" ".join(words) + ": no sums of what was not counted",
                    sums or all(row["packets_up"] is None for row in rows))
        few = judge.rows(*words, "--limit", "3")
        judge.check(" ".join(words) + " --limit 3", few == rows[:3])


def check_ports(judge, flows, port_range):
    first, last = map(int, port_range.split("-")) if port_range else (1024, 65535)
    used = collections.defaultdict(set)
    hosts = collections.defaultdict(set)
    outside = 0
    for flow in flows:
        if not flow.snat or flow.gport is None:
            continue
        low, high = first, last
        if flow.proto in ("icmp", "icmpv6"):
            low, high = (first, last) if port_range else (0, 65535)
        elif flow.proto not in PORTS:
            continue
        if low <= flow.gport <= high:
            key = (str(flow.gate), flow.proto, str(flow.dst), flow.dport, flow.zone)
            used[key].add(flow.gport)
            hosts[key].add(flow.src)
        else:
            outside += 1
    expected = {key: (len(ports), len(hosts[key])) for key, ports in used.items()}
    words = ["-P"] + (["--port-range", port_range] if port_range else [])
    rows = judge.rows(*words, said="" if outside == 0 else (
        f"natstat: {outside} flow{' has a NAT port' if outside == 1 else 's have NAT ports'} outside of "
        f"{port_range or '1024-65535'}, and {'is' if outside == 1 else 'are'} not in the table\n"))
    got = {(row["gate"], row["proto"], row["dst"], row["dport"], row["zone_reply"]):
           (row["ports"], row["hosts"]) for row in rows}
    judge.equal(" ".join(words), expected, got)
    judge.check(" ".join(words) + ": fullest first", [row["used"] for row in rows] == sorted(
        (row["used"] for row in rows), reverse=True))
    judge.check(" ".join(words) + ": ports available", all(
        row["available"] == (last - first + 1 if port_range or row["proto"] not in
                             ("icmp", "icmpv6") else 65536) for row in rows))


def main():
    judge = Judge(sys.argv[1])
    flows = []
    for family in ("ipv4", "ipv6"):
        text = subprocess.run(["conntrack", "-L", "-o", "extended", "-f", family],
                              capture_output=True, text=True, check=True).stdout
        flows += [Flow(line) for line in text.splitlines()]
    judge.check("there are flows", flows)
    check_by(judge, flows)
    check_ports(judge, flows, sys.argv[2] if len(sys.argv) > 2 else None)
    print(f"counted {judge.passed} {judge.failed}")


main()
