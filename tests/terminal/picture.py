#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""README's picture of the live view, from a real screen: the recording of the lab, played for some
seconds in tmux, its characters and colours as SVG.

usage: picture.py NATSTAT >docs/live-view.svg"""

import html
import pathlib
import re
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from screen import Screen  # noqa: E402

ROWS, COLUMNS = 26, 118
WIDTH, HEIGHT = 8.4, 18  # of a character
LEVELS = (0, 95, 135, 175, 215, 255)  # of a part of one of the 216 colours
PLAIN, GROUND = "#dcdfe4", "#1e2127"


def color_of(number):
    """One of the 256 colours, of the 216 and the greys."""
    if number >= 232:
        return "#" + f"{8 + 10 * (number - 232):02x}" * 3
    cube = number - 16
    return "#" + "".join(f"{LEVELS[part]:02x}" for part in (cube // 36, cube // 6 % 6, cube % 6))


def cells_of(line):
    """(character, attributes) of a line with escape sequences; a colour is a text among them."""
    attributes, cells = set(), []
    for sequence, character in re.findall(r"\x1b\[([0-9;]*)m|\x1b\(.|([^\x1b])", line):
        if character:
            cells.append((character, frozenset(attributes)))
            continue
        numbers = [int(word or 0) for word in sequence.split(";")]
        while numbers:
            number = numbers.pop(0)
            if number in (0, 38, 39):
                attributes = {each for each in attributes if number and isinstance(each, int)}
            if number == 38:
                attributes.add(color_of(numbers[1]))
                del numbers[:2]
            elif number not in (0, 39):
                attributes.add(number)
    return cells


def runs_of(cells):
    """(first column, text, attributes) of neighbours that look alike."""
    runs = []
    for column, (character, attributes) in enumerate(cells):
        if runs and runs[-1][2] == attributes:
            runs[-1][1] += character
        else:
            runs.append([column, character, attributes])
    return runs


def svg_of(run, row):
    column, text, attributes = run
    x, y, width = column * WIDTH, row * HEIGHT, len(text) * WIDTH
    color = next((each for each in attributes if isinstance(each, str)), PLAIN)
    result, ink = "", color
    if 7 in attributes:
        result = f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{HEIGHT}" fill="{color}"/>'
        ink = GROUND
    style = ' font-weight="bold"' * (1 in attributes) + ' opacity="0.6"' * (2 in attributes)
    style += ' text-decoration="underline"' * (4 in attributes)
    if not text.strip():
        return result
    return (result + f'<text x="{x:.1f}" y="{y + 13.5}" fill="{ink}"{style} '
            f'textLength="{width:.1f}" xml:space="preserve">{html.escape(text)}</text>')


def main():
    words = ["env", "TERM=tmux-256color", sys.argv[1], "-t", "-a", "--no-config", "-f", "packaging/demo.pcap",
             "--speed", "2"]
    screen = Screen(words, (ROWS, COLUMNS))
    try:
        screen.shows("BYTES")
        time.sleep(6)
        lines = screen.text_with_escapes().rstrip("\n").split("\n")
    finally:
        screen.close()
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS * WIDTH:.0f} '
          f'{ROWS * HEIGHT}" font-family="monospace" font-size="14">')
    print(f'<rect width="100%" height="100%" fill="{GROUND}"/>')
    for row, line in enumerate(lines):
        for run in runs_of(cells_of(line)):
            if piece := svg_of(run, row):
                print(piece)
    print("</svg>")


main()
