#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a stream of natstat's JSON lines amounts to, beside `conntrack -L -o id`: the flows that were
told of and have not ended are those of the table. The flows of BEFORE, another such table, may have
been there before natstat came: they do not count.

usage: storm.py [--nothing-lost | --something-lost] STREAM TABLE BEFORE

Prints failures and `counted PASSED FAILED`."""

import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import checks  # noqa: E402
from checks import check  # noqa: E402


def read_stream(path, before):
    """The flows that are there at the end, by all of what tells them apart; and what was told."""
    there, told = set(), {"created": 0, "ended": 0, "lost": 0, "list": 0, "twice": 0, "missing": 0}
    with open(path, encoding="ascii") as file:
        for line in file:
            if not line.endswith("\n"):  # it is being written
                break
            step = json.loads(line)
            if step["event"] == "lost":
                told["lost"] += step["lost"] or 0
            if "proto" not in step or step["event"] == "lost":
                continue  # it stands between flows
            key = step["proto"], step["src"], step["sport"], step["id"]
            if key in before:
                continue
            if step["event"] == "listed":
                there.add(key)
                continue
            told["list"] += step["told"] == "list"
            if step["event"] == "created":
                told["created"] += 1
                told["twice"] += key in there
                there.add(key)
            elif step["event"] == "ended":
                told["ended"] += 1
                told["missing"] += key not in there
                there.discard(key)
    return there, told


def read_table(path):
    flows = set()
    with open(path, encoding="ascii") as file:
        for line in file:
            words = line.split()
            fields = dict(re.findall(r"(\w+)=(\S+)", " ".join(reversed(words))))
            port = int(fields.get("sport") or fields.get("id") or 0)
            proto = words[0]
            own_id = int(words[-1].removeprefix("id="))
            if proto in ("icmp", "icmpv6"):
                port = int(re.search(r" id=(\d+) ", line).group(1))
            flows.add((proto, fields["src"], port, own_id))
    return flows


def main():
    loss = sys.argv[1] if sys.argv[1].startswith("--") else None
    stream, table, before = sys.argv[-3:]
    before = read_table(before)
    there, told = read_stream(stream, before)
    flows = read_table(table) - before
    check(there == flows, "the stream amounts to the table",
          f"in the stream only: {len(there - flows)}, in the table only: {len(flows - there)}",
          *map(str, list(there ^ flows)[:3]))
    check(told["twice"] == 0 and told["missing"] == 0, "each flow is created once and ended once",
          f"{told}")
    if loss == "--nothing-lost":
        check(told["lost"] == 0 and told["list"] == 0, "nothing was lost", f"{told}")
        check(told["created"] >= 200000, "every flow was told of", f"{told}")
    elif loss == "--something-lost":
        check(told["lost"] > 0 and told["list"] > 0, "losses are told, and lists make good for them",
              f"{told}")
    if loss:
        print(f"{told}")
    print(f"counted {checks.passed} {checks.failed}")


main()
