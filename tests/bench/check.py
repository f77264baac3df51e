# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Is natstat's listing right? Its CSV as a set of flows beside the kernel's count, beside what
`conntrack -L` reads from the same table, and beside what was put there. It measures no time."""

import csv
import ipaddress
import subprocess
from functools import lru_cache

from sandbox import read_setting

COLUMNS = "proto,family,original,reply,state,mark,zone,id"
FIELDS = ("family", "proto", "state", "original_src", "original_sport", "original_dst",
          "original_dport", "reply_src", "reply_sport", "reply_dst", "reply_dport", "mark", "zone")
SHOWN = 3


@lru_cache(maxsize=4096)
def plain_address(text):
    """One spelling for every spelling of an address."""
    return str(ipaddress.ip_address(text))


def flow_key(parts):
    """A flow as one line. An absent mark or zone is 0."""
    return " ".join([parts["family"], parts["proto"], parts["state"] or "-",
                     plain_address(parts["original_src"]), parts["original_sport"] or "-",
                     plain_address(parts["original_dst"]), parts["original_dport"] or "-",
                     plain_address(parts["reply_src"]), parts["reply_sport"] or "-",
                     plain_address(parts["reply_dst"]), parts["reply_dport"] or "-",
                     f"mark={int(parts['mark'] or '0', 0)}", f"zone={int(parts['zone'] or '0')}"])


TUPLE_WORDS = {"src": "src", "dst": "dst", "sport": "sport", "dport": "dport"}


def read_conntrack_line(line):
    """(key, id) of a line of `conntrack -L -o extended,id`; the id is None if it is not there."""
    words = line.split()
    parts = dict.fromkeys(FIELDS, "")
    parts["family"], parts["proto"] = words[0], words[2]
    flags = {word for word in words if word[0] == "["}
    if "=" not in words[5] and words[5][0] != "[":
        parts["state"] = words[5]
    elif "[UNREPLIED]" in flags or "[ASSURED]" in flags:
        parts["state"] = "UNREPLIED" if "[UNREPLIED]" in flags else "ASSURED"
    direction = "original"
    number = None
    for word in words[5:]:
        name, _, value = word.partition("=")
        if name == "src" and parts["original_src"]:
            direction = "reply"
        if name in TUPLE_WORDS:
            parts[f"{direction}_{name}"] = value
        elif name == "id" and words[2] in ("icmp", "icmpv6") and not parts["reply_dport"]:
            # The echo id belongs to the end that opened the flow.
            parts["original_sport" if direction == "original" else "reply_dport"] = value
        elif name == "id":
            number = value
        elif name in ("mark", "zone"):
            parts[name] = value
    return flow_key(parts), number


def run_lines(command):
    """The lines that a command prints, one at a time; CalledProcessError if it fails."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as process:
        yield from process.stdout
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)


def read_natstat(natstat, question):
    """(key, id) of every row of natstat's CSV."""
    command = [natstat, "-n", "--sort", "none", "--format", "csv", "--columns", COLUMNS, *question]
    for row in csv.DictReader(run_lines(command)):
        missing = [name for name in (*FIELDS, "id") if name not in row]
        if missing:
            raise ValueError(f"natstat's CSV has no field {', '.join(missing)}")
        yield flow_key(row), row["id"]


def compare_sets(what, expected, found):
    """Complaints about two collections that should hold the same."""
    complaints = []
    for name, rest in (("missing", expected - found), ("too many", found - expected)):
        if rest:
            some = "; ".join(str(item) for item in sorted(rest)[:SHOWN])
            complaints.append(f"{what}: {len(rest):,} {name}, such as {some}")
    return complaints


def check_questions(natstat, kernel, points):
    """Complaints about questions for one endpoint, which the kernel may have answered in part, and
    how many flows each should show."""
    gateway, destination = (points[name].replace("[", "").replace("]", "").rsplit(":", 1)
                            for name in ("GATEWAY", "DESTINATION"))
    to_gateway, to_destination = set(), set()
    for key, number in kernel:
        _, proto, _, source, sport, _, _, server, port, outside, gate_port, *_ = key.split()
        if [outside, gate_port] == gateway and [source, sport] != gateway:
            to_gateway.add((key, number))
        if proto == "tcp" and [server, port] == destination and source != outside:
            to_destination.add((key, number))
    questions = [
        (["nat", points["GATEWAY"]], to_gateway),
        (["-S", "-p", "tcp", "-g", points["GATEWAY"]],
         {flow for flow in to_gateway if flow[0].split()[1] == "tcp"}),
        (["-p", "tcp", "-d", points["DESTINATION"]], to_destination),
    ]
    complaints = []
    for words, expected in questions:
        complaints += compare_sets(" ".join(words), expected, set(read_natstat(natstat, words)))
    return complaints, [len(expected) for _, expected in questions]


def check_table(natstat, planned_command, points):
    """Complaints, none if all is right, and a sentence on what was compared."""
    count = read_setting("count")
    complaints = []
    kernel = [read_conntrack_line(line)
              for line in run_lines(["conntrack", "-L", "-o", "extended,id"])]
    if len(kernel) != count:
        complaints.append(f"conntrack -L shows {len(kernel):,} rows, the kernel counts {count:,}")
    planned = {read_conntrack_line(line)[0] for line in run_lines(planned_command)}
    complaints += compare_sets("planned flows in the table", planned, {key for key, _ in kernel})
    del planned
    rows = list(read_natstat(natstat, ["-a"]))
    shown = set(rows)
    if len(rows) != count:
        complaints.append(f"natstat shows {len(rows):,} rows, the kernel counts {count:,}")
    if len(shown) != len(rows):
        complaints.append(f"natstat shows {len(rows) - len(shown):,} rows twice")
    complaints += compare_sets("natstat beside conntrack -L", set(kernel), shown)
    wrong, answers = check_questions(natstat, kernel, points)
    return complaints + wrong, (
        f"{count:,} flows: planned, read by conntrack -L, shown by natstat; compared by family, "
        "protocol, state, both tuples, mark, zone and id; questions for one endpoint with "
        f"{', '.join(map(str, answers))} flows for an answer")
