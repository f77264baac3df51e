#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The NAT log, read by SQLite itself, for log_test.sh.

    log_rows.py marks DIRECTORY KIND             prints how many marks of that kind there are
    log_rows.py ended DIRECTORY PORT...          of each a translation of this source port has ended, and none lives
    log_rows.py living DIRECTORY PORT...         each has one that lives
    log_rows.py port DIRECTORY PORT              the NAT's port of the one that lives
    log_rows.py until DIRECTORY                  the last moment, as seconds of Unix time
    log_rows.py looked DIRECTORY                 the last moment, in nanoseconds
    log_rows.py last DIRECTORY KIND              when the last mark of that kind is, in nanoseconds
    log_rows.py began DIRECTORY PORT             when the last one of this source port began, as --at takes it
    log_rows.py between DIRECTORY FROM TO        the ports of all that lived at some time of these whole seconds
    log_rows.py middle LINES                     two whole seconds between which some of the steps are
    log_rows.py part LINES LINES FROM TO         the second are those of the first within these whole seconds
    log_rows.py same LINES LINES                 beginnings and ends are the same, as far as the log keeps them
    log_rows.py compare DIRECTORY LINES          what natstat -E --json said of beginnings and ends"""

import datetime
import json
import pathlib
import sqlite3
import sys

PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58, "sctp": 132, "dccp": 33, "udplite": 136, "gre": 47}
ENDS = ("kind", "src", "sport", "gate", "gport", "dst", "dport")
COUNTS = ("packets_up", "bytes_up", "packets_down", "bytes_down")


def rows(directory, question, *values):
    found = []
    for path in sorted(pathlib.Path(directory).glob("nat-*.db")):
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        database.row_factory = sqlite3.Row
        found += database.execute(question, values).fetchall()
        database.close()
    return found


def nanoseconds(text):
    whole, _, rest = text.removesuffix("Z").partition(".")
    moment = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc)
    return int(moment.timestamp()) * 10**9 + int(rest.ljust(9, "0") or 0), 10 ** (9 - len(rest))


def same_moment(number, text):
    """As far as the text has digits."""
    told, unit = nanoseconds(text)
    return number is not None and number // unit * unit == told


def compare(directory, lines):
    """Each line has its row, and each row its line."""
    left = rows(directory, "SELECT * FROM translation")
    wrong = compared = 0
    for line in map(json.loads, pathlib.Path(lines).read_text().splitlines()):
        if line["event"] not in ("created", "listed", "ended"):
            continue
        column = "ended" if line["event"] == "ended" else "began"
        until = max(row["time"] for row in rows(directory, "SELECT time FROM until"))
        if nanoseconds(line["time"])[0] > until:
            continue  # it was not written any more
        names = ENDS + (("ending", *COUNTS) if column == "ended" else ())
        same = [row for row in left if row["proto"] == PROTOCOLS[line["proto"]] and same_moment(row[column], line["time"])
                and all(row[name] == line.get(name) for name in names)]
        compared += 1
        if len(same) != 1:
            wrong += 1
            print("no row, or several:", len(same), line)
    print(compared, "compared")
    return wrong == 0 and compared >= 2 * len([row for row in left if row["ended"]]) > 10


KEPT = ("time", "event", "proto", "family", *ENDS, "zone_orig", "zone_reply", "icmp_type", "icmp_code", "told")
KEPT_AT_END = (*KEPT, "ending", *COUNTS)


def told(lines):
    """Beginnings and ends of translations, as often as they are told."""
    all_lines = map(json.loads, pathlib.Path(lines).read_text().splitlines())
    return sorted(json.dumps([line.get(name) for name in (KEPT_AT_END if line["event"] == "ended" else KEPT)])
                  for line in all_lines if line["event"] in ("created", "listed", "ended"))


def same(one, other):
    """What was told after the last transaction is in the first alone."""
    first, second = told(one), told(other)
    last = max(json.loads(line)[0] for line in second)
    first = [line for line in first if json.loads(line)[0] <= last]
    for line in set(first) ^ set(second):
        print("in one alone:", line)
    return first == second and len(first) > 10


def between(directory, first, last):
    """Source ports and NAT ports, as jq writes them."""
    lived = {tuple(row) for row in rows(
        directory, "SELECT src, sport, gport, dst, dport, proto, began FROM translation WHERE began < ? AND"
                   " (ended IS NULL OR ended >= ?)", (int(last) + 1) * 10**9, int(first) * 10**9)}
    print(json.dumps(sorted([row[1], row[2]] for row in lived), separators=(",", ":")))
    return len(lived) > 1


def seconds_of(line):
    return nanoseconds(json.loads(line)[0])[0] // 10**9


def middle(lines):
    """The seconds of the steps at a third and at two thirds of them."""
    every = sorted(map(seconds_of, told(lines)))
    print(every[len(every) // 3], every[len(every) * 2 // 3])
    return True


def part(all_lines, some_lines, first, last):
    """Some of the first are outside."""
    everything, some = told(all_lines), told(some_lines)
    wanted = [line for line in everything if int(first) <= seconds_of(line) <= int(last)]
    for line in set(wanted) ^ set(some):
        print("in one alone:", line)
    return wanted == some and 0 < len(wanted) < len(everything)


def main():
    what, directory, *more = sys.argv[1:]
    if what == "marks":
        print(len(rows(directory, "SELECT id FROM mark WHERE kind = ?", more[0])))
        return True
    if what == "compare":
        return compare(directory, more[0])
    if what == "same":
        return same(directory, *more)
    if what == "looked":
        print(max(row["time"] for row in rows(directory, "SELECT time FROM until")))
        return True
    if what == "last":
        print(rows(directory, "SELECT time FROM mark WHERE kind = ? ORDER BY id", more[0])[-1]["time"])
        return True
    if what == "began":
        time = max(row["began"] for row in rows(directory, "SELECT began FROM translation WHERE sport = ?", int(more[0])))
        print(f"@{time // 10**9}.{time % 10**9:09}")
        return True
    if what == "between":
        return between(directory, *more)
    if what == "middle":
        return middle(directory)
    if what == "part":
        return part(directory, *more)
    if what == "port":
        print(rows(directory, "SELECT gport FROM translation WHERE sport = ? AND ended IS NULL", int(more[0]))[0]["gport"])
        return True
    if what == "until":
        print(max(row["time"] for row in rows(directory, "SELECT time FROM until")) // 10**9)
        return True
    for port in map(int, more):
        ended = rows(directory, "SELECT ended FROM life WHERE sport = ? AND ended IS NOT NULL", port)
        living = rows(directory, "SELECT gport FROM open WHERE sport = ?", port)
        if bool(living) != (what == "living") or (what == "ended" and not ended):
            print(port, len(ended), len(living))
            return False
    return True


sys.exit(0 if main() else 1)
