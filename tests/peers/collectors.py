#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What collectors of IPFIX have understood, beside the lines of `natstat -E --json -C +reply` of the same steps,
field by field. Prints what differs, and `counted PASSED FAILED`.

    collectors.py nfdump EVENTS FILE     what `nfdump -o json` says
    collectors.py nfacctd EVENTS FILE    what nfacctd's print plugin has written
    collectors.py postgresql EVENTS FILE rows of the table that nfacctd's plugin has filled, each as JSON
    collectors.py tshark EVENTS FILE...  what tshark decodes of messages in files
    collectors.py again EVENTS FILE...   the same; what may have been sent twice may be there twice
    collectors.py number EVENTS NFDUMP   all of them, by their number, or nfcapd has said what it missed
    collectors.py serve ADDRESS PORT FILE   takes connections, and keeps what comes (not a check)
"""

import collections
import datetime
import json
import pathlib
import socket
import subprocess
import sys

PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "gre": 47, "icmpv6": 58, "sctp": 132, "udplite": 136}
REASONS = {"expired": 1, "no_reply": 1, "closed": 3, "reset": 3, "deleted": 4}
EVENTS = {"created": 4, "ended": 5}


def milliseconds(text, form="%Y-%m-%dT%H:%M:%S"):
    """Since 1970, of a time in UTC with any number of digits behind its point."""
    whole, _, rest = text.partition(".")
    moment = datetime.datetime.strptime(whole, form).replace(tzinfo=datetime.timezone.utc)
    return int(moment.timestamp()) * 1000 + int((rest + "000")[:3])


def told(path):
    """The events of translations that natstat's lines tell, with what a record has to have of each."""
    for line in pathlib.Path(path).read_text().splitlines():
        step = json.loads(line)
        if step["event"] not in EVENTS or step["kind"] not in ("snat", "dnat", "both"):
            continue
        protocol = step["proto"]
        event = {
            "time": milliseconds(step["time"].rstrip("Z")),
            "event": EVENTS[step["event"]],
            "proto": PROTOCOLS[protocol] if protocol in PROTOCOLS else int(protocol),
            "zone_orig": step["zone_orig"] or 0,
            "zone_reply": step["zone_reply"] or 0,
            "src": step["original_src"],
            "post_src": step["reply_dst"],
            "dst": step["original_dst"],
            "post_dst": step["reply_src"],
            "sport": step["original_sport"],
            "post_sport": step["reply_dport"],
            "dport": step["original_dport"],
            "post_dport": step["reply_sport"],
            "icmp_type": step["icmp_type"],
            "icmp_code": step["icmp_code"],
            "id": step["id"],
        }
        ends = step["event"] == "ended"
        for name in ("bytes_up", "bytes_down", "packets_up", "packets_down"):
            event[name] = step[name] if ends else None
        event["duration"] = step["age"] * 1000 if ends and step["age"] is not None else None
        event["reason"] = REASONS.get(step["ending"]) if ends else None
        yield event


def of_nfdump_event(text):
    """Its milliseconds have no zeros in front."""
    whole, _, rest = text.partition(".")
    return milliseconds(f"{whole}.{int(rest):03}")


def number(value):
    return None if value is None else int(value, 0)


def of_nfdump(path):
    """nfdump 1.7 knows no translated addresses of IPv6 (281, 282)."""
    for record in json.loads(pathlib.Path(path).read_text()):
        if "nat_event_id" not in record:
            continue
        six = "src6_addr" in record
        yield {
            "time": of_nfdump_event(record["t_event"]),
            "event": int(record["nat_event_id"]),
            "proto": record["proto"],
            "zone_orig": int(record["ingress_vrf"]),
            "zone_reply": int(record["egress_vrf"]),
            "src": record["src6_addr" if six else "src4_addr"],
            "dst": record["dst6_addr" if six else "dst4_addr"],
            **({} if six else {"post_src": record["src4_xlt_ip"], "post_dst": record["dst4_xlt_ip"]}),
            # It has no ports of ICMP.
            **({} if record["proto"] in (1, 58) or "src_xlt_port" not in record else {
                "sport": record["src_port"], "dport": record["dst_port"],
                "post_sport": int(record["src_xlt_port"]), "post_dport": int(record["dst_xlt_port"])}),
        }


def ends_of_nfacctd(record):
    """The event and who it is about, as pmacct calls them wherever it writes."""
    known = {
        "event": record["nat_event"],
        "src": record["ip_src"],
        "dst": record["ip_dst"],
        "sport": record["port_src"],
        "dport": record["port_dst"],
        "post_sport": record["post_nat_port_src"],
        "post_dport": record["post_nat_port_dst"],
    }
    if ":" not in record["ip_src"]:  # nor does pmacct 1.7
        known["post_src"], known["post_dst"] = record["post_nat_ip_src"], record["post_nat_ip_dst"]
    return known


def of_nfacctd(path):
    for line in pathlib.Path(path).read_text().splitlines():
        record = json.loads(line)
        if record["nat_event"] not in EVENTS.values():
            continue
        yield {"time": milliseconds(record["timestamp_start"], "%Y-%m-%d %H:%M:%S"), **ends_of_nfacctd(record)}


def of_postgresql(path):
    for line in pathlib.Path(path).read_text().splitlines():
        record = json.loads(line)
        if record["nat_event"] in EVENTS.values():
            yield {"time": milliseconds(record["timestamp_start"]) + record["timestamp_start_residual"] // 1000,
                   "proto": record["ip_proto"], **ends_of_nfacctd(record)}


def flows_of_tshark(path):
    """The records that tshark decodes, each as its fields."""
    said = subprocess.run(["tshark", "-n", "-r", path, "-T", "json"], capture_output=True, text=True, check=False,
                          env={"TZ": "UTC", "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}).stdout
    for frame in json.loads(said):
        for key, within in frame["_source"]["layers"]["cflow"].items():
            if key.startswith("Set "):
                yield from (flow for name, flow in within.items() if name.startswith("Flow "))


def of_tshark(path):
    for flow in flows_of_tshark(path):
        def either(*names):
            return next((flow["cflow." + name] for name in names if "cflow." + name in flow), None)

        if number(either("nat_event")) not in EVENTS.values():
            continue
        span = either("timedelta")
        yield {
            "time": milliseconds(either("observation_time_milliseconds").removesuffix(" UTC"), "%b %d, %Y %H:%M:%S"),
            "event": number(either("nat_event")),
            "proto": number(either("protocol")),
            "zone_orig": number(either("ingress_vrfid")),
            "zone_reply": number(either("egress_vrfid")),
            "src": either("srcaddr", "srcaddrv6"),
            "post_src": either("post_natsource_ipv4_address", "post_nat_source_ipv6_address"),
            "dst": either("dstaddr", "dstaddrv6"),
            "post_dst": either("post_natdestination_ipv4_address", "post_nat_destination_ipv6_address"),
            "sport": number(either("srcport")),
            "post_sport": number(either("post_naptsource_transport_port")),
            "dport": number(either("dstport")),
            "post_dport": number(either("post_naptdestination_transport_port")),
            "icmp_type": number(either("icmp_ipv4_type", "icmp_ipv6_type")),
            "icmp_code": number(either("icmp_ipv4_code", "icmp_ipv6_code")),
            "id": number(either("flow_id")),
            "bytes_up": number(either("initiator_octets")),
            "bytes_down": number(either("responder_octets")),
            "packets_up": number(either("initiator_packets")),
            "packets_down": number(either("responder_packets")),
            "duration": None if span is None else round(float(span) * 1000),
            "reason": number(either("flow_end_reason")),
        }


def text(record):
    return json.dumps(record, sort_keys=True)


def zeros_for_none(record, names):
    return {name: 0 if record.get(name) is None and name in names else record.get(name) for name in names}


def compare(events, records, once=True):
    """Each record is one of the events as far as the collector has its fields, and the other way round."""
    events, records = list(events), list(records)
    failed = 0
    by_fields = collections.defaultdict(list)
    for record in records:
        by_fields[tuple(sorted(record))].append(record)
    missing = collections.Counter()
    fields_of = [list(fields) for fields in by_fields]
    got = {tuple(fields): collections.Counter(text(zeros_for_none(r, fields)) for r in by_fields[tuple(fields)])
           for fields in fields_of}
    unmatched = []
    for event in events:
        for fields in sorted(fields_of, key=len, reverse=True):
            key = text(zeros_for_none(event, fields))
            if got[tuple(fields)][key] > 0:
                if once:
                    got[tuple(fields)][key] -= 1
                else:
                    missing[key] += 1
                break
        else:
            unmatched.append(event)
    for event in unmatched:
        print("not told to the collector:", text(event))
    failed += len(unmatched)
    for counter in got.values():
        for key, count in counter.items():
            if count > 0 and (once or not missing[key]):
                print("told to the collector alone:", key)
                failed += count
    if not events:
        print("no event of a translation among natstat's lines")
        failed += 1
    print("counted", len(events) - min(len(unmatched), len(events)), failed)


def count(events, log):
    """What nfcapd took, by its own closing line, beside what was told."""
    number_told = sum(1 for _ in told(events))
    words = [line for line in pathlib.Path(log).read_text().splitlines() if "Sequence Errors" in line]
    taken = int(words[-1].split("Flows: ")[1].split(",")[0])
    errors = int(words[-1].split("Sequence Errors: ")[1].split(",")[0])
    good = number_told > 0 and (taken == number_told if errors == 0 else taken < number_told)
    print(f"of {number_told} events nfcapd has {taken}, with {errors} sequence errors")
    print("counted", int(good), int(not good))


def serve(address, port, path):
    """Until it is killed. Each connection is a file of its own, as RFC 5655 has it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, int(port)), family=family) as listener:
        for connection in range(1000000):
            one, _ = listener.accept()
            with one, open(f"{path}.{connection}", "wb", buffering=0) as file:
                while data := one.recv(65536):
                    file.write(data)


def main():
    what, *arguments = sys.argv[1:]
    if what == "serve":
        serve(*arguments)
    elif what == "number":
        count(*arguments)
    elif what in ("tshark", "again"):
        events, *files = arguments
        compare(told(events), (record for file in files for record in of_tshark(file)), what == "tshark")
    else:
        events, file = arguments
        compare(told(events), {"nfdump": of_nfdump, "nfacctd": of_nfacctd, "postgresql": of_postgresql}[what](file))


if __name__ == "__main__":
    main()
