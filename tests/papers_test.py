#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The papers beside the program and the tree: README.md, docs and the others. What a link leads to is there, and
every natstat command of a block of code is one that the program takes; on the recording where it asks the kernel;
what README.md says of memory was measured for docs/speed.md.

usage: papers_test.py NATSTAT [DIRECTORY]   (papers that are installed: their links alone)"""

import pathlib
import re
import shlex
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "man"))

import man_test  # noqa: E402

LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
# A block of another language has its name in front.
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What stands for a value that the reader has.
VALUES = {"$(docker inspect -f '{{.State.Pid}}' web)": "1"}


def links(test, paper):
    for target in LINK.findall(paper.read_text()):
        test.check((paper.parent / target).exists(), f"{paper.name} leads to {target}, which is not there")


def figures(test):
    """The short word on memory in README.md has no figure that docs/speed.md has not."""
    short, measured = (" ".join((ROOT / paper).read_text().split()) for paper in ("README.md", "docs/speed.md"))
    told = re.findall(r"\b\d+ (?:MB|bytes a flow)\b", short)
    for figure in told:
        test.check(re.search(rf"\b{figure}\b", measured), f"README.md: {figure} is not in docs/speed.md")
    test.check(len(told) >= 2, f"README.md tells of memory in two figures, not {len(told)}")


def commands(paper):
    """The command lines of natstat in blocks of code, as words."""
    for language, block in BLOCK.findall(paper.read_text()):
        for line in [] if language else block.splitlines():
            for value, instead in VALUES.items():
                line = line.replace(value, instead)
            line = re.sub(r"\s+# .*$|^# ", "", line)
            for command in re.split(r" \| | >> |; ", line):
                words = shlex.split(command.removeprefix("sudo "))
                if words[:1] == ["ssh"]:
                    words = words[2:]
                if words[:1] == ["natstat"]:
                    yield command, words[1:]


def try_command(test, paper, command, words):
    letters = "".join(word for word in words if re.fullmatch(r"-[A-Za-z0-9]+", word))
    asks = ("--health", "--metrics", "--netns", "-i", "--ipfix", "--log", "--wait")
    alone = any(word in words for word in asks) or set("twf") & set(letters)
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        (place / "bundle").mkdir()
        (place / "packaging").mkdir()
        shutil.copy(ROOT / "tests" / "unit" / "data" / "conntrack_list_2to1.txt", place / "bundle" / "conntrack.txt")
        (place / "ip-ranges.json").write_text('{"prefixes": []}')
        shutil.copy(man_test.DEMO, place / "nat1.pcap")
        shutil.copy(man_test.DEMO, place / "packaging" / "demo.pcap")
        log = test.natstat(["-aE", "--json", "-f", str(man_test.DEMO)])
        (place / "nat.json").write_text(log.stdout)
        (place / "log").mkdir(mode=0o750)
        test.natstat(["--log", str(place / "log"), "-f", str(man_test.DEMO)])
        good, said = man_test.attempt(test, words if alone else [*words, "-f", str(man_test.DEMO)], folder, alone,
                                      may_be_silent=True)
    # A question may find nothing there; that it was understood is what is looked at.
    test.check(good and (alone or said.startswith("exit 0 ")), f"{paper.name}: '{command}' is no good example: {said}")


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    test = man_test.Test(program.parent)
    if len(sys.argv) > 2:
        papers = sorted(pathlib.Path(sys.argv[2]).rglob("*.md"))
        for paper in papers:
            links(test, paper)
        test.check(papers, "there are no papers")
    else:
        papers = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
        figures(test)
        tried = 0
        for paper in papers:
            links(test, paper)
            for command, words in commands(paper):
                try_command(test, paper, command, words)
                tried += 1
        test.check(tried >= 30, f"thirty commands, not {tried}")
    print(f"{test.passed} passed, {test.failed} failed, {test.skipped} skipped")
    return 1 if test.failed or not test.passed else 0


if __name__ == "__main__":
    sys.exit(main())
