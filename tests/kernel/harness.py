# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the checks on a live table share: counting, running natstat, the reading that a listing is
held against, and the patience with a table that changes between the two. It judges nothing."""

import json
import subprocess
from collections import Counter

import conntrack_text as ct
from contract import Row, local_networks

TRIES = 4  # the table may change between a reading and a listing
SHOWN = 6  # of the lines that differ


class Tally:
    """How many checks passed and failed, and a few lines for each that failed."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, wrong):
        """`wrong` are the lines of a message; none if all is well."""
        if not wrong:
            self.passed += 1
            return
        self.failed += 1
        print("FAIL", name)
        for line in wrong[:4 * SHOWN]:
            print("    ", line)

    def check_live(self, name, lab, attempt):
        """attempt(rows) gives the lines. The first try is with the last reading, which is right
        unless the table has changed; the others are with a new one."""
        wrong = []
        for number in range(TRIES):
            try:
                wrong = attempt(lab.read() if number > 0 else lab.last)
            except (RuntimeError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
                wrong = ["%s: %s" % (type(error).__name__, error)]
            if not wrong:
                break
        self.check(name, wrong)


class Lab:
    """The program, and the table as it is now."""

    def __init__(self, program):
        self.program = program
        self.local = local_networks()
        self.last = []
        self.read()

    def read(self):
        """The table's rows as they are now."""
        self.last = [Row(flow, self.local) for flow in ct.read_table()]
        return self.last

    def run(self, *words):
        """Standard output; a wrong exit or any word on standard error is an error."""
        done = subprocess.run([self.program, *words], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=600, check=False)
        if done.returncode != 0 or done.stderr:
            raise RuntimeError("exit %d, standard error: %s" %
                               (done.returncode, done.stderr.decode(errors="replace").strip()))
        return done.stdout

    def lines(self, *words):
        """Standard output as lines; the last one must have its end."""
        *lines, rest = self.run(*words).decode().split("\n")
        if rest:
            raise RuntimeError("the last line has no end")
        return lines

    def objects(self, *words):
        return [json.loads(line) for line in self.lines("--format", "jsonl", *words)]


def difference(expected, got):
    """Lines of a message: what is missing and what is too much. The order does not count."""
    missing, extra = Counter(expected) - Counter(got), Counter(got) - Counter(expected)
    if not missing and not extra:
        return []
    lines = ["expected: %r" % line for line in list(missing.elements())[:SHOWN]]
    lines += ["came:     %r" % line for line in list(extra.elements())[:SHOWN]]
    return lines + ["(%d expected did not come, %d came that were not expected)" %
                    (sum(missing.values()), sum(extra.values()))]
