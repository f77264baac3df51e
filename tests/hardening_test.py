#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What makes a program harder to take over, read from the program as it was built (elf(5)). What
leaves no trace in it is looked for in the compiler's commands.

usage: hardening_test.py PROGRAM [COMPILE_COMMANDS.json]"""

import json
import pathlib
import struct
import sys

import checks
from checks import check

X86_64, AARCH64 = 62, 183
LOAD, DYNAMIC = 1, 2
STACK, RELRO = 0x6474E551, 0x6474E552
STRTAB, SYMTAB, STRSZ, FLAGS, FLAGS_1 = 5, 6, 10, 30, 0x6FFFFFFB
EXECUTABLE = 1  # of a segment
BIND_NOW, NOW, PIE = 8, 1, 0x08000000
# What stands where a branch may arrive: endbr64, paciasp. (The note of a program says nothing where the C library's
# own objects have none, as on Debian.)
ARRIVALS = {X86_64: b"\xf3\x0f\x1e\xfa", AARCH64: b"\x3f\x23\x03\xd5"}


class Elf:
    """A program of 64 bits, of this byte order."""

    def __init__(self, content):
        self.content = content
        assert content[:4] == b"\x7fELF" and content[4] == 2, "no ELF of 64 bits"
        self.kind, self.machine = struct.unpack_from("<HH", content, 16)
        offset, = struct.unpack_from("<Q", content, 32)
        size, count = struct.unpack_from("<HH", content, 54)
        # type, flags, offset, address, physical address, size in the file, size, alignment
        self.segments = [struct.unpack_from("<IIQQQQQQ", content, offset + i * size) for i in range(count)]

    def segment(self, kind):
        return next((each for each in self.segments if each[0] == kind), None)

    def at(self, address):
        """The place of an address in the file."""
        for kind, _, offset, start, _, size, _, _ in self.segments:
            if kind == LOAD and start <= address < start + size:
                return offset + address - start
        raise ValueError(hex(address))

    def dynamic(self):
        _, _, offset, _, _, size, _, _ = self.segment(DYNAMIC)
        return dict(struct.unpack_from("<QQ", self.content, offset + i) for i in range(0, size, 16))

    def imports(self):
        """Names of the dynamic symbols: the table of their names, which follows them, ends them."""
        dynamic = self.dynamic()
        names, symbols = self.at(dynamic[STRTAB]), self.at(dynamic[SYMTAB])
        found = set()
        for place in range(symbols, names, 24):
            name, = struct.unpack_from("<I", self.content, place)
            if name < dynamic[STRSZ]:
                found.add(self.content[names + name:self.content.index(b"\0", names + name)].decode("latin-1"))
        return found


def look_at_program(content):
    program = Elf(content)
    dynamic, imports = program.dynamic(), program.imports()
    check(program.kind == 3 and dynamic.get(FLAGS_1, 0) & PIE, "its place in memory is random (PIE)", program.kind)
    check(program.segment(RELRO), "what is relocated is read-only afterwards (RELRO)")
    check(dynamic.get(FLAGS, 0) & BIND_NOW or dynamic.get(FLAGS_1, 0) & NOW, "all of it at the start (BIND_NOW)")
    stack = program.segment(STACK)
    check(stack and not stack[1] & EXECUTABLE, "the stack is no code", stack)
    check("__stack_chk_fail" in imports, "the stack is protected")
    checked = sorted(name for name in imports if name.startswith("__") and name.endswith("_chk"))
    check(checked, "sizes are checked where they are known (_FORTIFY_SOURCE)")
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


look_at_program(pathlib.Path(sys.argv[1]).read_bytes())
if len(sys.argv) > 2:
    look_at_commands(json.loads(pathlib.Path(sys.argv[2]).read_text()))
print(checks.closing_line())
sys.exit(1 if checks.failed else 0)
