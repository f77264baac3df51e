// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The flows that existed at a moment of a recording or an event log (--at).
#pragma once

#include "natstat/ask/question.hpp"
#include "natstat/gather/list_end.hpp"

namespace natstat {

/// The flows that existed at some time of a moment, as they were at the end of that, or when they
/// ended. Of a flow that is mentioned only later, and existed already, its state is there where
/// that is told; counters and timeout are not. What the answer may lack is among the complaints.
/// Throws Failure when the file does not tell what the question needs, and when it does not reach
/// over the moment.
ListEnd read_file_at(Source& source, const Moment& moment, const Question& question,
                     std::string_view name, Surroundings& around,
                     const std::function<void(const Row&)>& take);

} // namespace natstat
