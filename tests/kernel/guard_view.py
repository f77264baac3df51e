# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The live view in a pseudo-terminal. Puts its process id into the file READY when it is drawn; with a
FILE it presses w, writes there and quits, and without one it stays until it is ended.

usage: guard_view.py NATSTAT READY [FILE [WORD...]]"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "terminal"))
from pseudo import PseudoTerminal  # noqa: E402

program, ready, *rest = sys.argv[1:]
path, words = (rest[0], rest[1:]) if rest else (None, [])
view = PseudoTerminal(program, "-t", "-n", *words)
if not view.shows(b"ESTAB"):
    sys.exit(f"the view is not there: {view.output[-300:]!r}")
pathlib.Path(ready).write_text(str(view.pid))
if path is None:
    view.until(lambda: False, 60)
else:
    view.press(b"w" + path.encode() + b"\r")
    written = pathlib.Path(path)
    if not view.until(lambda: written.exists() and written.stat().st_size > 0):
        sys.exit(f"nothing was written: {view.output[-300:]!r}")
    view.press(b"q")
    if not view.ends() or view.status != 0:
        sys.exit(f"it ended with {view.status}")
view.close()
