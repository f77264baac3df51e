// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which kind of file a name stands for is said by its first four bytes: a capture has a magic
// number, JSON opens an object, or an array of some, XML a declaration or an element. They may be
// long in coming through a pipe, so they are waited for like everything else: at the first read()s.
#include "natstat/intake/recording.hpp"

#include "archive_source.hpp"
#include "files.hpp"
#include "natstat/intake/text_source.hpp"
#include "natstat/model/descriptor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace natstat {

namespace {

constexpr std::size_t magic_size = 4;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF"; // UTF-8's, of some editors

/// pcap in both byte orders, with microseconds and nanoseconds, and pcapng.
constexpr std::array<std::string_view, 5> capture_magics{"\xD4\xC3\xB2\xA1", "\xA1\xB2\xC3\xD4",
                                                         "\x4D\x3C\xB2\xA1", "\xA1\xB2\x3C\x4D",
                                                         "\x0A\x0D\x0D\x0A"};

/// conntrack's text can open a bracket, too: before a word, or the digits of a time.
bool opens_json(std::string_view begin) {
    if (begin.starts_with('{'))
        return true;
    if (!begin.starts_with('['))
        return false;
    const auto next = begin.find_first_not_of(" \t\r\n", 1);
    return next == std::string_view::npos || begin[next] == '{' || begin[next] == ']';
}

/// A declaration, or an element; a diff has a blank behind its mark.
bool opens_xml(std::string_view begin) {
    return begin.starts_with("<?x") || begin.starts_with("<con") || begin.starts_with("<flo");
}

TextFormat format_of(std::string_view begin) {
    if (opens_json(begin))
        return TextFormat::json;
    return opens_xml(begin) ? TextFormat::xml : TextFormat::conntrack;
}

/// A source that becomes one of the others.
class FileSource final : public Source {
  public:
    FileSource(Descriptor descriptor, std::string name, int depth)
        : descriptor_(std::move(descriptor)), name_(std::move(name)), depth_(depth),
          archive_(is_archive(descriptor_.get())) {}

    [[nodiscard]] int fd() const override { return found_ ? found_->fd() : descriptor_.get(); }
    Progress read(Batch& batch) override { return found_ ? found_->read(batch) : find(); }
    void request_list(const ListQuery&) override {}
    [[nodiscard]] const std::optional<std::vector<Address>>& local_addresses() const override {
        return found_ ? found_->local_addresses() : Source::local_addresses();
    }
    [[nodiscard]] bool begins_anew() const override { return found_ && found_->begins_anew(); }
    [[nodiscard]] FileNotes notes() const override {
        return found_ ? found_->notes() : FileNotes{};
    }

  private:
    Progress find();
    std::unique_ptr<Source> unpack();

    Descriptor descriptor_;
    std::string name_;
    int depth_;    // so many it was packed in
    bool archive_; // files are in it
    std::string begin_;
    std::unique_ptr<Source> found_;
};

Progress FileSource::find() {
    pollfd wanted{descriptor_.get(), POLLIN, 0};
    if (poll(&wanted, 1, 0) <= 0)
        return Progress::idle;
    std::array<char, magic_size> bytes{};
    const ssize_t got = ::read(descriptor_.get(), bytes.data(), magic_size - begin_.size());
    if (got < 0) {
        if (errno == EAGAIN || errno == EINTR)
            return Progress::idle;
        throw Failure("cannot read " + name_ + ": " + std::strerror(errno));
    }
    begin_.append(bytes.data(), static_cast<std::size_t>(got));
    if (got != 0 && begin_.size() < magic_size)
        return Progress::more;
    if (archive_ || is_compressed(begin_)) {
        found_ = unpack();
        return Progress::more;
    }
    if (begin_.starts_with(byte_order_mark))
        begin_.erase(0, byte_order_mark.size());
    const bool capture =
        std::find(capture_magics.begin(), capture_magics.end(), begin_) != capture_magics.end();
    const auto pause = depth_ == 0 ? TextSource::Pause::of_writer : TextSource::Pause::of_unpacking;
    if (capture)
        found_ = std::make_unique<RecordingSource>(descriptor_.release(), name_, begin_);
    else
        found_ = std::make_unique<TextSource>(descriptor_.release(), name_, begin_,
                                              format_of(begin_), pause);
    return Progress::more;
}

std::unique_ptr<Source> open_descriptor(Descriptor descriptor, std::string name, int depth) {
    return std::make_unique<FileSource>(std::move(descriptor), std::move(name), depth);
}

std::unique_ptr<Source> FileSource::unpack() {
    const ArchiveLibrary* const library = archive_library();
    if (library == nullptr)
        throw Failure("cannot read " + name_ + ": it is packed, and there is no libarchive");
    return open_packed(*library, std::move(descriptor_), name_, begin_, depth_, open_descriptor);
}

/// Loads what unpacks while libraries can be opened: for what is packed, and for a pipe, of which
/// that shows later.
void prepare(const Descriptor& file) {
    std::array<char, magic_size> bytes{};
    const ssize_t got = pread(file.get(), bytes.data(), bytes.size(), 0);
    if (got < 0 || is_archive(file.get()) ||
        is_compressed({bytes.data(), static_cast<std::size_t>(got)}))
        static_cast<void>(archive_library());
}

} // namespace

std::string shown_name(const std::string& name) {
    return name == "-" ? "standard input" : name;
}

Descriptor open_to_read(const std::string& name) {
    // Not blocking: a FIFO is waited for like everything else, also while nobody has it open.
    Descriptor descriptor(name == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                      : open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (descriptor.get() < 0)
        throw Failure("cannot read " + shown_name(name) + ": " + std::strerror(errno));
    prepare(descriptor);
    return descriptor;
}

std::unique_ptr<Source> source_of(Descriptor descriptor, const std::string& name) {
    return open_descriptor(std::move(descriptor), name, 0);
}

std::unique_ptr<Source> open_file(const std::string& name) {
    return source_of(open_to_read(name), shown_name(name));
}

} // namespace natstat
