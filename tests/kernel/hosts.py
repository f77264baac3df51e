#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A host of a diagnosis's lab: what it does with sockets until it is killed.

usage: hosts.py listen ADDRESS PORT            accepts and holds what comes
       hosts.py open LOCAL ADDRESS PORT NUMBER opens so many TCP connections and holds them, or goes on trying;
                                               says how many are there whenever that changes
       hosts.py send LOCAL ADDRESS PORT NUMBER  a UDP packet from each of so many sockets, again each half second

LOCAL, ADDRESS: IPv4 or IPv6. It prints "ready" when it has begun."""

import selectors
import socket
import sys


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class Host:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.kept = []
        self.there = 0

    def run(self, each_pause):
        print("ready", flush=True)
        while True:
            for key, _ in self.selector.select(0.5):
                key.data(key.fileobj)
            each_pause()

    def listen(self, address, port):
        server = socket.create_server((address, int(port)), family=family_of(address), backlog=256)
        self.selector.register(server, selectors.EVENT_READ, lambda it: self.kept.append(it.accept()))
        self.run(lambda: None)

    def open(self, local, address, port, number):
        failed = [None] * int(number)

        def opened(one):
            self.selector.unregister(one)
            if one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                self.there += 1
                print(self.there, flush=True)
            else:
                failed.append(one)

        def again():
            for _ in range(len(failed)):
                failed.pop()
                one = socket.socket(family_of(address))
                one.bind((local, 0))
                one.setblocking(False)
                one.connect_ex((address, int(port)))
                self.kept.append(one)
                self.selector.register(one, selectors.EVENT_WRITE, opened)

        again()
        self.run(again)

    def send(self, local, address, port, number):
        for _ in range(int(number)):
            one = socket.socket(family_of(address), socket.SOCK_DGRAM)
            one.bind((local, 0))
            self.kept.append(one)

        def once():
            for one in self.kept:
                try:
                    one.sendto(b"x", (address, int(port)))
                except OSError:
                    pass  # dropped on its way, or an ICMP error to the last one

        once()
        self.run(once)


getattr(Host(), sys.argv[1])(*sys.argv[2:])
