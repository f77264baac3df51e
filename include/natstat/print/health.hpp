// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// How connection tracking fares: sentences for people, one object of fields for programs.
#pragma once

#include "natstat/model/health.hpp"
#include "natstat/print/output.hpp"

namespace natstat {

/// Short aligned lines, what should be looked at first; each ends with a newline.
[[nodiscard]] std::string health_text(const Health& health);

/// One JSON object on one line, null for what is not known; does not flush.
void print_health_json(const Health& health, Output& output);

} // namespace natstat
