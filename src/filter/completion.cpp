// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// First where the last word is, then what the vocabulary has for that place.
#include "natstat/filter/completion.hpp"

#include "natstat/filter/vocabulary.hpp"

namespace natstat {

namespace {

constexpr std::string_view signs = "=<>"; // that can end a relation

bool is_relation(std::string_view word) {
    return !word.empty() && signs.find(word.back()) != std::string_view::npos &&
           word.find_first_not_of("!=<>") == std::string_view::npos;
}

/// The column before a relation.
const Column* compared_column(std::string_view word) {
    return find_column(word.substr(0, word.find_first_of("!=<>")));
}

FilterPlace in_words(std::span<const std::string> words, const std::string& word) {
    FilterPlace last;
    const std::size_t value = word.find_last_of(signs) + 1; // npos + 1 is 0
    last.before = word.substr(0, value);
    last.value = word.substr(value);
    last.behind_sign = value != 0;
    const auto before = [&](std::size_t back) -> std::string_view {
        return words.size() > back ? words[words.size() - 1 - back] : std::string_view{};
    };
    if (is_relation(last.before)) {
        last.compared = compared_column(before(1));
        last.before.clear(); // to a shell the value is a word of its own
    } else if (value != 0) {
        last.compared = compared_column(last.before);
    } else if (is_relation(before(1))) {
        last.compared = compared_column(before(2));
    } else if (before(1) == "proto") {
        last.compared = find_column("proto");
    }
    return last;
}

/// A quoted filter is one word to the shell: the last word of it counts, behind those before it.
FilterPlace in_text(std::span<const std::string> words, const std::string& text) {
    constexpr std::string_view between = " \t\n()&|";
    std::size_t start = text.find_last_of(between) + 1;                // npos + 1 is 0
    if (text.substr(start, 1) == "!" && text.substr(start, 2) != "!=") // "not"
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
    last.before = text.substr(0, text.size() - last.value.size());
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

/// What a column can be compared with; a list is of values only.
std::vector<FilterChoice> beside(const Column& compared, bool in_list, const LabelNames& labels) {
    if (compared.kind == Kind::labels) // they are called as the host's file has it
        return named(labels);
    auto choices = named(filter_values(compared));
    if (in_list)
        return choices;
    for (const std::string_view name : filter_columns_beside(compared))
        choices.push_back({std::string(name), column(name).help});
    return choices;
}

} // namespace

FilterPlace filter_place(std::span<const std::string> words) {
    return in_text(words, words.back());
}

std::vector<FilterChoice> filter_choices(const FilterPlace& place, const LabelNames& labels) {
    if (place.compared != nullptr)
        return beside(*place.compared, place.value.find(',') != std::string::npos, labels);
    if (place.behind_sign)
        return {};
    auto choices = named(filter_words());
    for (const std::string_view name : filter_columns())
        choices.push_back({std::string(name) + "=", column(name).help});
    return choices;
}

} // namespace natstat
