// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What fuzzers share: what must hold, and the bytes that they were given as a file.
#pragma once

#include "natstat/model/descriptor.hpp"

#include <cstdlib>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

namespace natstat::fuzz {

/// Aborts, which is a finding, where it does not.
inline void require(bool holds) {
    if (!holds)
        std::abort();
}

/// A file in memory with these bytes, at its start.
[[nodiscard]] inline Descriptor file_of(std::string_view bytes) {
    Descriptor file(memfd_create("fuzz", MFD_CLOEXEC));
    require(file.get() >= 0 &&
            write(file.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
            lseek(file.get(), 0, SEEK_SET) == 0);
    return file;
}

} // namespace natstat::fuzz
