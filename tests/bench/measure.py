# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is measured and how: the modes, one run of a command, and rounds in which the modes and the
floor take turns. A time stands for nothing by itself: every run is divided by the floor runs next
to it. It prints nothing but progress."""

from __future__ import annotations

import json
import os
import shlex
import signal
import statistics
import subprocess
import sys
from dataclasses import dataclass, field

from sandbox import SandboxError

RUN_SECONDS = 900
# natstat-fill gives few flows a destination port from here on.
RARE_PORT = 20000
# After so many modes the floor is measured again: the machine's pace changes slowly.
MODES_BETWEEN_FLOORS = 3
BOUND_FLOWS = 1_000_000
# The exit status of --diagnose that found something.
FOUND = 3
# Between these sizes no mode may grow faster than the floor does, times the bound.
GROWTH_BETWEEN = (100_000, 2_000_000)
GROWTH_BOUND = 1.10


@dataclass(frozen=True)
class Bounds:
    """What a mode must keep to at a million flows."""
    over_floor: float | None = None
    cpu_over_floor: float | None = None
    peak_mib: float | None = None
    bytes_per_flow: float | None = None
    times_conntrack: float | None = None


@dataclass(frozen=True)
class Mode:
    """A command of the bench. Its label names the endpoints of a question, the words have them."""
    label: str
    words: tuple
    bounds: Bounds = Bounds()


@dataclass
class Result:
    """The runs of one mode at one size."""
    mode: Mode
    runs: list = field(default_factory=list)
    over_floor: list = field(default_factory=list)
    times_conntrack: list = field(default_factory=list)
    empty_kib: int | None = None
    problem: str | None = None


def natstat_modes(natstat, points, counting):
    """natstat's modes with their bounds; `points` has the endpoints to ask for, `counting` says
    whether accounting and time stamps are on."""
    def mode(label, **bounds):
        words = shlex.split(label)
        words = [points[word] if word in points else word for word in words]
        label = label.replace("GATEWAY", "A:P").replace("DESTINATION", "A:P")
        return Mode(f"natstat {label}", (natstat, *words), Bounds(**bounds))
    if counting: # the dump takes twice as long, so that what natstat adds weighs less
        list_bounds = {"over_floor": 1.10}
    else:
        list_bounds = {"over_floor": 1.20, "cpu_over_floor": 1.5, "bytes_per_flow": 90}
    return [
        mode("-nN", **list_bounds),
        mode("-nN --sort none", over_floor=1.05, peak_mib=16),
        mode("-nN --json", over_floor=1.50),
        mode("-nN --format csv", over_floor=1.30),
        mode("-nN --sort none --json", over_floor=1.35),
        mode("-nN --sort none --format csv", over_floor=1.35),
        mode("-n -b src", over_floor=1.12),
        mode("-n -b dst,dport", over_floor=1.3),
        mode("-n -b state", over_floor=1.3),
        mode("-nP", over_floor=1.12),
        mode("-nD", over_floor=0.40),
        mode("-nS -p tcp -g GATEWAY", over_floor=0.40),
        mode("-n -p tcp -d DESTINATION", over_floor=0.40),
        mode("-n nat GATEWAY", over_floor=0.999, peak_mib=16),
        mode("-nNa", bytes_per_flow=160),
        mode("--diagnose -i 0.1", over_floor=1.3), # its watch, the shortest there is, included
    ]

CONNTRACK = Mode("conntrack -L", ("conntrack", "-L"))
NETSTAT_NAT = Mode("netstat-nat -nN", ("netstat-nat", "-nN"))


def find_points(fill, fill_options=()):
    """Endpoints that few flows have: the NAT side of one TCP flow, a destination of another."""
    done = subprocess.run([fill, "--print", *fill_options, "50000"], capture_output=True, text=True,
                          check=True)
    points = {}
    # IPv4 first, if the mix has any.
    for line in sorted(done.stdout.splitlines(), key=lambda line: line[:4]):
        words = line.split()
        if words[2] != "tcp":
            continue
        pairs = [word.split("=", 1) for word in words if "=" in word]
        ends = [value for name, value in pairs if name in ("src", "dst", "sport", "dport")]
        source, destination, _, port, server, gateway, _, gateway_port = ends
        if server != destination or source == gateway:
            continue
        points.setdefault("GATEWAY", join_endpoint(gateway, gateway_port))
        if int(port) >= RARE_PORT:
            points.setdefault("DESTINATION", join_endpoint(destination, port))
    return points


def join_endpoint(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


class Bench:
    """Runs commands in this process's namespace, `natstat-cost` around each."""

    def __init__(self, cost, floor, output):
        self.cost = cost
        self.floor = Mode("floor", (floor,))
        self.output = output

    def run(self, mode):
        """One run: (what it cost, None) or (None, what went wrong)."""
        command = [self.cost, self.output, *mode.words]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, start_new_session=True)
        try:
            out, err = process.communicate(timeout=RUN_SECONDS)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                return None, f"killed after {RUN_SECONDS} s"
            raise
        words = err.strip().splitlines()
        if process.returncode != 0:
            return None, words[-1] if words else f"natstat-cost ended with {process.returncode}"
        cost = json.loads(out)
        if cost["exit"] in (0, FOUND):
            return cost, None
        kind = "not known to this build" if cost["exit"] == 2 else f"exit {cost['exit']}"
        return None, f"{kind}: {words[0] if words else 'no message'}"

    def measure_empty(self, results):
        """Peak memory of every mode while the table is empty."""
        for result in results:
            cost, result.problem = self.run(result.mode)
            if cost:
                result.empty_kib = cost["peak_kib"]

    def run_floor(self, floors):
        cost, problem = self.run(self.floor)
        if problem:
            raise SandboxError(f"the floor can not be measured: {problem}")
        floors.append(cost)
        return cost["wall"]

    def run_round(self, results, floors):
        """Every mode once. A mode that failed before is left out."""
        before = self.run_floor(floors)
        able = [result for result in results if not result.problem]
        costs = {}
        for start in range(0, len(able), MODES_BETWEEN_FLOORS):
            part = able[start:start + MODES_BETWEEN_FLOORS]
            for result in part:
                cost, result.problem = self.run(result.mode)
                if cost:
                    costs[result.mode.label] = cost["wall"]
                    result.runs.append(cost)
            after = self.run_floor(floors)
            for result in part:
                if result.mode.label in costs:
                    result.over_floor.append(costs[result.mode.label] / ((before + after) / 2))
            before = after
        conntrack = costs.get(CONNTRACK.label)
        for result in able:
            if conntrack and result.mode.label in costs:
                result.times_conntrack.append(conntrack / costs[result.mode.label])

    def run_rounds(self, results, rounds):
        """The floor's runs; the results are filled."""
        floors = []
        for number in range(rounds):
            progress(f"round {number + 1} of {rounds}")
            self.run_round(results, floors)
        return floors


def progress(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def spread(values):
    """Median, least and most of the values, or None for none."""
    if not values:
        return None
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}
