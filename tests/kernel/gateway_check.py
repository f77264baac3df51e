#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What `natstat --metrics --format emf -i SECONDS` tells under AWS's names beside what is known of the traffic
(metrics_test.sh, pass_gateway) and what conntrack says of the flows.

usage: gateway_check.py LINE DESTROYED LISTED

Prints what differs and ends with `counted PASSED FAILED`."""

import json
import pathlib
import re
import sys

from harness import Tally

KNOWN = {
    "ActiveConnectionCount": 1,  # the other one had its time
    "ConnectionAttemptCount": 10,  # 6, 2 that were kept, 2 without an answer
    "ConnectionEstablishedCount": 8,
    "IdleTimeoutCount": 1,
    "ErrorPortAllocation": 4,  # of fourteen, for which there were ten
    "PacketsDropCount": 4,  # these
}
SUMS = {
    "PacketsInFromSource": ("packets", 0),
    "PacketsInFromDestination": ("packets", 1),
    "BytesInFromSource": ("bytes", 0),
    "BytesInFromDestination": ("bytes", 1),
}


def main():
    line = json.loads(pathlib.Path(sys.argv[1]).read_text())
    flows = "".join(pathlib.Path(name).read_text() for name in sys.argv[2:]).splitlines()
    wanted = dict(KNOWN)
    for name, (word, direction) in SUMS.items():
        wanted[name] = sum(int(re.findall(rf"\b{word}=(\d+)", flow)[direction]) for flow in flows)
    tally = Tally()
    tally.check("conntrack has seen flows and bytes", [] if wanted["BytesInFromSource"] > 6 * 3000 else [wanted])
    for name, number in wanted.items():
        tally.check(name, [] if line.get(name) == number else [f"{line.get(name)}, and it is {number}"])
    others = {name for name in line if re.match("[A-Z]", name)} - set(wanted)
    tally.check("no other names of AWS's", sorted(others))
    print(f"counted {tally.passed} {tally.failed}")


if __name__ == "__main__":
    main()
