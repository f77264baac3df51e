#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual page beside the program: its tables are what the program's own tables give, mandoc and groff
take it without a warning and in 80 columns, its filters parse, and its examples do what they show.

usage: man_test.py BUILD            compares
       man_test.py BUILD --write    puts tables and the output of examples into man/natstat.8.in"""

import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "man" / "natstat.8.in"
DEMO = ROOT / "packaging" / "demo.pcap"
SHOWN_DEMO = "demo.pcap"
BLOCK = re.compile(r'^\.\\" begin (.+)\n(?:(?!\.\\" end).*\n)*\.\\" end\n', re.MULTILINE)
SECONDS = 300
ESCAPES = {r"\-": "-", r"\(aq": "'", r"\(ha": "^", r"\(ti": "~", r"\e": "\\", r"\&": ""}


class Test:
    def __init__(self, build):
        self.build = build
        self.program = build / "natstat"
        self.passed = self.failed = self.skipped = 0

    def check(self, good, what):
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        if not good:
            print("man:", what)

    def skip(self, what):
        self.skipped += 1
        print(f"man: {what}: skipped")

    def natstat(self, arguments, **more):
        return subprocess.run([self.program, *arguments], capture_output=True, text=True, timeout=SECONDS,
                              check=False, stdin=subprocess.DEVNULL,
                              env={**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8"}, **more)


def plain(text):
    """What roff makes of literal text."""
    for escape, character in ESCAPES.items():
        text = text.replace(escape, character)
    return text


def roff(text):
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq")
    return text.replace("^", r"\(ha").replace("~", r"\(ti")


def blocks(text):
    return {found.group(1): found.group(0) for found in BLOCK.finditer(text)}


def tables(test):
    """The blocks that the page is to have."""
    return blocks(subprocess.run([test.build / "tests" / "man-tables"], capture_output=True, text=True,
                                 timeout=SECONDS, check=True).stdout)


def compare_tables(test, page):
    wanted, there = tables(test), blocks(page)
    for name in wanted | there:
        test.check(wanted.get(name) == there.get(name),
                   f"'{name}' is not what the program has; {sys.argv[0]} BUILD --write rewrites it"
                   + ("" if name in there else f" below a line '.\\\" begin {name}' and above '.\\\" end'"))


def shown_examples(page):
    """Examples with their output: the place of the output in the page, the command, the output."""
    for found in re.finditer(r"^\.Bd -literal.*\n\$ (natstat .*)\n((?:(?!\.Ed).*\n)*)\.Ed\n", page, re.MULTILINE):
        yield found.span(2), shlex.split(plain(found.group(1)))[1:], found.group(2)


def output_of(test, arguments):
    done = test.natstat([str(DEMO) if word == SHOWN_DEMO else word for word in arguments])
    return roff(done.stdout) if done.returncode == 0 else f"exit {done.returncode}\n{done.stderr}"


def try_shown(test, page):
    examples = list(shown_examples(page))
    test.check(len(examples) >= 3, "three examples with their output")
    for _, arguments, shown in examples:
        now = output_of(test, arguments)
        test.check(now == shown and shown.count("\n") > 1, f"natstat {shlex.join(arguments)} prints\n{now}")


def try_examples(test, page):
    """Lists and summaries of the kernel are tried on the recording; what follows or asks the system, as
    it is, for a moment: it may lack the privilege, and must not be wrong usage."""
    lines = re.findall(r"^\.Dl [#$] (.*)$", page, re.MULTILINE)
    test.check(len(lines) >= 15, "fifteen examples without output")
    for line in map(plain, lines):
        test.check(len(line) <= 66, f"'{line}' is wide")
        # Of a pipeline, each natstat; what is asked of ssh is a command line, too.
        for command in re.split(r" \| | >> ", line):
            words = shlex.split(command)
            if "natstat" not in words:
                continue
            arguments = words[words.index("natstat") + 1:]
            letters = "".join(word for word in arguments if re.fullmatch(r"-[A-Za-z0-9]+", word))
            alone = any(word in arguments for word in ("--health", "--netns", "--wait")) or set("twf") & set(letters)
            with tempfile.TemporaryDirectory() as folder:
                bundle = pathlib.Path(folder) / "bundle"
                bundle.mkdir()
                shutil.copy(ROOT / "tests" / "unit" / "data" / "conntrack_list_2to1.txt",
                            bundle / "conntrack.txt")
                shutil.copy(DEMO, pathlib.Path(folder) / "nat1.pcap")
                good, said = attempt(test, arguments if alone else [*arguments, "-f", str(DEMO)], folder, alone)
            test.check(good, f"'{command}' is no good example: {said}")


def attempt(test, arguments, folder, alone, may_be_silent=False):
    """Whether it ends well. Alone it looks at the kernel, and may go on until it is told to stop."""
    child = subprocess.Popen([test.program, *arguments], cwd=folder, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        output, said = child.communicate(timeout=2 if alone else SECONDS)
    except subprocess.TimeoutExpired:  # a recording of the kernel goes on until it is told to stop
        child.send_signal(signal.SIGINT)
        output, said = child.communicate(timeout=SECONDS)
    status = (0, 1, -signal.SIGINT) if alone else (0,)
    speaks = alone or may_be_silent or output.strip()
    return child.returncode in status and speaks, f"exit {child.returncode} {said.decode()}"


def try_filters(test, page):
    section = page[page.index(".Ss Examples of filters"):page.index(".Sh LIVE VIEW")]
    filters = [plain(text) for text in re.findall(r'^\.It Ic "(.*)"$', section, re.MULTILINE)]
    test.check(len(filters) >= 12, "twelve examples of filters")
    for text in filters:
        done = test.natstat(["-na", "-f", str(DEMO), "--", text])
        events = test.natstat(["-aE", "-f", str(DEMO), "--", text])
        test.check(done.returncode == 0 or events.returncode == 0, f"filter '{text}': {done.stderr}")


TYPES = {"string": lambda value: isinstance(value, str),
         "whole number": lambda value: isinstance(value, int) and not isinstance(value, bool),
         "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
         "array of strings": lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value),
         "object": lambda value: isinstance(value, dict)}


def json_types(page):
    """The type of each column, as the page has it."""
    block = blocks(page)["json"]
    for kind, names in re.findall(r"^\.It (.*)\n((?:\\%\w+,?\n)+)", block, re.MULTILINE):
        for name in re.findall(r"\w+", names):
            yield name, kind


def has_its_types(test, page):
    """What programs are told of JSON is what they get, of flows, steps and groups. (Expectations are the kernel's.)"""
    types, seen, wrong = dict(json_types(page)), set(), {}
    ends = {part: kind for tuple_name in ("original", "reply")
            for part, kind in ((f"{tuple_name}_src", "string"), (f"{tuple_name}_sport", "whole number"),
                               (f"{tuple_name}_dst", "string"), (f"{tuple_name}_dport", "whole number"))}
    ends |= {"filter": "string", "run": "string"}  # of what stands between flows
    expected = re.findall(r"^\.It Cm (\w+)\n.*\(of --expectations\)$", page, re.MULTILINE)
    both = [name for name, kind in types.items() if kind == "members" and name not in expected]
    for options in (["-na", "-C", "+" + ",".join(both)], ["-aE"], ["-nb", "src,dport"],
                    ["-nP", "-C", "+holders"]):
        rows = test.natstat([*options, "--format", "jsonl", "-f", str(DEMO)]).stdout.splitlines()
        test.check(rows, f"natstat {shlex.join(options)} has rows")
        for row in map(json.loads, rows):
            for name, value in row.items():
                kind = types.get(name, ends.get(name))
                seen |= {name} if value is not None else set()
                if kind not in TYPES or value is not None and not TYPES[kind](value):
                    wrong[name] = f"'{name}' is to be a {kind}, and is {value!r} of natstat {shlex.join(options)}"
    test.check(not wrong, "; ".join(wrong.values()))
    test.check(len(seen) > 30, f"thirty members have values, not {len(seen)}")


def diagnose(test, page):
    """Messages under DIAGNOSTICS are the program's."""
    sources = "".join(file.read_text() for file in sorted((ROOT / "src").rglob("*.cpp")))
    said = re.sub(r'"\s*\n\s*"', "", sources)
    section = page[page.index(".Sh DIAGNOSTICS"):page.index(".Sh PRIVILEGES")]
    messages = re.findall(r'^\.It "(.*)"$', section, re.MULTILINE)
    test.check(len(messages) >= 7, "seven diagnostics")
    for message in messages:
        test.check(plain(message).split(":")[0].removeprefix("cannot ") in said, f"no message of the program has '{message}'")


def found_by_its_words(test, page):
    """What apropos looks at."""
    name = page[page.index(".Sh NAME"):page.index(".Sh SYNOPSIS")]
    for word in ("NAT", "conntrack", "masquerade", "port forwarding"):
        test.check(word in name, f"'apropos {word}' does not find it")
    first = page[:page.index(".Dl ")].count("\n")
    test.check(first < page.count("\n") / 10, f"the first example is in line {first}")


def lint(test, page):
    """As it is installed below /usr/local, which is the longest of the usual places."""
    page = page.replace("@datadir@", "/usr/local/share").replace("@version@", "0.2.0")
    test.check("@" not in page, "something is not filled in")
    if shutil.which("mandoc"):
        # Style, warnings and errors; not the conventions of the BSDs' own pages, such as a bare Os.
        done = subprocess.run(["mandoc", "-Tlint", "-Wstyle"], input=page, capture_output=True, text=True,
                              timeout=SECONDS, check=False)
        # Pages of other packages need not be here.
        said = [line for line in done.stdout.splitlines() if "referenced manual not found" not in line]
        test.check(not said, "mandoc says\n" + "\n".join(said))
    else:
        test.skip("mandoc is not installed")
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-mdoc", "-Tutf8", "-ww", "-rCHECKSTYLE=3", "-rLL=78n", "-P-c"], input=page,
                              capture_output=True, text=True, timeout=SECONDS, check=False)
        test.check(done.returncode == 0 and not done.stderr, "groff says\n" + done.stderr)
        lines = re.sub(r".\x08", "", done.stdout).splitlines()
        wide = [line for line in lines if len(line) > 80]
        test.check(len(lines) > 200 and not wide, "wider than 80 columns:\n" + "\n".join(wide))
    else:
        test.skip("groff is not installed")


def called_by_its_old_name(test):
    with tempfile.TemporaryDirectory() as folder:
        old = pathlib.Path(folder) / "netstat-nat"
        old.symlink_to(test.program)
        done = subprocess.run([old, "-z"], capture_output=True, text=True, timeout=SECONDS, check=False)
        test.check(done.stderr == "netstat-nat: unknown option '-z'\n" and done.returncode == 2,
                   f"netstat-nat -z: {done}")
        done = subprocess.run([old, "-h"], capture_output=True, text=True, timeout=SECONDS, check=False)
        test.check(done.stdout.startswith("Usage: netstat-nat ") and done.returncode == 0, "netstat-nat -h")
        done = subprocess.run([old, "-nN", "-f", DEMO], capture_output=True, text=True, timeout=SECONDS, check=False)
        test.check(done.stdout == test.natstat(["-nN", "-f", str(DEMO)]).stdout, "netstat-nat -nN")


def write(test, page):
    wanted = tables(test)
    page = BLOCK.sub(lambda found: wanted.get(found.group(1), found.group(0)), page)
    for span, arguments, _ in reversed(list(shown_examples(page))):
        page = page[:span[0]] + output_of(test, arguments) + page[span[1]:]
    PAGE.write_text(page)


def main():
    test = Test(pathlib.Path(sys.argv[1]).resolve())
    if "--write" in sys.argv[2:]:
        write(test, PAGE.read_text())
        return 0
    page = PAGE.read_text()
    compare_tables(test, page)
    try_shown(test, page)
    try_examples(test, page)
    try_filters(test, page)
    has_its_types(test, page)
    diagnose(test, page)
    found_by_its_words(test, page)
    lint(test, page)
    called_by_its_old_name(test)
    print(f"{test.passed} passed, {test.failed} failed, {test.skipped} skipped")
    return 1 if test.failed or not test.passed else 0


if __name__ == "__main__":
    sys.exit(main())
