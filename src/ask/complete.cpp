// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// First where on the command line the last word is, as getopt_long(3) would see it; then what the
// tables have for that place.
#include "natstat/ask/complete.hpp"

#include "natstat/ask/options.hpp"

#include "natstat/filter/completion.hpp"
#include "natstat/intake/label_names.hpp"
#include "natstat/intake/network_namespace.hpp"
#include "natstat/model/protocol.hpp"
#include "natstat/table/groups.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace natstat {

namespace {

using Choice = FilterChoice;

/// The last word, and what it is.
struct LastWord {
    const Option* option = nullptr; // whose argument it is
    bool names_option = false;      // it begins an option
    std::string before;             // of the word, what is no part of the value: "--columns="
    std::string value;
    std::optional<FilterPlace> filter;
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
    last.filter = filter_place(words);
    return last;
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
std::string list_lines(const std::string& before, const std::string& value, std::string_view signs,
                       const std::vector<Choice>& choices) {
    std::size_t start = value.rfind(',') + 1; // npos + 1 is 0
    if (start < value.size() && signs.find(value[start]) != std::string::npos)
        ++start;
    const std::string found = lines(before + value.substr(0, start), value.substr(start), choices);
    return found.empty() ? found : found + ":open\n";
}

std::string argument_lines(const LastWord& last) {
    switch (last.option->takes) {
    case Takes::anything:
        return {};
    case Takes::columns:
        return list_lines(last.before, last.value, "+", all_columns());
    case Takes::order: {
        auto choices = all_columns();
        choices.push_back({"none", "as they come"});
        return list_lines(last.before, last.value, "-", choices);
    }
    case Takes::keys:
        return list_lines(last.before, last.value, "", group_keys());
    case Takes::protocols:
        return list_lines(last.before, last.value, "", named(protocol_names()));
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

std::string filter_lines(const FilterPlace& place) {
    const auto choices = filter_choices(place, label_names());
    const std::string found = place.compared != nullptr
                                  ? list_lines(place.before, place.value, "", choices)
                                  : lines(place.before, place.value, choices);
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
    return filter_lines(*last.filter);
}

} // namespace natstat
