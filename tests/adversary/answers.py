# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every way of answering beside what this test has read of the table: listings in all formats, tables, groups,
files that are read back, filters."""

import concurrent.futures
import csv
import io
import ipaddress
import json
import os
import re
import signal
import subprocess
import time
from collections import Counter

from checks import check
from filters import Filters, order_of
from pending import PENDING
from table import Flow, read_table

COLUMNS = ("proto,family,kind,source,gateway,destination,state,status,timeout,idle,age,packets_up,packets_down,"
           "packets,bytes_up,bytes_down,bytes,mark,zone,zone_orig,zone_reply,icmp_type,icmp_code,id,helper,labels,"
           "secctx,original,reply")
MOVING = {"timeout", "idle", "age"}
# What a text of conntrack's does not say: of the flags it has two, and local is known of the host alone.
NOT_IN_TEXT = {"status", "labels", "id"}
TEXT_KINDS = {"local": None, "routed": None}
WITH_PORTS = ("icmp", "icmpv6", "tcp", "udp", "udplite", "sctp", "dccp")
SHOWN = 3  # of the objects that differ
SECONDS = 120


class Natstat:
    def __init__(self, program):
        self.program = program

    def run(self, *words, says="", may_say=None):
        """Standard output; another exit, or other words on standard error, is an error. `may_say` tells of a line
        whether it may be among them."""
        done = subprocess.run([self.program, *words], capture_output=True, timeout=SECONDS, check=False)
        lines = done.stderr.decode(errors="replace").splitlines()
        said = "\n".join(line for line in lines if not (may_say and may_say(line)))
        if done.returncode != 0 or said != says:
            raise RuntimeError("natstat %s: exit %d, says %r" % (" ".join(words), done.returncode, said))
        return done.stdout.decode()

    def objects(self, *words, says=""):
        """Of a listing as lines of JSON; the flags, which are a set, in order."""
        lines = self.run("--format", "jsonl", *words, says=says).splitlines()
        return [in_order(json.loads(line)) for line in lines]


def in_order(one):
    return {**one, "status": sorted(one["status"])} if isinstance(one.get("status"), list) else one


def read_csv(text):
    """The records with the types that JSON has. That a state is empty and not absent is not told."""
    numbers = {"mark", "zone", "zone_orig", "zone_reply", "icmp_type", "icmp_code", "id", *MOVING}

    def typed(name, value):
        if name == "status":
            return sorted(value.split(",")) if value else []
        if value == "":
            return "" if name == "state" else None
        is_number = name in numbers or name.endswith("port") or name.startswith(("packets", "bytes"))
        return int(value) if is_number else value
    return [{name: typed(name, value) for name, value in record.items()}
            for record in csv.DictReader(io.StringIO(text, newline=""), strict=True)]


class Answers:
    def __init__(self, program, conntrack, local, flows, began, random, folder):
        self.natstat = Natstat(program)
        self.began = began  # when the first entry was made, in seconds since the epoch
        self.conntrack, self.local, self.flows = conntrack, local, flows
        self.random, self.folder = random, folder

    def check_all(self, filters):
        for each in (self.check_formats, self.check_moving, self.check_tables, self.check_columns,
                     self.check_groups, self.check_ports, self.check_recording, self.check_json, self.check_text,
                     lambda: self.check_filters(filters)):
            try:
                each()
            except (RuntimeError, ValueError, KeyError, subprocess.SubprocessError) as error:
                check(False, "%s: %s" % (type(error).__name__, error))
        same = Counter(flow.id for flow in read_table(self.conntrack, self.local))
        check(same == Counter(flow.id for flow in self.flows), "the table stayed as it was")

    # -- objects ------------------------------------------------------------------------------------

    def same(self, what, got, expected, optional=()):
        """Two bags of objects with one right value for each field; some of the expected ones may be missing."""
        def bag(objects):
            return Counter(json.dumps(one, sort_keys=True) for one in objects)
        missing, extra = bag(expected) - bag(got) - bag(optional), bag(got) - bag(expected)
        check(not missing and not extra and got, what,
              *("expected %s" % text for text in sorted(missing)[:SHOWN]),
              *("came     %s" % text for text in sorted(extra)[:SHOWN]),
              "%d expected and not there, %d there and not expected" % (missing.total(), extra.total()))

    def same_fields(self, what, got, flows, without=(), kinds=None):
        """A listing of these flows. `without`: fields that are not looked at; `kinds`: what becomes of some."""
        expected = [flow.fields() for flow in flows]
        for one in expected:
            one["kind"] = (kinds or {}).get(one["kind"], one["kind"])
        without = {*without, *MOVING}
        names = set(expected[0]) - without
        for one in got[:1]:
            check(names <= set(one), what + ": its fields", "missing: %s" % sorted(names - set(one)))
        self.same(what, [{name: one.get(name) for name in names} for one in got],
                  [{name: one[name] for name in names} for one in expected])

    def check_formats(self):
        everything = ("-na", "-C", COLUMNS)
        self.same_fields("jsonl", self.natstat.objects(*everything), self.flows)
        self.same_fields("json", [*map(in_order, json.loads(self.natstat.run("--json", *everything)))], self.flows)
        self.same_fields("csv", read_csv(self.natstat.run("--format", "csv", *everything)), self.flows)
        plain = self.natstat.objects("-na", "--sort", "none")
        follow = {"packets", "bytes", *(name for name in self.flows[0].fields() if name.startswith("reply_"))}
        self.same_fields("jsonl with its own columns", plain, self.flows, follow)

    def check_moving(self):
        """Timeouts between two readings; ages by the kernel's time stamps; idle times that can be true."""
        before = {flow.id: flow for flow in read_table(self.conntrack, self.local)}
        then = time.time()
        listed = self.natstat.objects("-na")
        now = time.time()
        after = {flow.id: flow for flow in read_table(self.conntrack, self.local)}
        wrong = []
        for one in listed:
            first, last = before[one["id"]], after[one["id"]]
            if not last.timeout <= one["timeout"] <= first.timeout:
                wrong.append("timeout %s, of %s to %s" % (one["timeout"], last.timeout, first.timeout))
            start = first.start and first.start / 1e9
            if (start is None) != (one["age"] is None) or (
                    start and not then - start - 2 <= one["age"] <= now - start + 2):
                wrong.append("age %s, began at %s, and it is %s" % (one["age"], start, now))
            if "idle" not in PENDING and one["idle"] is not None and one["idle"] > now - self.began + 2:
                wrong.append("idle for %s seconds, of a table that is %s old" % (one["idle"], now - self.began))
        check(not wrong and listed, "timeouts and ages", *wrong[:SHOWN])

    # -- tables -------------------------------------------------------------------------------------

    def check_tables(self):
        kinds = {"S": lambda f: f.snat, "D": lambda f: f.dnat, "L": lambda f: f.kind == "local",
                 "R": lambda f: f.kind == "routed", "a": lambda f: True}
        for letters in ("S", "D", "SD", "L", "R", "LR", "SL", "DR", "SDLR", "a", ""):
            wanted = [kinds[letter] for letter in letters or "SD"]
            for families, versions in (("", (4, 6)), ("4", (4,)), ("6", (6,))):
                rows = [flow for flow in self.flows
                        if flow.version in versions and any(holds(flow) for holds in wanted)]
                self.check_table("-noN" + letters + families, rows, letters not in ("L", "R", "LR"))

    def check_table(self, option, flows, nat_side):
        columns = ("proto", "source", *(["gateway"] if nat_side else []), "destination", "state")
        got = [line.split() for line in self.natstat.run(option).splitlines()]
        # The kernel is asked for translations by its flags, which fail where a program made up a reply tuple.
        self.same("table " + option, [" ".join(line) for line in got],
                  [" ".join(self.cells(flow, columns)) for flow in flows],
                  [" ".join(self.cells(flow, columns)) for flow in flows if flow.made_up])
        order = [(line[0], place_order(line[1])) for line in got]
        check(order == sorted(order), "order of " + option)

    def cells(self, flow, columns):
        """The words of a row; an empty cell has none."""
        return [word for column in columns for word in self.cell(flow, column).split()]

    @staticmethod
    def cell(flow, column):
        if column in ("source", "gateway", "destination"):
            end = getattr(flow, column)
            return "-" if end is None else end.text()
        value = flow.fields()[column]
        if column == "status":
            return ",".join(value) or ""
        if value is None:
            return "-"
        return hex(value) if column == "mark" else str(value)

    def check_columns(self):
        """Random columns of a table. The state, which can be empty, is the last one."""
        some = [name for name in self.flows[0].fields()
                if name not in ("state", "status") and not name.startswith(("original_", "reply_"))]
        for _ in range(30):
            columns = self.random.sample([*some, "source", "gateway", "destination"], self.random.randrange(1, 6))
            columns += self.random.choice(([], ["state"]))
            got = self.natstat.run("-nao", "-C", ",".join(columns)).splitlines()
            self.same("columns " + ",".join(columns), [" ".join(line.split()) for line in got],
                      [" ".join(self.cells(flow, columns)) for flow in self.flows])

    # -- groups -------------------------------------------------------------------------------------

    def check_groups(self):
        uncounted = sum(flow.up is None for flow in self.flows)
        says = "natstat: %d of %d flows have no counters; packets and bytes are those of the others" % (
            uncounted, len(self.flows)) if uncounted else ""
        for keys in ("src", "gate", "dst,dport", "state", "proto,kind", "gate,proto,dst,dport", "mark,zone",
                     "zone_orig", "zone_reply", "icmp_type,icmp_code",
                     "status", "helper,labels", "src/24/64", "gateway"):
            columns = "flows,opening,established,closing,unanswered,uncounted,hosts,ports,packets,bytes"
            got = self.natstat.objects("-na", "-b", keys, "-C", "%s,%s" % (keys.replace("/24/64", ""), columns), says=says)
            self.same("groups by " + keys, got, self.groups(keys))

    def groups(self, keys):
        groups = {}
        for flow in self.flows:
            key = json.dumps(group_key(flow, keys))
            groups.setdefault(key, []).append(flow)
        return [{**json.loads(key), **sums(flows)} for key, flows in groups.items()]

    def check_ports(self):
        """NAT ports in use for each destination: those that a NAT can give."""
        groups, outside = {}, 0
        for flow in self.flows:
            if not flow.snat or "src_nat" not in flow.flags or flow.proto not in WITH_PORTS:
                continue
            port, first = flow.gateway.port, 0 if flow.proto.startswith("icmp") else 1024
            if port is None or port < first:
                outside += 1
                continue
            key = (flow.gateway.address, flow.proto, flow.destination, flow.zone_reply)
            groups.setdefault(key, []).append(flow)
        says = outside and "natstat: %d flow%s outside of 1024-65535, and %s not in the table" % (
            outside, " has a NAT port" if outside == 1 else "s have NAT ports", "is" if outside == 1 else "are")
        expected = []
        for (gate, proto, destination, zone), flows in groups.items():
            available = 65536 if proto.startswith("icmp") else 65536 - 1024
            ports = len({flow.gateway.port for flow in flows})
            expected.append({"gate": gate, "proto": proto, "dst": destination.address, "dport": destination.port,
                             "zone_reply": zone, "ports": ports, "available": available, "flows": len(flows),
                             "hosts": len({(flow.source.address, flow.zone_orig) for flow in flows}),
                             "used": 10000 * ports // available / 100})
        self.same("NAT ports", self.natstat.objects("-nP", says=says or ""), expected)

    # -- files --------------------------------------------------------------------------------------

    def check_recording(self):
        """A recording that has the table's list, replayed."""
        self.recording = str(self.folder / "recording.pcap")
        writer = subprocess.Popen([self.natstat.program, "-w", self.recording], stderr=subprocess.PIPE)
        try:
            while len(self.replayed()) < len(self.flows) and writer.poll() is None:
                time.sleep(0.05)
            writer.send_signal(signal.SIGINT)
            said = writer.communicate(timeout=SECONDS)[1]
        finally:
            writer.kill()
        check(writer.returncode == 0, "recording ends well", said)
        self.same_fields("a recording read back", self.natstat.objects("-naf", self.recording, "-C", COLUMNS),
                         self.flows)

    def replayed(self):
        """What can be read of a recording that is being written; nothing as long as that is nothing."""
        done = subprocess.run([self.natstat.program, "-naof", self.recording, "-C", "id"], capture_output=True,
                              timeout=SECONDS, check=False)
        return done.stdout.splitlines()

    def check_json(self):
        lines = self.natstat.run("-na", "--format", "jsonl", "-C", COLUMNS)
        self.read_back("JSON lines read back", lines, self.flows)
        # By itself JSON has no reply tuple; it follows from the kind.
        self.read_back("JSON lines with their own columns read back", self.natstat.run("-na", "--format", "jsonl"),
                       self.flows)

    def read_back(self, what, text, flows, without=(), kinds=None):
        path = self.folder / "text"
        path.write_text(text)
        self.same_fields(what, self.natstat.objects("-naf", str(path), "-C", COLUMNS), flows, without, kinds)

    def check_text(self):
        for version in (4, 6):
            flows = [flow for flow in self.flows if flow.version == version]
            for options in ((), ("-o", "extended"), ("-o", "extended,id,timestamp")):
                text = subprocess.run(["conntrack", "-L", "-f", "ipv%d" % version, *options],
                                      capture_output=True, text=True, check=True).stdout
                self.read_back("conntrack %s of ipv%d read back" % (" ".join(options), version), text, flows,
                               NOT_IN_TEXT, TEXT_KINDS)
        text = open("/proc/net/nf_conntrack", encoding="ascii").read()
        self.read_back("/proc/net/nf_conntrack read back", text, self.flows, {*NOT_IN_TEXT, "helper"}, TEXT_KINDS)

    # -- filters ------------------------------------------------------------------------------------

    def check_filters(self, count):
        filters = Filters(self.random, self.flows)
        made = [filters.filter() for _ in range(count)]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for each, wrong in zip(made, pool.map(self.filter_errors, made, range(count))):
                check(not wrong, "filter " + each.text, *wrong)

    def lacks(self, line):
        """Whether the line is true that says that no flow has what a filter looks at."""
        none = re.fullmatch("natstat: (no flow|none of the flows that were looked at) has '(.*)', which is asked for.*",
                            line)
        lacking = none and [flow.fields()[none[2]] is None for flow in self.flows]
        return none and (all(lacking) if none[1] == "no flow" else any(lacking))

    def filter_errors(self, each, number):
        """Of the kernel's table; of every fourth filter also of the recording."""
        sources = [()] if number % 4 else [(), ("-f", self.recording)]
        wanted = Counter(flow.id for flow in self.flows if each.test(flow))
        unflagged = Counter(flow.id for flow in self.flows if flow.made_up)
        wrong = []
        for source in sources:
            try:
                found = self.natstat.run("-nao", "-C", "id", "--sort", "none", *source, "--", each.text,
                                         may_say=self.lacks)
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                wrong.append(str(error))
                continue
            got = Counter(map(int, found.split()))
            missing = wanted - got if source else wanted - got - unflagged
            for name, ids in (("missing", missing), ("wrong", got - wanted)):
                wrong += [" ".join((*source, name + ":", flow.text()))
                          for flow in self.flows if flow.id in ids][:SHOWN]
        return wrong


def place_order(text):
    """An endpoint's place in the order of addresses, then ports."""
    if text.startswith("["):
        address, port = text[1:].split("]:")
    elif text.count(":") == 1:
        address, port = text.split(":")
    else:
        address, port = text, -1
    return (*order_of(address), int(port))


def group_key(flow, keys):
    """The fields of a group's key."""
    fields, key = flow.fields(), {}
    for name in keys.split(","):
        if name == "src/24/64":
            length = 24 if flow.version == 4 else 64
            key["src"] = str(ipaddress.ip_network((flow.source.address, length), strict=False))
        elif name == "gateway":
            key.update(gate=fields["gate"], gport=fields["gport"])
        else:
            key[name] = fields[name]
    return key


def sums(flows):
    """What a group comes to."""
    phases = Counter(flow.phase for flow in flows)
    found = {name: phases[name] for name in ("opening", "established", "closing")}
    found["flows"] = len(flows)
    found["uncounted"] = sum(flow.up is None for flow in flows)
    found["unanswered"] = sum("unreplied" in flow.flags for flow in flows)
    found["hosts"] = len({(flow.source.address, flow.zone_orig) for flow in flows})  # networks can be alike
    found["ports"] = len({(flow.gateway.address, flow.protocol, flow.gateway.port) for flow in flows
                          if flow.snat and flow.gateway.port is not None})
    for name in ("packets", "bytes"):
        told = [flow.total(name) for flow in flows if flow.total(name) is not None]
        found[name] = sum(told) if told else None
    return found
