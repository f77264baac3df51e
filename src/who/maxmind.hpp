// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The part of libmaxminddb that is used. It is loaded with the first database.
#pragma once

#include "natstat/load/library.hpp"

#include <maxminddb.h>

namespace natstat {

class MaxMind {
    Library library_{"libmaxminddb.so.0"};

  public:
    decltype(&MMDB_open) open = library_["MMDB_open"];
    decltype(&MMDB_close) close = library_["MMDB_close"];
    decltype(&MMDB_lookup_sockaddr) lookup = library_["MMDB_lookup_sockaddr"];
    decltype(&MMDB_aget_value) value = library_["MMDB_aget_value"];
    decltype(&MMDB_read_node) read_node = library_["MMDB_read_node"];
    decltype(&MMDB_strerror) error_text = library_["MMDB_strerror"];
};

/// Throws Failure, with the reason alone, when the library is not there.
[[nodiscard]] const MaxMind& maxmind();

} // namespace natstat
