// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Files inside of a file, as a source. Private to the room intake.
#pragma once

#include "archive_library.hpp"
#include "natstat/model/descriptor.hpp"
#include "natstat/model/source.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace natstat {

/// Whether this is how gzip, xz, zstd or bzip2 begin; four bytes are enough.
[[nodiscard]] bool is_compressed(std::string_view begin);

/// Whether the file is an archive of files (tar), which shows behind its first bytes; what can not
/// be read at any place is none.
[[nodiscard]] bool is_archive(int descriptor);

/// Makes a source of what a descriptor holds, which may be packed again; `name` is for messages.
using OpenDescriptor = std::unique_ptr<Source> (*)(Descriptor descriptor, std::string name,
                                                   int depth);

/// A compressed file is what it holds. Of an archive it is what the members tell whose name has
/// "conntrack" in it: they are of one moment, so their lists are one; members that tell of no
/// connections are passed over, and named. Where the file is damaged, what comes before that is
/// told, and that it is damaged. `begin` are bytes that were read from the descriptor already.
/// `depth`: so many it is packed in already.
[[nodiscard]] std::unique_ptr<Source> open_packed(const ArchiveLibrary& library,
                                                  Descriptor descriptor, std::string name,
                                                  std::string begin, int depth,
                                                  OpenDescriptor open);

} // namespace natstat
