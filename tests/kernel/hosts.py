#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A host of a diagnosis's lab: what it does with sockets until it is killed.

usage: hosts.py listen ADDRESS PORT            accepts and holds what comes
       hosts.py echo ADDRESS PORT              sends back what comes over UDP
       hosts.py open LOCAL ADDRESS PORT NUMBER opens so many TCP connections and holds them, or goes on trying;
                                               says how many are there whenever that changes
       hosts.py talk LOCAL ADDRESS PORT NUMBER the same, and says something on each, again each half second
       hosts.py scan LOCAL ADDRESS PORT NUMBER opens a TCP connection to each of so many ports from PORT on
       hosts.py send LOCAL ADDRESS PORT NUMBER a UDP packet from each of so many sockets, again each half second
       hosts.py knock LOCAL ADDRESS PORT NUMBER the same, from new sockets each time
       hosts.py spoil LOCAL ADDRESS PORT NUMBER so many TCP segments without a flag, again each half second

LOCAL, ADDRESS: IPv4 or IPv6. It prints "ready" when it has begun."""

import errno
import selectors
import socket
import struct
import sys
import time


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class Host:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.kept = []
        self.there = []

    def run(self, each_pause):
        print("ready", flush=True)
        pause = 0.5
        due = time.monotonic() + pause
        while True:
            for key, _ in self.selector.select(max(0, due - time.monotonic())):
                key.data(key.fileobj)
            if time.monotonic() >= due:
                each_pause()
                due = time.monotonic() + pause

    def listen(self, address, port):
        server = socket.create_server((address, int(port)), family=family_of(address), backlog=256)
        self.selector.register(server, selectors.EVENT_READ, lambda it: self.kept.append(it.accept()))
        self.run(lambda: None)

    def echo(self, address, port):
        server = socket.socket(family_of(address), socket.SOCK_DGRAM)
        server.bind((address, int(port)))
        self.selector.register(server, selectors.EVENT_READ, lambda it: it.sendto(*it.recvfrom(64)))
        self.run(lambda: None)

    def connect(self, local, address, port, opened):
        one = socket.socket(family_of(address))
        one.bind((local, 0))
        one.setblocking(False)
        one.connect_ex((address, port))
        self.kept.append(one)
        self.selector.register(one, selectors.EVENT_WRITE, opened)

    def open(self, local, address, port, number, each_pause=lambda: None):
        failed = int(number)

        def opened(one):
            nonlocal failed
            self.selector.unregister(one)
            if one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                self.there.append(one)
                print(len(self.there), flush=True)
            else:
                failed += 1

        def again():
            nonlocal failed
            for _ in range(failed):
                failed -= 1
                self.connect(local, address, int(port), opened)
            each_pause()

        again()
        self.run(again)

    def talk(self, *words):
        def say():
            for one in self.there:
                try:
                    one.send(b"x")
                except BlockingIOError:
                    pass  # what was said is still under way

        self.open(*words, each_pause=say)

    def scan(self, local, address, port, number):
        for each in range(int(port), int(port) + int(number)):
            self.connect(local, address, each, self.selector.unregister)
        self.run(lambda: None)

    def sockets(self, local, number):
        for _ in range(int(number)):
            one = socket.socket(family_of(local), socket.SOCK_DGRAM)
            one.bind((local, 0))
            yield one

    def say_to(self, sockets, address, port):
        for one in sockets:
            try:
                one.sendto(b"x", (address, int(port)))
            except OSError as error:  # dropped on its way, or an ICMP error to the last one
                if error.errno not in (errno.EPERM, errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH):
                    raise

    def send(self, local, address, port, number):
        self.kept = list(self.sockets(local, number))
        self.say_to(self.kept, address, port)
        self.run(lambda: self.say_to(self.kept, address, port))

    def knock(self, local, address, port, number):
        def once():
            self.say_to(self.sockets(local, number), address, port)

        once()
        self.run(once)

    def spoil(self, local, address, port, number):
        raw = socket.socket(family_of(address), socket.SOCK_RAW, socket.IPPROTO_TCP)
        raw.bind((local, 0))
        no_flags = struct.pack("!HHIIBBHHH", 40000, int(port), 1, 0, 5 << 4, 0, 1024, 0, 0)

        def once():
            for _ in range(int(number)):
                raw.sendto(no_flags, (address, 0))

        once()
        self.run(once)


getattr(Host(), sys.argv[1])(*sys.argv[2:])
