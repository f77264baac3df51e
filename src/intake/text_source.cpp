// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Lines out of a descriptor, as they come, each handed to the reader of its format; and the
// judgement that a file is no conntrack text at all. What a line means is not known here.
#include "natstat/intake/text_source.hpp"

#include "text_line.hpp"
#include "text_reader.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace natstat {

namespace {

constexpr std::size_t line_limit = 64 * 1024; // a longer line is odd
constexpr std::size_t read_size = 64 * 1024;
constexpr std::uint64_t judged_after = 64 * 1024; // bytes without anything that is understood
constexpr std::size_t excerpt_limit = 60;

/// The start of a line, fit for a message.
std::string excerpt(std::string_view line) {
    std::string text(line.substr(0, excerpt_limit));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return line.size() > excerpt_limit ? text + "..." : text;
}

/// The line and, where they are known, the word in it that is not understood and why.
std::string described(const OddText& odd) {
    std::string text;
    if (!odd.word.empty())
        text = "'" + excerpt(odd.word) + "' is not understood: ";
    else if (!odd.reason.empty())
        text = std::string(odd.reason) + ": ";
    return text + excerpt(odd.text);
}

/// Where in this line conntrack's closing remark starts, if the line ends with it.
std::size_t summary_start(std::string_view line) {
    if (!line.ends_with(" have been shown."))
        return std::string_view::npos;
    const auto start = line.rfind("conntrack v");
    return start != std::string_view::npos && is_conntrack_summary(line.substr(start))
               ? start
               : std::string_view::npos;
}

} // namespace

TextSource::TextSource(int descriptor, std::string name, std::string_view begin, TextFormat format,
                       Pause pause)
    : descriptor_(descriptor), name_(std::move(name)), format_(format), pause_(pause),
      buffer_(line_limit + read_size), end_(begin.size()) {
    const auto odd = [this](const OddText& text) { take_odd(text); };
    switch (format) {
    case TextFormat::conntrack:
        reader_ = read_entries(odd);
        break;
    case TextFormat::json:
        reader_ = read_json(name_, odd);
        break;
    case TextFormat::xml:
        reader_ = read_xml(odd);
        break;
    }
    assert(begin.size() <= line_limit);
    std::copy(begin.begin(), begin.end(), buffer_.begin());
}

TextSource::~TextSource() {
    ::close(descriptor_);
}

bool TextSource::readable() const {
    pollfd wanted{descriptor_, POLLIN, 0};
    return ::poll(&wanted, 1, 0) > 0;
}

Progress TextSource::read(Batch& batch) {
    if (ended_)
        return Progress::ended;
    if (!readable()) {
        if (pause_ == Pause::of_writer)
            reader_->pause(batch);
        return Progress::idle;
    }
    assert(buffer_.size() - end_ >= read_size);
    const ssize_t got = ::read(descriptor_, buffer_.data() + end_, read_size);
    if (got < 0) {
        if (errno == EAGAIN || errno == EINTR)
            return Progress::idle;
        throw Failure("cannot read " + name_ + ": " + std::system_category().message(errno));
    }
    end_ += static_cast<std::size_t>(got);
    take_lines(batch);
    if (got == 0)
        finish(batch);
    return ended_ ? Progress::ended : Progress::more;
}

/// Takes every whole line, and moves the rest to the front of the buffer.
void TextSource::take_lines(Batch& batch) {
    char* const data = buffer_.data();
    while (begin_ < end_) {
        char* const start = data + begin_;
        auto* const newline = static_cast<char*>(std::memchr(start, '\n', end_ - begin_));
        if (newline == nullptr)
            break;
        const std::string_view line(start, static_cast<std::size_t>(newline - start));
        begin_ = static_cast<std::size_t>(newline + 1 - data);
        const auto cut = format_ == TextFormat::json ? std::string_view::npos : summary_start(line);
        if (cut == std::string_view::npos || cut == 0 || skipping_ || line.size() > line_limit) {
            take_line(line, batch);
            continue;
        }
        // `conntrack -L > file 2>&1` puts the remark, which is not buffered, into the middle of a
        // line.
        begin_ -= cut;
        std::memmove(data + begin_, start, cut);
        ++line_number_;
    }
    if (end_ - begin_ > line_limit || skipping_)
        drop_long_line(batch);
    std::memmove(data, data + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
}

void TextSource::take_line(std::string_view text, Batch& batch, bool whole) {
    if (std::exchange(skipping_, false))
        return; // the end of a line that was counted when it began
    SourceLine line{text, ++line_number_, whole, text.size() > line_limit};
    bytes_ += text.size() + 1;
    const std::size_t before = batch.events.size();
    reader_->take(line, batch);
    understood_ = understood_ || batch.events.size() != before;
}

/// Drops the start of a line that is longer than any line may be; the rest goes as it comes.
void TextSource::drop_long_line(Batch& batch) {
    if (!skipping_)
        take_line({buffer_.data() + begin_, end_ - begin_}, batch, false);
    skipping_ = true;
    begin_ = end_;
}

void TextSource::finish(Batch& batch) {
    ended_ = true;
    const std::size_t before = batch.events.size();
    if (begin_ < end_)
        take_line({buffer_.data() + begin_, end_ - begin_}, batch, false);
    begin_ = end_ = 0;
    reader_->finish(batch);
    understood_ = understood_ || batch.events.size() != before;
    if (!understood_ && !first_odd_.empty())
        throw not_text(first_odd_line_, first_odd_);
}

/// Remembers the first odd line, and gives up on a text in which there was nothing else so far.
/// Judged line by line, so that it does not matter in which pieces the text came.
void TextSource::take_odd(const OddText& odd) {
    if (first_odd_.empty()) {
        first_odd_line_ = odd.line;
        first_odd_ = described(odd);
    }
    if (understood_)
        return;
    if (odd.text.substr(0, line_limit).find('\0') != std::string_view::npos)
        throw not_text(odd.line, "binary data");
    if (bytes_ >= judged_after)
        throw not_text(first_odd_line_, first_odd_);
}

FileNotes TextSource::notes() const {
    FileNotes notes;
    notes.remarks = reader_->remarks();
    if (!first_odd_.empty())
        notes.first_odd = "line " + std::to_string(first_odd_line_) + ": " + first_odd_;
    notes.lists = reader_->lists().count();
    notes.last_list_line = reader_->lists().last_line();
    return notes;
}

Failure TextSource::not_text(std::uint64_t line, const std::string& what) const {
    return Failure("cannot read " + name_ + ": not conntrack text (line " + std::to_string(line) +
                   ": " + what + ")");
}

} // namespace natstat
