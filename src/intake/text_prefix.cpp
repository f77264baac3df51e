// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Finds the entry's own first word; which times there are is text_date.cpp's.
#include "text_prefix.hpp"

#include "natstat/model/protocol.hpp"
#include "text_date.hpp"
#include "text_fields.hpp"

#include <algorithm>
#include <array>

namespace natstat {

namespace {

constexpr std::string_view blanks = " \t";
constexpr std::size_t longest_prefix = 2048; // RFC 5424 has structured data before its message

constexpr std::string_view kinds[] = {"[NEW]", "[UPDATE]", "[DESTROY]"};
constexpr std::string_view levels[] = {"[DEBUG]", "[INFO]",  "[NOTICE]", "[WARN]",
                                       "[ERROR]", "[TRACE]", "[WARNING]"};

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/// The next token from `from` on, empty at the end; `from` is moved behind it.
std::string_view next_token(std::string_view text, std::size_t& from) {
    while (from != text.size() && is_blank(text[from]))
        ++from;
    const std::size_t begin = from;
    while (from != text.size() && !is_blank(text[from]))
        ++from;
    return text.substr(begin, from - begin);
}

/// Letters and digits make a word of this format; whatever else stands before one is a mark of
/// somebody else's ("12:", "file-12-", "+", "|").
bool is_word_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The word with which a token ends.
std::string_view last_word(std::string_view token) {
    std::size_t begin = token.size();
    while (begin != 0 && is_word_letter(token[begin - 1]))
        --begin;
    return token.substr(begin);
}

bool begins_entry(std::string_view word, std::string_view number) {
    std::uint8_t protocol = 0;
    if (word.empty() || !read_number(number, protocol)) // most words in front of an entry
        return false;
    // Of a family the number is judged with the rest of the entry.
    return word == "ipv4" || word == "ipv6" || word == "unknown" || word == protocol_name(protocol);
}

std::string_view without_trailing_blanks(std::string_view text) {
    return text.substr(0, text.find_last_not_of(blanks) + 1);
}

} // namespace

std::size_t find_entry(std::string_view line) {
    line = line.substr(0, longest_prefix);
    std::size_t at = 0;
    for (auto token = next_token(line, at); !token.empty() && !token.starts_with("src=");) {
        if (token.back() == ']')
            for (const auto kind : kinds)
                if (token.ends_with(kind))
                    return at - kind.size();
        const auto word = last_word(token);
        const std::size_t begin = at - word.size();
        token = next_token(line, at);
        if (begins_entry(word, token))
            return begin;
    }
    return std::string_view::npos;
}

bool hides_a_kind(std::string_view prefix) {
    prefix = without_trailing_blanks(prefix);
    const auto open = prefix.rfind('[');
    if (!prefix.ends_with(']') || open == std::string_view::npos)
        return false;
    const auto word = prefix.substr(open);
    const auto inside = word.substr(1, word.size() - 2);
    return !inside.empty() &&
           std::all_of(inside.begin(), inside.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) &&
           std::find(std::begin(levels), std::end(levels), word) == std::end(levels);
}

DiffMark diff_mark(std::string_view prefix) {
    const auto mark = without_trailing_blanks(prefix);
    if (mark == "-" || mark == "<")
        return DiffMark::gone;
    return mark == "+" || mark == ">" ? DiffMark::come : DiffMark::none;
}

Stamp read_stamp(std::string_view prefix) {
    Stamp best;
    for (std::size_t at = 0; at < prefix.size();) {
        std::size_t next = at;
        if (next_token(prefix, next).empty())
            break;
        const Stamp stamp = stamp_at(prefix.substr(at));
        if (stamp.found && (!best.found || stamp.lack < best.lack))
            best = stamp;
        at = next;
    }
    return best;
}

} // namespace natstat
