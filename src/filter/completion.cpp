// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// First where the last word is, then what the vocabulary has for that place.
#include "natstat/filter/completion.hpp"

#include "natstat/filter/vocabulary.hpp"

namespace natstat {

namespace {

/// The column before an "=", which may be the end of "!=".
const Column* compared_column(std::string_view word) {
    while (!word.empty() && (word.back() == '!' || word.back() == '='))
        word.remove_suffix(1);
    return find_column(word);
}

FilterPlace in_words(std::span<const std::string> words, const std::string& word) {
    FilterPlace last;
    const std::size_t sign = word.rfind('=');
    const std::size_t value = sign == std::string::npos ? 0 : sign + 1;
    last.before = word.substr(0, value);
    last.value = word.substr(value);
    last.behind_sign = value != 0;
    const auto before = [&](std::size_t back) -> std::string_view {
        return words.size() > back ? words[words.size() - 1 - back] : std::string_view{};
    };
    if (value > 1)
        last.compared = compared_column(last.before);
    else if (value == 1)
        last.compared = compared_column(before(1));
    else if (before(1) == "=")
        last.compared = compared_column(before(2));
    else if (before(1) == "proto")
        last.compared = find_column("proto");
    if (value == 1) // the "=" alone, which the value follows as a word of its own
        last.before.clear();
    return last;
}

/// A quoted filter is one word to the shell: the last word of it counts, behind those before it.
FilterPlace in_text(std::span<const std::string> words, const std::string& text) {
    constexpr std::string_view between = " \t\n()&|";
    std::size_t start = text.find_last_of(between) + 1; // npos + 1 is 0
    if (start < text.size() && text[start] == '!')
        ++start;
    if (start == 0)
        return in_words(words, text);
    std::vector<std::string> all(words.begin(), words.end() - 1);
    for (std::size_t at = 0; at < start;) {
        const std::size_t end = std::min(text.find_first_of(between, at), start);
        if (end > at)
            all.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    all.push_back(text.substr(start));
    FilterPlace last = in_words(all, all.back());
    last.before = text.substr(0, start) + last.before;
    return last;
}

template <typename Names>
std::vector<FilterChoice> named(const Names& names) {
    std::vector<FilterChoice> choices;
    for (const auto& name : names)
        if (!name.empty())
            choices.push_back({std::string(name), {}});
    return choices;
}

} // namespace

FilterPlace filter_place(std::span<const std::string> words) {
    return in_text(words, words.back());
}

std::vector<FilterChoice> filter_choices(const FilterPlace& place, const LabelNames& labels) {
    if (place.compared != nullptr) // labels are called as the host's file has it
        return place.compared->kind == Kind::labels ? named(labels)
                                                    : named(filter_values(*place.compared));
    if (place.behind_sign)
        return {};
    auto choices = named(filter_words());
    for (const std::string_view name : filter_columns())
        choices.push_back({std::string(name) + "=", column(name).help});
    return choices;
}

} // namespace natstat
