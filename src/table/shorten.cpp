// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Widths are cells of a screen; addresses and ports are ASCII, names are not.
#include "natstat/table/shorten.hpp"

#include <algorithm>
#include <vector>

namespace natstat {

namespace {

/// "[2001:db8::1]:80" as an address that is shortened is written: a gap leaves no doubt where the
/// port begins, because that stands behind the last colon.
std::string without_brackets(std::string_view text) {
    std::string plain(text);
    if (plain.starts_with('[')) {
        plain.erase(plain.find(']'), 1);
        plain.erase(0, 1);
    }
    return plain;
}

/// The ends of groups of an address, each behind its colon.
std::vector<std::size_t> colons_of(std::string_view text) {
    std::vector<std::size_t> places;
    for (std::size_t at = text.find(':'); at != std::string_view::npos; at = text.find(':', at + 1))
        places.push_back(at);
    return places;
}

/// The most of the text that fits with a gap between two colons; empty where even two groups do
/// not fit. The end grows first: it tells more.
std::string between_groups(std::string_view text, std::size_t width, std::size_t last_groups) {
    const auto colons = colons_of(text);
    if (colons.size() < last_groups + 2)
        return {};
    std::size_t head = 0;                           // this colon is the last of the beginning
    std::size_t tail = colons.size() - last_groups; // this one the first of the end
    const auto size = [&](std::size_t h, std::size_t t) {
        return colons[h] + 1 + 1 + (text.size() - colons[t]);
    };
    if (size(head, tail) > width)
        return {};
    for (bool grown = true; grown;) {
        grown = false;
        if (head + 2 <= tail && size(head + 1, tail) <= width) {
            ++head;
            grown = true;
        }
        if (head + 2 <= tail && size(head, tail - 1) <= width) {
            --tail;
            grown = true;
        }
    }
    return std::string(text.substr(0, colons[head] + 1)) + std::string(gap) +
           std::string(text.substr(colons[tail]));
}

} // namespace

std::string shortened_end(std::string_view text, std::size_t width) {
    if (cells_of(text) <= width)
        return std::string(text);
    return width == 0 ? std::string()
                      : std::string(first_cells(text, width - 1)) + std::string(gap);
}

std::string shortened_middle(std::string_view text, std::size_t width) {
    if (cells_of(text) <= width)
        return std::string(text);
    const bool endpoint = text.starts_with('[');
    const std::string plain = without_brackets(text);
    if (std::string grouped = between_groups(plain, width, endpoint ? 2 : 1); !grouped.empty())
        return grouped;
    if (width < 3)
        return shortened_end(plain, width);
    // The port, or the end of the name, is at least half of it.
    const std::size_t port = plain.size() - std::min(plain.rfind(':'), plain.size());
    const std::size_t behind = std::min(std::max((width - 1) / 2, port), width - 1);
    return std::string(first_cells(plain, width - 1 - behind)) + std::string(gap) +
           std::string(last_cells(plain, behind));
}

std::vector<std::string> wrapped(std::string_view words, std::size_t width) {
    std::vector<std::string> lines;
    std::size_t cells = 0; // of the last one
    while (!words.empty()) {
        const std::size_t blank = words.find(' ');
        const std::string_view word = words.substr(0, blank);
        words.remove_prefix(blank == std::string_view::npos ? words.size() : blank + 1);
        const std::size_t longer = cells + 1 + cells_of(word);
        if (lines.empty() || longer > width) {
            lines.emplace_back(word);
            cells = cells_of(word);
        } else {
            lines.back().append(" ").append(word);
            cells = longer;
        }
    }
    return lines;
}

std::string fitted_text(const Value& value, const TextStyle& style, std::size_t width) {
    std::string text = to_text(value, style);
    if (cells_of(text) <= width)
        return text;
    if (std::holds_alternative<Address>(value) || std::holds_alternative<Place>(value) ||
        std::holds_alternative<Network>(value))
        return shortened_middle(text, width);
    if (std::holds_alternative<Instant>(value)) {
        TextStyle brief = style;
        brief.brief = true;
        text = to_text(value, brief);
    }
    if (const auto* count = std::get_if<Count>(&value)) {
        TextStyle brief = style;
        brief.brief = true;
        text = to_text(Bytes{count->value}, brief);
    }
    if (text == "ESTABLISHED")
        return shortened_end("ESTAB", width);
    return shortened_end(text, width);
}

} // namespace natstat
