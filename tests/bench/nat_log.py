#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The bench of the NAT log: translations of a made-up day are told to natstat --log, which writes them as fast as it
can; then who had a port is asked again and again, and each answer is compared with what was told. It needs no
privilege and leaves nothing behind.

usage: nat_log.py NATSTAT [--translations N] [--questions N] [--place DIRECTORY]"""

import argparse
import collections
import concurrent.futures
import datetime
import heapq
import json
import multiprocessing
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

DAY = datetime.datetime(2026, 11, 29, tzinfo=datetime.timezone.utc)
SECONDS = 85_000
LONGEST = 600
HOSTS = [f"192.0.2.{host}" for host in range(1, 255)]
GATES = [f"198.51.100.{gate}" for gate in range(1, 17)]
SERVERS = [f"203.0.113.{server}" for server in range(1, 255)]


def moment(microseconds):
    """Since the beginning of the day."""
    seconds, rest = divmod(microseconds, 1_000_000)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    return f"{DAY:%Y-%m-%d}T{hours:02}:{minutes:02}:{seconds:02}.{rest:06}Z"


class Day:
    """Translations in the order of their times. A port of a gate is used again when all others were."""

    def __init__(self, translations, questions, rng):
        self.translations = translations
        self.rng = rng
        self.asked = set(rng.sample(range(translations), questions))
        self.questions = []
        self.free = collections.deque()
        self.living = []  # a heap: (end, number, line without its first words)

    def lines(self):
        self.free.extend((gate, port) for port in range(1024, 65536) for gate in GATES)
        yield f'{{"time":"{moment(0)}","event":"started","filter":""}}\n'
        yield f'{{"time":"{moment(0)}","event":"whole"}}\n'
        step = SECONDS * 1_000_000 // self.translations
        for number in range(self.translations):
            now = number * step
            yield from self.ends(now)
            gate, port = self.free.popleft()
            source = self.rng.choice(HOSTS), self.rng.randrange(1024, 65536)
            server = self.rng.choice(SERVERS)
            end = now + self.rng.randrange(1_000_000, LONGEST * 1_000_000)
            rest = (f'"proto":"tcp","family":"ipv4","kind":"snat","src":"{source[0]}","sport":{source[1]},"gate":"{gate}",'
                    f'"gport":{port},"dst":"{server}","dport":443,"original_src":"{source[0]}","original_sport":{source[1]},'
                    f'"original_dst":"{server}","original_dport":443,"status":["src_nat"],"told":"event","id":{number}')
            heapq.heappush(self.living, (end, number, gate, port, rest))
            if number in self.asked:
                self.questions.append((gate, port, self.rng.randrange(now, end), source))
                self.questions.append((gate, port, end + 1, None))
            yield f'{{"time":"{moment(now)}","event":"created",{rest}}}\n'
        yield from self.ends(SECONDS * 1_000_000 + LONGEST * 1_000_000)

    def ends(self, until):
        while self.living and self.living[0][0] <= until:
            end, _, gate, port, rest = heapq.heappop(self.living)
            self.free.append((gate, port))
            yield (f'{{"time":"{moment(end)}","event":"ended",{rest},"ending":"closed","packets_up":9,"bytes_up":1234,'
                   f'"packets_down":12,"bytes_down":56789}}\n')


def write(natstat, place, day):
    """Seconds of CPU and of the clock that natstat took for it."""
    began = time.monotonic()
    writer = subprocess.Popen([natstat, "-f", "-", "--log", place], stdin=subprocess.PIPE, text=True, bufsize=1 << 20)
    for line in day.lines():
        writer.stdin.write(line)
    writer.stdin.close()
    _, status, usage = os.wait4(writer.pid, 0)
    if status != 0:
        sys.exit(f"natstat --log ended with {status}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss


def ask(natstat, place, question):
    """Whether the answer is right, its seconds and the most KiB that it had, of which whoever starts it has 15 MiB:
    what a process once had is counted on across exec."""
    gate, port, when, source = question
    began = time.monotonic()
    child = subprocess.Popen([natstat, "-f", place, "--at", moment(when), "--json", "nat", f"{gate}:{port}"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said, complaints = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    took = time.monotonic() - began
    found = [(one["src"], one["sport"]) for one in json.loads(said or "[]")]
    right = status == 0 and found == ([source] if source else [])
    if not right:
        print(f"wrong: {gate}:{port} at {moment(when)}: {found}, not {source} {complaints}")
    return right, took, usage.ru_maxrss


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("natstat", type=os.path.abspath)
    parser.add_argument("--translations", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=1_000)
    parser.add_argument("--place", help="where there is room for 150 bytes a translation")
    parser.add_argument("--seed", type=int, default=20261129)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="natstat-log.", dir=options.place) as place:
        day = Day(options.translations, options.questions // 2, random.Random(options.seed))
        cpu, wall, memory = write(options.natstat, place, day)
        size = sum(path.stat().st_size for path in pathlib.Path(place).iterdir())
        print(f"{options.translations} translations: {size / options.translations:.1f} bytes each; written in {wall:.1f} s, "
              f"{options.translations / wall:.0f} a second, {cpu / options.translations * 1e6:.1f} us of CPU each; "
              f"{memory / 1024:.0f} MiB", flush=True)
        with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as small:
            answers = [small.submit(ask, options.natstat, place, question).result() for question in day.questions]
        right = sum(answer[0] for answer in answers)
        took = sorted(answer[1] for answer in answers)
        print(f"{len(answers)} questions, {right} right: median {took[len(took) // 2] * 1000:.0f} ms, "
              f"99 % {took[len(took) * 99 // 100] * 1000:.0f} ms, longest {took[-1] * 1000:.0f} ms; "
              f"{max(answer[2] for answer in answers) / 1024:.1f} MiB at most")
        sys.exit(right != len(answers))


if __name__ == "__main__":
    main()
