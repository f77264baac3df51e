// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

#include "line.hpp"

#include "natstat/table/shorten.hpp"

#include <algorithm>

namespace natstat {

void Line::put(std::string_view text, Role role) {
    if (fits(width_of(text)))
        column_ = frame_.put(row_, column_, text, role);
}

void Line::put_cut(std::string_view text, Role role) {
    column_ = frame_.put(row_, column_, shortened_end(text, room()), role);
}

void Line::put_last(std::string_view text, Role role) {
    const std::size_t width = width_of(text);
    if (!fits(width))
        return;
    end_ -= width;
    frame_.put(row_, end_, text, role);
}

std::string grouped_digits(std::uint64_t value) {
    const std::string digits = std::to_string(value);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i != 0 && (digits.size() - i) % 3 == 0)
            text += ',';
        text += digits[i];
    }
    return text;
}

std::string short_count(std::uint64_t value) {
    constexpr std::uint64_t whole = 99'999; // up to here each one matters
    return value <= whole ? grouped_digits(value)
                          : to_text(Bytes{value}, {nullptr, false, true, false});
}

std::string speed_text(double bytes_a_second, bool bits) {
    const auto value = static_cast<std::uint64_t>(std::max(bytes_a_second, 0.0));
    return to_text(Rate{value}, {nullptr, false, true, bits}) + (bits ? "b/s" : "B/s");
}

} // namespace natstat
