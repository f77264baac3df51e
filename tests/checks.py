# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a check in Python is: it counts, and one that fails says so with a few lines."""

passed = failed = 0


def check(good, what, *more):
    """Counts; `more` are lines that help to see why. Gives `good` back."""
    global passed, failed
    if good:
        passed += 1
        return good
    failed += 1
    print(f"FAIL {what}")
    for line in more:
        print(f"     {line}")
    return good


def closing_line():
    return f"{passed} passed, {failed} failed, 0 skipped"
