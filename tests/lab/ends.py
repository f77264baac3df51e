# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The ends of the lab's flows: a TCP connection, the sender of packets without connections, and the
# servers that answer them. Each owns one socket and reacts to what arrives; the agent (traffic.py)
# has the event loop and the names. None of them decides when something is sent first.

import os
import selectors
import socket

import packets

NUMBERS = {"udp": 17, "icmp": 1, "icmpv6": 58, "udplite": 136, "sctp": 132, "gre": 47}


def endpoint(text):
    """(family, address, port) of an endpoint; the port is None where there is none."""
    if text.startswith("["):
        address, _, port = text[1:].partition("]:")
    elif text.count(":") == 1:
        address, _, port = text.partition(":")
    else:
        address, port = text, ""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, address, None if port in ("", "*") else int(port, 0)


def payload(family, raw, data):
    """What the protocol carries: a raw IPv4 socket hands out the IP header too."""
    return data[(data[0] & 15) * 4:] if raw and family == socket.AF_INET else data


def open_packet_socket(protocol, family, address, port):
    """A bound socket for packets of a protocol, and whether it is a raw one."""
    raw = protocol not in ("udp", "udplite")
    number = NUMBERS.get(protocol) or int(protocol)
    result = socket.socket(family, socket.SOCK_RAW if raw else socket.SOCK_DGRAM, number)
    result.bind((address, 0 if raw else port))
    result.setblocking(False)
    return result, raw


class Connection:
    """One end of a TCP connection."""

    def __init__(self, sock, connected):
        self.socket, self.connected, self.received = sock, connected, b""
        self.failure = None

    def readable(self, agent):
        try:
            data = self.socket.recv(65536)
        except OSError as error:
            self.failure, data = error.strerror, b""
        if not data:
            agent.unwatch(self.socket)
        self.received += data
        self.claim_name(agent)
        reply, call_id = packets.pptp_answer(data)
        if reply:
            self.socket.sendall(reply)
            agent.call_id = call_id or agent.call_id

    def claim_name(self, agent):
        """The first line that a client sends is the name under which both ends know it."""
        if self in agent.nameless and b"\n" in self.received:
            name, _, self.received = self.received.partition(b"\n")
            agent.nameless.remove(self)
            agent.accepted[name.decode().strip()] = self

    def writable(self, agent):
        """The connection is made, or has failed."""
        error = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self.connected, self.failure = not error, os.strerror(error) if error else None
        agent.watch(self.socket, self, selectors.EVENT_READ)

    def count(self):
        return 1 if self.connected else 0


class PacketEnd:
    """The end that sends the first packet of a flow without connections."""

    def __init__(self, protocol, local, remote):
        self.protocol, self.answers, self.sent, self.failure = protocol, 0, 0, None
        self.family, address, self.port = endpoint(local)
        _, self.remote, self.remote_port = endpoint(remote)
        self.socket, self.raw = open_packet_socket(protocol, self.family, address, self.port)

    def send(self, data=None):
        self.sent += 1
        port = 0 if self.raw else self.remote_port
        self.socket.sendto(self.packet() if data is None else data, (self.remote, port))

    def packet(self):
        if self.protocol in ("icmp", "icmpv6"):
            return packets.echo_request(self.family, self.port, self.sent)
        if self.protocol == "sctp":
            return packets.sctp_init(self.port, self.remote_port)
        if self.protocol == "gre":
            return packets.gre(self.remote_port)
        return b"natstat lab"

    def is_mine(self, data):
        """A raw socket hears every packet of its protocol."""
        if self.protocol in ("icmp", "icmpv6"):
            return packets.is_echo_reply(self.family, self.port, data)
        if self.protocol == "sctp":
            return packets.is_sctp_between(self.port, self.remote_port, data)
        return True

    def readable(self, _):
        data, sender = self.socket.recvfrom(65536)
        data = payload(self.family, self.raw, data)
        if sender[0] != self.remote or not self.is_mine(data):
            return
        self.answers += 1
        if self.protocol == "sctp" and packets.sctp_answer(data):
            self.send(packets.sctp_answer(data))

    def count(self):
        return self.answers


class PacketServer:
    """Answers whatever comes to one endpoint."""

    def __init__(self, protocol, where):
        self.protocol = protocol
        self.family, address, port = endpoint(where)
        self.socket, self.raw = open_packet_socket(protocol, self.family, address, port)

    def readable(self, agent):
        data, sender = self.socket.recvfrom(65536)
        data = self.answer(agent, payload(self.family, self.raw, data))
        if data:
            self.socket.sendto(data, sender)

    def answer(self, agent, data):
        if self.protocol == "sctp":
            return packets.sctp_answer(data)
        if self.protocol == "gre" and packets.gre_call_id(data) is not None:
            is_for_us = packets.gre_call_id(data) == packets.PAC_CALL
            return packets.gre(agent.call_id) if is_for_us else None
        return data


class TcpServer:
    """Accepts connections; each says its name in its first line."""

    def __init__(self, port):
        self.socket = socket.create_server(("::", port), family=socket.AF_INET6,
                                           dualstack_ipv6=True)
        self.socket.setblocking(False)

    def readable(self, agent):
        sock, _ = self.socket.accept()
        sock.setblocking(False)
        connection = Connection(sock, True)
        agent.nameless.append(connection)
        agent.watch(sock, connection, selectors.EVENT_READ)
