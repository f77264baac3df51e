// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The number in the remark says which entries belong to its list; without one the borders do.
#include "text_lists.hpp"

#include "text_date.hpp"
#include "text_fields.hpp"

#include <algorithm>
#include <utility>

namespace natstat {

namespace {

/// "5" of "conntrack v1.4.7 (conntrack-tools): 5 flow entries have been shown."
std::optional<std::uint64_t> entries_shown(std::string_view remark) {
    constexpr std::string_view before = "): ";
    const auto begin = remark.find(before);
    if (begin == std::string_view::npos || !remark.ends_with(" flow entries have been shown."))
        return std::nullopt;
    remark.remove_prefix(begin + before.size());
    std::uint64_t number = 0;
    return read_number(remark.substr(0, remark.find(' ')), number) ? std::optional(number)
                                                                   : std::nullopt;
}

} // namespace

void Lists::take_entry(const Flow* flow, std::uint64_t line) {
    // Tables are listed in the order of their hashes, so that a second list begins like the first.
    // Of one entry nothing changes when it comes again.
    if (flow != nullptr && open_ && entries_ > 1 && has_first_ && same_connection(first_, *flow))
        end();
    if (!open_)
        begin(line);
    if (!has_first_ && entries_ == 0 && flow != nullptr) {
        first_ = *flow;
        has_first_ = true;
    }
    ++entries_;
}

void Lists::entry_told() {
    if (expected_ && entries_ >= *expected_)
        end();
}

void Lists::take_remark(std::string_view remark, std::uint64_t line) {
    const auto shown = entries_shown(remark);
    if (!shown)
        return;
    if (!open_)
        begin(line);
    expected_ = shown;
    entry_told();
}

void Lists::take_opening(std::uint64_t line) {
    take_border();
    begin(line);
}

void Lists::take_border() {
    if (open_)
        end();
}

void Lists::begin(std::uint64_t line) {
    ++count_;
    line_before_ = std::exchange(last_line_, line);
    open_ = true;
    has_first_ = false;
    entries_ = 0;
    expected_.reset();
}

void Lists::end() {
    open_ = false;
    // A remark that belongs to a list whose end was known already begins none.
    const bool never_came = entries_ == 0 && expected_.value_or(0) != 0;
    if (never_came) {
        --count_;
        last_line_ = line_before_;
    } else {
        ended_();
    }
}

bool is_empty_list(std::string_view remark) {
    return entries_shown(remark) == 0;
}

bool is_border(std::string_view line) {
    constexpr std::string_view commands[] = {"conntrack -L", "conntrack --dump",
                                             "/proc/net/nf_conntrack", "/proc/net/ip_conntrack"};
    if (std::any_of(std::begin(commands), std::end(commands), [&](std::string_view command) {
            return line.find(command) != std::string_view::npos;
        }))
        return true;
    const Stamp stamp = stamp_at(line);
    constexpr std::size_t longest_date = 40;
    return stamp.found && stamp.lack <= StampLack::year && line.size() <= longest_date &&
           line.find('=') == std::string_view::npos;
}

} // namespace natstat
