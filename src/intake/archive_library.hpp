// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// libarchive's functions, loaded when something packed is to be read and not before: a list, which
// is what natstat is mostly asked for, does not pay for it. Private to the room intake.
#pragma once

#include "natstat/load/library.hpp"

#include <archive.h>
#include <archive_entry.h>

namespace natstat {

class ArchiveLibrary {
    Library library_{"libarchive.so.13"};

  public:
    decltype(&archive_read_new) read_new = library_["archive_read_new"];
    decltype(&archive_read_free) read_free = library_["archive_read_free"];
    decltype(&archive_read_support_filter_gzip) filter_gzip =
        library_["archive_read_support_filter_gzip"];
    decltype(&archive_read_support_filter_bzip2) filter_bzip2 =
        library_["archive_read_support_filter_bzip2"];
    decltype(&archive_read_support_filter_xz) filter_xz =
        library_["archive_read_support_filter_xz"];
    decltype(&archive_read_support_filter_zstd) filter_zstd =
        library_["archive_read_support_filter_zstd"];
    decltype(&archive_read_support_format_tar) format_tar =
        library_["archive_read_support_format_tar"];
    decltype(&archive_read_support_format_raw) format_raw =
        library_["archive_read_support_format_raw"];
    decltype(&archive_read_open) open = library_["archive_read_open"];
    decltype(&archive_read_next_header) next_header = library_["archive_read_next_header"];
    decltype(&archive_read_data) data = library_["archive_read_data"];
    decltype(&archive_set_error) set_error = library_["archive_set_error"];
    decltype(&archive_error_string) error_string = library_["archive_error_string"];
    decltype(&archive_format) format = library_["archive_format"];
    decltype(&archive_entry_pathname) pathname = library_["archive_entry_pathname"];
    decltype(&archive_entry_filetype) filetype = library_["archive_entry_filetype"];
};

/// The library; null where there is none, or an older one that lacks a function. It is opened at
/// the first call.
[[nodiscard]] const ArchiveLibrary* archive_library();

} // namespace natstat
