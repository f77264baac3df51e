#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What natstat reads out of the texts of others beside what it reads from the kernel.

    text_check.py NATSTAT DIRECTORY

runs in the network namespace whose table is read; the texts are kept in DIRECTORY. Nothing happens
in the table but the passing of time. Prints a line for each check that failed, and last
`counted PASSED FAILED`."""

import json
import pathlib
import subprocess
import sys

from harness import Tally

COLUMNS = ("proto,family,kind,src,sport,gate,gport,dst,dport,original,reply,state,status,timeout,age,"
           "packets_up,packets_down,bytes_up,bytes_down,mark,zone,id")
TIMES = {"timeout", "age"}  # they pass between two readings
SECONDS = 5
SHOWN_FLAGS = {"unreplied", "assured", "src_nat", "dst_nat", "offload", "hw_offload"}
ICMP = {"icmp", "icmpv6"}

# What each text is, and what it does not tell. XML has neither the id of ICMP's tuples nor every
# state of SCTP (src/intake/xml_flow.hpp); the kernel's own text has no ids.
TEXTS = {
    "list": (["conntrack", "-L"], {"id"}),
    "extended": (["conntrack", "-L", "-o", "extended,id,ktimestamp"], set()),
    "xml": (["conntrack", "-L", "-o", "xml"], set()),
    "xml times": (["conntrack", "-L", "-o", "xml,ktimestamp"], set()),
    "proc": (["cat", "/proc/net/nf_conntrack"], {"id"}),
}


def flows_of(natstat, *words):
    done = subprocess.run([natstat, "-a", "--format", "jsonl", "-C", COLUMNS, *words],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600, check=False)
    said = done.stderr.decode(errors="replace")
    if done.returncode != 0 or said:
        raise RuntimeError("natstat %s: exit %d: %s" % (" ".join(words), done.returncode, said))
    return [told(json.loads(line)) for line in done.stdout.splitlines()]


def told(flow):
    """What every source can say: flags that texts print, and the kind where it is a translation,
    for which one need not know the host's addresses."""
    flow["status"] = sorted(set(flow["status"]) & SHOWN_FLAGS)
    if flow["kind"] not in ("snat", "dnat", "both"):
        flow["kind"] = None
    return flow


def untold(name, flow):
    """The fields that this text does not have of this flow."""
    fields = set(TEXTS[name][1])
    if name.startswith("xml") and flow["proto"] in ICMP:
        fields |= {"sport", "gport", "original_sport", "reply_dport"}
    if name.startswith("xml") and flow["proto"] == "sctp" and flow["state"] == "ESTABLISHED":
        fields.add("state")
    return fields


def without_numbers(flow, fields):
    return {key: value for key, value in flow.items() if key not in fields}


def fits(expected, got, fields):
    """Whether every field is the same, but for the time that has passed."""
    for key, value in expected.items():
        if key in fields or value == got[key]:
            continue
        if key not in TIMES or value is None or got[key] is None or abs(value - got[key]) > SECONDS:
            return False
    return True


def check(tally, natstat, directory, name):
    path = directory / (name.replace(" ", "-") + ".txt")
    with path.open("wb") as file:
        subprocess.run(TEXTS[name][0], stdout=file, stderr=subprocess.DEVNULL, timeout=600, check=True)
    kernel = flows_of(natstat)
    rest = flows_of(natstat, "-f", str(path))
    wrong = []
    for flow in kernel:
        fields = untold(name, flow)
        found = next((other for other in rest if fits(flow, other, fields)), None)
        if found is None:
            wrong.append("missing: %s" % without_numbers(flow, fields))
        else:
            rest.remove(found)
    wrong += ["too much: %s" % flow for flow in rest]
    tally.check("%s (%d flows)" % (name, len(kernel)), wrong)


def main():
    natstat, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    tally = Tally()
    for name in TEXTS:
        check(tally, natstat, directory, name)
    print("counted", tally.passed, tally.failed)


if __name__ == "__main__":
    main()
