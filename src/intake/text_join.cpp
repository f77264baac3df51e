// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Where a line was broken, a blank may have been or not: both are tried, and what can be read in
// one way alone is what was there.
#include "text_join.hpp"

#include <algorithm>
#include <cstring>

namespace natstat {

namespace {

constexpr std::size_t most_pieces = 32;
constexpr std::size_t longest_joined = 4096;
constexpr std::size_t most_doubts = 6; // 64 ways

bool starts_blank(std::string_view text) {
    return text.starts_with(' ') || text.starts_with('\t');
}

/// Nothing of the entry can be missing. The end of an event's line is its end, unless others
/// follow that belong to it.
bool is_whole(const TextEntry& entry) {
    return entry.good() && (entry.closed() || entry.event().kind != EventKind::listed);
}

/// Whether two readings say the same.
bool agree(const TextEntry& a, const TextEntry& b) {
    static_assert(std::has_unique_object_representations_v<decltype(Flow::address)>);
    Batch batch;
    a.append_to(batch);
    b.append_to(batch);
    return std::memcmp(&batch.events[0].flow, &batch.events[1].flow, sizeof(Flow)) == 0;
}

/// The marks in front of a quoted line, which stand before all of its lines.
std::string_view quote_of(std::string_view line, const TextEntry& entry) {
    const bool marks = !entry.prefix().empty() &&
                       entry.prefix().find_first_not_of(">|+-< ") == std::string_view::npos;
    return marks ? line.substr(0, entry.begin()) : std::string_view{};
}

/// Whether more of it may follow: it is a piece of an entry, or its last word is one.
bool may_go_on(std::string_view line, const TextEntry& entry) {
    return entry.good() || entry.wrong().empty() || line.ends_with(entry.wrong());
}

} // namespace

bool LineJoiner::goes_on(std::string_view line) const {
    if (pieces_.empty() || pieces_.size() == most_pieces)
        return false;
    if (!event_ || starts_blank(line))
        return true;
    const auto word = line.substr(0, line.find(' '));
    return word.starts_with('[') || word.find('=') != std::string_view::npos ||
           (word.front() >= '0' && word.front() <= '9');
}

void LineJoiner::take(std::string_view line, std::uint64_t number, const TextEntry& entry,
                      bool whole) {
    if (!entry.began() && !entry.good()) {
        if (!mark_.empty() && line.starts_with(mark_))
            line.remove_prefix(mark_.size());
        pieces_.emplace_back(line);
        whole_ = whole;
        return;
    }
    flush();
    if (entry.good() && entry.closed())
        return told_.entry(entry.said(), number);
    if (!may_go_on(line, entry))
        return told_.odd({number, line, entry.wrong(), {}});
    pieces_.emplace_back(line);
    mark_ = quote_of(line, entry);
    line_ = number;
    if (entry.good() && entry.event().kind != EventKind::listed)
        event_ = entry.said();
    whole_ = whole;
}

void LineJoiner::settle() {
    if (pieces_.size() == 1) {
        settle_one();
    } else if (const auto text = joined()) {
        const TextEntry entry(*text);
        told_.entry(entry.said(), line_);
    } else {
        told_.odd({line_, pieces_.front(), {}, "its pieces make no entry"});
    }
    pieces_.clear();
    event_.reset();
}

void LineJoiner::settle_one() {
    const bool cut_with_file = !whole_ && !pieces_.front().ends_with(']');
    if (event_ && !cut_with_file)
        return told_.entry(*event_, line_);
    const TextEntry entry(pieces_.front());
    told_.odd({line_, pieces_.front(), entry.wrong(),
               entry.wrong().empty() || entry.good() ? "it ends too early" : ""});
}

/// The pieces as one line, if there is one way alone in which they are one.
std::optional<std::string> LineJoiner::joined() const {
    std::uint32_t doubtful = 0; // joints where a blank may have been
    std::size_t size = 0;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        size += pieces_[i].size() + 1;
        if (i != 0 && !starts_blank(pieces_[i]))
            doubtful |= 1U << i;
    }
    const auto doubts = static_cast<std::size_t>(__builtin_popcount(doubtful));
    if (size > longest_joined || doubts > most_doubts)
        return std::nullopt;
    std::optional<std::string> found;
    // Every subset of the doubtful joints, the empty one last.
    for (std::uint32_t blanks = doubtful;; blanks = (blanks - 1) & doubtful) {
        std::string text = joined_by(blanks);
        const TextEntry entry(text);
        if (is_whole(entry)) {
            if (found && !agree(TextEntry(*found), entry))
                return std::nullopt;
            found = std::move(text);
        }
        if (blanks == 0)
            return found;
    }
}

/// With a blank at the joints of which the bit is set.
std::string LineJoiner::joined_by(std::uint32_t blanks) const {
    std::string text;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        if ((blanks >> i & 1) != 0)
            text += ' ';
        text += pieces_[i];
    }
    return text;
}

} // namespace natstat
