#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Names from outside, character by character: Python's own tables say which of them are letters, marks and
signs, which come out as they are, and which control, turn, hide or mean nothing, which come out as \\xNN. The
columns behind a name stand where Unicode says that it ends.

usage: characters_test.py NATSTAT"""

import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import unicodedata

import checks
from checks import check

NATSTAT = str(pathlib.Path(sys.argv[1]).resolve())
SECONDS = 400  # until what hangs is given up: a machine may be slow or busy
OLD = unicodedata.ucd_3_2_0  # what every C library knows
LARGE = range(0x3400, 0xDB00), range(0xE000, 0xF900), range(0x10000, 0x110000)  # of which some are enough
INVISIBLE = ("VARIATION SELECTOR", "FILLER", "GRAPHEME JOINER", "INHERENT")  # by their names


def characters():
    """(code, whether it is to be seen)"""
    for code in range(0x110000):
        large = any(code in block for block in LARGE)
        if large and code % 97 != 0 and unicodedata.category(chr(code)) != "Cf":
            continue
        category = OLD.category(chr(code))
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Co", "Zl", "Zp") or code & 0xFFFE == 0xFFFE:
            yield code, False
        elif category[0] in "LMNPSZ":
            yield code, not any(word in unicodedata.name(chr(code), "") for word in INVISIBLE)


def line_of(number, **fields):
    return json.dumps({"proto": "tcp", "family": "ipv4", "kind": "snat", "src": f"192.0.2.{1 + number // 60000}",
                       "sport": 1 + number % 60000, "gate": "198.51.100.1", "gport": 1 + number % 60000,
                       "dst": "203.0.113.10", "dport": 443, **fields}, ensure_ascii=False)


def answer(path, *words, locale="C"):
    done = subprocess.run([NATSTAT, "-f", path, "-n", "--sort", "none", *words], capture_output=True,
                          timeout=SECONDS, check=False, env={"LC_ALL": locale, "TZ": "UTC"})
    check(done.returncode == 0, f"{words} is answered", done.stderr)
    return done.stdout.decode()


def escaped(text):
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def cells(text):
    """Of characters whose width is beyond doubt."""
    return sum(0 if unicodedata.category(each) in ("Mn", "Me")
               else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def test_all(path, wanted):
    path.write_text("".join(line_of(number, workload=f"a{chr(code)}b") + "\n"
                            for number, (code, _) in enumerate(wanted)))
    text = answer(path, "--format", "csv", "-C", "workload")
    check(text == answer(path, "--format", "csv", "-C", "workload", locale="C.UTF-8"), "programs read the same in each locale")
    rows = [row[0] for row in csv.reader(text.split("\r\n")[1:-1])]
    check(len(rows) == len(wanted), "every flow has its row", len(rows), len(wanted))
    wrong = [f"U+{code:04X}: {row!r}" for (code, seen), row in zip(wanted, rows)
             if row != f"a{chr(code) if seen and code != 0x5C else escaped(chr(code))}b"]
    check(not wrong, f"{len(wanted)} characters are shown or escaped", len(wrong), *wrong[:20])
    check(all(ord(each) < 0x80 for each in answer(path, "-C", "workload")), "a table for a locale of ASCII is ASCII")
    again = path.with_name("again.jsonl")
    again.write_text(answer(path, "--format", "jsonl", "-C", "+workload"))
    check(answer(again, "--format", "csv", "-C", "workload") == text, "a log has the names that it was written from")


def test_columns(path):
    names = ["plain", "Société Générale", "株式会社", "서울", "Ελλάδα", "आधार", "e\u0301te\u0301", "日本\u202eabc", "x\x1b[31m"]
    path.write_text("".join(line_of(number, workload=name) + "\n" for number, name in enumerate(names)))
    lines = answer(path, "-C", "workload,source", locale="C.UTF-8").splitlines()
    places = {cells(line[:line.index("192.0.2.1:")]) for line in lines[1:]}
    check(len(lines) == 1 + len(names) and len(places) == 1, "the next column stands in one place", *lines)
    check("\x1b" not in "".join(lines) and "\u202e" not in "".join(lines), "nothing of it is an order to a terminal")
    groups = answer(path, "-b", "workload", "-C", "workload,flows", locale="C.UTF-8").splitlines()
    check(len({cells(line) for line in groups}) == 1, "and the last one ends in one place", *groups)
    found = answer(path, "-C", "workload", "workload=株式会社 or workload='Société Générale'", locale="C.UTF-8").splitlines()
    check(found[1:] == ["Société Générale", "株式会社"], "a filter takes them as they are", found)


def main():
    wanted = list(characters())
    check(len(wanted) > 10_000 and len({seen for _, seen in wanted}) == 2, "there are characters of both kinds", len(wanted))
    with tempfile.TemporaryDirectory() as folder:
        test_all(pathlib.Path(folder, "all.jsonl"), wanted)
        test_columns(pathlib.Path(folder, "names.jsonl"))
    print(checks.closing_line())
    sys.exit(checks.failed != 0)


main()
