#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A recording opened by Wireshark's tshark: every message of tests/data/messages.nlm is there, with
# its header, its time and its addresses, and none is malformed. The build's record-messages writes
# the recording, with natstat's own recorder.
# usage: tshark_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: tshark_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
record=$(dirname "$natstat")/tests/record-messages
messages=$here/../data/messages.nlm
# shellcheck source=tests/kernel/judge.sh
. "$here/../kernel/judge.sh"

command -v tshark >/dev/null || skip_all "needs the command tshark"
[[ -x $record ]] || skip_all "the build has no $record"

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
capture=$directory/recording.pcap

# shark ARGUMENT...: what tshark tells of the recording.
shark() {
    timeout 60 tshark -n -r "$capture" "$@" 2>"$directory/complaints"
}

# shark_says FIELD...: one line for each message, fields separated by blanks.
shark_says() {
    local field arguments=()
    for field in "$@"; do
        arguments+=(-e "$field")
    done
    shark -T fields -E separator=' ' "${arguments[@]}"
}

# same WHAT EXPECTED GOT: two files.
same() {
    if [[ -s $2 ]] && cmp -s "$2" "$3"; then
        passed=$((passed + 1))
    else
        fail "$1" "$(diff "$2" "$3" | head -n 10)" "$(head -n 5 "$directory/complaints")"
    fi
}

"$record" --capture "$messages" "$capture" || { fail "the recording was not written"; finish; }

# What is in the file of messages, read by other means: the headers, and the addresses of the tuples
# (linux/netfilter/nfnetlink_conntrack.h) in their order.
"$python" - "$messages" "$directory" <<'END' || fail "the messages were not read"
import ipaddress
import struct
import sys

TUPLES = (1, 2, 14)  # original, reply, master
TUPLE_IP = 1


def attributes(data):
    while len(data) >= 4:
        length, kind = struct.unpack_from("<HH", data)
        yield kind & 0x3FFF, data[4:length]
        data = data[(length + 3) & ~3:]


def addresses(message):
    for kind, inside in attributes(message[20:]):
        if kind in TUPLES:
            for part, leaves in attributes(inside):
                if part == TUPLE_IP:
                    yield from (str(ipaddress.ip_address(value)) for _, value in attributes(leaves))


path, directory = sys.argv[1:]
data = open(path, "rb").read()
heads, ends = [], []
while data:
    (size,) = struct.unpack_from("<I", data)
    message, data = data[4:4 + size], data[4 + size:]
    length, kind, flags, sequence, port = struct.unpack_from("<IHHII", message)
    time = f"{1700000000 + len(heads)}.123456789"
    heads.append(f"{time} {length} 0x{kind:04x} 0x{flags:04x} {sequence} {port} {kind >> 8}")
    ends.append(",".join(addresses(message)))
for name, lines in (("heads", heads), ("ends", ends)):
    with open(f"{directory}/{name}", "w") as file:
        file.writelines(line + "\n" for line in lines)
END

shark_says frame.time_epoch netlink.hdr_len netlink.hdr_type netlink.hdr_flags netlink.hdr_seq \
    netlink.hdr_pid netlink-netfilter.subsys >"$directory/shark-heads"
same "the headers that tshark reads" "$directory/heads" "$directory/shark-heads"

tuple=netlink-netfilter.nfct_tuple.ip
shark_says "$tuple.ip_addr" "$tuple.ip6_addr" | tr -d ' ' >"$directory/shark-ends"
same "the addresses that tshark reads" "$directory/ends" "$directory/shark-ends"

malformed=$(shark -Y '_ws.malformed || _ws.expert.severity >= warn' | head -n 5)
if [[ $malformed ]]; then
    fail "tshark finds malformed messages" "$malformed"
else
    passed=$((passed + 1))
fi
finish
