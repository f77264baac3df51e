# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Kinds of entries and answers that natstat does not get right yet, and that are left out until it does. The
list is to be empty."""

PENDING = {
    "zones",  # of one direction: two entries with one original tuple, told apart by nothing that is shown
    "echoes",  # two of ICMP that differ in type or code alone, in natstat's JSON
    "replied",  # state=replied finds nothing
    "idle",  # of an entry whose timeout is not the configured one
}
