// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

#include "natstat/live/background.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace natstat {

namespace {

/// One to four hexadecimal digits as a part of 1.
std::optional<double> part_of(std::string_view digits) {
    constexpr std::size_t most = 4;
    constexpr int hexadecimal = 16;
    unsigned value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value, hexadecimal);
    if (error != std::errc{} || stop != end || digits.size() > most)
        return std::nullopt;
    return static_cast<double>(value) / ((1U << 4 * digits.size()) - 1);
}

} // namespace

bool answers_questions(std::string_view term) {
    constexpr std::array<std::string_view, 11> answering{"xterm", "tmux",      "screen", "rxvt",
                                                         "foot",  "alacritty", "kitty",  "konsole",
                                                         "vte",   "wezterm",   "st-"};
    return std::any_of(answering.begin(), answering.end(),
                       [term](std::string_view name) { return term.starts_with(name); });
}

bool BackgroundAnswer::take(int character) {
    constexpr std::size_t longest = 32;
    constexpr int bell = 7;
    if (character == bell || character == '\\')
        return true;
    const bool ascii = character >= 0 && character <= '~';
    text_ += ascii ? static_cast<char>(character) : '?';
    return !ascii || text_.size() > longest; // a key, or no end in sight
}

std::optional<Background> BackgroundAnswer::background() const {
    constexpr std::array<double, 3> weights{0.2126, 0.7152, 0.0722}; // of red, green, blue (BT.709)
    std::string_view rest = text_;
    if (rest.ends_with('\x1b')) // which the backslash followed
        rest.remove_suffix(1);
    double luminance = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::size_t end =
            i + 1 == weights.size() ? rest.size() : std::min(rest.find('/'), rest.size());
        const auto part = part_of(rest.substr(0, end));
        if (!part)
            return std::nullopt;
        luminance += weights[i] * *part;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return luminance > 0.5 ? Background::light : Background::dark;
}

} // namespace natstat
