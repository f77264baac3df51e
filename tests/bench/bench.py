#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The bench, one command: fills the conntrack table of a namespace of its own and prints what
natstat costs there beside the floor, conntrack -L and netstat-nat. It needs root and leaves nothing
behind."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True

import check  # noqa: E402
import measure  # noqa: E402
import report  # noqa: E402
from measure import progress  # noqa: E402
from sandbox import Limits, SandboxError, enter_namespace, read_setting  # noqa: E402

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SIZES = [100_000, 1_000_000]
GROWTH_SIZES = [1_000, 10_000, 100_000, 1_000_000, 2_000_000]
SETTINGS = {"defaults": [False], "counting": [True], "both": [False, True]}  # whether they count
GROWTH_MODES = ["natstat -nN", "natstat -nN --sort none", "conntrack -L"]


def parse_size(text):
    """1000, 100k, 2M."""
    factor = {"k": 1_000, "M": 1_000_000}.get(text[-1:], 1)
    digits = text[:-1] if factor > 1 else text
    if not digits.isdigit() or int(digits) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of flows (1000, 100k, 2M)")
    return int(digits) * factor


def parse_arguments():
    parser = argparse.ArgumentParser(description="What natstat costs beside the bare dump (root).")
    add = parser.add_argument
    add("--size", type=parse_size, action="append", help="flows, repeatable (default 100k, 1M)")
    add("-r", "--rounds", type=int, default=5, help="rounds for each size (default 5)")
    add("--only", action="append", metavar="MODE",
        help="this mode alone, repeatable, such as --only='-nN' or --only='conntrack -L'")
    add("--grow", action="store_true", help="sizes from 1,000 to 2,000,000 and how the time grows")
    add("--check", action="store_true", help="compare the listing with the table, measure nothing")
    add("--exec", metavar="COMMAND", help="fill, then run this shell command there (a profiler)")
    add("--peer-size", type=parse_size, default=5_000, help="flows for netstat-nat (default 5000)")
    add("--no-peer", action="store_true", help="without netstat-nat")
    add("--buckets", type=int, help="hash buckets during the bench (default: as they are)")
    add("--fill", default="", metavar="OPTIONS", help="options for natstat-fill")
    add("--output", default="/dev/null", help="where the commands write (default /dev/null)")
    add("--build", default=os.path.join(TREE, "build"), help="build directory (default build)")
    add("--settings", choices=SETTINGS, default="both",
        help="the kernel's defaults, accounting and time stamps on, or both (default both)")
    add("--json", action="store_true", help="the results as JSON")
    add("--enforce", action="store_true",
        help="exit 1 if a bound is missed (1,000,000 flows, growth)")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("at least one round")
    if not arguments.size:
        arguments.size = [100_000] if arguments.check else GROWTH_SIZES if arguments.grow else SIZES
    arguments.size = sorted(set(arguments.size))
    return arguments


class Session:
    """The programs, the namespace and how many flows are in it."""

    def __init__(self, arguments, counting):
        self.arguments = arguments
        self.counting = counting
        self.natstat = os.environ.get("NATSTAT") or self.find("natstat")
        self.fill_options = arguments.fill.split()
        self.flows = 0
        self.fill_program = self.find("natstat-fill")
        self.bench = measure.Bench(self.find("natstat-cost"), self.find("natstat-floor"),
                                   arguments.output)

    def find(self, name):
        """A program of the build; natstat may be missing: its modes are not measured then."""
        for room in ("", "src", os.path.join("tests", "bench")):
            path = os.path.join(self.arguments.build, room, name)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return path
        if name == "natstat":
            return os.path.join(self.arguments.build, name)
        raise SandboxError(f"no {name} under {self.arguments.build} (meson compile -C build)")

    def fill(self, flows):
        """Extends the table to so many flows of the mix."""
        command = [self.fill_program, "--first", str(self.flows), *self.fill_options,
                   str(flows - self.flows)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SandboxError(done.stderr.strip())
        progress(done.stdout.strip())
        self.flows = flows

    def points(self):
        """Endpoints of this session's mix to ask for."""
        return measure.find_points(self.fill_program, self.fill_options)

    def choose_modes(self):
        """The modes that were asked for, and why one can not be measured at all."""
        modes = measure.natstat_modes(self.natstat, self.points(), self.counting)
        modes.append(measure.CONNTRACK)
        wanted = self.arguments.only or (GROWTH_MODES if self.arguments.grow else None)
        if wanted:
            names = {mode.label for mode in modes}
            wanted = [name if name in names else f"natstat {name}" for name in wanted]
            unknown = [name for name in wanted if name not in names]
            if unknown:
                raise SandboxError(f"no mode {unknown[0]}; there are: {', '.join(sorted(names))}")
            modes = [mode for mode in modes if mode.label in wanted]
        return modes

    def measure_stage(self, flows, modes, empty):
        """One size: fill, rounds, data."""
        self.fill(flows)
        results = []
        for mode in modes:
            kib, problem = empty[mode.label]
            results.append(measure.Result(mode, empty_kib=kib, problem=problem))
        floors = self.bench.run_rounds(results, self.arguments.rounds)
        if read_setting("count") != flows:
            raise SandboxError(f"the table held {read_setting('count'):,} flows, not {flows:,}")
        return report.stage_data(flows, self.arguments.rounds, floors, results)

    def measure_empty(self, modes):
        """Peak memory and first problem of every mode on the empty table."""
        results = [measure.Result(mode) for mode in modes]
        self.bench.measure_empty(results)
        return {result.mode.label: (result.empty_kib, result.problem) for result in results}


def netstat_nat_stage(session, modes, empty):
    """The stage beside netstat-nat, or None and why there is none."""
    arguments = session.arguments
    if arguments.only or arguments.grow or arguments.no_peer:
        return None, None
    if not shutil.which("netstat-nat"):
        return None, "netstat-nat is not installed: not measured"
    if arguments.peer_size > arguments.size[0]:
        return None, "netstat-nat not measured: its size is above the first one"
    chosen = [mode for mode in modes if mode.label in ("natstat -nN", "conntrack -L")]
    chosen.append(measure.NETSTAT_NAT)
    return session.measure_stage(arguments.peer_size, chosen, empty), None


def run_bench(session):
    """Everything that is measured, printed as it comes or as JSON at the end. The exit code."""
    arguments = session.arguments
    data = {"machine": report.describe_machine(), "counting": session.counting, "stages": []}
    show = (lambda text: None) if arguments.json else (lambda text: print(text + "\n", flush=True))
    show(f"{report.machine_text(data['machine'])}; {report.settings_text(session.counting)}")
    modes = session.choose_modes()
    peers = [measure.NETSTAT_NAT] if shutil.which("netstat-nat") else []
    empty = session.measure_empty(modes + peers)
    data["netstat_nat"], data["netstat_nat_skipped"] = netstat_nat_stage(session, modes, empty)
    if data["netstat_nat"]:
        show(report.stage_text(data["netstat_nat"]))
        show(report.against_netstat_nat(data["netstat_nat"]))
    elif data["netstat_nat_skipped"]:
        show(data["netstat_nat_skipped"])
    for flows in arguments.size:
        data["stages"].append(session.measure_stage(flows, modes, empty))
        show(report.stage_text(data["stages"][-1]))
    if len(data["stages"]) > 1:
        data["growth"] = report.growth_data(data["stages"])
        show(report.growth_text(data["stages"]))
    if arguments.json:
        print(json.dumps(data, indent=2))
    return 1 if arguments.enforce and not all_hold(data) else 0


def all_hold(data):
    """True if every bound that the sizes allow to judge holds; what could not run does not hold."""
    at_bound = [mode for stage in data["stages"] if stage["flows"] == measure.BOUND_FLOWS
                for mode in stage["modes"]]
    held = [bound["holds"] for mode in at_bound for bound in mode["bounds"]]
    held += [mode["problem"] is None for mode in at_bound]
    held += [mode["holds"] is not False for mode in data.get("growth", [])]
    return all(held)


def run_check(session):
    """Compares the listing with the table at every size. The exit code."""
    code = 0
    for flows in session.arguments.size:
        session.fill(flows)
        planned = [session.fill_program, "--print", *session.fill_options, str(flows)]
        complaints, compared = check.check_table(session.natstat, planned, session.points())
        for complaint in complaints:
            print(complaint)
            code = 1
        print(f"{'WRONG' if complaints else 'right'}: {compared}", flush=True)
    return code


def run_command(session):
    """Fills the table to the largest size and runs one command there. Its exit code."""
    session.fill(session.arguments.size[-1])
    progress(report.settings_text(session.counting))
    environment = dict(os.environ, NATSTAT=session.natstat)
    done = subprocess.run(session.arguments.exec, shell=True, check=False, env=environment)
    return done.returncode


def run_inside(session, run):
    """Runs in a namespace of its own, with the settings of the session. The exit code."""
    enter_namespace(session.counting)
    return run(session)


def main():
    arguments = parse_arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda signum, frame: sys.exit(128 + signum))
    limits = None
    try:
        sessions = [Session(arguments, counting) for counting in SETTINGS[arguments.settings]]
        limits = Limits(arguments.size[-1], arguments.buckets)
        run = run_command if arguments.exec else run_check if arguments.check else run_bench
        return max([run_inside(session, run) for session in sessions])
    except (SandboxError, ValueError, OSError, subprocess.CalledProcessError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if limits:
            limits.restore()


if __name__ == "__main__":
    sys.exit(main())
