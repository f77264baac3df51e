// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The binary interface has had this name in all distributions since 2012.
#include "archive_library.hpp"

#include "natstat/model/source.hpp"

#include <memory>

NATSTAT_LOADS("archives", "Packed files are read", "recommended", "\\\"libarchive.so.13\\\"");

namespace natstat {

namespace {

std::unique_ptr<const ArchiveLibrary> load() {
    try {
        return std::make_unique<ArchiveLibrary>();
    } catch (const Failure&) {
        return nullptr;
    }
}

} // namespace

const ArchiveLibrary* archive_library() {
    static const auto loaded = load();
    return loaded.get();
}

} // namespace natstat
