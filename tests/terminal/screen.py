# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""natstat in a real terminal, tmux's: keys go in, what the screen shows comes out."""

import fcntl
import os
import pathlib
import re
import shlex
import struct
import subprocess
import tempfile
import termios
import time

SECONDS = 400  # until what hangs is given up: a machine may be slow or busy


class Screen:
    """A tmux server of its own with one window, in which one command runs."""

    def __init__(self, words, size, env=None, within=()):
        """`size` is rows and columns; `within` is what the server runs in (ip netns exec ...)."""
        self.folder = tempfile.TemporaryDirectory(prefix="natstat-screen-")
        self.socket = os.path.join(self.folder.name, "tmux")
        self.status_file = pathlib.Path(self.folder.name, "status")
        command = "%s; echo $? >%s; stty -a >%s" % (
            shlex.join(words), shlex.quote(str(self.status_file)),
            shlex.quote(os.path.join(self.folder.name, "stty")))
        self.within = list(within)
        settings = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": os.environ["PATH"], **(env or {})}
        subprocess.run([*self.within, "env", "-i",
                        *(f"{name}={value}" for name, value in settings.items()),
                        "tmux", "-S", self.socket, "-f", "/dev/null", "new-session", "-d",
                        "-x", str(size[1]), "-y", str(size[0]), "bash -c " + shlex.quote(command)],
                       check=True, timeout=SECONDS)

    def _tmux(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True, text=True,
                              timeout=SECONDS, check=False).stdout

    def press(self, *keys):
        """Keys by tmux's names ("Enter", "C-d"); others as they are."""
        self._tmux("send-keys", *keys)

    def type(self, text):
        self._tmux("send-keys", "-l", text)

    def resize(self, rows, columns):
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def text(self):
        return self._tmux("capture-pane", "-p")

    def text_with_escapes(self):
        """With the sequences that say how it looks."""
        return self._tmux("capture-pane", "-p", "-e")

    def marked(self):
        """The screen; lines that are partly reversed, as that of the cursor is, begin with '>'."""
        lines = self.text_with_escapes().split("\n")
        return "\n".join((">" if re.search(r"\x1b\[[0-9;]*\b7m", line) else " ") +
                         re.sub(r"\x1b\[[0-9;]*m|\x1b\(.|[\x0e\x0f]", "", line) for line in lines)

    def until(self, condition, seconds=SECONDS):
        """The screen as soon as condition(screen) holds, else None."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            text = self.text()
            if condition(text):
                return text
            time.sleep(0.02)
        return None

    def shows(self, words, seconds=SECONDS):
        return self.until(lambda text: words in text, seconds)

    def _command(self):
        """The number of the command's process, None before it runs and after its end."""
        shell = self._tmux("display-message", "-p", "#{pane_pid}").strip()
        try:
            children = pathlib.Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
        except OSError:
            return None
        return int(children[0]) if children else None

    def _waits(self):
        """Whether the command has read every key, and sleeps until there is more."""
        command = self._command()
        try:
            terminal = os.open(f"/proc/{command}/fd/0", os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
            try:
                unread = struct.unpack("i", fcntl.ioctl(terminal, termios.FIONREAD, b"\0" * 4))[0]
            finally:
                os.close(terminal)
            state = pathlib.Path(f"/proc/{command}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return command is None or not os.path.exists(f"/proc/{command}")
        return unread == 0 and state == "S"

    def settled(self):
        """The screen, once every key is read and it has stopped to change."""
        before = None
        while True:
            waited = self._waits()
            now = self.marked()
            if waited and now == before:
                return now
            before = now if waited else None
            time.sleep(0.1)

    def status(self, seconds=SECONDS):
        """The exit status of the command, when it has ended."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.status_file.exists() and self.status_file.read_text():
                return int(self.status_file.read_text())
            time.sleep(0.02)
        return None

    def close(self):
        self._tmux("kill-server")
        self.folder.cleanup()
