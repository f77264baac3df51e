#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The live view in a real pseudo-terminal, on the recording of the lab: keys, sizes, and every way
out, after which the terminal is what it was and no process is left. What the screens look like is
for tests/frames.

usage: top_test.py NATSTAT"""

import fcntl
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import checks  # noqa: E402
from checks import check  # noqa: E402
from pseudo import SECONDS, PseudoTerminal  # noqa: E402

DEMO = str(HERE.parent.parent / "packaging" / "demo.pcap")
NATSTAT = str(pathlib.Path(sys.argv[1]).resolve())
LEAVE_SCREEN = b"\x1b[?1049l"

class Terminal(PseudoTerminal):
    def check_restored(self, what):
        check(termios.tcgetattr(self.slave) == self.before, f"{what}: the terminal is as it was")
        check(LEAVE_SCREEN in self.output, f"{what}: the screen is given back")


def started(what, *words, text=b"ESTAB", **more):
    terminal = Terminal(NATSTAT, "-t", *words, **more)
    check(terminal.shows(text), f"{what}: the view is there", repr(terminal.output[-300:]))
    return terminal


def comes_to_show(terminal, text):
    """On a screen that is drawn anew: otherwise only what has changed in it is sent."""
    def is_there():
        terminal.press(b"\x0c")
        return terminal.until(lambda: text in terminal.output, 0.5)
    return terminal.until(is_there)


def test_quit():
    terminal = started("q", "-f", DEMO, "--speed", "50")
    terminal.press(b"q")
    check(terminal.ends() and terminal.status == 0, "q: exit 0", terminal.status)
    terminal.check_restored("q")
    terminal.close()


def test_keys():
    terminal = started("keys", "-f", DEMO, "--speed", "50")
    for keys, text in ((b"?", b"this help"), (b"\x1b", b"ESTAB"), (b"2", b"NO REPLY"),
                       (b"3", b"USED%"), (b"4", b"CHANGE"), (b"1", b"STATE"), (b"/", b"filter:"), (b"udp\r", b"ASSURED"),
                       (b"s", b"Sort by"), (b"\x1b", b"udp"), (b"\r", b"tcpdump"),
                       (b"\x1b", b"udp"), (b"p", b"PAUSED")):
        terminal.press(keys)
        check(terminal.shows(text), f"key {keys} shows {text}", repr(terminal.output[-300:]))
    terminal.press(b"\x1b[?77;1;1Wq")
    check(terminal.ends(), "an unknown sequence does no harm")
    terminal.close()


def test_names_in_filters():
    """Services have names in the first filter and in one that is typed; 34 flows of the recording go to port 80."""
    terminal = started("a name", "-a", "-f", DEMO, "--speed", "50", "port http")
    check(comes_to_show(terminal, b"34 of "), "the first filter knows names", repr(terminal.output[-300:]))
    terminal.close()
    terminal = started("a name", "-a", "-f", DEMO, "--speed", "50")
    terminal.press(b"/port http\r")
    check(comes_to_show(terminal, b"34 of "), "so does one that is typed", repr(terminal.output[-300:]))
    terminal.press(b"/pt\r")
    check(terminal.shows(b"unknown service"), "and says what it does not know", repr(terminal.output[-300:]))
    terminal.close()
    wrong = subprocess.run([NATSTAT, "-t", "-f", DEMO, "port htpt"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                           timeout=SECONDS, check=False)
    check(wrong.returncode == 2 and b"unknown service" in wrong.stderr, "a wrong one is no question", wrong.stderr)


def test_names_from_outside(folder):
    """Letters are what they are, what would turn the line is escaped; a filter is made of such a cell."""
    log = pathlib.Path(folder, "names.jsonl")
    names = "Sté 株", "ab\u202ed"
    log.write_text("".join(json.dumps({"proto": "tcp", "family": "ipv4", "kind": "snat", "src": "192.0.2.10", "sport": port,
                                       "gate": "198.51.100.1", "gport": port, "dst": "203.0.113.10", "dport": 443,
                                       "owner": name}) + "\n" for port, name in enumerate(names, 40001)))
    for locale, first in (("C.UTF-8", names[0].encode()), ("C", rb"St\xc3\xa9 ")):
        terminal = started("names", "-f", str(log), "-b", "owner", text=first, env={"LC_ALL": locale})
        check(terminal.shows(rb"ab\xe2\x80\xaed") and "\u202e".encode() not in terminal.output,
              f"{locale}: what turns a line is escaped", repr(terminal.output[-300:]))
        terminal.press(b"\r")
        check(terminal.shows(b"1 of 2"), f"{locale}: Enter leads to the flows of a name", repr(terminal.output[-300:]))
        terminal.press(b"q")
        check(terminal.ends() and terminal.status == 0, f"{locale}: exit 0", terminal.status)
        terminal.close()


def test_mouse():
    """The bytes that an xterm sends in its SGR mode."""
    terminal = started("mouse", "-f", DEMO, "--speed", "1000", text=b"END")
    terminal.press(b"\x1b[<0;3;3M")
    check(terminal.shows("▲".encode()), "a click on a title sorts", repr(terminal.output))
    terminal.press(b"\x1b[<65;3;9M\x1b[<65;3;9M\r")
    check(terminal.shows(b"original  src="), "the wheel moves, Enter opens", repr(terminal.output))
    terminal.press(b"\x1bq")
    check(terminal.ends(), "mouse: q ends it")
    check(re.search(rb"\x1b\[\?[0-9;]*1000l", terminal.output), "the mouse is given back", repr(terminal.output))
    terminal.close()


def test_background():
    """A terminal says between the keys how its background is; what it says are no keys."""
    question = b"\x1b]11;?\x1b\\"
    for answer, color in ((b"ffff/ffff/ffff\x1b\\", b"38;5;25m"), (b"00/00/00\a", b"38;5;117m")):
        terminal = started("background", "-f", DEMO, "--speed", "50", text=question)
        terminal.press(b"\x1b]11;rgb:" + answer)
        check(comes_to_show(terminal, color), f"{answer} has the colour {color}", repr(terminal.output[-300:]))
        check(comes_to_show(terminal, b" flows"), "it is no key", repr(terminal.output[-300:]))
        terminal.press(b"q")
        check(terminal.ends() and terminal.status == 0, "background: exit 0", terminal.status)
        terminal.close()
    for env in ({"COLORFGBG": "0;15"}, {"NO_COLOR": "1"}, {"TERM": "linux", "ASAN_OPTIONS": "detect_leaks=0"}):
        terminal = Terminal(NATSTAT, "-t", "-f", DEMO, "--speed", "50", env=env)
        terminal.shows(b"ESTAB")
        check(question not in terminal.output, f"{env}: it is not asked")
        terminal.press(b"q")
        terminal.ends()
        terminal.close()


def test_seek():
    """A recording that by itself would take an hour: what is on the screen is what was sought."""
    terminal = started("seek", "-a", "-f", DEMO, "--speed", "0.01", text=b"of 1")
    for keys, text in ((b"]", b" 10s of 1"), (b"}", b" END "), (b"[", b"203.0.113.10:80"), (b"0", b" 0s of 1"),
                       (b"[", b" 0s of 1"), (b"]]", b" END ")):
        terminal.press(keys)
        check(comes_to_show(terminal, text), f"{keys} leads to {text}", repr(terminal.output[-2000:]))
    terminal.press(b"q")
    check(terminal.ends() and terminal.status == 0, "seek: exit 0", terminal.status)
    terminal.close()


def test_blocked_terminal():
    """^S: nothing is written, signals are taken all the same, ^Q goes on."""
    terminal = started("^S", "-f", DEMO, "--speed", "1")
    termios.tcflow(terminal.slave, termios.TCOOFF)
    terminal.until(lambda: False, 0.5)  # what was written before
    terminal.press(b"jjj?")
    check(not terminal.until(lambda: terminal.output, 1), "^S: the screen stands")
    termios.tcflow(terminal.slave, termios.TCOON)
    check(terminal.shows(b"this help"), "^Q: it goes on", repr(terminal.output))
    termios.tcflow(terminal.slave, termios.TCOOFF)
    terminal.press(b"jjj")
    terminal.until(lambda: False, 1.5)
    os.kill(terminal.pid, signal.SIGTERM)
    terminal.until(lambda: False, 0.2)
    termios.tcflow(terminal.slave, termios.TCOON)
    check(terminal.ends(), "it ends though its terminal was blocked")
    terminal.check_restored("^S and SIGTERM")
    terminal.close()


def test_signals():
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        terminal = started(number.name, "-f", DEMO, "--speed", "50")
        os.kill(terminal.pid, number)
        check(terminal.ends() and os.WIFSIGNALED(terminal.status) and
              os.WTERMSIG(terminal.status) == number,
              f"{number.name}: a shell sees that it ended it", terminal.status)
        terminal.check_restored(number.name)
        terminal.close()
    terminal = started("^C", "-f", DEMO, "--speed", "50")
    terminal.press(b"\x03")
    check(terminal.ends() and os.WIFSIGNALED(terminal.status), "^C ends it", terminal.status)
    terminal.check_restored("^C")
    terminal.close()


def test_sizes():
    terminal = started("sizes", "-f", DEMO, "--speed", "50")
    for size in ((1, 1), (2, 3), (50, 200), (1, 80), (40, 1), (24, 80)):
        terminal.resize(*size)
        os.kill(terminal.pid, signal.SIGWINCH)
        terminal.press(b"j?\x1bk\r\x1b")
        terminal.until(lambda: False, 0.2)
    terminal.press(b"\x0c")
    check(terminal.shows(b"natstat"), "sizes: it is whole again", repr(terminal.output[-300:]))
    terminal.press(b"q")
    check(terminal.ends() and terminal.status == 0, "sizes: exit 0", terminal.status)
    terminal.check_restored("sizes")
    terminal.close()


def test_gone_terminal():
    terminal = started("a terminal that goes", "-f", DEMO, "--speed", "50")
    os.close(terminal.master)
    terminal.master = -1
    end = time.monotonic() + SECONDS
    while terminal.status is None and time.monotonic() < end:
        pid, status = os.waitpid(terminal.pid, os.WNOHANG)
        terminal.status = status if pid else None
        time.sleep(0.05)
    check(terminal.status is not None and os.WIFSIGNALED(terminal.status) and
          os.WTERMSIG(terminal.status) == signal.SIGHUP,
          "a terminal that goes takes natstat along, by SIGHUP", terminal.status)
    terminal.close()


def test_stdin():
    terminal = started("input closed", "-f", DEMO, "--speed", "50", stdin="/dev/null")
    terminal.press(b"q")
    check(terminal.ends() and terminal.status == 0, "keys come from the terminal", terminal.status)
    terminal.close()
    terminal = started("a recording on input", "-f", "-", "--speed", "50", stdin=DEMO)
    terminal.press(b"q")
    check(terminal.ends() and terminal.status == 0, "the keyboard stays usable", terminal.status)
    terminal.close()


def test_lonely_fifo():
    """A recording that nobody writes is waited for in the view, which can be left."""
    with tempfile.TemporaryDirectory() as place:
        fifo = os.path.join(place, "lonely")
        os.mkfifo(fifo)
        for name, end in (("q", lambda t: t.press(b"q")), ("SIGTERM", lambda t: os.kill(t.pid, signal.SIGTERM))):
            terminal = started(f"a FIFO, {name}", "-f", fifo, text=b"natstat")
            end(terminal)
            check(terminal.ends(), f"a FIFO without a writer: {name} ends it", terminal.status)
            terminal.check_restored(f"a FIFO, {name}")
            terminal.close()


def test_poor_terminals():
    for name, env, text in (("no colours", {"NO_COLOR": "1"}, b"ESTAB"),
                            ("vt100", {"TERM": "vt100"}, b"ESTAB"),
                            # For its mouse ncurses loads libgpm, which never frees 10 bytes.
                            ("linux", {"TERM": "linux", "ASAN_OPTIONS": "detect_leaks=0"},
                             b"ESTAB"),
                            ("no UTF-8", {"LC_ALL": "C"}, b"ESTAB")):
        terminal = started(name, "-f", DEMO, "--speed", "50", env=env, text=text)
        if name == "no colours":
            check(not re.search(rb"\x1b\[[0-9;]*3[0-7][;m]", terminal.output), "NO_COLOR: no colour", repr(terminal.output))
        if name == "no UTF-8":
            check(all(byte < 128 for byte in terminal.output), "C locale: ASCII only")
        terminal.press(b"q")
        check(terminal.ends() and terminal.status == 0, f"{name}: exit 0", terminal.status)
        terminal.close()
    terminal = Terminal(NATSTAT, "-t", "-f", DEMO, env={"TERM": "no-such-terminal"})
    check(terminal.ends() and os.WEXITSTATUS(terminal.status) == 1 and
          b"no-such-terminal" in terminal.output, "an unknown terminal is an error",
          repr(terminal.output))
    terminal.close()


def test_plain():
    """As text: into a pipe, and on a terminal without a cursor; a recording ends it."""
    words = [NATSTAT, "-t", "-f", DEMO, "--speed", "1000"]
    done = subprocess.run([*words, "--plain", "-P"], capture_output=True, timeout=SECONDS, check=False,
                          stdin=subprocess.DEVNULL, env={"LC_ALL": "C.UTF-8", "TZ": "UTC"})
    check(done.returncode == 0 and b"USED%" in done.stdout and b"198.51.100.1" in done.stdout and
          b"\x1b" not in done.stdout and b"\n\n" in done.stdout, "--plain: lists in a pipe", done)
    terminal = Terminal(*words, env={"TERM": "dumb"})
    check(terminal.ends() and terminal.status == 0 and b"ESTAB" in terminal.output and
          b"\x1b" not in terminal.output, "TERM=dumb: no cursor is moved", repr(terminal.output[-300:]))
    terminal.close()
    endless = subprocess.Popen([NATSTAT, "-t", "-f", DEMO, "--plain"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    check(b"DESTINATION" in b"".join(endless.stdout.readline() for _ in range(3)),
          "--plain: the first list is there at once")
    endless.stdout.close()
    check(endless.wait(SECONDS) == 0, "--plain: a reader that goes ends it")
    endless.stderr.close()


def test_no_terminal():
    done = subprocess.run([NATSTAT, "-t", "-f", DEMO], capture_output=True, timeout=SECONDS,
                          check=False)
    check(done.returncode == 1 and b"no terminal" in done.stderr and not done.stdout,
          "without a terminal it is an error", done)


def test_suspend():
    """Under a shell, as the leader of a session can not be stopped."""
    terminal = Terminal(NATSTAT, "-t", "-f", DEMO)  # only for its terminal
    os.kill(terminal.pid, signal.SIGKILL)
    terminal.ends()
    os.close(terminal.slave)
    os.close(terminal.master)
    master, slave = pty.openpty()
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    shell = subprocess.Popen(["bash", "--norc", "--noprofile", "-i"], stdin=slave, stdout=slave,
                             stderr=slave, start_new_session=True, preexec_fn=lambda:
                             fcntl.ioctl(0, termios.TIOCSCTTY, 0),
                             env={"TERM": "xterm", "LC_ALL": "C.UTF-8", "PS1": "PROMPT> ",
                                  "PATH": os.environ["PATH"], "HISTFILE": ""})
    output = b""

    def until(text):
        nonlocal output
        end = time.monotonic() + SECONDS
        while text not in output and time.monotonic() < end:
            if select.select([master], [], [], 0.05)[0]:
                output += os.read(master, 65536)
        good, output = text in output, b""
        return good
    os.write(master, f"{NATSTAT} -t -f {DEMO} --speed 50\n".encode())
    check(until(b"ESTAB"), "^Z: the view is there")
    os.write(master, b"\x1a")
    check(until(b"PROMPT> "), "^Z gives the shell its terminal")
    os.write(master, b"fg\n")
    check(until(b"ESTAB"), "fg draws the view again")
    os.write(master, b"q")
    until(b"PROMPT> ")
    os.write(master, b"echo status=$?\n")
    check(until(b"status=0\r"), "and it ends as ever")
    os.write(master, b"exit\n")
    shell.wait(SECONDS)
    os.close(master)
    os.close(slave)


for test in (test_quit, test_keys, test_signals, test_sizes, test_gone_terminal, test_stdin,
             test_lonely_fifo, test_poor_terminals, test_plain, test_seek, test_background, test_no_terminal, test_suspend, test_mouse,
             test_names_in_filters, test_blocked_terminal):
    test()
with tempfile.TemporaryDirectory() as names_folder:
    test_names_from_outside(names_folder)
print(checks.closing_line())
sys.exit(checks.failed != 0)
