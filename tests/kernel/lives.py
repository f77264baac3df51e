#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The lives that events_test.sh makes, and whether a stream of natstat's JSON lines tells them.

usage: lives.py STREAM WITHOUT      WITHOUT: protocols that this kernel can not show
       lives.py --same A B          both tell the same steps of the same flows

Prints failures and `counted PASSED FAILED`."""

import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import checks  # noqa: E402
from checks import check  # noqa: E402

# By source port (or echo id): protocol, and the states and the end as one regular expression. A
# state in brackets can be skipped, because one packet can do two things at once.
FIRST = "created SYN_SENT, SYN_RECV, ESTABLISHED, "
LIVES = {
    42010: ("tcp", FIRST + "FIN_WAIT, (CLOSE_WAIT, )?LAST_ACK, TIME_WAIT, closed"),
    42011: ("tcp", FIRST + "FIN_WAIT, CLOSE_WAIT, LAST_ACK, TIME_WAIT, closed"),
    42012: ("tcp", FIRST + "CLOSE, reset"),
    42013: ("tcp", FIRST + "CLOSE, reset"),
    42014: ("tcp", "created SYN_SENT, no_reply"),
    42015: ("tcp", "created SYN_SENT, (CLOSE, )?reset"),
    42016: ("tcp", FIRST + "FIN_WAIT, (CLOSE_WAIT, )?(CLOSE, reset|expired)"),
    42017: ("tcp", "created SYN_SENT, SYN_SENT2(, .*)?"),
    42018: ("tcp", FIRST + "deleted"),
    42030: ("udp", "created UNREPLIED, no_reply"),
    42031: ("udp", "created UNREPLIED, REPLIED, expired"),
    42032: ("icmp", "created UNREPLIED, REPLIED, expired"),
    42033: ("icmp", "created UNREPLIED, no_reply"),
    42034: ("sctp", "created (CLOSED|COOKIE_WAIT), .*ESTABLISHED"),
    42035: ("sctp", "created (CLOSED|COOKIE_WAIT), no_reply"),
    # Open before natstat came: nothing tells of them but lists, and those not of every state.
    42000: ("tcp", "(FIN_WAIT, )?(CLOSE_WAIT, )?(LAST_ACK, )?(TIME_WAIT, )?(closed|unknown)"),
    42001: ("tcp", "(CLOSE, )?(reset|unknown)"),
}
ONE_FAMILY = {42017: "ipv4", 42018: "ipv4", 42000: "ipv4", 42001: "ipv6"}
EARLY = (42000, 42001)
# The box drops a packet that changes their state, and the kernel tells an event only with a packet
# that passes (nf_ct_deliver_cached_events): the change is found by a list.
CHANGED_BY_LIST = (42016, 42017)

STEPS = ("created", "changed", "ended", "lost")


def read_all(path):
    with open(path, encoding="ascii") as file:
        return [json.loads(line) for line in file]


def read(path):
    """Without what stands around them: where the log begins and ends, and who was there before."""
    return [step for step in read_all(path) if step["event"] in STEPS]


def check_beginning(path):
    """Who was there before anybody looked is told of between the two marks, once."""
    lines = read_all(path)
    events = [line["event"] for line in lines]
    check(events[0] == "started" and events.count("whole") == 1, "the log says where it begins",
          f"{events[:5]}")
    listed = [line["sport"] for line in lines[:events.index("whole")] if line["event"] == "listed"]
    check(len(listed) == events.count("listed"), "the first list comes before its end")
    for port in EARLY:
        check(listed.count(port) == 1, f"{port} was there before", f"{listed}")


def key_of(step):
    return step["proto"], step["family"], step["src"], step["sport"], step["dst"], step["id"]


def words(step):
    """A step as the expressions above have it."""
    if step["event"] == "ended":
        return step["ending"]
    return ("created " if step["event"] == "created" else "") + str(step["state"])


def lives_in(steps):
    lives = {}
    for step in steps:
        if step["event"] != "lost":
            lives.setdefault(key_of(step), []).append(step)
    return lives


def check_life(what, pattern, steps, port):
    told = ", ".join(words(step) for step in steps)
    check(re.fullmatch(pattern, told), f"{what} is told as it was", f"expected: {pattern}",
          f"told: {told}")
    for before, step in zip(steps, steps[1:]):
        check(step["event"] != "changed" or step["was"] == before["state"],
              f"{what}: a change begins where the one before ended", f"{before}", f"{step}")
        check(before["time"] <= step["time"], f"{what}: time goes on", f"{before}", f"{step}")
    if port in EARLY:
        check(steps[-1]["told"] == "list", f"{what}: silent flows are told by lists", f"{steps[-1]}")
        return
    if port not in CHANGED_BY_LIST:
        check(all(step["told"] == "event" for step in steps), f"{what} is told by events",
              f"{steps}")
    check(all(isinstance(step["held"], (int, float)) for step in steps[1:]),
          f"{what}: every state's duration is known", f"{steps}")
    if steps[-1]["event"] == "ended":
        end = steps[-1]
        check(end["packets_up"] >= 1 and end["bytes_up"] >= 28,
              f"{what}: its end has its counters", f"{end}")
        check(end["gate"] is None or end["gate"] != end["src"],
              f"{what}: its end has its NAT side", f"{end}")


def check_lives(path, without):
    check_beginning(path)
    steps = read(path)
    check(not any(step["event"] == "lost" for step in steps), "nothing is lost")
    lives = lives_in(steps)
    for port, (proto, pattern) in LIVES.items():
        for family in ("ipv4", "ipv6"):
            if proto in without.split() or ONE_FAMILY.get(port, family) != family:
                continue
            name = proto if proto != "icmp" or family == "ipv4" else "icmpv6"
            found = [life for key, life in lives.items()
                     if key[0] == name and key[1] == family and key[3] == port]
            what = f"{name} {family} {port}"
            check(len(found) == 1, f"{what} is one flow", *[f"{life}" for life in found])
            for life in found:
                check_life(what, pattern, life, port)


def check_same(one, two):
    """Their clocks differ where a list told; the steps do not."""
    def plain(path):
        return {key: [words(step) for step in life] for key, life in lives_in(read(path)).items()
                if 42010 <= (key[3] or 0) < 42900}
    a, b = plain(one), plain(two)
    check(a.keys() == b.keys() and len(a) > 20, "two that follow tell of the same flows",
          f"only one: {sorted(map(str, a.keys() ^ b.keys()))}")
    for key in a.keys() & b.keys():
        check(a[key] == b[key], f"two that follow tell the same of {key}", f"{a[key]}", f"{b[key]}")


def main():
    if sys.argv[1] == "--same":
        check_same(sys.argv[2], sys.argv[3])
    else:
        check_lives(sys.argv[1], sys.argv[2])
    print(f"counted {checks.passed} {checks.failed}")


main()
