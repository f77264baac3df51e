// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What files of this machine know of addresses: lists of networks, and databases of who has an
// address. Read once; nothing is fetched from anywhere. What others have written into them is taken
// as far as it can be understood, and what can not is said.
#pragma once

#include "natstat/model/health.hpp"
#include "natstat/table/who.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace natstat {

/// Where to look.
struct Places {
    std::vector<std::string> lists; // files of networks that were named
    /// Directories with further ones, of which all are read; a list that was named goes before.
    std::vector<std::string> list_directories{"/etc/natstat/networks.d"};
    /// Directories with databases (*.mmdb).
    std::vector<std::string> database_directories;
};

/// The usual places of databases, and $XDG_DATA_HOME/GeoIP.
[[nodiscard]] std::vector<std::string> database_directories();

/// When the databases in these directories were made; none where libmaxminddb is missing.
[[nodiscard]] std::vector<DatabaseDate> database_dates(const std::vector<std::string>& directories);

/// All that is wanted and can be found. `complain` hears what is missing, broken or old. Throws
/// Failure where a list that was named can not be read.
[[nodiscard]] std::unique_ptr<Who>
open_directory(Knowledge wanted, const Places& places,
               const std::function<void(std::string_view)>& complain);

} // namespace natstat
