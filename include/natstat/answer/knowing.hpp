// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The room who, in the terms of a question: what the columns that it looks at have to know.
#pragma once

#include "natstat/ask/question.hpp"
#include "natstat/gather/list_end.hpp"
#include "natstat/intake/recording.hpp"
#include "natstat/table/who.hpp"

#include <memory>

namespace natstat {

/// Reads it; null where nothing is asked. What is known of this machine alone is not asked about
/// the flows of files (none: the kernel's). Comes before the files of an answer are open, after
/// which no others can be (gather/confine.hpp). Throws Failure where a list that was named can not
/// be read.
[[nodiscard]] std::unique_ptr<Who> know(const Question& question, const Files& files,
                                        const Complain& complain);

} // namespace natstat
