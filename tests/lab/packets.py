# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The bytes of protocols that a kernel need not have sockets for: ICMP, SCTP, GRE and PPTP's control
# messages. Each function makes one packet, or says what to answer to one. It opens no socket and
# keeps no state, and it knows just enough of each protocol for conntrack to follow it.

import socket
import struct

ECHO_REQUEST = {socket.AF_INET: 8, socket.AF_INET6: 128}
ECHO_REPLY = {socket.AF_INET: 0, socket.AF_INET6: 129}


def internet_checksum(data):
    """The ones' complement sum of RFC 1071."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def crc32c(data):
    """SCTP's checksum (RFC 9260, appendix A), bit by bit: the packets are few and short."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


# -- ICMP and ICMPv6 ------------------------------------------------------------------------------

def echo_request(family, identifier, sequence):
    """An echo request. The kernel puts ICMPv6's checksum in, because only it knows the source."""
    body = struct.pack("!HH", identifier, sequence) + b"natstat lab"
    header = struct.pack("!BBH", ECHO_REQUEST[family], 0, 0)
    checksum = internet_checksum(header + body) if family == socket.AF_INET else 0
    return struct.pack("!BBH", ECHO_REQUEST[family], 0, checksum) + body


def is_echo_reply(family, identifier, packet):
    return (len(packet) >= 8 and packet[0] == ECHO_REPLY[family]
            and struct.unpack("!H", packet[4:6])[0] == identifier)


# -- SCTP -----------------------------------------------------------------------------------------

INIT, INIT_ACK, COOKIE_ECHO, COOKIE_ACK = 1, 2, 10, 11
SHUTDOWN, SHUTDOWN_ACK, SHUTDOWN_COMPLETE = 7, 8, 14
# The verification tags are fixed: with them both ends need no memory of an association.
CLIENT_TAG, SERVER_TAG = 0x11111111, 0x22222222


def _sctp_packet(source_port, destination_port, tag, chunk, value=b""):
    header = struct.pack("!HHI", source_port, destination_port, tag)
    chunk = struct.pack("!BBH", chunk, 0, 4 + len(value)) + value
    # The one little-endian field of the protocol.
    return header + struct.pack("<I", crc32c(header + bytes(4) + chunk)) + chunk


def _init_value(tag):
    return struct.pack("!IIHHI", tag, 65536, 1, 1, 1)


def sctp_init(source_port, destination_port):
    return _sctp_packet(source_port, destination_port, 0, INIT, _init_value(CLIENT_TAG))


def sctp_shutdown(source_port, destination_port):
    return _sctp_packet(source_port, destination_port, SERVER_TAG, SHUTDOWN, struct.pack("!I", 1))


def sctp_answer(packet):
    """What either end says to a packet, or None: the two handshakes have no chunk in common."""
    if len(packet) < 16:
        return None
    source_port, destination_port = struct.unpack("!HH", packet[:4])
    cookie = struct.pack("!HHI", 7, 8, 0x636F6F6B)
    answers = {
        INIT: (CLIENT_TAG, INIT_ACK, _init_value(SERVER_TAG) + cookie),
        INIT_ACK: (SERVER_TAG, COOKIE_ECHO, b"cook"),
        COOKIE_ECHO: (CLIENT_TAG, COOKIE_ACK, b""),
        SHUTDOWN: (CLIENT_TAG, SHUTDOWN_ACK, b""),
        SHUTDOWN_ACK: (SERVER_TAG, SHUTDOWN_COMPLETE, b""),
    }
    if packet[12] not in answers:
        return None
    return _sctp_packet(destination_port, source_port, *answers[packet[12]])


def is_sctp_between(local_port, remote_port, packet):
    return len(packet) >= 16 and struct.unpack("!HH", packet[:4]) == (remote_port, local_port)


# -- GRE and PPTP ---------------------------------------------------------------------------------

PPTP_PORT = 1723
PNS_CALL, PAC_CALL = 0x0101, 0x0202  # the call ids that client and server choose
_COOKIE = 0x1A2B3C4D
_START_REQUEST, _START_REPLY, _CALL_REQUEST, _CALL_REPLY = 1, 2, 7, 8


def gre(call_id):
    """Version 1 with a call id (RFC 2637), or the plain version 0 if that is None (RFC 2784)."""
    if call_id is None:
        return struct.pack("!HH", 0, 0x0800) + b"natstat lab"
    return struct.pack("!HHHHI", 0x3001, 0x880B, 11, call_id, 1) + b"natstat lab"


def gre_call_id(packet):
    """The call id of a packet of version 1, otherwise None."""
    if len(packet) < 8 or packet[1] & 7 != 1:
        return None
    return struct.unpack("!H", packet[6:8])[0]


def _pptp(kind, body, size):
    header = struct.pack("!HHIHH", size, 1, _COOKIE, kind, 0)
    return (header + body).ljust(size, b"\0")


def pptp_start_request():
    return _pptp(_START_REQUEST, struct.pack("!H", 0x0100), 156)


def pptp_call_request():
    return _pptp(_CALL_REQUEST, struct.pack("!HH", PNS_CALL, 1), 168)


def pptp_answer(message):
    """The server's reply to a control message, and the client's call id as it came through NAT."""
    if len(message) < 14 or struct.unpack("!I", message[4:8])[0] != _COOKIE:
        return None, None
    kind, _, call_id = struct.unpack("!HHH", message[8:14])
    if kind == _START_REQUEST:
        return _pptp(_START_REPLY, struct.pack("!HB", 0x0100, 1), 156), None
    if kind == _CALL_REQUEST:
        return _pptp(_CALL_REPLY, struct.pack("!HHB", PAC_CALL, call_id, 1), 32), call_id
    return None, None
