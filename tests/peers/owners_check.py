#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What natstat's columns say of 10,000 addresses beside another reading of the same files; networks and addresses are
of the documentation ranges, of a fixed seed. Prints what differs, and `counted PASSED FAILED`.

usage: owners_check.py NATSTAT services|owners DIRECTORY"""

import collections
import csv
import io
import ipaddress
import json
import os
import pathlib
import random
import subprocess
import sys

BLOCKS = [ipaddress.ip_network(text) for text in
          ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]
ADDRESSES = 10_000
dice = random.Random(17)


def random_address():
    block = dice.choice(BLOCKS)
    return block[dice.randrange(block.num_addresses)]


def random_addresses():
    """Each once: an entry that comes again would begin another list."""
    found = set()
    while len(found) < ADDRESSES:
        found.add(random_address())
    return sorted(found, key=lambda address: (address.version, address))


def random_network():
    block = dice.choice(BLOCKS)
    length = dice.randint(block.prefixlen, block.prefixlen + 8 if block.version == 4 else 96)
    address = block[dice.randrange(block.num_addresses)]
    return ipaddress.ip_network((address, length), strict=False)


def write_flows(path, addresses):
    """Flows of nothing but two ends, as natstat's own JSON has them; the address is the end outside."""
    with open(path, "w", encoding="ascii") as file:
        for address in addresses:
            four = address.version == 4
            inside, gate = ("192.0.2.1", "198.51.100.1") if four else ("2001:db8::1", "2001:db8::2")
            file.write(json.dumps({"proto": "esp", "family": "ipv4" if four else "ipv6", "kind": "snat", "src": inside,
                                   "gate": gate, "dst": str(address)}) + "\n")


def answers(natstat, path, columns, *more, **environment):
    """What natstat has for each address: {address: (cells of the columns)}."""
    done = subprocess.run([natstat, "-a", "-f", path, "--format", "csv", "-C", ",".join(["dst", *columns]), *more],
                          capture_output=True, text=True, check=True, env={**os.environ, **environment})
    rows = csv.reader(io.StringIO(done.stdout))
    next(rows)
    return {ipaddress.ip_address(row[0]): tuple(row[1:]) for row in rows}, done.stderr


def compare(wanted, got):
    """Counts; an address that was not answered is a failure as well."""
    passed = failed = 0
    for address, cells in wanted.items():
        if got.get(address) == cells:
            passed += 1
            continue
        failed += 1
        if failed < 10:
            print("FAIL", address, "wanted", cells, "got", got.get(address))
    print("counted", passed, failed)


def services(natstat, directory):
    """The service that is most special, then the longest prefix."""
    networks = collections.OrderedDict()
    while len(networks) < 4000:
        network = random_network()
        service = dice.choice(["AMAZON", "AMAZON", "EC2", "S3", "CLOUDFRONT"])
        networks[(network, service if service in ("AMAZON", "EC2") else "special")] = (
            network, service, f"region-{dice.randrange(9)}")
    entries = list(networks.values())
    dice.shuffle(entries)
    def listed(version, name):
        return [{name: str(network), "region": region, "service": service, "network_border_group": region}
                for network, service, region in entries if network.version == version]
    ranges = directory / "ip-ranges.json"
    ranges.write_text(json.dumps({"syncToken": "1", "createDate": "2026-11-30-00-00-00", "prefixes":
                                  listed(4, "ip_prefix"), "ipv6_prefixes": listed(6, "ipv6_prefix")}))
    rank = {"AMAZON": 0, "EC2": 1}
    def right(address):
        there = [(rank.get(service, 2), network.prefixlen, service, region)
                 for network, service, region in entries if address in network]
        return max(there)[2:] if there else ("", "")
    addresses = random_addresses()
    write_flows(directory / "flows.jsonl", addresses)
    got, _ = answers(natstat, directory / "flows.jsonl", ["service", "region"], "--networks", ranges)
    wanted = {address: right(address) for address in addresses}
    assert len(set(wanted.values())) > 10, "there is something to tell apart"
    compare(wanted, got)


WRITE = r"""
use strict; use warnings; use JSON::PP; use MaxMind::DB::Writer::Tree;
my %types = (autonomous_system_number => 'uint32', autonomous_system_organization => 'utf8_string',
             country => 'map', iso_code => 'utf8_string');
my $tree = MaxMind::DB::Writer::Tree->new(ip_version => 6, record_size => 28, database_type => 'Test', languages => [],
    description => {en => 'of a test'}, map_key_type_callback => sub { $types{$_[0]} }, alias_ipv6_to_ipv4 => 1,
    remove_reserved_networks => 0);
while (<STDIN>) { my $entry = decode_json($_); $tree->insert_network($entry->[0], $entry->[1]); }
open my $file, '>:raw', $ARGV[0]; $tree->write_tree($file);
"""
READ = r"""
use strict; use warnings; use JSON::PP; use MaxMind::DB::Reader;
my $reader = MaxMind::DB::Reader->new(file => $ARGV[0]);
while (<STDIN>) { chomp; print encode_json([$_, $reader->record_for_address($_)]), "\n"; }
"""


def owners(natstat, directory):
    data = directory / "GeoIP"
    data.mkdir()
    entries = []
    for number in range(3000):
        record = {"autonomous_system_number": 64496 + number, "autonomous_system_organization": f'No. {number}, "Inc."'}
        if number % 3:
            record["country"] = {"iso_code": "".join(dice.choice("ABCDE") for _ in range(2))}
        entries.append(json.dumps([str(random_network()), record]))
    subprocess.run(["perl", "-e", WRITE, data / "test.mmdb"], input="\n".join(entries), text=True, check=True)
    addresses = random_addresses()
    read = subprocess.run(["perl", "-e", READ, data / "test.mmdb"], capture_output=True, check=True,
                          input="".join(f"{address}\n" for address in addresses).encode()).stdout.decode()
    wanted = {}
    for line in read.splitlines():
        address, record = json.loads(line)
        record = record or {}
        number = record.get("autonomous_system_number")
        wanted[ipaddress.ip_address(address)] = (record.get("autonomous_system_organization", ""),
                                                 "" if number is None else str(number),
                                                 record.get("country", {}).get("iso_code", ""))
    assert len(set(wanted.values())) > 20, "there is something to tell apart"
    write_flows(directory / "flows.jsonl", addresses)
    got, _ = answers(natstat, directory / "flows.jsonl", ["owner", "asn", "country"], XDG_DATA_HOME=str(directory))
    compare(wanted, got)


if __name__ == "__main__":
    {"services": services, "owners": owners}[sys.argv[2]](sys.argv[1], pathlib.Path(sys.argv[3]))
