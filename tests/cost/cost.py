#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""cost.py PROGRAM CRAFTED: how many instructions natstat takes for a flow, from the decoder to the output,
against budget.txt. Valgrind counts them, so that a slow change shows on a busy machine too. PROGRAM is
natstat-instructions, which lists a recording many times over; two lists of different length are counted,
and what both of them take, the start and the rows that wait for widths, is not in the difference. CRAFTED is
natstat-crafted: flows whose addresses somebody chose so that they would meet in a table without a key cost
what random ones do.
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
CRAFTED_FLOWS = 100_000
CRAFTED_ROOM = 1.2


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


def counted(*command):
    """Runs it under valgrind: (instructions, what it said on standard error)."""
    with tempfile.TemporaryDirectory() as folder:
        counts = pathlib.Path(folder) / "counts"
        done = subprocess.run(
            ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={counts}", *command],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=SECONDS, check=False,
            env={"TZ": "UTC", "LC_ALL": "C", "PATH": os.environ["PATH"]})
        if done.returncode != 0:
            raise Failed(f"exit {done.returncode}: {done.stderr.strip()}")
        total = re.search(r"^totals: (\d+)$", counts.read_text(), re.MULTILINE)
        if total is None:
            raise Failed("callgrind wrote no total")
    return int(total[1]), done.stderr


def run(program, rounds, options):
    """Prints a list under valgrind: (instructions, messages, build of the program)."""
    total, said = counted(program, RECORDING, str(rounds), *shlex.split(options))
    found = re.fullmatch(r"(\d+) messages, (.*)\n", said)
    if found is None:
        raise Failed(said.strip())
    return total, int(found[1]), found[2]


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


def judge_crafted(pool, program):
    """Whether each crafted crowd costs what the random one does."""
    kinds = ["random", "tuples", "groups"]
    random, *others = pool.map(lambda kind: counted(program, kind, str(CRAFTED_FLOWS))[0], kinds)
    for kind, found in zip(kinds[1:], others):
        share = found / random
        print(f"crafted {kind}: {share:.3f} of the instructions of random ones, at most {CRAFTED_ROOM}"
              + (": FAILED" if share > CRAFTED_ROOM else ""))
        yield share <= CRAFTED_ROOM


def judge_budgets(results, build, rows):
    """Whether each list is within its budget; nothing where there are none for this machine."""
    here = results[0][1]
    if here.split()[0] != build.split()[0]:
        print(f"cost: {len(rows)} budgets skipped, they are for {build} and this is {here}")
        return
    room = 1 if here == build else OTHER_COMPILER
    if room != 1:
        print(f"the budgets are for {build} and this is {here}: they have {OTHER_COMPILER - 1:.1%} more room")
    for (name, budget, _), (measured, _) in zip(rows, results):
        yield judge(name, measured, budget * room, budget)


def main():
    program, crafted = (str(pathlib.Path(word).resolve()) for word in sys.argv[1:3])
    build, rows = read_budgets()
    if shutil.which("valgrind") is None:
        print(f"cost: skipped, there is no valgrind\n0 passed, 0 failed, {len(rows) + 1} skipped")
        return 77
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda row: measure(program, row[2]), rows))
        if "--write" in sys.argv[3:]:
            write_budgets(results[0][1], [(name, round(ROOM * measured), options)
                                          for (name, _, options), (measured, _) in zip(rows, results)])
            return 0
        verdicts = list(judge_crafted(pool, crafted))
    budgets = list(judge_budgets(results, build, rows))
    verdicts += budgets
    good = sum(verdicts)
    print(f"{good} passed, {len(verdicts) - good} failed, {0 if budgets else len(rows)} skipped")
    return 0 if good == len(verdicts) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Failed, OSError, subprocess.SubprocessError) as error:
        print(f"cost: {error}\n0 passed, 1 failed, 0 skipped")
        sys.exit(1)
