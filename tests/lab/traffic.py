#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One end of the lab's traffic. lab.sh starts this program once in each network namespace; it reads
# a command a line and answers each with a line, "ok" or "error WHY". It holds the sockets by name,
# so that the shell can take one connection step by step. It knows nothing of NAT or conntrack, and
# leaves every choice of address and port to the shell.
#
#   tcp PORT...                    listen on these ports, on every address
#   serve PROTO ENDPOINT           answer packets of PROTO that come to ENDPOINT
#   connect NAME LOCAL REMOTE      begin a TCP connection
#   accepted NAME                  wait until the connection NAME has arrived at this end
#   wait NAME [COUNT]              wait until NAME is connected, or has got COUNT answers
#   say NAME TEXT                  send a line of text over the connection NAME; the first line
#                                  that a client says must be NAME
#   fill NAME BYTES                send so many bytes over it
#   shutdown NAME                  TCP: send a FIN; SCTP: begin the shutdown
#   reset NAME                     TCP: send a RST
#   packet NAME PROTO LOCAL REMOTE send one packet (again with the same NAME: one more)
#   pptp NAME start|call           send PPTP's control message, wait for the reply
#   forget NAME                    close it
# NAME is the end that opened it; NAME@server is the end that accepted it.
# PROTO: udp, udplite, icmp, icmpv6, sctp, gre or a number. An endpoint is 192.0.2.1:80,
# [2001:db8::1]:80 or an address alone; the port of ICMP is the echo id, that of GRE the call id.

import errno
import os
import selectors
import socket
import struct
import sys
import time

import packets
from ends import Connection, PacketEnd, PacketServer, TcpServer, endpoint

PATIENCE = 5.0  # seconds that a command may wait


class Agent:
    """The event loop: commands on standard input, and the sockets."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.selector.register(sys.stdin, selectors.EVENT_READ, None)
        self.opened, self.accepted, self.nameless, self.servers = {}, {}, [], []
        self.call_id = packets.PNS_CALL
        self.has_command, self.lines = False, b""

    def watch(self, sock, owner, events):
        self.unwatch(sock)
        self.selector.register(sock, events, owner)

    def unwatch(self, sock):
        try:
            self.selector.unregister(sock)
        except (KeyError, ValueError):
            pass

    def turn(self, seconds=None):
        """Serve the sockets once. Commands stay in the pipe until the present one is done."""
        for key, events in self.selector.select(seconds):
            if key.data is None:
                self.has_command = True
                continue
            try:
                if events & selectors.EVENT_WRITE:
                    key.data.writable(self)
                else:
                    key.data.readable(self)
            except OSError as error:  # an ICMP error to a datagram, or a peer that went away
                print(f"{type(key.data).__name__}: {error}", file=sys.stderr, flush=True)

    def until(self, condition, what):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not happen in {PATIENCE:.0f} s")
            self.turn(0.05)

    def end(self, name):
        """The end that opened NAME here, or for NAME@server the one that accepted it."""
        base, _, side = name.partition("@")
        ends = self.accepted if side == "server" else self.opened
        if base not in ends:
            raise LookupError(f"no end named {name} here")
        return ends[base]

    # -- commands ---------------------------------------------------------------------------------

    def do_tcp(self, *ports):
        for port in ports:
            server = TcpServer(int(port))
            self.watch(server.socket, server, selectors.EVENT_READ)

    def do_serve(self, protocol, where):
        server = PacketServer(protocol, where)
        self.watch(server.socket, server, selectors.EVENT_READ)

    def do_connect(self, name, local, remote):
        self.do_forget(name)
        family, address, port = endpoint(local)
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.setblocking(False)
        error = sock.connect_ex(endpoint(remote)[1:])
        if error not in (0, errno.EINPROGRESS):
            raise OSError(error, os.strerror(error))
        self.opened[name] = Connection(sock, False)
        self.watch(sock, self.opened[name], selectors.EVENT_WRITE)

    def do_accepted(self, name):
        self.until(lambda: name in self.accepted, f"the arrival of {name}")

    def do_wait(self, name, count=1):
        end = self.end(name)
        self.until(lambda: end.failure or end.count() >= int(count), f"an answer to {name}")
        if end.failure:
            raise ConnectionError(f"{name}: {end.failure}")

    def do_say(self, name, *words):
        self.end(name).socket.sendall(" ".join(words).encode() + b"\r\n")

    def do_fill(self, name, size):
        sock = self.end(name).socket
        sock.settimeout(PATIENCE)
        sock.sendall(b"x" * int(size))
        sock.setblocking(False)

    def do_shutdown(self, name):
        end = self.end(name)
        if isinstance(end, PacketEnd):
            end.send(packets.sctp_shutdown(end.port, end.remote_port))
        else:
            end.socket.shutdown(socket.SHUT_WR)

    def do_reset(self, name):
        sock = self.end(name).socket
        self.unwatch(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()

    def do_packet(self, name, protocol, local, remote):
        if name not in self.opened:
            self.opened[name] = PacketEnd(protocol, local, remote)
            self.watch(self.opened[name].socket, self.opened[name], selectors.EVENT_READ)
        self.opened[name].send()

    def do_pptp(self, name, step):
        end = self.end(name)
        before = len(end.received)
        requests = {"start": packets.pptp_start_request, "call": packets.pptp_call_request}
        end.socket.sendall(requests[step]())
        self.until(lambda: len(end.received) > before, f"PPTP's reply to {step}")

    def do_forget(self, name):
        for ends in (self.opened, self.accepted):
            if name in ends:
                sock = ends.pop(name).socket
                self.unwatch(sock)
                sock.close()

    # -- the loop ---------------------------------------------------------------------------------

    def obey(self, line):
        command, *words = line.split()
        try:
            getattr(self, f"do_{command}")(*words)
            return "ok"
        except (OSError, LookupError, ValueError, TypeError, AttributeError) as error:
            return f"error {error}"

    def run(self):
        """Until standard input ends: then the lab is gone."""
        while True:
            self.turn()
            if not self.has_command:
                continue
            self.has_command = False
            data = os.read(sys.stdin.fileno(), 65536)
            if not data:
                return
            *lines, self.lines = (self.lines + data).split(b"\n")
            for line in lines:
                print(self.obey(line.decode()), flush=True)


if __name__ == "__main__":
    Agent().run()
