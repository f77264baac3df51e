// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A file for what was seen of others. It tells who talked with whom, so a new one is for who made
// it alone to read; what is there already is not lost, and no link that somebody laid is followed.
#pragma once

#include "natstat/model/descriptor.hpp"
#include "natstat/model/source.hpp"

#include <cstddef>
#include <string>

namespace natstat {

/// Makes the file, or takes what is there under its name for what it is: a pipe, a device, or an
/// empty file that was made for this. "-" is standard output. A negative descriptor and errno when
/// it can not be.
[[nodiscard]] Descriptor open_new_file(const std::string& name);

/// Why open_new_file() or write_all() failed, and what helps, for behind a colon.
[[nodiscard]] std::string why_no_file(int error);

/// Writes all of it, also to a descriptor that somebody made non-blocking; 0 or an error number,
/// EINTR when an end is wanted and nobody reads.
[[nodiscard]] int write_all(int descriptor, const char* from, std::size_t size, StopCheck stop);

} // namespace natstat
