# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A program as the linker made it (elf(5)), as far as the tests look into it."""

import struct

LOAD, DYNAMIC = 1, 2
NEEDED, STRTAB, SYMTAB, STRSZ = 1, 5, 6, 10


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
                found.add(self.name(names + name))
        return found

    def needed(self):
        """Names of the libraries that are loaded with it."""
        dynamic = self.dynamic()
        names = self.at(dynamic[STRTAB])
        _, _, offset, _, _, size, _, _ = self.segment(DYNAMIC)
        entries = (struct.unpack_from("<QQ", self.content, offset + i) for i in range(0, size, 16))
        return [self.name(names + value) for tag, value in entries if tag == NEEDED]

    def name(self, place):
        return self.content[place:self.content.index(b"\0", place)].decode("latin-1")
