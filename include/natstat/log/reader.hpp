// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The log on the box as a source: what was told, in the order in which it happened. What somebody
// wants to know of one moment, and of one port, is looked up and not read.
#pragma once

#include "natstat/model/source.hpp"

#include <memory>
#include <optional>
#include <string>

namespace natstat::log {

/// The first and the last nanosecond of what is asked for.
struct Window {
    Time first{};
    Time last{};
};

/// The end of a log, for which what lives is enough.
inline constexpr Window at_the_end{Time::max(), Time::max()};

/// Whether this is the name of a directory.
[[nodiscard]] bool is_directory(const std::string& name);

/// Opens the days of the directory, or of a window those that tell of it: then only what was there
/// at some time of it comes. request_list() leaves out more. Its files can be written meanwhile;
/// nothing of that comes. Throws Failure.
[[nodiscard]] std::unique_ptr<Source> open_directory(const std::string& name,
                                                     const std::optional<Window>& window);

} // namespace natstat::log
