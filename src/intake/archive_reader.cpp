// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// libarchive pulls bytes out of a descriptor that is waited for together with the word to stop, and
// what it gives is pushed into a pipe in the same way. Only filters and formats that it has built
// in are switched on: for others it would start programs.
#include "archive_reader.hpp"

#include "natstat/model/source.hpp"
#include "ring.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

namespace natstat {

namespace {

constexpr const char* unpacking = "unpack a file";
constexpr std::size_t buffer_size = 64 * 1024;
/// Of an archive's members together: a table of a million flows is 200 MiB of text.
constexpr std::uint64_t most_held = std::uint64_t{1} << 30;
/// What comes of damage here is no judgement of what the file holds; bytes. Bounded, because a pipe
/// may never end, and a small file may hold very much.
constexpr std::uint64_t early_bytes = std::uint64_t{16} << 20;

/// Whether a file of this name in a bundle may tell of connections.
bool may_tell(std::string_view path) {
    const auto slash = path.rfind('/');
    std::string name(path.substr(slash == std::string_view::npos ? 0 : slash + 1));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return c < 0x80 ? std::tolower(c) : c; });
    return name.find("conntrack") != std::string::npos;
}

std::string why(int error) {
    return std::strerror(error);
}

} // namespace

ArchiveReader::ArchiveReader(const ArchiveLibrary& library, Descriptor packed, std::string begin)
    : library_(library), packed_(std::move(packed)), begin_(std::move(begin)), buffer_(buffer_size),
      found_event_(open_event(unpacking)), stop_event_(open_event(unpacking)),
      thread_(start_thread(
          unpacking, [](void* reader) { static_cast<ArchiveReader*>(reader)->run(); }, this)) {}

ArchiveReader::~ArchiveReader() {
    raise(stop_event_);
    thread_.join();
}

ArchiveReader::Found ArchiveReader::take() {
    const std::lock_guard lock(mutex_);
    clear(found_event_);
    Found found = std::move(found_);
    found_ = {{}, found.ended, found.failure, found.early};
    return found;
}

void ArchiveReader::tell(Member member) {
    const std::lock_guard lock(mutex_);
    found_.members.push_back(std::move(member));
    raise(found_event_);
}

void ArchiveReader::run() {
    std::string failure;
    try {
        failure = unpack();
    } catch (const std::exception& error) { // no memory
        failure = error.what();
    }
    const std::lock_guard lock(mutex_);
    found_.ended = true;
    found_.early = !failure.empty() && unpacked_ < early_bytes;
    found_.failure = std::move(failure);
    raise(found_event_);
}

std::string ArchiveReader::unpack() {
    const auto release = [this](archive* reading) { library_.read_free(reading); };
    const std::unique_ptr<archive, decltype(release)> reading(library_.read_new(), release);
    if (!reading)
        return why(ENOMEM);
    for (const auto filter : {library_.filter_gzip, library_.filter_bzip2, library_.filter_xz,
                              library_.filter_zstd, library_.format_tar, library_.format_raw})
        filter(reading.get());
    const auto failure = [&] {
        const char* const text = library_.error_string(reading.get());
        return std::string(text != nullptr ? text : "it is damaged");
    };
    if (library_.open(reading.get(), this, nullptr, &ArchiveReader::read, nullptr) != ARCHIVE_OK)
        return failure();
    archive_entry* entry = nullptr;
    int result = library_.next_header(reading.get(), &entry);
    for (; result == ARCHIVE_OK || result == ARCHIVE_WARN;
         result = library_.next_header(reading.get(), &entry)) {
        if (library_.format(reading.get()) == ARCHIVE_FORMAT_RAW)
            return stream(reading.get());
        const char* const path = library_.pathname(entry);
        if (path == nullptr || library_.filetype(entry) != AE_IFREG || !may_tell(path))
            continue;
        if (std::string wrong = unpack_member(reading.get(), path); !wrong.empty())
            return wrong;
    }
    return result == ARCHIVE_EOF ? std::string() : failure();
}

/// A file that is compressed and no archive.
std::string ArchiveReader::stream(archive* reading) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        return why(errno);
    const Descriptor out(ends[1]);
    tell({{}, Descriptor(ends[0])});
    return copy(reading, out.get(), UINT64_MAX);
}

std::string ArchiveReader::unpack_member(archive* reading, const std::string& name) {
    Descriptor file(memfd_create("natstat", MFD_CLOEXEC));
    if (file.get() < 0)
        return why(errno);
    if (std::string wrong = copy(reading, file.get(), most_held); !wrong.empty())
        return wrong;
    if (lseek(file.get(), 0, SEEK_SET) != 0)
        return why(errno);
    tell({name, std::move(file)});
    return {};
}

std::string ArchiveReader::copy(archive* reading, int out, std::uint64_t most) {
    std::array<char, buffer_size> bytes; // NOLINT: filled by the call
    bool wanted = true;
    while (wanted || unpacked_ < early_bytes) {
        const la_ssize_t got = library_.data(reading, bytes.data(), bytes.size());
        if (got < 0) {
            const char* const text = library_.error_string(reading);
            return text != nullptr ? text : "it is damaged";
        }
        if (got == 0)
            return {};
        unpacked_ += static_cast<std::uint64_t>(got);
        if (unpacked_ > most)
            return "what it holds of connections is more than a gigabyte";
        if (!wanted)
            continue;
        const int error = pass_on(out, {bytes.data(), static_cast<std::size_t>(got)});
        if (error == ECANCELED)
            return {};
        if (error != 0 && error != EPIPE)
            return why(error);
        wanted = error == 0;
    }
    return {};
}

/// Gives an errno, 0 when all are there: EPIPE when nobody wants them any more, ECANCELED when it
/// shall end.
int ArchiveReader::pass_on(int out, std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t written = ::write(out, bytes.data(), bytes.size());
        if (written > 0)
            bytes.remove_prefix(static_cast<std::size_t>(written));
        else if (errno == EAGAIN && !wait_for(out, POLLOUT))
            return ECANCELED;
        else if (errno != EAGAIN && errno != EINTR)
            return errno;
    }
    return 0;
}

/// False when it shall end.
bool ArchiveReader::wait_for(int descriptor, short what) const {
    std::array<pollfd, 2> wanted{pollfd{descriptor, what, 0}, pollfd{stop_event_.get(), POLLIN, 0}};
    while (poll(wanted.data(), wanted.size(), -1) < 0)
        if (errno != EINTR)
            return false;
    return wanted[1].revents == 0;
}

ssize_t ArchiveReader::read(archive* reading, void* reader, const void** bytes) {
    return static_cast<ArchiveReader*>(reader)->read(reading, bytes);
}

/// archive_read_callback: bytes, 0 at the end, negative for an error.
ssize_t ArchiveReader::read(archive* reading, const void** bytes) {
    *bytes = buffer_.data();
    if (!begin_.empty()) {
        const std::size_t size = begin_.copy(buffer_.data(), buffer_.size());
        begin_.erase(0, size);
        return static_cast<ssize_t>(size);
    }
    while (wait_for(packed_.get(), POLLIN)) {
        const ssize_t got = ::read(packed_.get(), buffer_.data(), buffer_.size());
        if (got >= 0)
            return got;
        if (errno != EAGAIN && errno != EINTR) {
            library_.set_error(reading, errno, "%s", std::strerror(errno));
            return -1;
        }
    }
    return 0; // nobody wants it any more
}

} // namespace natstat
