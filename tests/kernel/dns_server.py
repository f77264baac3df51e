#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# A name server for tests: answers PTR, A and AAAA for documentation addresses, well or badly, as the
# address asked about says, and counts what it is asked. It knows no zone and asks nobody else.
"""usage: dns_server.py ADDRESS [--delay MS] [--open-max N] [--mute] [--count FILE]

The third group of a 2001:db8 address is what happens to a question about it:
  0 a name            1 a name, later and in reversed order   2 a name, when asked the second time
  3 a name over TCP   4 a name, after lies about it           5 half of an answer
  6 no such name      7 the server failed                     8 refused
  9 nothing, ever     a a bad name, the last group says which
  b a name, at first after a packet of junk, the last group says which
An address of 192.0.2.0/24 has a name. Forward: NAME.example has what FORWARD says.
--delay holds every answer back; beyond --open-max held answers, refuses. --mute only counts.
SIGTERM writes a line "COUNT QUESTION" for each question to the file of --count and ends.
"""

import argparse
import heapq
import ipaddress
import select
import signal
import socket
import struct
import sys
import time

PTR, A, AAAA, CNAME = 12, 1, 28, 5
NXDOMAIN, SERVFAIL, REFUSED = 3, 2, 5
TRUNCATED = 0x0200
RESPONSE = 0x8180

FORWARD = {
    "both": (["192.0.2.10", "192.0.2.11"], ["2001:db8::10"]),
    "only4": (["192.0.2.12"], []),
    "only6": ([], ["2001:db8::12"]),
    "half": (["192.0.2.13"], None),  # None: no answer for this family
    "mute": (None, None),
}

MUTE = object()


def labels(*parts):
    return b"".join(bytes([len(p)]) + p for p in parts) + b"\0"


# What a hostile owner of an address may call it; each is the data of a PTR record.
BAD_NAMES = [
    labels(b"two words", b"example"),
    labels(b"line\nbreak", b"example"),
    labels(b"\x1b[31mred", b"example"),
    labels(b"nul\0byte", b"example"),
    labels("größe".encode(), b"example"),
    labels(b"<b>", b"example"),
    labels(b"a.b", b"example"),
    labels(b"192", b"0", b"2", b"99"),
    labels(b"-rf", b"example"),
    labels(b"back\\slash", b"example"),
    b"\0",
    b"",
    b"\xc0\x0c",  # a pointer to the question: the reverse name itself, which is clean
    b"\x3fshort",  # a label that says more than there is
    b"\xff\xff\xff",
    b"\xc0\xff",  # a pointer out of the packet
    labels(*[b"x" * 63] * 5),  # longer than a name may be
]


def question_of(packet):
    """The name's labels, the type, and the bytes of the question."""
    at, parts = 12, []
    while packet[at]:
        parts.append(packet[at + 1 : at + 1 + packet[at]])
        at += 1 + packet[at]
    return parts, struct.unpack_from("!H", packet, at + 1)[0], packet[12 : at + 5]


def header(packet, flags, answers):
    return packet[:2] + struct.pack("!HHHHH", RESPONSE | flags, 1, answers, 0, 0)


def record(kind, data):
    return struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(data)) + data


def reply(packet, question, records=(), flags=0):
    return header(packet, flags, len(records)) + question + b"".join(records)


def nibbles(parts):
    """The hexadecimal digits of an ip6.arpa name, most significant first."""
    return b"".join(parts[31::-1]).decode()


class Server:
    def __init__(self, options):
        self.options = options
        self.asked = {}
        self.later = []  # a heap of (time, number, packet, peer)
        self.number = 0
        address = (options.address, 53)
        family = socket.AF_INET6 if ":" in options.address else socket.AF_INET
        self.udp = socket.socket(family, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.udp.bind(address)
        self.tcp = socket.create_server(address, family=family)
        self.clients = {}

    def send(self, packet, peer):
        if self.options.delay:
            self.send_at(time.monotonic() + self.options.delay / 1000, packet, peer)
        else:
            self.udp.sendto(packet, peer)

    def send_at(self, when, packet, peer):
        self.number += 1
        heapq.heappush(self.later, (when, self.number, packet, peer))

    def send_due(self):
        now = time.monotonic()
        while self.later and self.later[0][0] <= now:
            _, _, packet, peer = heapq.heappop(self.later)
            self.udp.sendto(packet, peer)

    def ask_udp(self, packet, peer):
        parts, kind, question = question_of(packet)
        count = self.asked[question] = self.asked.get(question, 0) + 1
        if self.options.mute:
            return
        if self.options.open_max and len(self.later) >= self.options.open_max:
            self.udp.sendto(reply(packet, question, flags=REFUSED), peer)
        elif kind != PTR:
            self.forward(packet, parts, kind, question, peer)
        elif parts[-2] == b"in-addr":
            name = labels(b"host-" + b"-".join(parts[3::-1]), b"example")
            self.send(reply(packet, question, [record(PTR, name)]), peer)
        else:
            self.reverse6(packet, nibbles(parts), question, count, peer)

    def reverse6(self, packet, digits, question, count, peer):
        behaviour = digits[8:12].lstrip("0")
        name = labels(b"h" + digits[12:].lstrip("0").encode(), b"many", b"example")
        good = reply(packet, question, [record(PTR, name)])
        if behaviour == "":
            self.send(good, peer)
        elif behaviour == "1":
            # The first that is asked is the last to be answered.
            self.send_at(time.monotonic() + 0.3 - 0.001 * len(self.later), good, peer)
        elif behaviour == "2" and count > 1:
            self.send(good, peer)
        elif behaviour == "3":
            self.send(reply(packet, question, flags=TRUNCATED), peer)
        elif behaviour == "4":
            for lie in self.lies(packet, question):
                self.udp.sendto(lie, peer)
            self.send(good, peer)
        elif behaviour == "5":
            self.send(good[:-9], peer)
        elif behaviour in ("6", "7", "8"):
            flags = {"6": NXDOMAIN, "7": SERVFAIL, "8": REFUSED}[behaviour]
            self.send(reply(packet, question, flags=flags), peer)
        elif behaviour == "a":
            self.send(reply(packet, question, [record(PTR, BAD_NAMES[int(digits[28:], 16)])]), peer)

        elif behaviour == "b":
            if count == 1:
                junk = [b"", b"\0", packet[:7], b"\xff" * 40, packet[:2] + b"\xff" * 30]
                self.udp.sendto(junk[int(digits[28:], 16)], peer)
            self.send(good, peer)

    @staticmethod
    def lies(packet, question):
        """Whole answers to questions that were not asked."""
        other_id = bytes([packet[0] ^ 0x55, packet[1]])
        lie = record(PTR, labels(b"lie", b"example"))
        other = labels(b"other", b"example") + struct.pack("!HH", PTR, 1)
        return [other_id + reply(packet, question, [lie])[2:], reply(packet, other, [lie])]

    def forward(self, packet, parts, kind, question, peer):
        found = FORWARD.get(parts[0].decode("latin-1").lower())
        if found is None or parts[1:] != [b"example"]:
            self.send(reply(packet, question, flags=NXDOMAIN), peer)
            return
        addresses = found[kind == AAAA] if kind in (A, AAAA) else []
        if addresses is not None:
            data = [ipaddress.ip_address(a).packed for a in addresses]
            self.send(reply(packet, question, [record(kind, d) for d in data]), peer)

    def ask_tcp(self, client):
        data = client.recv(65536)
        if not data:
            del self.clients[client]
            client.close()
            return
        self.clients[client] += data
        while len(self.clients[client]) >= 2:
            size = struct.unpack("!H", self.clients[client][:2])[0]
            packet = self.clients[client][2 : 2 + size]
            if len(packet) < size:
                return
            self.clients[client] = self.clients[client][2 + size :]
            parts, _, question = question_of(packet)
            name = labels(b"tcp" + nibbles(parts)[12:].lstrip("0").encode(), b"example")
            answer = reply(packet, question, [record(PTR, name)])
            client.sendall(struct.pack("!H", len(answer)) + answer)

    def serve(self):
        self.udp.setblocking(False)
        while True:
            wait = max(0.0, self.later[0][0] - time.monotonic()) if self.later else None
            ready, _, _ = select.select([self.udp, self.tcp, *self.clients], [], [], wait)
            for source in ready:
                if source is self.udp:
                    self.take_packets()
                elif source is self.tcp:
                    self.clients[self.tcp.accept()[0]] = b""
                else:
                    self.ask_tcp(source)
            self.send_due()

    def take_packets(self):
        for _ in range(200):
            try:
                packet, peer = self.udp.recvfrom(4096)
            except BlockingIOError:
                return
            self.ask_udp(packet, peer)

    def write_counts(self):
        if not self.options.count:
            return
        with open(self.options.count, "w", encoding="ascii") as out:
            for question, count in self.asked.items():
                print(count, question.hex(), file=out)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("address")
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--open-max", type=int, default=0)
    parser.add_argument("--mute", action="store_true")
    parser.add_argument("--count")
    server = Server(parser.parse_args())

    def stop(*_):
        raise SystemExit

    signal.signal(signal.SIGTERM, stop)
    print("ready", flush=True)
    try:
        server.serve()
    except SystemExit:
        server.write_counts()
    return 0


if __name__ == "__main__":
    sys.exit(main())
