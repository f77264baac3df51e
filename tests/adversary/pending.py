# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Kinds of entries and answers that natstat does not get right yet, and that are left out until it does. The
list is to be empty."""

PENDING = set()
