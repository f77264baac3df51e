#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The facts of `natstat --health --json` (a file) beside the kernel's own files, which it reads for itself,
in the network namespace that it runs in. Run it with the same privilege as natstat. Prints what differs
and a closing line `counted PASSED FAILED`."""

import json
import pathlib
import sys

NETFILTER = pathlib.Path("/proc/sys/net/netfilter")
ESTABLISHED = 432000  # seconds, the kernel's default


def setting(name):
    try:
        return int((NETFILTER / f"nf_conntrack_{name}").read_text())
    except OSError:
        return None


# The kernel still has their columns, and writes 0 there.
GIVEN_UP = ("searched", "new", "ignore", "delete", "delete_list")


def statistics():
    names, *cpus = pathlib.Path("/proc/net/stat/nf_conntrack").read_text().splitlines()
    columns = zip(*(line.split() for line in cpus))
    sums = {name: sum(int(number, 16) for number in column)
            for name, column in zip(names.split(), columns)}
    del sums["entries"]
    return {name: None if count == 0 and name in GIVEN_UP else count
            for name, count in sums.items()}, len(cpus)


def expectations():
    try:
        return len(pathlib.Path("/proc/net/nf_conntrack_expect").read_text().splitlines())
    except OSError:
        return None


def expected():
    sums, cpus = statistics()
    yield "entries", setting("count")
    yield "buckets", setting("buckets")
    yield "expectations", expectations()
    yield "expectation_limit", setting("expect_max")
    yield "statistics", sums
    yield "cpus", cpus
    yield "settings", {name: setting(name) for name in (
        "acct", "timestamp", "events", "checksum", "tcp_loose", "tcp_be_liberal", "helper")}
    established = setting("tcp_timeout_established")
    yield "changed_timeouts", {} if established == ESTABLISHED else {
        "tcp_timeout_established": {"seconds": established, "default": ESTABLISHED}}
    yield "allowances", []  # the namespace has the loopback device alone


def main():
    health = json.loads(pathlib.Path(sys.argv[1]).read_text())
    passed = failed = 0

    def check(what, right, came):
        nonlocal passed, failed
        passed, failed = passed + right, failed + (not right)
        if not right:
            print(f"FAIL {what}: {came}")

    for name, value in expected():
        check(name, health[name] == value, f"{health[name]}, the kernel says {value}")
    # Every namespace of this machine shares the limit, so that somebody else may be changing it.
    check("percent_full", abs(health["percent_full"] - 100 * health["entries"] / health["limit"]) < 0.01,
          f"{health['percent_full']} of {health['entries']} and {health['limit']}")
    check("limit_scope", health["limit_scope"] in ("shared", "here"), health["limit_scope"])
    print(f"counted {passed} {failed}")


if __name__ == "__main__":
    main()
