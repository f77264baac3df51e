#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What makes a program harder to take over, read from the program as it was built (elf(5)). What
leaves no trace in it is looked for in the compiler's commands.

usage: hardening_test.py PROGRAM [COMPILE_COMMANDS.json | unoptimized]

The compiler knows sizes where it optimizes, so they are not looked for in what is built without."""

import json
import pathlib
import sys

import checks
from checks import check
from elf import Elf

X86_64, AARCH64 = 62, 183
STACK, RELRO = 0x6474E551, 0x6474E552
FLAGS, FLAGS_1 = 30, 0x6FFFFFFB
EXECUTABLE = 1  # of a segment
BIND_NOW, NOW, PIE = 8, 1, 0x08000000
# What stands where a branch may arrive: endbr64, paciasp. (The note of a program says nothing where the C library's
# own objects have none, as on Debian.)
ARRIVALS = {X86_64: b"\xf3\x0f\x1e\xfa", AARCH64: b"\x3f\x23\x03\xd5"}


def look_at_program(content, is_optimized):
    program = Elf(content)
    dynamic, imports = program.dynamic(), program.imports()
    check(program.kind == 3 and dynamic.get(FLAGS_1, 0) & PIE, "its place in memory is random (PIE)", program.kind)
    check(program.segment(RELRO), "what is relocated is read-only afterwards (RELRO)")
    check(dynamic.get(FLAGS, 0) & BIND_NOW or dynamic.get(FLAGS_1, 0) & NOW, "all of it at the start (BIND_NOW)")
    stack = program.segment(STACK)
    check(stack and not stack[1] & EXECUTABLE, "the stack is no code", stack)
    check("__stack_chk_fail" in imports, "the stack is protected")
    checked = sorted(name for name in imports if name.startswith("__") and name.endswith("_chk"))
    check(checked or not is_optimized, "sizes are checked where they are known (_FORTIFY_SOURCE)")
    check(any("__glibcxx_assert_fail" in name for name in imports) or b"Assertion '" in content,
          "the C++ library checks what it is given (_GLIBCXX_ASSERTIONS)")
    arrivals = content.count(ARRIVALS[program.machine])
    check(arrivals > 300, "branches are protected (-fcf-protection, -mbranch-protection)", arrivals)


def look_at_commands(commands):
    ours = [each["command"] for each in commands if "/src/" in each["file"] or each["file"].startswith("src/")]
    check(len(ours) > 100, "there are commands", len(ours))
    for flag in ("-fstack-protector-strong", "-fstack-clash-protection"):
        check(all(flag in command.split() for command in ours), f"every file has {flag}",
              *[command for command in ours if flag not in command.split()][:1])


program, about = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
look_at_program(pathlib.Path(program).read_bytes(), about != "unoptimized")
if about.endswith(".json"):
    look_at_commands(json.loads(pathlib.Path(about).read_text()))
print(checks.closing_line())
sys.exit(1 if checks.failed else 0)
