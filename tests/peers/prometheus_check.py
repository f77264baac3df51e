#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What `natstat --metrics` tells beside the kernel, in the network namespace that this runs in.

    prometheus_check.py write NATSTAT FILE POOL   runs it, checks the text beside a count by hand over
                        `conntrack -L` and /proc, and puts it into FILE as the unit does
    prometheus_check.py calm NETNS...             waits until Prometheus has the numbers of these namespaces, and
                        that no connection has failed there
    prometheus_check.py alerted NETNS GATE...     waits until their pools of ten are seen to be full and alerted
    prometheus_check.py scraped FILE DASHBOARD    what Prometheus on 127.0.0.1:9090 has of it, that
                        node_exporter's own numbers agree, that all queries of the dashboard have an
                        answer, and that there is what the alerts are about

Prints what differs and ends with `counted PASSED FAILED`."""

import collections
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import conntrack_text
from contract import Row, local_networks
from harness import Tally, difference

NETFILTER = pathlib.Path("/proc/sys/net/netfilter")
GIVEN_UP = {"new", "ignore", "delete", "delete_list", "searched"}
PORTS = {"tcp", "udp", "sctp", "dccp", "udplite", "icmp", "icmpv6"}
LIMIT = 5
SECONDS = 400  # for Prometheus to scrape, until it is given up


def key(name, **labels):
    return name + json.dumps({k: str(v) for k, v in sorted(labels.items()) if v not in ("", None)})


def setting(name):
    return int((NETFILTER / f"nf_conntrack_{name}").read_text())


def statistics():
    names, *cpus = pathlib.Path("/proc/net/stat/nf_conntrack").read_text().splitlines()
    for name, column in zip(names.split(), zip(*(line.split() for line in cpus))):
        numbers = [int(number, 16) for number in column]
        if name == "entries" or (name in GIVEN_UP and not any(numbers)):
            continue
        yield key(f"natstat_nf_conntrack_stat_{name}_total"), sum(numbers) % 2**32


def ports(rows, first, last):
    """Ports in use by (gate, proto, destination, zone of the reply)."""
    used = collections.defaultdict(set)
    for row in rows:
        port = row.gateway.port if row.snat and row.proto in PORTS else None
        if port is not None and first <= port <= last:
            at = row.destination
            used[row.gateway.address, row.proto, at.address, at.port, row.zone_reply()].add(port)
    return used


def expected(first, last):
    """What the kernel says now. Of destinations that are equally full any may be told, so that only
    how full the fullest are is known."""
    rows = [Row(flow, local_networks()) for flow in conntrack_text.read_table()]
    values = dict(statistics())
    values[key("natstat_nf_conntrack_entries")] = setting("count")
    values[key("natstat_nf_conntrack_entries_limit")] = setting("max")
    values[key("natstat_nf_conntrack_buckets")] = setting("buckets")
    values[key("natstat_nf_conntrack_expectations_limit")] = setting("expect_max")
    values[key("natstat_nf_conntrack_expectations")] = len(
        pathlib.Path("/proc/net/nf_conntrack_expect").read_text().splitlines())
    for row in rows:
        proto = "other" if row.proto.isdigit() else row.proto
        name = key("natstat_flows", kind=row.kind, proto=proto, state=row.state or "REPLIED")
        values[name] = values.get(name, 0) + 1
    used = ports(rows, first, last)
    values[key("natstat_nat_destinations")] = len(used)
    available = last - first + 1
    by_labels = {}
    gateways = collections.defaultdict(list)
    for (gate, proto, dst, dport, zone), numbers in used.items():
        gateways[gate, proto, zone].append(len(numbers) / available)
        labels = key("", gate=gate, proto=proto, dst=dst, dport=dport, zone_reply=zone)
        by_labels[labels] = len(numbers)
    for (gate, proto, zone), shares in gateways.items():
        at = {"gate": gate, "proto": proto, "zone_reply": zone}
        values[key("natstat_nat_gateway_ports_used_ratio", **at)] = max(shares)
        values[key("natstat_nat_gateway_destinations", **at)] = len(shares)
        for over in ("0.5", "0.8", "0.95", "1"):
            values[key("natstat_nat_gateway_destinations_over", share=over, **at)] = sum(
                share >= float(over) for share in shares)
    return values, by_labels, available


def samples(text):
    """The samples of a text without timestamps, by name and labels."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
        pairs = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or "")
        where = key(name, **dict(pairs))
        assert where not in found, f"{where} is there twice"
        found[where] = float(value)
    return found


def band(share):
    """0 from 80 % on, 1 down to a half, 2 down to a quarter, ..."""
    return 0 if share >= 0.8 else 1 + math.floor(-math.log2(share))


def of_ports(found, name):
    return {where[len(name):]: value for where, value in found.items()
            if where.startswith(name + "{")}


def compare(found, values, by_labels, available):
    """Lines of a message; none if the samples are what is expected."""
    exact = {where: value for where, value in found.items()
             if where.startswith(("natstat_nf_", "natstat_flows", "natstat_nat_destinations",
                                  "natstat_nat_gateway_ports", "natstat_nat_gateway_dest"))}
    wrong = difference([f"{k} {float(v)}" for k, v in values.items()],
                       [f"{k} {v}" for k, v in exact.items()])
    used = of_ports(found, "natstat_nat_ports_in_use")
    wrong += difference(sorted(band(ports / available) for ports in by_labels.values())[:LIMIT],
                        [band(ports / available) for ports in used.values()])
    wrong += [f"{k}: {v} ports, {by_labels.get(k)} by hand" for k, v in used.items()
              if by_labels.get(k) != v]
    wrong += difference([(k, float(available)) for k in used],
                        of_ports(found, "natstat_nat_ports_available").items())
    wrong += difference([(k, v / available) for k, v in used.items()],
                        of_ports(found, "natstat_nat_ports_used_ratio").items())
    return wrong


def write(tally, natstat, path, pool):
    first, last = map(int, pool.split("-"))
    wrong = []
    for _ in range(20):  # segments that are sent again raise counters in between
        before = expected(first, last)
        done = subprocess.run([natstat, "--metrics", "--limit", str(LIMIT), "--port-range", pool,
                               "-i", "0.5"], capture_output=True, text=True, timeout=600, check=False)
        if expected(first, last) != before:
            wrong = ["the table did not keep still"]
            continue
        wrong = compare(samples(done.stdout), *before) if done.returncode == 0 else [done.stderr]
        break
    tally.check("the text is what the kernel says", wrong)
    tally.check("nothing on standard error", [done.stderr] if done.stderr else [])
    pathlib.Path(path + ".new").write_text(done.stdout)
    os.rename(path + ".new", path)


def ask(where, **words):
    url = f"http://127.0.0.1:9090/api/v1/{where}?{urllib.parse.urlencode(words)}"
    with urllib.request.urlopen(url, timeout=600) as answer:
        return json.load(answer)["data"]


def vector(expression):
    """Samples by name and labels; the labels of the scrape are left out."""
    found = {}
    for one in ask("query", query=expression)["result"]:
        labels = {k: v for k, v in one["metric"].items() if k not in ("instance", "job", "__name__")}
        found[key(one["metric"].get("__name__", ""), **labels)] = float(one["value"][1])
    return found


def wait_for_scrape(text):
    """Until Prometheus has this text, twice, so that rates can be told."""
    at = samples(text)[key("natstat_collected_timestamp_seconds")]
    query = "count_over_time(natstat_collected_timestamp_seconds[5s]) >= 3 and " \
            f"natstat_collected_timestamp_seconds == {at}"
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if vector(query):
            return True
        time.sleep(0.2)
    return False


def scraped(tally, path, dashboard):
    text = pathlib.Path(path).read_text()
    tally.check("Prometheus scrapes the file", [] if wait_for_scrape(text) else ["it did not come"])
    came = vector('{__name__=~"natstat_.+"}')
    tally.check("Prometheus has the numbers of the text, all and no others",
                difference(samples(text).items(), came.items()))
    tally.check("the collector took the file",
                difference([0.0], vector("node_textfile_scrape_error").values()))
    tally.check("its age is told", [] if vector("node_textfile_mtime_seconds") else ["no mtime"])
    for query in ("node_nf_conntrack_stat_found == on() natstat_nf_conntrack_stat_found_total",
                  "node_nf_conntrack_entries_limit == on() natstat_nf_conntrack_entries_limit",
                  "node_nf_conntrack_stat_insert_failed >= on() natstat_nf_conntrack_stat_insert_failed_total"):
        tally.check(f"beside node_exporter's own: {query}", [] if vector(query) else ["not so"])
    panels = json.loads(pathlib.Path(dashboard).read_text())["panels"]
    for panel in panels:
        for target in panel["targets"]:
            query = target["expr"].replace("$__rate_interval", "10s")
            query = re.sub(r"\$(instance|gate)", ".*", query)
            if "_ethtool_" in query:  # of AWS alone
                continue
            tally.check(f"dashboard, {panel['title']}: {query}",
                        [] if vector(query) else ["no data"])
    rules = [rule for group in ask("rules")["groups"] for rule in group["rules"]]
    tally.check("the alerts", [] if len(rules) > 10 else [f"{len(rules)} are loaded"])
    for rule in rules:
        wrong = [f"{rule['health']}: {rule.get('lastError')}"] if rule["health"] == "err" else []
        wrong += [f"no {name}" for name in set(re.findall(r"natstat_\w+", rule["query"]))
                  if "_ethtool_" not in name and not vector(name)]  # of AWS alone
        tally.check(f"alert {rule['name']}: its metrics are there", wrong)
    tally.check("ports that are all in use are above the threshold",
                [] if vector("natstat_nat_gateway_ports_used_ratio > 0.8") else ["they are not"])


def comes(expression):
    """Whether the query has an answer, which it is given time for."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if vector(expression):
            return True
        time.sleep(0.2)
    return False


def calm(tally, *boxes):
    for box in boxes:
        query = f'natstat_nf_conntrack_stat_insert_failed_total{{netns="{box}"}} == 0'
        tally.check(f"{box}: seen before anything failed", [] if comes(query) else [query])


def alerted(tally, *words):
    for box, gate in zip(words[::2], words[1::2]):
        at = f'netns="{box}",gate="{gate}",proto="udp"'
        for query in (f"natstat_nat_gateway_ports_used_ratio{{{at}}} == 1",
                      f'natstat_nat_ports_available{{{at},dport="8443"}} == 10',
                      f'increase(natstat_nf_conntrack_stat_insert_failed_total{{netns="{box}"}}[5m]) > 0',
                      f'ALERTS{{alertname="NatstatPortsExhausted",alertstate="firing",{at}}}',
                      f'ALERTS{{alertname="NatstatInsertFailures",alertstate="firing",netns="{box}"}}'):
            tally.check(f"{box}: {query}", [] if comes(query) else ["no data"])
        others = f'natstat_nat_gateway_flows{{netns="{box}",gate!="{gate}"}}'
        tally.check(f"{box}: no gateway of another's", sorted(vector(others)))
    tally.check("the collector took the files of all",
                difference([0.0], vector("node_textfile_scrape_error").values()))


def main():
    tally = Tally()
    {"write": write, "scraped": scraped, "calm": calm, "alerted": alerted}[sys.argv[1]](tally, *sys.argv[2:])
    print(f"counted {tally.passed} {tally.failed}")


if __name__ == "__main__":
    main()
