#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Which libraries are loaded with the program, and which when they are asked for (include/natstat/load): each start
pays for the first. The names of the others stand in notes of the program, and in what its packages require.

usage: libraries_test.py PROGRAM"""

import json
import pathlib
import re
import sys

import checks
from checks import check
from elf import Elf

ROOT = pathlib.Path(__file__).resolve().parent.parent
# What a list of the kernel's table needs, and small ones that bring nothing along.
AT_THE_START = {"libmnl", "libnetfilter_conntrack", "libseccomp", "libexpat", "libcares", "libncursesw", "libtinfo",
                "libstdc++", "libm", "libgcc_s", "libc", "ld-linux-x86-64", "ld-linux-aarch64", "libdl", "libpthread"}
NOTE = re.compile(rb"FDO\0(\[\{.*?\}\])\0")

content = pathlib.Path(sys.argv[1]).read_bytes()
needed = Elf(content).needed()
check(needed, "there are libraries")
for name in needed:
    check(name.split(".so")[0] in AT_THE_START, f"{name} is loaded at each start")

notes = [entry for note in NOTE.findall(content) for entry in json.loads(note)]
check(notes, "there are notes of the others")
spec = (ROOT / "packaging/rpm/natstat.spec").read_text()
control = (ROOT / "packaging/debian/control").read_text()
for note in notes:
    check(note["description"] and note["priority"] in ("required", "recommended", "suggested"), "a note is whole", note)
    names = note["soname"]
    check(any(f"{name}()(64bit)" in spec for name in names), f"the spec asks for {names}")
    packages = [re.sub(r"(\d)\.so\.", r"\1-", name).replace(".so.", "") for name in names]  # libsqlite3-0
    check(any(re.search(rf"\b{re.escape(package)}\b", control) for package in packages), f"Debian's package, too: {packages}")
print(checks.closing_line())
sys.exit(1 if checks.failed else 0)
