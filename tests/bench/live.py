#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the live view costs on the table of this network namespace, in a pseudo-terminal: when the
first rows of a whole table are there, how soon keys are answered (while lists are read, too), what
share of a core it takes, how much memory. Beside it the floor, iptstate and flowtop where they are
installed. Prints; judges nothing.

usage: bench.py --size 1M --exec 'python3 tests/bench/live.py build'"""

import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "terminal"))
from pseudo import PseudoTerminal  # noqa: E402

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build")
NATSTAT = str((BUILD / "natstat").resolve())
FLOOR = str((BUILD / "tests" / "bench" / "natstat-floor").resolve())
SECONDS_OF_KEYS, SECONDS_IDLE = 40, 60


def seconds_of(*words, limit=300):
    """How long it takes; None when that is longer than the limit."""
    began = time.monotonic()
    try:
        subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
                       timeout=limit)
    except subprocess.TimeoutExpired:
        return None
    return time.monotonic() - began


def cpu_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid, name="VmHWM"):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith(name)).split()[1]) * 1024


def view(*words):
    """Opened; how long until there are rows, and until they are of the whole table."""
    began = time.monotonic()
    terminal = PseudoTerminal(*words, size=(50, 160))
    terminal.until(lambda: terminal.output.count(b"192.0.2.") > 5, 120)
    rows = time.monotonic() - began
    while True:
        terminal.press(b"\x0c")  # the whole screen, for it shows what differs alone
        terminal.until(lambda: b" health" in terminal.output, 60)
        if b"reading the table" not in terminal.output:
            return terminal, rows, time.monotonic() - began
        terminal.until(lambda: False, 0.05)


def empty_memory():
    """Of the same program with nothing to show."""
    terminal = PseudoTerminal("unshare", "-n", NATSTAT, "-t", "-a", size=(50, 160))
    terminal.until(lambda: b"no flows" in terminal.output, 20)
    memory = memory_of(terminal.pid)
    terminal.press(b"q")
    terminal.ends()
    terminal.close()
    return memory


def keys_of(terminal):
    waits = []
    end = time.monotonic() + SECONDS_OF_KEYS
    while time.monotonic() < end:
        terminal.press(b"?")
        began = time.monotonic()
        terminal.shows(b"this help")
        waits.append(1000 * (time.monotonic() - began))
        terminal.press(b"\x1b")
        terminal.until(lambda: False, 0.1)
    return sorted(waits)


def main():
    with open("/proc/sys/net/netfilter/nf_conntrack_count", encoding="ascii") as file:
        flows = int(file.read())
    floors = [seconds_of(FLOOR) for _ in range(3)]
    floor = sorted(floors)[1]
    print(f"{flows:,} flows; the floor's dump {floor:.2f} s")
    empty = empty_memory()
    terminal, first, whole = view(NATSTAT, "-t", "-a")
    print(f"natstat -t: rows after {first:.2f} s, of the whole table after {whole:.2f} s, "
          f"{whole / floor:.2f} of the floor")
    waits = keys_of(terminal)
    print(f"{len(waits)} keys answered after {waits[len(waits) // 2]:.1f} ms (median), "
          f"{waits[-1]:.1f} ms (longest), lists among them")
    before, began = cpu_of(terminal.pid), time.monotonic()
    terminal.until(lambda: False, SECONDS_IDLE)
    share = 100 * (cpu_of(terminal.pid) - before) / (time.monotonic() - began)
    print(f"{share:.1f} % of a core at the default interval, over {SECONDS_IDLE} s; "
          f"{(memory_of(terminal.pid) - empty) / flows:.0f} bytes a flow at most, over the "
          f"{empty / 1e6:.1f} MB of an empty view")
    terminal.press(b"q")
    terminal.ends()
    terminal.close()
    if shutil.which("iptstate"):
        took = seconds_of("iptstate", "-1", limit=60)
        print("iptstate -1: " + (f"{took:.1f} s for one refresh" if took else "none within 60 s"))
    if shutil.which("flowtop"):
        began = time.monotonic()
        terminal = PseudoTerminal("flowtop", "-46TUDISsnG", size=(50, 160))
        terminal.until(lambda: False, SECONDS_IDLE)
        print(f"flowtop: {100 * cpu_of(terminal.pid) / (time.monotonic() - began):.0f} % of a core, "
              f"{memory_of(terminal.pid) / flows:.0f} bytes a flow in its first {SECONDS_IDLE} s")
        terminal.close()


main()
