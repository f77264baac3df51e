#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The completions in the real shells: bash and zsh on a terminal, where a line is typed, Tab pressed and
what the line has become is read; fish by its own `complete -C`. A shell that is not installed is skipped."""

import os
import pathlib
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = ROOT / "completions"
SECONDS = 400  # until what hangs is given up: a machine may be slow or busy
CONTROL_X = "\x18"  # bound in each shell to print the line

# Typed, and what it is after one Tab: the same in all shells.
CASES = [
    ("natstat --interv", "natstat --interval "),
    ("natstat -n --inter", "natstat -n --interval "),
    ("natstat -C src,idl", "natstat -C src,idle"),
    ("natstat -nC idl", "natstat -nC idle"),
    ("natstat --columns=src,idl", "natstat --columns=src,idle"),
    ("natstat -C +idl", "natstat -C +idle"),
    ("natstat -r -idl", "natstat -r -idle"),
    ("natstat --sort=proto,-idl", "natstat --sort=proto,-idle"),
    ("natstat -p tcp,vr", "natstat -p tcp,vrrp"),
    ("natstat --color al", "natstat --color always "),
    ("natstat --format cs", "natstat --format csv "),
    ("natstat -n tcp and unrep", "natstat -n tcp and unreplied "),
    ("natstat -n labe", "natstat -n labels="),
    ("natstat -n state=syn_r", "natstat -n state=syn_recv"),
    ("natstat -n state=time_wait,syn_r", "natstat -n state=time_wait,syn_recv"),
    ("natstat -f reco", "natstat -f recording.pcap "),
    ("natstat --read=reco", "natstat --read=recording.pcap "),
    ("natstat -nf odd", "natstat -nf odd\\ name "),
    ("netstat-nat --interv", "netstat-nat --interval "),
    ("bin/natstat --interv", "bin/natstat --interval "),
    ("~/bin/natstat --interv", "~/bin/natstat --interval "),
    ("natstat -n state\\!=syn_r", "natstat -n state\\!=syn_recv"),
    # Within a quote, which stays open where a filter can go on.
    ("natstat -n 'state=syn_r", "natstat -n 'state=syn_recv"),
    ("natstat -n \"state=syn_r", "natstat -n \"state=syn_recv"),
    ("natstat -n state='syn_r", "natstat -n state='syn_recv"),
    ("natstat -n 'state!=syn_r", "natstat -n 'state!=syn_recv"),
    ("natstat -n 'unrep", "natstat -n 'unreplied"),
    ("natstat -n 'tcp and unrep", "natstat -n 'tcp and unreplied"),
    ("natstat -n \"tcp and unrep", "natstat -n \"tcp and unreplied"),
    ("natstat -n \"tcp and state=time_wait,syn_r", "natstat -n \"tcp and state=time_wait,syn_recv"),
    ("natstat -n 'state = syn_r", "natstat -n 'state = syn_recv"),
    ("natstat -n 'tcp and labe", "natstat -n 'tcp and labels="),
    ("natstat -n '(unrep", "natstat -n '(unreplied"),
    ("natstat -n \"tcp and !(udp or unrep", "natstat -n \"tcp and !(udp or unreplied"),
    ("natstat -n '!unrep", "natstat -n '!unreplied"),
    ("natstat -n '(proto vr", "natstat -n '(proto vrrp"),
    ("natstat -n 'idle > 4 and unrep", "natstat -n 'idle > 4 and unreplied"),
    ("natstat -n \"idle<4 and unrep", "natstat -n \"idle<4 and unreplied"),
    ("natstat -n tcp and 'udp or unrep", "natstat -n tcp and 'udp or unreplied"),
    ("natstat -n 'tcp' and \"udp or unrep", "natstat -n 'tcp' and \"udp or unreplied"),
    # What is no filter is not taken for one.
    ("natstat --at 'tcp and unrep", "natstat --at 'tcp and unrep"),
    ("natstat -C 'src unrep", "natstat -C 'src unrep"),
    ("natstat -f 'odd na", "natstat -f 'odd name' "),
    ("natstat \"--interv", "natstat \"--interval\" "),
    # Programs that are not there, fail or die.
    ("~/nowhere/natstat --interv", "~/nowhere/natstat --interv"),
    ("~/nowhere/natstat 'tcp and unrep", "~/nowhere/natstat 'tcp and unrep"),
    ("nosuch --interv", "nosuch --interv"),
    ("fails/natstat --interv", "fails/natstat --interv"),
    ("fails/natstat 'tcp and unrep", "fails/natstat 'tcp and unrep"),
    ("dies/natstat --interv", "dies/natstat --interv"),
]

# Where a shell has a custom of its own.
OTHERWISE = {
    ("zsh", "natstat -n state='syn_r"): "natstat -n state=syn_recv",
}

# What is said then, which is no answer.
SPEAK = "echo --interval; echo spoken >&2"
SPOKEN = re.compile(r"spoken|not found|no such|unknown|segmentation|core dumped", re.IGNORECASE)


class Terminal:
    """A shell on a terminal of its own."""

    def __init__(self, command, environment, folder):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)

    def send(self, text):
        os.write(self.fd, text.encode())

    def read_until(self, pattern):
        """What the shell has said up to the pattern; times out with what it was."""
        said, deadline = "", time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if select.select([self.fd], [], [], 0.2)[0]:
                said += os.read(self.fd, 65536).decode("utf-8", "replace")
                found = re.search(pattern, said)
                if found:
                    return found
        raise TimeoutError(f"no {pattern!r} in {said!r}")

    def close(self):
        os.close(self.fd)  # hangs up
        os.waitpid(self.pid, 0)


def bash(folder, environment):
    terminal = Terminal(["bash", "--norc", "--noprofile", "-i"], environment, folder)
    terminal.send(f"bind 'set bell-style none'; bind 'set enable-bracketed-paste off'; "
                  f"source {FILES}/natstat.bash; complete -F _natstat nosuch; "
                  f"command_not_found_handle() {{ {SPEAK}; }}; "
                  f"show() {{ printf '\\036%s\\037\\n' \"$READLINE_LINE\"; }}; "
                  f"bind -x '\"\\C-x\": show'; echo rea''dy\n")
    return terminal


def zsh(folder, environment):
    terminal = Terminal(["zsh", "-f", "-i"], environment, folder)
    terminal.send(f"unsetopt beep prompt_cr; fpath=({FILES} $fpath); autoload -U compinit; compinit -u -D; "
                  f"compdef _natstat nosuch; command_not_found_handler() {{ {SPEAK}; }}; "
                  f"show() {{ printf '\\036%s\\037\\n' \"$BUFFER\"; BUFFER=; }}; zle -N show; bindkey '^X' show; "
                  f"bindkey '^I' complete-word; bindkey '^U' kill-whole-line; echo rea''dy\n")
    return terminal


def on_terminal(shell, start, folder, environment):
    """What is wrong, for each case."""
    terminal = start(folder, environment)
    terminal.read_until(r"ready\r?\n")
    for typed, wanted in CASES:
        wanted = OTHERWISE.get((shell, typed), wanted)
        terminal.send("\x15" + typed + "\t" + CONTROL_X)
        found = terminal.read_until("\x1e([^\x1f]*)\x1f")
        spoken = SPOKEN.search(found.string)
        yield (f"{typed!r} became {found.group(1)!r}, not {wanted!r}" if found.group(1) != wanted else
               f"{typed!r} prints: {found.string!r}" if spoken else None)
    terminal.close()


def fish(folder, environment):
    """Fish says what it offers: the last word as it would be, without quotes."""
    start = (f"source {FILES}/natstat.fish; complete -c nosuch -f -a '(__natstat_complete)'; "
             f"function fish_command_not_found; {SPEAK}; end; complete -C $argv[1]")
    for typed, wanted in CASES:
        done = subprocess.run(["fish", "--no-config", "-c", start, typed], cwd=folder, env=environment,
                              capture_output=True, text=True, timeout=SECONDS, check=False)
        plain = [line.split("\t")[0].replace("\\", "") for line in done.stdout.splitlines()]
        spoken = done.stderr or SPOKEN.search(done.stdout)
        right = last_word(wanted) in plain if wanted != typed else not plain
        yield (f"{typed!r} offers {plain}, not {wanted!r}: {done.stderr}" if not right else
               f"{typed!r} prints: {done.stderr}{done.stdout}" if spoken else None)


def last_word(line):
    """The last word as a program would get it; a quote may be open."""
    for end in ("", "'", '"'):
        try:
            return shlex.split(line + end)[-1]
        except ValueError:
            pass
    raise AssertionError(line)


def no_list(program):
    """The files name no option and no column."""
    asked = subprocess.run([program, "--complete", "--"], capture_output=True, text=True, timeout=SECONDS,
                           check=True).stdout
    names = [line.split("\t")[0] for line in asked.splitlines()]
    asked = subprocess.run([program, "--list-columns"], capture_output=True, text=True, timeout=SECONDS,
                           check=True).stdout
    names += [line.split()[0] for line in asked.splitlines() if "_" in line.split()[0]]
    for path in sorted(FILES.iterdir()):
        held = [name for name in names if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", path.read_text())]
        yield f"{path.name} names {held}" if held or len(names) < 40 else None


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in ("natstat", "netstat-nat"):
            os.symlink(program, pathlib.Path(folder) / name)
        for name, script in (("bin", f"exec '{program}' \"$@\""),
                             ("fails", f"{SPEAK}; exit 1"),
                             ("dies", f"{SPEAK}; kill -SEGV $$")):
            (pathlib.Path(folder) / name).mkdir()
            path = pathlib.Path(folder) / name / "natstat"
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        (pathlib.Path(folder) / "recording.pcap").touch()
        (pathlib.Path(folder) / "odd name").touch()
        environment = {"PATH": f"{folder}:/usr/bin:/bin", "TERM": "dumb", "HOME": folder, "LC_ALL": "C.UTF-8",
                       "PS1": "$ ", "COLUMNS": "200", "ASAN_OPTIONS": "detect_leaks=0"}
        if "LD_LIBRARY_PATH" in os.environ:  # a package is linked with a libpcap that is not installed
            environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
        for shell, run in (("bash", lambda: on_terminal("bash", bash, folder, environment)),
                           ("zsh", lambda: on_terminal("zsh", zsh, folder, environment)),
                           ("fish", lambda: fish(folder, environment)),
                           (None, lambda: no_list(program))):
            if shell and not shutil.which(shell):
                print(f"{shell} is not installed: its completion is skipped")
                skipped += 1
                continue
            try:
                for problem in run():
                    passed, failed = passed + (problem is None), failed + (problem is not None)
                    if problem:
                        print(f"{shell or 'files'}: {problem}")
            except (TimeoutError, OSError, subprocess.SubprocessError) as error:
                failed += 1
                print(f"{shell}: {error}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
