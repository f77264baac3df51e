// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// First where on the command line the last word is, as getopt_long(3) would see it; then what the
// tables have for that place.
#include "natstat/ask/complete.hpp"

#include "natstat/ask/options.hpp"

#include "natstat/filter/vocabulary.hpp"
#include "natstat/intake/label_names.hpp"
#include "natstat/intake/network_namespace.hpp"
#include "natstat/model/protocol.hpp"
#include "natstat/table/groups.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace natstat {

namespace {

struct Choice {
    std::string word;
    std::string_view meaning;
};

/// The last word, and what it is.
struct LastWord {
    const Option* option = nullptr; // whose argument it is
    bool names_option = false;      // it begins an option
    std::string before;             // of the word, what is no part of the value: "--columns="
    std::string value;
    bool in_filter = false;
    const Column* compared = nullptr; // the value stands behind "COLUMN ="
    bool behind_sign = false;         // or behind another "="
};

const Option* option_called(std::string_view name) {
    const auto table = option_table();
    const auto found = std::find_if(table.begin(), table.end(), [&](const Option& row) {
        return !row.long_name.empty() && row.long_name == name;
    });
    return found == table.end() ? nullptr : &*found;
}

const Option* option_called(char letter) {
    const auto table = option_table();
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const Option& row) { return row.short_name == letter; });
    return found == table.end() ? nullptr : &*found;
}

/// The option in a word that takes an argument, and where in the word that begins; npos: it is the
/// next word.
struct Taker {
    const Option* option = nullptr;
    std::size_t argument = std::string::npos;
};

Taker taker_in(const std::string& word) {
    const auto takes = [](const Option* option) {
        return option != nullptr && !option->argument.empty();
    };
    if (word.starts_with("--")) {
        const std::size_t sign = word.find('=');
        const Option* const option = option_called(word.substr(2, sign - 2));
        if (takes(option))
            return {option, sign == std::string::npos ? sign : sign + 1};
        return {};
    }
    for (std::size_t i = 1; word.starts_with('-') && i < word.size(); ++i)
        if (const Option* const option = option_called(word[i]); takes(option))
            return {option, i + 1 < word.size() ? i + 1 : std::string::npos};
    return {};
}

/// The column before an "=", which may be the end of "!=".
const Column* compared_column(std::string_view word) {
    while (!word.empty() && (word.back() == '!' || word.back() == '='))
        word.remove_suffix(1);
    return find_column(word);
}

LastWord in_filter(std::span<const std::string> words, const std::string& word) {
    LastWord last;
    last.in_filter = true;
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
LastWord in_filter_text(std::span<const std::string> words, const std::string& text) {
    constexpr std::string_view between = " \t\n()&|";
    std::size_t start = text.find_last_of(between) + 1; // npos + 1 is 0
    if (start < text.size() && text[start] == '!')
        ++start;
    if (start == 0)
        return in_filter(words, text);
    std::vector<std::string> all(words.begin(), words.end() - 1);
    for (std::size_t at = 0; at < start;) {
        const std::size_t end = std::min(text.find_first_of(between, at), start);
        if (end > at)
            all.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    all.push_back(text.substr(start));
    LastWord last = in_filter(all, all.back());
    last.before = text.substr(0, start) + last.before;
    return last;
}

LastWord last_of(std::span<const std::string> words) {
    Taker open;
    bool ended = false; // by "--"
    for (const std::string& word : words.first(words.size() - 1)) {
        if (open.option != nullptr) {
            if (word != "=")
                open = {};
        } else if (word == "--") {
            ended = true;
        } else if (const Taker taker = ended ? Taker{} : taker_in(word);
                   taker.argument == std::string::npos) {
            open = taker;
        }
    }
    const std::string& word = words.back();
    LastWord last;
    last.value = word;
    if (open.option != nullptr) {
        last.option = open.option;
        if (word == "=")
            last.value.clear();
        return last;
    }
    const Taker taker = ended ? Taker{} : taker_in(word);
    if (taker.option != nullptr && taker.argument != std::string::npos) {
        last.option = taker.option;
        last.before = word.substr(0, taker.argument);
        last.value = word.substr(taker.argument);
        return last;
    }
    if (!ended && word.starts_with('-')) {
        last.names_option = true;
        return last;
    }
    return in_filter_text(words, word);
}

std::vector<Choice> options() {
    std::vector<Choice> choices;
    for (const Option& row : option_table())
        if (!row.long_name.empty())
            choices.push_back({"--" + std::string(row.long_name), row.help});
    return choices;
}

std::vector<Choice> all_columns() {
    std::vector<Choice> choices;
    for (const Column& column : columns())
        choices.push_back({std::string(column.name), column.help});
    return choices;
}

std::vector<Choice> group_keys() {
    std::vector<Choice> choices;
    for (const Column& column : columns())
        if (can_group_by(column))
            choices.push_back({std::string(column.name), column.help});
    return choices;
}

template <typename Names>
std::vector<Choice> named(const Names& names) {
    std::vector<Choice> choices;
    choices.reserve(names.size());
    for (const auto& name : names)
        choices.push_back({std::string(name), {}});
    return choices;
}

std::vector<Choice> filter_choices() {
    std::vector<Choice> choices = named(filter_words());
    for (const std::string_view name : filter_columns())
        choices.push_back({std::string(name) + "=", column(name).help});
    return choices;
}

/// The lines for those choices that begin as `text` does.
std::string lines(const std::string& before, std::string_view text,
                  const std::vector<Choice>& choices) {
    std::string all;
    for (const auto& [word, meaning] : choices)
        if (word.starts_with(text))
            all += before + word + (meaning.empty() ? "" : "\t") + std::string(meaning) + "\n";
    return all;
}

/// The lines for the last of several values with commas; `signs` may stand before each of them.
std::string list_lines(const LastWord& last, std::string_view signs,
                       const std::vector<Choice>& choices) {
    std::size_t start = last.value.rfind(',') + 1; // npos + 1 is 0
    if (start < last.value.size() && signs.find(last.value[start]) != std::string::npos)
        ++start;
    const std::string found =
        lines(last.before + last.value.substr(0, start), last.value.substr(start), choices);
    return found.empty() ? found : found + ":open\n";
}

std::string argument_lines(const LastWord& last) {
    switch (last.option->takes) {
    case Takes::anything:
        return {};
    case Takes::columns:
        return list_lines(last, "+", all_columns());
    case Takes::order: {
        auto choices = all_columns();
        choices.push_back({"none", "as they come"});
        return list_lines(last, "-", choices);
    }
    case Takes::keys:
        return list_lines(last, "", group_keys());
    case Takes::protocols:
        return list_lines(last, "", named(protocol_names()));
    case Takes::formats:
        return lines(last.before, last.value, named(format_names()));
    case Takes::whens:
        return lines(last.before, last.value, named(when_names()));
    case Takes::namespaces:
        return lines(last.before, last.value, named(network_namespace_names()));
    case Takes::files:
        return ":files\n";
    case Takes::hosts:
        return last.value.find(',') == std::string::npos ? ":hosts\n" : "";
    }
    return {};
}

/// What a column can be equal to; labels are called as this host's file has it.
std::vector<Choice> values_of(const Column& column) {
    if (column.kind != Kind::labels)
        return named(filter_values(column));
    auto choices = named(label_names());
    std::erase_if(choices, [](const Choice& choice) { return choice.word.empty(); });
    return choices;
}

std::string filter_lines(const LastWord& last) {
    const std::string found = last.compared != nullptr
                                  ? list_lines(last, "", values_of(*last.compared))
                              : last.behind_sign ? ""
                                                 : lines(last.before, last.value, filter_choices());
    return found.empty() ? found : found + ":filter\n";
}

} // namespace

std::string completions(std::span<const std::string> words) {
    if (words.empty())
        return {};
    const LastWord last = last_of(words);
    if (last.option != nullptr)
        return argument_lines(last);
    if (last.names_option)
        return lines("", last.value, options());
    return filter_lines(last);
}

} // namespace natstat
