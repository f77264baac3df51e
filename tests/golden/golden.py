#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole program on recorded text: arguments in, exact bytes out. cases.txt has one case a line, a name
and the command's arguments; expected/NAME has standard output, standard error and the exit status. With
--write, writes what the program gives now, for a person to read and to commit or not."""

import difflib
import os
import pathlib
import shlex
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 400  # until what hangs is given up: a machine may be slow or busy
# A package under test is linked with a libpcap that is not installed.
LIBRARIES = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}


def cases():
    for line in (HERE / "cases.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, arguments = line.partition(":")
            yield name.strip(), shlex.split(arguments)


def run(program, arguments):
    done = subprocess.run([program, *arguments], cwd=HERE, capture_output=True, timeout=SECONDS,
                          env={"TZ": "UTC", "LC_ALL": "C", "PATH": "/usr/bin:/bin", **LIBRARIES},
                          check=False)
    # Bytes as they are, with the line ends of CSV visible.
    text = (done.stdout + b"--- standard error\n" + done.stderr +
            f"--- exit {done.returncode}\n".encode())
    return text.decode("utf-8", "backslashreplace").replace("\r\n", "<CR>\n")


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    write = "--write" in sys.argv[2:]
    failed = 0
    names = set()
    for name, arguments in cases():
        assert name not in names, f"two cases are called {name}"
        names.add(name)
        path = HERE / "expected" / name
        now = run(program, arguments)
        if write:
            path.parent.mkdir(exist_ok=True)
            path.write_text(now)
        then = path.read_text() if path.exists() else ""
        if now != then:
            failed += 1
            print(f"golden {name}: natstat {shlex.join(arguments)}")
            sys.stdout.writelines(line.rstrip("\n") + "\n" for line in difflib.unified_diff(
                then.splitlines(), now.splitlines(), "expected", "got", lineterm="", n=1))
    stray = {path.name for path in (HERE / "expected").iterdir()} - names
    if stray:
        failed += 1
        print("golden: expected files without a case:", " ".join(sorted(stray)))
    print(f"{len(names) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not names else 0


if __name__ == "__main__":
    sys.exit(main())
