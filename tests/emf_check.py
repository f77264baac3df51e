#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""--format emf beside the Prometheus text of the same flows: each family with the values of its samples, in one
line that keeps what CloudWatch's specification asks of the embedded metric format. Those under AWS's own names are
no families of that text; of them ActiveConnectionCount follows from it.

usage: emf_check.py NATSTAT [ARGUMENT...]   the arguments say of what: by themselves those of the recordings"""

import json
import pathlib
import re
import subprocess
import sys

import checks
from checks import check

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILES = [["-f", str(ROOT / name)] for name in ("packaging/demo.pcap", "tests/unit/data/conntrack_list_2to1.txt",
                                               "tests/unit/data/conntrack_events.txt")]
UNITS = ("Count", "Bytes", "Seconds", "None")
MOST = 100  # metrics of a directive, values of a metric
# What passes between two looks at the kernel, which is no other moment for the rest.
MOVES = ("natstat_collected_timestamp_seconds", "natstat_interval_seconds", "natstat_nf_conntrack_stat_")


def natstat(*arguments):
    done = subprocess.run([sys.argv[1], "--metrics", *arguments], capture_output=True, stdin=subprocess.DEVNULL,
                          timeout=600, check=False)
    check(done.returncode == 0, f"natstat --metrics {arguments}", done.returncode, done.stderr)
    return done.stdout.decode()


def families(text):
    """The values of each family of Prometheus's text."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, value = re.fullmatch(r"([a-z_A-Z0-9]+)(?:\{.*\})? (\S+)", line).groups()
            found.setdefault(name, []).append(float(value))
    return found


def is_text(value, longest):
    return isinstance(value, str) and 1 <= len(value) <= longest


def is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def check_directive(what, line, directive):
    check(set(directive) == {"Namespace", "Dimensions", "Metrics"}, f"{what}: members", directive)
    check(is_text(directive["Namespace"], 1024), f"{what}: namespace")
    check(len(directive["Dimensions"]) >= 1, f"{what}: sets of dimensions")
    for names in directive["Dimensions"]:
        check(len(names) <= 30 and len(set(names)) == len(names), f"{what}: dimensions", names)
        for name in names:
            check(is_text(name, 250) and is_text(line[name], 1024), f"{what}: dimension {name}")
    check(1 <= len(directive["Metrics"]) <= MOST, f"{what}: metrics")
    for metric in directive["Metrics"]:
        check(set(metric) <= {"Name", "Unit", "StorageResolution"}, f"{what}: members of a metric", metric)
        check(is_text(metric["Name"], 255) and metric["Unit"] in UNITS, f"{what}: metric", metric)
        values = line[metric["Name"]]
        values = values if isinstance(values, list) else [values]
        check(1 <= len(values) <= MOST and all(isinstance(each, (int, float)) for each in values),
              f"{what}: values of {metric['Name']}", values)


def check_line(what, text):
    """The line as an object; what it must be whatever it tells."""
    check(text.endswith("\n") and text.count("\n") == 1 and len(text) < 1 << 20, f"{what}: is one line")
    line = json.loads(text)
    about = line["_aws"]
    check(set(about) == {"Timestamp", "CloudWatchMetrics"} and is_whole(about["Timestamp"]), f"{what}: head", about)
    for directive in about["CloudWatchMetrics"]:
        check_directive(what, line, directive)
    return line


def compare_gateway(what, line, text):
    """Where the list is whole, the connections that are established."""
    flows = [float(value) for labels, value in re.findall(r"^natstat_flows\{(.*)\} (\S+)$", text, re.M)
             if re.search(r'kind="(snat|both)".*proto="tcp",state="ESTABLISHED"', labels)]
    whole = families(text).get("natstat_list_whole") == [1.0]
    check(line.get("ActiveConnectionCount") == (sum(flows) if whole else None), f"{what}: ActiveConnectionCount",
          line.get("ActiveConnectionCount"), flows)


def compare(what, line, text, moves):
    told = families(text)
    named = [metric["Name"] for directive in line["_aws"]["CloudWatchMetrics"] for metric in directive["Metrics"]]
    named = [name for name in named if name.startswith("natstat_")]
    check(len(named) > 3 and sorted(named) == sorted(told), f"{what}: the same families", named, sorted(told))
    for name in named:
        values = line[name] if isinstance(line[name], list) else [line[name]]
        same = values == told[name] if len(told[name]) <= MOST else max(values) >= max(told[name])
        check(same or name.startswith(moves), f"{what}: {name}", values, told[name])
    compare_gateway(what, line, text)


def main():
    for of in [sys.argv[2:]] if len(sys.argv) > 2 else FILES:
        for more in ([], ["--limit", "0", "--label", "room=a\"b\\", "--label", "box=é"]):
            what = " ".join(of + more)
            line = check_line(what, natstat(*of, *more, "--format", "emf"))
            compare(what, line, natstat(*of, *more), () if of in FILES else MOVES)
            if more:
                check(line["box"] == "é" and "box" in line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0],
                      f"{what}: labels are dimensions", line.get("box"))
    print(checks.closing_line())
    return checks.failed > 0


if __name__ == "__main__":
    sys.exit(main())
