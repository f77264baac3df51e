# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the bench may fill a table without harm: a network namespace without a name, which ends
with this process however it ends, and the table's limits, raised by a guard that puts them back
even if this process is killed. It measures nothing."""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys

CLONE_NEWNET = 0x40000000
SETTINGS = "/proc/sys/net/netfilter/nf_conntrack_"

# The addresses that the local flows of natstat-fill's mix use.
OWN_ADDRESSES = ("203.0.113.9/32", "2001:db8:3::9/128")


class SandboxError(Exception):
    """The bench can not go on; the text says why and what helps."""


def read_setting(name):
    """A setting of the conntrack table (`max`, `buckets`, `count`, ...) in this namespace."""
    with open(SETTINGS + name, encoding="ascii") as file:
        return int(file.read())


def write_setting(name, value):
    try:
        with open(SETTINGS + name, "w", encoding="ascii") as file:
            file.write(str(value))
    except OSError as error:
        raise SandboxError(f"cannot set net.netfilter.nf_conntrack_{name}: {error.strerror} "
                           "(run it as root, in the initial network namespace)") from error


class Limits:
    """The table's limits: settings of the initial namespace that hold for all namespaces.

    They are raised in the constructor and put back by a child process as soon as this one closes
    its end of a pipe, which the kernel does for a killed process as well. One bench at a time.
    """

    def __init__(self, flows, buckets=None):
        answer_end, guard_answer = os.pipe()
        guard_end, self.pipe = os.pipe()
        sys.stdout.flush()
        self.guard = os.fork()
        if self.guard == 0:
            os.close(self.pipe)
            os.close(answer_end)
            run_guard(guard_end, guard_answer, flows, buckets)
        os.close(guard_end)
        os.close(guard_answer)
        answer = os.read(answer_end, 4096).decode()
        os.close(answer_end)
        if answer != "ready":
            self.restore()
            raise SandboxError(answer or "the guard of the limits ended")

    def restore(self):
        """Ends the guard and waits until it has put the settings back."""
        if self.pipe is not None:
            os.close(self.pipe)
            self.pipe = None
            os.waitpid(self.guard, 0)


def wanted_settings(flows, buckets):
    """What must change so that the flows fit."""
    wanted = {}
    # Above 95 % the kernel throws flows out.
    if 0 < read_setting("max") < flows * 1.1 + 1000:
        wanted["max"] = int(flows * 1.25) + 10000
    if buckets and buckets != read_setting("buckets"):
        wanted["buckets"] = buckets
    return wanted


def run_guard(order, answer, flows, buckets):
    """Raises the settings, waits for the end of the bench, puts them back. Does not return."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    os.setsid()
    before = {}
    try:
        wait_for_turn()
        for name, value in wanted_settings(flows, buckets).items():
            now = read_setting(name)
            write_setting(name, value)
            # What the kernel made of it: it rounds the buckets.
            before[name] = (now, read_setting(name))
        reply = "ready"
    except (OSError, SandboxError) as error:
        reply = str(error)
    try:
        os.write(answer, reply.encode())
        os.read(order, 1)
    except BrokenPipeError:
        pass  # the bench ended while this process waited for its turn
    for name, (value, ours) in before.items():
        # Somebody else's later change is not ours to undo.
        if read_setting(name) == ours:
            write_setting(name, value)
    os._exit(0)


def wait_for_turn():
    """Waits until no other bench of this machine runs. The turn ends with this process."""
    # A directory that is there anyway serves as the lock: no file stays behind.
    lock = os.open("/run", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("bench: waiting for another bench", file=sys.stderr, flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)


def enter_namespace(counting):
    """Moves this process, and what it starts from now on, into a new network namespace where this
    host has the mix's own addresses. `counting`: whether accounting and time stamps are on there;
    the kernel's defaults are off."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise SandboxError(f"cannot make a network namespace: {os.strerror(ctypes.get_errno())} "
                           "(needs CAP_SYS_ADMIN; try sudo)")
    write_setting("acct", int(counting))
    write_setting("timestamp", int(counting))
    run_ip("link", "set", "lo", "up")
    for address in OWN_ADDRESSES:
        run_ip("address", "add", address, "dev", "lo")


def run_ip(*words):
    try:
        done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    except OSError as error:
        raise SandboxError(f"cannot run ip: {error.strerror} (package iproute2)") from error
    if done.returncode != 0:
        raise SandboxError(f"ip {' '.join(words)}: {done.stderr.strip()}")
