// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What every file of tests includes, compiled once. No guard: see standard.hpp.

#include "../../src/pch/standard.hpp"
#include "../catch.hpp"
