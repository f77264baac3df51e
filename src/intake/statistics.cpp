// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Columns go by their names in the first line: their number, order and meaning have changed many
// times (nf_conntrack_standalone.c, ct_cpu_seq_show).
#include "natstat/intake/statistics.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace natstat {

namespace {

std::string_view cut_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (true) {
        line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
        if (line.empty())
            return words;
        words.push_back(line.substr(0, line.find_first_of(" \t\r")));
        line.remove_prefix(words.back().size());
    }
}

bool is_name(std::string_view word) {
    return word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
           std::string_view::npos;
}

std::optional<std::uint32_t> hexadecimal(std::string_view word) {
    std::uint32_t number = 0;
    const char* const last = word.data() + word.size();
    const auto [end, error] = std::from_chars(word.data(), last, number, 16);
    return error == std::errc{} && end == last ? std::optional(number) : std::nullopt;
}

/// A column of the file while it is summed; absent from its first bad number on.
struct Sum {
    std::string_view name;
    std::optional<std::uint64_t> value = 0;
    std::vector<std::uint32_t> of_cpus{};

    void add(std::optional<std::uint32_t> number) {
        value = value && number ? std::optional(*value + *number) : std::nullopt;
        of_cpus.push_back(number.value_or(0));
    }
};

} // namespace

Statistics parse_statistics(std::string_view text) {
    std::vector<Sum> sums;
    for (const std::string_view name : words_of(cut_line(text)))
        sums.push_back({name});
    Statistics statistics;
    while (!text.empty()) {
        const auto numbers = words_of(cut_line(text));
        if (numbers.empty())
            continue;
        ++statistics.cpus;
        for (std::size_t i = 0; i < sums.size(); ++i)
            sums[i].add(i < numbers.size() ? hexadecimal(numbers[i]) : std::nullopt);
    }
    if (statistics.cpus == 0)
        return statistics;
    for (auto& [name, value, of_cpus] : sums) {
        // "entries" is the whole table, the same on every line.
        if (!value || name == "entries" || !is_name(name) || statistics.of(name))
            continue;
        statistics.counters.push_back({std::string(name), *value});
        statistics.of_cpus.push_back(std::move(of_cpus));
    }
    return statistics;
}

std::optional<Statistics> conntrack_statistics() {
    std::ifstream file("/proc/net/stat/nf_conntrack");
    if (!file)
        return std::nullopt;
    return parse_statistics(std::string(std::istreambuf_iterator<char>(file), {}));
}

} // namespace natstat
