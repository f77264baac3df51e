# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A pseudo-terminal, byte by byte: for what a terminal is sent, and how soon."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

SECONDS = 400  # until what hangs is given up: a machine may be slow or busy


class PseudoTerminal:
    """A command as the leader of a session whose terminal this is."""

    def __init__(self, *words, size=(24, 100), env=None, stdin=None):
        self.output = b""
        self.status = None
        self.master, slave = pty.openpty()
        self.resize(*size)
        self.before = termios.tcgetattr(slave)
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            os.dup2(os.open(stdin, os.O_RDONLY) if stdin else slave, 0)
            os.dup2(slave, 1)
            os.dup2(slave, 2)
            os.execvpe(words[0], words,
                      {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "TZ": "UTC",
                       "PATH": os.environ["PATH"], **(env or {})})
        self.slave = slave

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds=0.0):
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return False
        self.output += os.read(self.master, 65536)
        return True

    def until(self, condition, seconds=SECONDS):
        """Reads until it holds; what was read stays in output."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            self.read(0.05)
        return True

    def shows(self, text):
        return self.until(lambda: text in self.output)

    def press(self, keys):
        self.output = b""
        os.write(self.master, keys)

    def ends(self):
        def over():
            if self.status is None:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                self.status = status if pid else None
            return self.status is not None
        ended = self.until(over)
        while self.read():
            pass
        return ended

    def close(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.slave)
        if self.master >= 0:
            os.close(self.master)
