# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random filters and what they mean. Each is made twice at once: a text in the language of natstat(8) and a
function that tells of a flow whether it is meant, so that nothing has to be parsed here. Values are those of
the table, their neighbours and others."""

import ipaddress
import re

import table
from entries import TIMEOUT_STEP
from pending import PENDING

OR, AND, NOT, ATOM = range(4)  # how tightly a text holds together
UNITS = (("k", 1000), ("M", 10**6), ("ki", 1024), ("Mi", 1024**2))
SAYS_ITS_END = re.compile(r"[)]$|[=<>.:/][^ ]*$")
ORDERS = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}


class Filter:
    """A text, how tightly it holds together, and the function."""

    def __init__(self, text, test, binds=ATOM):
        self.text, self.test, self.binds = text, test, binds

    def inside(self, binds):
        """The text where something that binds so tightly is wanted."""
        return self.text if self.binds >= binds else "(%s)" % self.text


def order_of(text):
    address = ipaddress.ip_address(text)
    return address.version, int(address)


class Filters:
    def __init__(self, random, flows):
        self.random, self.flows = random, flows

    def flow(self):
        return self.random.choice(self.flows)

    def spelled(self, word):
        """Letter case does not count."""
        return word.upper() if self.random.random() < 0.1 else word

    def filter(self, depth=3):
        """A filter of up to 2^depth conditions."""
        kind = self.random.random()
        if depth == 0 or kind < 0.35:
            return self.condition()
        if kind < 0.5:
            part = self.filter(depth - 1)
            sign = self.random.choice(("not ", "!", "NOT "))
            return Filter(sign + part.inside(NOT), lambda flow: not part.test(flow), NOT)
        left, right = self.filter(depth - 1), self.filter(depth - 1)
        if kind < 0.75:
            before = left.inside(AND)
            # A lone word could be read as the beginning of what follows it.
            signs = (" and ", " && ", " AND ", " ") if SAYS_ITS_END.search(before) else (" and ", " && ", " AND ")
            return Filter(before + self.random.choice(signs) + right.inside(AND),
                          lambda flow: left.test(flow) and right.test(flow), AND)
        if kind < 0.97:
            sign = self.random.choice((" or ", " || ", " OR "))
            return Filter(left.inside(OR) + sign + right.inside(OR),
                          lambda flow: left.test(flow) or right.test(flow), OR)
        part = self.filter(depth - 1)
        return Filter("((%s))" % part.text, part.test)

    def condition(self):
        make = self.random.choice((self.word, self.head, self.head, self.head, self.repeated, self.ends_list,
                                   self.closed, self.end_column, self.port_order, self.address_order,
                                   self.number, self.number, self.numbers, self.masked, self.timeout,
                                   self.labels, self.texts, self.pair, self.pair))
        return make()

    # -- words --------------------------------------------------------------------------------------

    def word(self):
        words = {"snat": lambda f: f.snat, "dnat": lambda f: f.dnat, "nat": lambda f: f.snat or f.dnat,
                 "ip": lambda f: f.version == 4, "ip4": lambda f: f.version == 4,
                 "ipv4": lambda f: f.version == 4, "ip6": lambda f: f.version == 6,
                 "ipv6": lambda f: f.version == 6, "icmp6": lambda f: f.protocol == 58}
        for kind in ("both", "local", "routed"):
            words[kind] = lambda f, kind=kind: f.kind == kind
        for flag in (*table.FLAGS, "unreplied"):
            words[flag] = lambda f, flag=flag: flag in f.flags
        for number, name in table.NAMES.items():
            if name != "ipv6":  # the family
                words[name] = lambda f, number=number: f.protocol == number
        name = self.random.choice(sorted(words))
        return Filter(self.spelled(name), words[name])

    # -- as in tcpdump ------------------------------------------------------------------------------

    DIRECTIONS = {"": table.Flow.ends, "src": lambda f: [f.source], "dst": lambda f: [f.destination],
                  "nat": lambda f: f.sides}

    def protocol_word(self):
        """What can stand before a direction or a type: (word, test)."""
        if self.random.random() < 0.7:
            return "", lambda f: True
        name, number = self.random.choice((("tcp", 6), ("udp", 17), ("icmp", 1), ("sctp", 132), ("ip", None),
                                           ("ip6", None), ("gre", 47), ("icmp6", 58)))
        if number is None:
            version = 6 if name == "ip6" else 4
            return name, lambda f: f.version == version
        return name, lambda f: f.protocol == number

    def value(self, kind):
        """A value for a type: (text, test of an end)."""
        end = self.random.choice(self.random.choice((self.flow().ends(), [self.flow().original.destination])))
        if kind == "host":
            return end.address, lambda e: e.address == end.address
        if kind == "net":
            return self.network(end.address)
        if kind == "port":
            port = end.port if end.port is not None and self.random.random() < 0.8 else self.random.randrange(65536)
            return str(port), lambda e: e.port == port
        if kind == "portrange":
            low, high = sorted((self.random.randrange(65536), self.random.choice((80, 1024, 41000, 65535))))
            return "%d-%d" % (low, high), lambda e: e.port is not None and low <= e.port <= high
        return self.place(end)

    def network(self, address):
        longest = 32 if ":" not in address else 128
        length = self.random.choice((0, 1, 8, longest // 2, longest - 5, longest))
        network = ipaddress.ip_network((address, length), strict=False)
        text = str(network) if self.random.random() < 0.5 else "%s/%d" % (address, length)
        return text, lambda e: ipaddress.ip_address(e.address) in network

    def place(self, end):
        """What is said without a type: an address, a network, an endpoint."""
        kind = self.random.random()
        if kind < 0.5 and end.port is not None:
            return end.text(), lambda e: e == end
        if kind < 0.8:
            return end.address, lambda e: e.address == end.address
        return self.network(end.address)

    def head(self):
        words, test, value = self.random_head()
        values = [value() for _ in range(self.random.choice((1, 1, 1, 2, 3)))]
        text = " ".join([*words, ",".join(text for text, _ in values)])
        return Filter(text, lambda flow: any(test(flow, of_end) for _, of_end in values))

    def random_head(self):
        """(words, test of a flow and a test of ends, source of values)"""
        protocol, is_protocol = self.protocol_word()
        direction = self.random.choice(("", "src", "dst", "nat"))
        kind = self.random.choice(("host", "net", "port", "portrange", ""))
        if not direction and not kind:
            kind = "host"
        words = [self.spelled(word) for word in (protocol, direction, kind) if word]
        ends = self.DIRECTIONS[direction]
        return (words, lambda flow, of_end: is_protocol(flow) and any(map(of_end, ends(flow))),
                lambda: self.value(kind))

    def repeated(self):
        """A head that holds for the values after it, with "or", or in parentheses."""
        words, test, value = self.random_head()
        values = [value() for _ in range(self.random.choice((2, 3)))]
        joined = " or ".join(text for text, _ in values)
        in_parentheses = self.random.random() < 0.5
        text = " ".join(words) + (" (%s)" % joined if in_parentheses else " " + joined)
        return Filter(text, lambda flow: any(test(flow, of_end) for _, of_end in values),
                      ATOM if in_parentheses else OR)

    def ends_list(self):
        values = [self.place(self.random.choice(self.flow().ends())) for _ in range(self.random.choice((1, 2)))]
        # After "and" or "or" it would have the head of a selection before it, so a word is before it.
        return Filter("(template or %s)" % ",".join(text for text, _ in values),
                      lambda flow: any(of_end(end) for _, of_end in values for end in flow.ends()))

    # -- columns ------------------------------------------------------------------------------------

    def equal(self, column, values, test):
        """column=LIST and column!=LIST; `test` of a flow and a value."""
        text = ",".join(str(value) for value, _ in values)
        relation = self.random.choice(("=", "==", "=", "!="))
        holds = lambda flow: any(test(flow, value) for _, value in values)
        return Filter(self.spelled(column) + relation + text,
                      (lambda flow: not holds(flow)) if relation == "!=" else holds)

    def several(self, choices, most=3):
        return [(choice, choice) for choice in
                (self.random.choice(choices) for _ in range(self.random.randrange(1, most + 1)))]

    def closed(self):
        column = self.random.choice(("proto", "family", "kind", "state", "status"))
        if column == "proto":
            values = [(self.random.choice((name, str(number))), number) for number, name in
                      (self.random.choice(sorted(table.NAMES.items())) for _ in range(2))]
            return self.equal(column, values, lambda f, number: f.protocol == number)
        if column == "family":
            return self.equal(column, self.several(("ipv4", "ipv6"), 1), lambda f, name: f.family == name)
        if column == "kind":
            kinds = ("snat", "dnat", "both", "local", "routed")
            return self.equal(column, self.several(kinds), lambda f, name: f.kind == name)
        if column == "status":
            return self.equal(column, self.several((*table.FLAGS, "unreplied")), lambda f, name: name in f.flags)
        names = sorted({name for names in table.STATES.values() for name in names} | {"ASSURED", "UNREPLIED"})
        values = [(self.spelled(name.lower()), name) for name, _ in self.several(names)]
        if "replied" not in PENDING and self.random.random() < 0.2:
            values.append(("replied", ""))  # which is shown as nothing
        return self.equal(column, values, lambda f, name: f.state == name)

    END_COLUMNS = {
        "source": lambda f: [f.source], "src": lambda f: [f.source], "sport": lambda f: [f.source],
        "gateway": lambda f: [f.gateway] if f.gateway else [], "gate": lambda f: [f.gateway] if f.gateway else [],
        "gport": lambda f: [f.gateway] if f.gateway else [], "destination": lambda f: [f.destination],
        "dst": lambda f: [f.destination], "dport": lambda f: [f.destination],
        "original": lambda f: [f.original.source, f.original.destination],
        "reply": lambda f: [f.reply.source, f.reply.destination]}

    def end_column(self):
        column = self.random.choice(sorted(self.END_COLUMNS))
        ends = self.END_COLUMNS[column]
        kind = "port" if column.endswith("port") else "host" if column in ("src", "gate", "dst") else ""
        values = [self.value(kind) for _ in range(self.random.choice((1, 2)))]
        return self.equal(column, values, lambda flow, of_end: any(map(of_end, ends(flow))))

    def port_order(self):
        column, relation = self.random.choice(("sport", "gport", "dport")), self.random.choice(sorted(ORDERS))
        value = self.random.choice((0, 1, 80, 443, 40000, 65535, self.random.randrange(65536)))
        ends, holds = self.END_COLUMNS[column], ORDERS[relation]
        return Filter("%s%s%d" % (column, relation, value),
                      lambda f: any(e.port is not None and holds(e.port, value) for e in ends(f)))

    def address_order(self):
        """Addresses of the value's own family."""
        column, relation = self.random.choice(("src", "gate", "dst")), self.random.choice(sorted(ORDERS))
        value = self.random.choice(self.flow().ends()).address
        ends, holds, wanted = self.END_COLUMNS[column], ORDERS[relation], order_of(value)

        def test(flow):
            return any(order_of(e.address)[0] == wanted[0] and holds(order_of(e.address), wanted)
                       for e in ends(flow))
        return Filter("%s%s%s" % (column, relation, value), test)

    NUMBERS = ("packets_up", "packets_down", "packets", "bytes_up", "bytes_down", "bytes", "id", "zone",
               "zone_orig", "zone_reply", "icmp_type", "icmp_code")

    def number_of(self, column, flow):
        value = flow.fields()[column]
        return 0 if value is None and column.startswith("zone") else value  # the default zone

    def some_number(self, column):
        found = self.number_of(column, self.flow())
        values = (0, 1, 100, 1000, 65535) if found is None else (found, found, found + 1, max(found - 1, 0), 1000)
        return self.random.choice(values)

    def spelled_number(self, value):
        for name, size in UNITS:
            if value and value % size == 0 and self.random.random() < 0.7:
                return "%d%s" % (value // size, name)
        return hex(value) if self.random.random() < 0.1 else str(value)

    def number(self):
        column, relation = self.random.choice(self.NUMBERS), self.random.choice(sorted(ORDERS))
        value, holds = self.some_number(column), ORDERS[relation]

        def test(flow):
            found = self.number_of(column, flow)
            return found is not None and holds(found, value)
        return Filter(column + relation + self.spelled_number(value), test)

    def numbers(self):
        column = self.random.choice(self.NUMBERS)
        values = []
        for _ in range(self.random.choice((1, 2))):
            low, high = sorted((self.some_number(column), self.some_number(column)))
            values.append(("%d-%d" % (low, high), (low, high)) if self.random.random() < 0.4 else
                          (self.spelled_number(low), (low, low)))

        def within(flow, limits):
            found = self.number_of(column, flow)
            return found is not None and limits[0] <= found <= limits[1]
        return self.equal(column, values, within)

    def masked(self):
        mark = self.flow().mark or 0x2A
        mask = self.random.choice((0xFF, 0xF0, 1, 0xFFFFFFFF, None))
        if mask is None:
            return self.equal("mark", [(self.random.choice((hex(mark), str(mark))), mark)],
                              lambda f, value: f.mark == value)
        return self.equal("mark", [("%s/%s" % (hex(mark & mask), hex(mask)), mark & mask)],
                          lambda f, value: f.mark is not None and f.mark & mask == value)

    def timeout(self):
        """Between the timeouts that there are, which go down while the test runs."""
        step = TIMEOUT_STEP * self.random.randrange(1, 500)
        relation = self.random.choice(sorted(ORDERS))
        text = self.random.choice((str(step), "%ds" % step, "%dm%ds" % divmod(step, 60)))
        holds = ORDERS[relation]
        return Filter("timeout" + relation + text, lambda f: f.timeout is not None and holds(f.timeout, step))

    def labels(self):
        labels = self.flow().labels or 1 << 5
        if self.random.random() < 0.3:
            return self.equal("labels", [(hex(labels), labels)], lambda f, value: f.labels == value)
        bit = labels.bit_length() - 1
        return self.equal("labels", [(bit, bit)], lambda f, value: bool((f.labels or 0) >> value & 1))

    def texts(self):
        return self.equal("helper", self.several(("ftp", "sip", "tftp", "irc", "amanda")),
                          lambda f, name: f.helper == name)

    # -- two columns --------------------------------------------------------------------------------

    EQUALS = {"=": lambda a, b: a == b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b}
    # Those of each have one unit; a mark is a number as well.
    PAIRS = (("src", "gate", "dst"), ("source", "gateway", "destination"), ("sport", "gport", "dport"),
             ("packets_up", "packets_down", "packets", "id", "zone", "zone_orig", "zone_reply", "icmp_type",
              "icmp_code", "mark"), ("bytes_up", "bytes_down", "bytes"), ("helper", "secctx"))

    def pair(self):
        """What is absent at either side is neither equal nor unequal, nor before or behind."""
        columns = self.random.choice(self.PAIRS)
        left, right = self.random.choice(columns), self.random.choice(columns)
        signs = self.EQUALS if "helper" in columns else {**self.EQUALS, **ORDERS}
        relation = self.random.choice(sorted(signs))
        between = self.random.choice(("", " "))

        def test(flow):
            values = self.cell(left, flow), self.cell(right, flow)
            return None not in values and signs[relation](*values)
        return Filter(self.spelled(left) + between + relation + between + self.spelled(right), test)

    def cell(self, column, flow):
        """As something that python puts into the same order."""
        if column in ("source", "gateway", "destination"):
            end = getattr(flow, column)
            return end and (order_of(end.address), -1 if end.port is None else end.port)
        value = self.number_of(column, flow)
        if column in ("src", "gate", "dst"):
            return value and order_of(value)
        return value.lower() if isinstance(value, str) else value
