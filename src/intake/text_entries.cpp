// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Entries out of the lines of conntrack's text: lines are joined, lists kept apart, and what a
// reader of the answer should know of the text is noted. What a line says is text_line.cpp's.
#include "natstat/intake/text_source.hpp"
#include "text_date.hpp"
#include "text_join.hpp"
#include "text_reader.hpp"

#include <array>
#include <utility>

namespace natstat {

namespace {

constexpr std::size_t index_of(StampLack lack) {
    return static_cast<std::size_t>(lack);
}

/// An entry of a list that is whole by itself and has nothing in front of it.
bool is_plain(const TextEntry& entry) {
    return entry.good() && entry.closed() && entry.prefix().empty() &&
           entry.event().kind == EventKind::listed;
}

class TextEntries final : public TextReader {
  public:
    explicit TextEntries(TakeOdd odd);

    void take(const SourceLine& line, Batch& batch) override;
    void pause(Batch& batch) override;
    void finish(Batch& batch) override;
    [[nodiscard]] const Lists& lists() const override { return lists_; }
    [[nodiscard]] std::vector<std::string> remarks() const override;

  private:
    void take_remark(std::string_view text, std::uint64_t number);
    void take_listed(const TextEntry& entry, std::uint64_t line);
    void take_entry(const Said& said, std::uint64_t line);
    void take_odd(const OddText& odd);
    void take_border(std::string_view text);
    void date_entry();
    void end_list();
    void note(const Said& said);

    TakeOdd odd_;
    Batch* batch_ = nullptr; // of the call
    Lists lists_;
    LineJoiner joiner_;
    bool only_lists_ = true;
    Time list_time_{};                      // of the present list's entries, the last
    Time border_time_{};                    // of the date in front of it
    bool dates_first_ = false;              // such a one stands in front of the first list, too
    std::array<std::uint64_t, 5> stamps_{}; // how many, by what they lack
    bool come_ = false;                     // entries that a diff marks so
    std::uint64_t gone_ = 0;
    bool deleted_ = false; // conntrack says that it has deleted what it shows
};

TextEntries::TextEntries(TakeOdd odd)
    : odd_(std::move(odd)), lists_([this] { end_list(); }),
      joiner_({[this](const Said& said, std::uint64_t line) { take_entry(said, line); },
               [this](const OddText& text) { take_odd(text); }}) {}

void TextEntries::take(const SourceLine& line, Batch& batch) {
    batch_ = &batch;
    if (line.too_long) {
        joiner_.flush();
        return take_odd({line.number, line.text, {}, "it is longer than any line may be"});
    }
    const auto text = line.text.substr(0, line.text.size() - (line.text.ends_with('\r') ? 1 : 0));
    const TextEntry entry(text);
    if (is_plain(entry) && !joiner_.holds())
        return take_listed(entry, line.number);
    if (entry.good() || entry.began())
        return joiner_.take(text, line.number, entry, line.whole);
    if (is_remark(text))
        return take_remark(text, line.number);
    if (is_border(text))
        return take_border(text);
    if (joiner_.goes_on(text))
        return joiner_.take(text, line.number, entry, line.whole);
    joiner_.flush();
    take_odd({line.number, text, entry.wrong(), {}});
}

void TextEntries::take_remark(std::string_view text, std::uint64_t number) {
    joiner_.flush();
    if (tells_loss(text)) {
        only_lists_ = false;
        batch_->events.emplace_back().kind = EventKind::lost;
    }
    deleted_ = deleted_ || (text.ends_with(" flow entries have been deleted.") &&
                            text.find("): 0 ") == std::string_view::npos);
    lists_.take_remark(text, number);
}

void TextEntries::pause(Batch& batch) {
    batch_ = &batch;
    joiner_.flush_event();
}

void TextEntries::finish(Batch& batch) {
    batch_ = &batch;
    joiner_.flush();
    lists_.take_border();
}

/// The short way of a plain one.
void TextEntries::take_listed(const TextEntry& entry, std::uint64_t line) {
    lists_.take_entry(&entry.event().flow, line);
    entry.append_to(*batch_);
    date_entry();
    lists_.entry_told();
}

void TextEntries::take_entry(const Said& said, std::uint64_t line) {
    const bool listed = said.event.kind == EventKind::listed;
    if (listed) {
        lists_.take_entry(&said.event.flow, line);
    } else {
        only_lists_ = false;
    }
    said.append_to(*batch_);
    note(said);
    if (!listed)
        return;
    date_entry();
    lists_.entry_told();
}

void TextEntries::take_odd(const OddText& odd) {
    ++batch_->odd;
    odd_(odd);
}

/// `date; conntrack -L` again and again: each list is of the time in front of it. Where the first
/// one has none, a date may belong to what stands before it, and tells nothing.
void TextEntries::take_border(std::string_view text) {
    joiner_.flush();
    lists_.take_border();
    const Stamp stamp = stamp_at(text);
    dates_first_ = dates_first_ || (stamp.found && lists_.count() == 0);
    if (!stamp.found || !dates_first_)
        return;
    ++stamps_[index_of(stamp.lack)];
    border_time_ = stamp.time;
}

void TextEntries::date_entry() {
    Event& entry = batch_->events.back();
    if (entry.time == Time{})
        entry.time = border_time_;
    list_time_ = std::max(list_time_, entry.time);
}

void TextEntries::end_list() {
    Event& end = batch_->events.emplace_back();
    end.kind = EventKind::list_end;
    end.whole = only_lists_;
    end.time = std::max(std::exchange(list_time_, Time{}), border_time_);
}

/// Takes note of what stands in front of it.
void TextEntries::note(const Said& said) {
    if (said.stamp.found)
        ++stamps_[index_of(said.stamp.lack)];
    gone_ += said.mark == DiffMark::gone ? 1 : 0;
    come_ = come_ || said.mark == DiffMark::come;
}

std::vector<std::string> TextEntries::remarks() const {
    constexpr struct {
        StampLack lack;
        std::string_view text;
    } sentences[] = {{StampLack::zone,
                      "the times in front of the entries name no time zone: read as local time"},
                     {StampLack::year, "the times in front of the entries have no year: not taken"},
                     {StampLack::date, "the times in front of the entries have no date: not taken"},
                     {StampLack::boot,
                      "the times in front of the entries count from an unknown start of a "
                      "machine: not taken"}};
    std::vector<std::string> found;
    for (const auto& [lack, text] : sentences)
        if (stamps_[index_of(lack)] != 0)
            found.emplace_back(text);
    if (deleted_)
        found.emplace_back(
            "entries in this file were deleted when they were printed (conntrack -D), "
            "and are shown as they were");
    if (gone_ != 0 && come_)
        found.push_back(
            "a difference of two lists: " + std::to_string(gone_) +
            (gone_ == 1 ? " entry of the first one is" : " entries of the first one are") +
            " shown as well");
    return found;
}

} // namespace

std::unique_ptr<TextReader> read_entries(TakeOdd odd) {
    return std::make_unique<TextEntries>(std::move(odd));
}

} // namespace natstat
