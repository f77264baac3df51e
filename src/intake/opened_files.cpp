// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A file is opened once, and its descriptor set back to where it stood then. Whoever reads it has a
// copy of the descriptor, which shares its place: so there is one reader at a time.
#include "natstat/intake/recording.hpp"

#include "files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace natstat {

namespace {

std::unique_ptr<Source> reopen(const Descriptor& file, std::int64_t start,
                               const std::string& name) {
    const bool back = start < 0 || lseek(file.get(), start, SEEK_SET) >= 0;
    Descriptor copy(back ? fcntl(file.get(), F_DUPFD_CLOEXEC, 0) : -1);
    if (copy.get() < 0)
        throw Failure("cannot read " + name + " again: " + std::strerror(errno));
    return source_of(std::move(copy), name);
}

} // namespace

OpenedFiles::OpenedFiles(const Files& files) {
    for (const std::string& name : files.names) {
        Descriptor file = open_to_read(name);
        const std::int64_t start = lseek(file.get(), 0, SEEK_CUR);
        files_.push_back({std::move(file), start, name});
    }
}

bool OpenedFiles::has_start() const {
    return std::all_of(files_.begin(), files_.end(),
                       [](const File& file) { return file.start >= 0; });
}

std::unique_ptr<Source> OpenedFiles::source() const {
    std::vector<NamedSource> sources;
    for (const File& file : files_)
        sources.push_back({file.name, reopen(file.descriptor, file.start, shown_name(file.name))});
    return sources.size() == 1 ? std::move(sources.front().source) : in_series(std::move(sources));
}

} // namespace natstat
