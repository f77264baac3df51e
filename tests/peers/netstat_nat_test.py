#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""natstat and the real netstat-nat 1.4.10 on one table.

    netstat_nat_test.py NATSTAT NETSTAT_NAT DIRECTORY

runs in the network namespace whose flows are listed; DIRECTORY is an empty one for the two programs
under one name. An independent reading of conntrack says of each flow what either program has to
show: natstat by its contract, netstat-nat by what is known of it. Where the two differ, a rule has
to say why. Prints a line for each check that failed, and last `counted PASSED FAILED`."""

import ipaddress
import os
import subprocess
import sys
from collections import Counter

import conntrack_text as ct
from contract import NAT_KINDS, Row, line_of, local_networks
from harness import SHOWN, Tally

# netstat-nat reads a line in pieces of so many bytes; what is behind the first is a row of its own.
PEER_LINE = 349


# -- what netstat-nat shows -----------------------------------------------------------------------

class Peer:
    """A flow as netstat-nat 1.4.10 sees it: addresses as texts of 15 characters, no ports."""

    STATES = ("ESTABLISHED", "TIME_WAIT", "FIN_WAIT", "SYN_RECV", "SYN_SENT", "UNREPLIED", "CLOSE",
              "ASSURED")

    def __init__(self, row, addresses):
        flow = row.flow
        self.a, self.b, self.c, self.d = (
            ipaddress.ip_address(text).exploded[:15] for text in
            (flow.original.src, flow.original.dst, flow.reply.src, flow.reply.dst))
        # Of ICMP it shows no port; of SCTP and GRE neither.
        self.ports = (flow.original.sport, flow.original.dport, flow.reply.sport, flow.reply.dport)
        self.proto = next((name for name in ("tcp", "udp", "icmp") if name in flow.proto),
                          flow.proto if flow.proto.isdigit() else "")
        words = [flow.state, *flow.flags]
        self.state = next((state for state in self.STATES if any(state in word for word in words)),
                          "UNREPLIED" if self.proto == "udp" else "")
        self.is_local = any(one in addresses for one in (self.a, self.b, self.c, self.d))

    def kind(self):
        if self.a == self.d and self.b == self.c:
            return "local" if self.is_local else "routed"
        if self.a != self.d and self.b == self.c:
            return "snat"
        if self.a == self.d:
            return "dnat"
        if self.a == self.c:
            return None
        return "both" if self.b != self.d else "both on one interface"

    def cell(self, address, port):
        return "%s:%s" % (address, port) if self.proto in ("tcp", "udp") else address

    def line(self, mode):
        """Its line in this mode, without blanks at the end; None if it is not there."""
        kind = self.kind()
        if kind not in mode.peer_kinds:
            return None
        a, b, c, d = self.ports
        destination = self.cell(self.c, b if kind in ("local", "routed", "snat") else c)
        middle = [self.cell(self.b if kind == "dnat" else self.d, d)] if mode.nat_host else []
        width = 41 if mode.wide else 31
        cells = "".join(cell.ljust(width) for cell in [self.cell(self.a, a), *middle, destination])
        return (self.proto.ljust(6) + cells + self.state).rstrip()


class Mode:
    """Options that both programs get, and which flows each of them shows with these."""

    def __init__(self, words):
        self.words = words
        letters = "".join(words)
        self.nat_host = "N" in letters and not set("LR") & set(letters)
        self.wide = "x" in letters
        every = set(NAT_KINDS) | {"both on one interface"}
        self.peer_kinds, self.kinds = every, set(NAT_KINDS)
        if "S" in letters:
            self.peer_kinds, self.kinds = {"snat", "both"}, {"snat", "both"}
        if "D" in letters:
            self.peer_kinds, self.kinds = every - {"snat"}, {"dnat", "both"}
        if "L" in letters:
            self.peer_kinds = self.kinds = {"local"}
        if "R" in letters:
            self.peer_kinds = self.kinds = {"routed"}


# -- when netstat-nat is not right ----------------------------------------------------------------

def deviations(row, peer, mode):
    """The rules by which the two may differ on this row; none where netstat-nat is right."""
    why = []
    if row.family == "ipv6":
        why.append("IPv6: addresses are cut, and compared when they are (not asked of natstat)")
    if row.proto not in ("tcp", "udp"):
        why.append("neither TCP nor UDP, so without ports or a name (not asked of natstat)")
    same_addresses = peer.a == peer.d and peer.b == peer.c
    if same_addresses and row.kind in NAT_KINDS:
        why.append("a translation of ports alone is not seen")
    if peer.a == peer.c and peer.a != peer.d:
        why.append("a hairpin to oneself is never shown")
    if row.kind == "dnat" and mode.nat_host and row.original[1].port != row.reply[1].port:
        why.append("DNAT shows the client's port for the dialled one")
    if row.proto == "udp" and row.state == "":
        why.append("a replied UDP flow is called UNREPLIED")
    if row.proto == "tcp" and row.state in ("CLOSE_WAIT", "LAST_ACK", "SYN_SENT2", "NONE"):
        why.append("four states of TCP have the name of another or none")
    if peer.kind() == "both on one interface" and "both on one interface" not in mode.peer_kinds:
        why.append("-S leaves out flows with both translations on one address")
    return why


# -- running both ---------------------------------------------------------------------------------

class Pair:
    def __init__(self, natstat, netstat_nat, directory):
        self.natstat, self.netstat_nat = natstat, netstat_nat
        self.local = local_networks()
        text = subprocess.run(["ip", "-4", "-oneline", "address"], stdout=subprocess.PIPE,
                              text=True, check=True).stdout
        self.addresses = {line.split()[3].split("/")[0] for line in text.splitlines()}
        self.paths = {}
        for name, program in (("natstat", natstat), ("netstat-nat", netstat_nat)):
            self.paths[name] = os.path.join(directory, name)
            os.mkdir(self.paths[name])
            os.symlink(program, os.path.join(self.paths[name], "netstat-nat"))
        self.last = self.read()

    def read(self):
        """The flows as they are now, each as both programs see it."""
        rows = [Row(flow, self.local) for flow in ct.read_text()]
        with open("/proc/net/nf_conntrack", encoding="ascii") as table:
            self.long_lines = sum(len(line) > PEER_LINE for line in table)
        self.last = [(row, Peer(row, self.addresses)) for row in rows]
        return self.last

    def lines(self, program, words):
        """Output lines without blanks at their ends."""
        done = subprocess.run([program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=600, check=False)
        if done.returncode != 0 or done.stderr:
            raise RuntimeError("%s %s: exit %d, %r" %
                               (program, words, done.returncode, done.stderr))
        return [line.rstrip() for line in done.stdout.decode().split("\n")[:-1]]

    def shell(self, name, script):
        """What somebody's script says with this program under the name that the script knows."""
        environment = dict(os.environ, PATH=self.paths[name] + ":" + os.environ["PATH"])
        done = subprocess.run(["bash", "-c", "set -o pipefail\n" + script], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=environment, timeout=600, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()


class Comparison:
    """The lines of both programs in one mode, sorted into equal ones and explained ones."""

    def __init__(self, flows, long_lines, mode):
        self.right, self.natstat_only, self.peer_only = Counter(), Counter(), Counter()
        self.reasons = Counter()
        self.deviant = 0
        for row, peer in flows:
            asked = row.kind in mode.kinds and row.family == "ipv4" and row.proto in ("tcp", "udp")
            ours = line_of(row, mode.nat_host, mode.wide) if asked else None
            theirs = peer.line(mode)
            why = deviations(row, peer, mode)
            if ours == theirs:
                # Also rows with a rule that happens not to bite.
                self.right.update([ours] if ours else [])
                continue
            self.natstat_only.update([ours] if ours else [])
            self.peer_only.update([theirs] if theirs else [])
            self.deviant += 1
            self.reasons.update(why or ["NO RULE: ours %r, theirs %r" % (ours, theirs)])
        if mode.peer_kinds == {"routed"}:
            self.peer_only[""] += long_lines

    def errors(self, ours, theirs):
        """Each program has to show the equal rows and its own form of the explained ones, no more."""
        wrong = [reason for reason in self.reasons if reason.startswith("NO RULE")]
        for name, lines, own in (("natstat", ours, self.natstat_only),
                                 ("netstat-nat", theirs, self.peer_only)):
            expected = self.right + own
            wrong += ["%s has not: %r" % (name, line)
                      for line in list((expected - lines).elements())[:SHOWN]]
            wrong += ["%s has, and no rule says why: %r" % (name, line)
                      for line in list((lines - expected).elements())[:SHOWN]]
        return wrong


MODES = ("-nN", "-n", "-nx", "-nxN", "-no", "-nS", "-nD", "-nL", "-nR", "-nNo", "-nSN", "-nDN",
         "-nLN", "-nRN")


def check_modes(tally, pair, where, totals):
    """The table of IPv4, TCP and UDP from natstat, everything from netstat-nat. Other protocols
    would widen natstat's first column, which check_scripts allows."""
    for text in MODES:
        mode, words = Mode([text]), [text]
        header = "o" not in text
        result = {}

        def attempt(flows, mode=mode, words=words, header=header, result=result):
            ours = pair.lines(pair.natstat, [*words, "-4", "-p", "tcp,udp"])
            theirs = pair.lines(pair.netstat_nat, words)
            if header and ours[0] != theirs[0]:
                return ["header, natstat: %r" % ours[0], "header, netstat-nat: %r" % theirs[0]]
            comparison = Comparison(flows, pair.long_lines, mode)
            result["it"] = comparison
            if not comparison.right:
                return ["the table has no row for this check"]
            return comparison.errors(Counter(ours[header:]), Counter(theirs[header:]))
        tally.check_live("%s, on %s" % (text, where), pair, attempt)
        comparison = result.get("it")
        if comparison:
            equal = sum(comparison.right.values())
            totals["equal"] += equal
            totals["deviant"] += comparison.deviant
            totals.update({"why " + why: count for why, count in comparison.reasons.items()})
            print("%s, on %s: %d rows equal, %d deviate" % (text, where, equal, comparison.deviant))


# -- what scripts do with it ----------------------------------------------------------------------

SCRIPTS = (
    # name, script, options that say which rows, lines before the rows
    ("the plain call", "netstat-nat -n", "-n", 1),
    ("no header, tokens", "netstat-nat -no | tr -s ' '", "-no", 0),
    ("a panel: -S with -N", "netstat-nat -n -S -o -N", "-nSoN", 0),
    ("a panel: -D with -N", "netstat-nat -n -D -o -N", "-nDoN", 0),
    ("a panel: -L with -N", "netstat-nat -n -L -o -N", "-nLoN", 0),
    ("a panel: -R with -N", "netstat-nat -n -R -o -N", "-nRoN", 0),
    ("options in another order", "netstat-nat -D -n", "-Dn", 1),
    ("the header apart", "netstat-nat -n | tail -n +2", "-n", 0),
    ("the state grepped for",
     "netstat-nat -n | tail -n +2 | grep -E 'ASSURED|ESTABLISHED|CLOSE|REPLIED'", "-n", 0),
    ("by state", "netstat-nat -no -r state", "-no", 0),
    ("by port of the source", "netstat-nat -no -r src-port", "-no", 0),
    ("by port of the destination", "netstat-nat -no -r dst-port", "-no", 0),
    ("by source", "netstat-nat -no -r src", "-no", 0),
    ("by destination", "netstat-nat -nor dst", "-no", 0),
    ("one protocol", "netstat-nat -np tcp", "-n", 1),
    ("one source", "netstat-nat -n -s 192.0.2.10", "-n", 1),
    ("one destination", "netstat-nat -n -d 203.0.113.10 -p udp", "-n", 1),
)


def tokens(text, skip):
    return Counter(tuple(line.split()) for line in text.split("\n")[skip:] if line.strip())


def check_scripts(tally, pair):
    """The rows that netstat-nat gets right come out of the script as the same tokens."""
    for name, script, words, skip in SCRIPTS:
        def attempt(flows, script=script, words=words, skip=skip):
            right = Comparison(flows, pair.long_lines, Mode([words])).right
            right = Counter(tuple(line.split()) for line in right.elements())
            said = {program: pair.shell(program, script) for program in pair.paths}
            wrong = ["%s: exit %d, %s" % (program, code, error)
                     for program, (code, _, error) in said.items() if code != 0 or error]
            for program, (_, text, _) in said.items():
                if skip and text.split("\n")[0].split()[:1] != ["Proto"]:
                    wrong.append("%s: no header" % program)
            ours, theirs = (tokens(said[one][1], skip) for one in ("natstat", "netstat-nat"))
            wanted = right & theirs  # what this script picks of them
            if not wanted:
                wrong.append("the table has no row for this check")
            return wrong + ["natstat has not: %s" % " ".join(line)
                            for line in list((wanted - ours).elements())[:SHOWN]]
        tally.check_live("script, " + name, pair, attempt)


def check_greps(tally, pair):
    def grep(_):
        said = [pair.shell(name, "netstat-nat -n | grep '192.0.2.10:41001'")[1].split()
                for name in ("natstat", "netstat-nat")]
        return [] if said[0] == said[1] != [] else ["natstat: %s, netstat-nat: %s" % tuple(said)]
    tally.check_live("script, one flow grepped for", pair, grep)

    def head(_):
        said = [pair.shell(name, "netstat-nat -%s | head -1" % letters)[1]
                for letters in ("n", "nN", "nL") for name in ("natstat", "netstat-nat")]
        pairs = list(zip(said[::2], said[1::2]))
        return ["natstat: %r, netstat-nat: %r" % one for one in pairs
                if one[0].split() != one[1].split()]
    tally.check_live("script, the first line is the header", pair, head)

    def names(_):
        code, text, _ = pair.shell("natstat", "timeout 10 netstat-nat -Nx | head")
        lines = text.split("\n")
        good = code == 0 and lines[0].split()[:4] == ["Proto", "NATed", "Address", "NAT-host"]
        return [] if good and len(lines) == 11 else ["exit %d" % code, *lines]
    tally.check_live("script, -Nx | head, with names", pair, names)

    def watch(_):
        # watch draws on whatever terminal TERM says.
        command = "watch --differences -n 1 'netstat-nat -n -p tcp'"
        _, text, _ = pair.shell("natstat", "TERM=vt100 timeout -s INT 2 %s; true" % command)
        return [] if "192.0.2.10:41001" in text else ["the screen: %r" % text[:300]]
    tally.check_live("script, under watch", pair, watch)


def main():
    command, *words = sys.argv[1:]
    pair, tally, totals = Pair(*words), Tally(), Counter()
    if command == "scripts":
        check_scripts(tally, pair)
        check_greps(tally, pair)
    else:
        check_modes(tally, pair, command, totals)
        print("%d rows compared: %d equal, %d deviate" %
              (totals["equal"] + totals["deviant"], totals["equal"], totals["deviant"]))
        for why, count in sorted(totals.items()):
            if why.startswith("why "):
                print("%6d  %s" % (count, why[4:]))
    print("counted", tally.passed, tally.failed)


if __name__ == "__main__":
    main()
