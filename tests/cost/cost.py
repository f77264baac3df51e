#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""cost.py PROGRAM: how many instructions natstat takes for a flow, from the decoder to the output, against
budget.txt. Valgrind counts them, so that a slow change shows on a busy machine too. PROGRAM is
natstat-instructions, which lists a recording many times over; two lists of different length are counted,
and what both of them take, the start and the rows that wait for widths, is not in the difference.
With --write, writes the budgets anew: what is measured now and the room."""

import concurrent.futures
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BUDGETS = HERE / "budget.txt"
RECORDING = HERE.parent / "data" / "messages.nlm"
SHORT, LONG = 100, 300  # rounds; the short list, too, is longer than the rows that wait for widths
ROOM = 1.05
OTHER_COMPILER = 1.15 / ROOM  # so that the room is 15 %
SLACK = 0.90  # a figure below this share of its budget: the budget should follow
SECONDS = 300


class Failed(Exception):
    """A list was not printed or not counted; the text says why."""


def read_budgets():
    """The build that the budgets are for, and a list of (name, budget, options)."""
    lines = [line for line in BUDGETS.read_text().splitlines() if line and not line.startswith("#")]
    rows = [line.split(maxsplit=2) for line in lines[1:]]
    return lines[0], [(name, int(budget), options) for name, budget, options in rows]


def write_budgets(build, rows):
    head = [line for line in BUDGETS.read_text().splitlines() if line.startswith("#")]
    lines = [f"{name:<9} {budget:>6}  {options}" for name, budget, options in rows]
    BUDGETS.write_text("\n".join([*head, build, *lines]) + "\n")


def run(program, rounds, options):
    """Prints a list under valgrind: (instructions, messages, build of the program)."""
    with tempfile.TemporaryDirectory() as folder:
        counts = pathlib.Path(folder) / "counts"
        done = subprocess.run(
            ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={counts}",
             program, RECORDING, str(rounds), *shlex.split(options)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=SECONDS, check=False,
            env={"TZ": "UTC", "LC_ALL": "C", "PATH": os.environ["PATH"]})
        said = re.fullmatch(r"(\d+) messages, (.*)\n", done.stderr)
        if done.returncode != 0 or said is None:
            raise Failed(f"exit {done.returncode}: {done.stderr.strip()}")
        total = re.search(r"^totals: (\d+)$", counts.read_text(), re.MULTILINE)
        if total is None:
            raise Failed("callgrind wrote no total")
    return int(total[1]), int(said[1]), said[2]


def measure(program, options):
    """(instructions for one message, build of the program)"""
    short, fewer, _ = run(program, SHORT, options)
    long, more, build = run(program, LONG, options)
    return (long - short) / (more - fewer), build


def judge(name, measured, limit, budget):
    """Prints the line; whether it is within the limit, which is the budget or more."""
    good = measured <= limit
    verdict = "" if good else f": FAILED, {measured / limit - 1:.1%} over"
    if limit == budget and measured < SLACK * budget:
        verdict = f": {1 - measured / budget:.1%} under, write the budget anew (--write)"
    print(f"{name:<9} {measured:7.0f} instructions a message, budget {limit:.0f}{verdict}")
    return good


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    build, rows = read_budgets()
    if shutil.which("valgrind") is None:
        print(f"cost: skipped, there is no valgrind\n0 passed, 0 failed, {len(rows)} skipped")
        return 77
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda row: measure(program, row[2]), rows))
    here = results[0][1]
    if "--write" in sys.argv[2:]:
        write_budgets(here, [(name, round(ROOM * measured), options)
                             for (name, _, options), (measured, _) in zip(rows, results)])
        return 0
    if here.split()[0] != build.split()[0]:
        print(f"cost: skipped, the budgets are for {build} and this is {here}\n"
              f"0 passed, 0 failed, {len(rows)} skipped")
        return 77
    room = 1 if here == build else OTHER_COMPILER
    if room != 1:
        print(f"the budgets are for {build} and this is {here}: they have {OTHER_COMPILER - 1:.1%} more room")
    good = sum(judge(name, measured, budget * room, budget)
               for (name, budget, _), (measured, _) in zip(rows, results))
    print(f"{good} passed, {len(rows) - good} failed, 0 skipped")
    return 0 if rows and good == len(rows) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Failed, OSError, subprocess.SubprocessError) as error:
        print(f"cost: {error}\n0 passed, 1 failed, 0 skipped")
        sys.exit(1)
