# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The checks of listing_check.py on single fields: JSON and CSV beside the kernel's own numbers,
the columns that time makes, and the order of --sort. Tables for people are not looked at here."""

import csv
import io
import json
import subprocess
import time

import conntrack_text as ct
from contract import address_order, default_order
from harness import difference

ALL_COLUMNS = ("proto,family,kind,source,gateway,destination,state,status,timeout,idle,age,"
               "packets_up,packets_down,packets,bytes_up,bytes_down,bytes,mark,zone,zone_orig,"
               "zone_reply,icmp_type,icmp_code,id,helper,labels,secctx,original,reply")
EVERYTHING = ("-na", "-C", ALL_COLUMNS)

# -- every field ----------------------------------------------------------------------------------

STATUS = {"expected": ct.EXPECTED, "assured": ct.ASSURED, "src_nat": ct.SRC_NAT,
          "dst_nat": ct.DST_NAT, "seq_adjust": ct.SEQ_ADJUST, "dying": ct.DYING,
          "fixed_timeout": ct.FIXED_TIMEOUT, "template": ct.TEMPLATE, "helper": ct.HELPER,
          "offload": ct.OFFLOAD, "hw_offload": ct.HW_OFFLOAD}


def status_words(row):
    words = [name for name, bit in STATUS.items() if row.has_bit(bit)]
    return sorted(words + ([] if row.has_bit(ct.SEEN_REPLY) else ["unreplied"]))


def steady_fields(row):
    """Every field that has one right value, by its name in JSON and CSV."""
    up, down = row.flow.original, row.flow.reply
    fields = {"proto": row.proto, "family": row.family, "kind": row.kind, "state": row.state,
              "status": status_words(row), "mark": row.mark, "zone": row.zone_shown(), "id": row.id,
              "zone_orig": row.zone_orig(), "zone_reply": row.zone_reply(),
              "icmp_type": up.icmp_type, "icmp_code": up.icmp_code,
              "helper": row.helper, "labels": None if row.labels is None else hex(row.labels),
              "secctx": row.secctx, "packets_up": up.packets, "packets_down": down.packets,
              "bytes_up": up.bytes, "bytes_down": down.bytes, "packets": up.packets + down.packets,
              "bytes": up.bytes + down.bytes}
    ends = {("src", "sport"): row.source, ("gate", "gport"): row.gateway,
            ("dst", "dport"): row.destination}
    for name, pair in (("original", row.original), ("reply", row.reply)):
        ends[name + "_src", name + "_sport"], ends[name + "_dst", name + "_dport"] = pair
    for names, end in ends.items():
        fields.update(zip(names, end or (None, None)))
    return fields


def field_errors(got, before, after):
    """What is wrong in an object, between two readings of its flow; whether the flow was quiet."""
    fields = steady_fields(before)
    names = set(fields) | {"timeout", "idle", "age"}
    wrong = []
    if names != set(got):
        wrong.append("fields: expected %s, came %s" % (sorted(names), sorted(got)))
    quiet = fields == steady_fields(after)
    if quiet:
        wrong += ["%s: expected %r, came %r" % (name, value, got.get(name))
                  for name, value in fields.items() if got.get(name) != value]
    seconds, age = got.get("timeout"), got.get("age")
    if seconds is None or (quiet and not after.timeout <= seconds <= before.timeout):
        wrong.append("timeout: expected %s to %s, came %s" %
                     (before.timeout, after.timeout, seconds))
    if before.age is None or age is None or not before.age - 2 <= age <= after.age + 2:
        wrong.append("age: expected %s to %s, came %s" % (before.age, after.age, age))
    where = "flow %s %s: " % (before.proto, before.source.text())
    return [where + text for text in wrong], quiet


def check_objects(tally, lab, name, read):
    """`read` gives the objects of a listing of everything."""
    def attempt(_):
        before = {row.id: row for row in lab.read()}
        listed = read()
        after = {row.id: row for row in lab.read()}
        if set(before) != set(after):
            raise RuntimeError("the table does not keep still")
        wrong = difference(before.keys(), [one["id"] for one in listed])
        if wrong:
            return wrong
        results = [field_errors(one, before[one["id"]], after[one["id"]]) for one in listed]
        if sum(quiet for _, quiet in results) < 0.9 * len(results):
            raise RuntimeError("too many flows were busy")
        return [line for lines, _ in results for line in lines]
    tally.check_live(name, lab, attempt)


NUMBERS = set("sport gport dport timeout idle age packets_up packets_down packets bytes_up "
              "bytes_down bytes mark zone zone_orig zone_reply icmp_type icmp_code id "
              "original_sport original_dport reply_sport reply_dport".split())


def read_csv(text, base):
    """The records of a CSV listing, with the types that JSON has."""
    def typed(name, value):
        if name == "status":
            return sorted(value.split(",")) if value else []
        if value == "":
            return "" if name == "state" else None
        return int(value, base) if name in NUMBERS else value
    return [{name: typed(name, value) for name, value in record.items()}
            for record in csv.DictReader(io.StringIO(text, newline=""), strict=True)]


def check_fields(tally, lab):
    def sorted_status(objects):
        return [dict(one, status=sorted(one["status"])) for one in objects]

    def records(base):
        return read_csv(lab.run("--format", "csv", *EVERYTHING).decode(), base)
    any_base = 0  # that all numbers are plain ones is the check below
    readers = {"--json": lambda: sorted_status(json.loads(lab.run("--json", *EVERYTHING))),
               "--format jsonl": lambda: sorted_status(lab.objects(*EVERYTHING)),
               "--format csv": lambda: records(any_base)}
    for name, read in readers.items():
        check_objects(tally, lab, name + ": every field is the kernel's", read)

    def plain(_):
        return [] if records(10) else ["no records"]
    tally.check_live("--format csv: numbers are plain", lab, plain)
    check_with_jq(tally, lab)

    def tuples(rows):
        expected = [row.flow.original.text + " | " + row.flow.reply.text for row in rows]
        lines = [" ".join(line.split()) for line in lab.lines("-nao", "-C", "original,reply")]
        return difference(expected, [" | src=".join(line.rsplit(" src=", 1)) for line in lines])
    tally.check_live("columns original,reply are conntrack's own words", lab, tuples)
    labels = [row.labels for row in lab.last if row.source.text() == "192.0.2.10:41043"]
    tally.check("the labelled flow has the labels 5 and 70 in the kernel",
                [] if labels == [1 << 5 | 1 << 70] else ["came: %r" % labels])


def check_with_jq(tally, lab):
    def attempt(rows):
        query = '[.[] | select(.state == "TIME_WAIT")] | "\\(length) \\(.[0].dst) \\(.[0].dport)"'
        said = subprocess.run(["jq", "-r", query], input=lab.run("--json", *EVERYTHING),
                              stdout=subprocess.PIPE, check=False).stdout.decode().strip()
        waiting = sorted((row for row in rows if row.state == "TIME_WAIT"), key=default_order)
        expected = "%d %s %d" % (len(waiting), *waiting[0].destination)
        return [] if said == expected else ["expected: " + expected, "came:     " + said]
    tally.check_live("jq reads --json", lab, attempt)


# -- time -----------------------------------------------------------------------------------------

def check_times(tally, lab, first, last):
    """The flows were made between `first` and `last`."""
    def ages(_):
        now = time.time()
        low, high = now - last - 2, now - first + 2
        return ["expected %.1f to %.1f, came %s (%s %s:%s)" %
                (low, high, one["age"], one["proto"], one["src"], one["sport"])
                for one in lab.objects("-na")
                if one["age"] is None or not low <= one["age"] <= high]
    tally.check_live("age is within 2 s of when the flows were made", lab, ages)

    def idles(_):
        return ["expected 0 to %d, came %s (%s %s:%s %s, timeout %s)" %
                (one["age"] + 2, one["idle"], one["proto"], one["src"], one["sport"], one["state"],
                 one["timeout"])
                for one in lab.objects("-na")
                if one["idle"] is not None and not 0 <= one["idle"] <= one["age"] + 2]
    tally.check_live("idle is never longer than the flow is old", lab, idles)

    def known(_):
        # What TCP may have shortened tells nothing (nf_conntrack_tcp_timeout_max_retrans, ..._unacknowledged), and a
        # second that was cut off here and not there looks like a timeout that somebody else chose.
        flows = [one for one in lab.objects("-na") if one["proto"] != "tcp" or one["timeout"] > 300]
        without = [one for one in flows if one["idle"] is None]
        return [] if len(without) <= 0.2 * len(flows) else ["not known of %d of %d flows" % (len(without), len(flows))] + [
            "%s %s:%s %s, age %s, timeout %s" % (one["proto"], one["src"], one["sport"], one["state"], one["age"], one["timeout"])
            for one in without]
    tally.check_live("idle is known of nearly all flows", lab, known)


# -- order ----------------------------------------------------------------------------------------

def end_key(one, address, port):
    if one[address] is None:
        return None
    return address_order(one[address]) + (-1 if one[port] is None else one[port],)


def tuple_key(name):
    return lambda one: (end_key(one, name + "_src", name + "_sport")
                        + end_key(one, name + "_dst", name + "_dport"))


def address_key(name):
    return lambda one: None if one[name] is None else address_order(one[name])


SORT_KEYS = {
    "source": lambda one: end_key(one, "src", "sport"),
    "gateway": lambda one: end_key(one, "gate", "gport"),
    "destination": lambda one: end_key(one, "dst", "dport"),
    "original": tuple_key("original"), "reply": tuple_key("reply"),
    "src": address_key("src"), "dst": address_key("dst"), "gate": address_key("gate"),
    "src-port": lambda one: one["sport"], "dst-port": lambda one: one["dport"],
    "labels": lambda one: None if one["labels"] is None else int(one["labels"], 16),
}
PLAIN = ("proto family kind state sport gport dport timeout idle age packets_up packets_down "
         "packets bytes_up bytes_down bytes mark zone id helper secctx").split()
SORTS = [*SORT_KEYS, *PLAIN, "proto,dst,-dport", "state,-bytes,sport", "-gate,gport",
         "family,-proto,-source", "zone,mark,-id", "-gport,-sport", "kind,destination,-source"]


def sort_errors(listed, text):
    """The first neighbours that are the wrong way round; absent is last in both directions."""
    keys = []
    for word in text.split(","):
        name = word.lstrip("-")
        keys.append((SORT_KEYS.get(name, lambda one, name=name: one[name]), word.startswith("-")))
    for one, two in zip(listed, listed[1:]):
        for key, descending in keys:
            a, b = key(one), key(two)
            if a == b:
                continue
            if a is None or (b is not None and (a < b) == descending):
                return ["%r before %r" % (a, b)]
            break
    return []


def check_sorts(tally, lab):
    def turned(name):
        return ",".join(word[1:] if word[0] == "-" else "-" + word for word in name.split(","))

    for name in SORTS:
        for text in (name, turned(name)):
            def attempt(rows, text=text):
                listed = lab.objects(*EVERYTHING, "--sort", text)
                same = difference([row.id for row in rows], [one["id"] for one in listed])
                return same or sort_errors(listed, text)
            tally.check_live("--sort " + text, lab, attempt)

    def as_they_come(_):
        return difference(lab.lines("-nNa"), lab.lines("-nNa", "--sort", "none"))
    tally.check_live("--sort none has the same lines", lab, as_they_come)
