// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Files that somebody else has written, read whole and never more of them than is sensible.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace natstat {

/// Why something can not be had: "Permission denied", "it is larger than 64 MiB".
struct Unread {
    std::string why;
};

/// The content of a file of at most so many bytes. It does not wait for anybody to write into a
/// FIFO.
[[nodiscard]] std::variant<std::string, Unread> read_small_file(const std::string& path,
                                                                std::size_t most);

/// The same of a regular file below a directory, by a relative path: no part of that is a symbolic
/// link, so that whoever writes there can not lead elsewhere.
[[nodiscard]] std::variant<std::string, Unread>
read_beneath(const std::string& directory, std::string_view path, std::size_t most);

/// Paths of the regular files in a directory whose names end like this and begin with no dot, by
/// name; none where there is no such directory.
[[nodiscard]] std::vector<std::string> files_in(const std::string& directory,
                                                const std::string& ending);

} // namespace natstat
