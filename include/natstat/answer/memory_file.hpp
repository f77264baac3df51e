// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The file in which the live view remembers. Under sudo(8) it is that of the user who called it,
// and as little is done there as root as can be: it is read and written only if it is that user's,
// and it is never made.
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace natstat {

/// Whose file it is, and where.
struct MemoryFile {
    std::string path;             // empty: there is no home
    std::optional<uid_t> invoker; // of sudo
};

/// $XDG_CONFIG_HOME/natstat/top, or that below ~/.config; the variables are asked here.
[[nodiscard]] MemoryFile memory_file();

/// What is in it; `problem` says why it is not taken. A file that is not there has nothing.
struct Memory {
    std::string text;
    std::string problem;
};
[[nodiscard]] Memory read_memory(const MemoryFile& file);

/// Puts the text into it; outside of sudo it is made where it is not there. A sentence about how
/// that went.
[[nodiscard]] std::string write_memory(const MemoryFile& file, const std::string& text);

} // namespace natstat
