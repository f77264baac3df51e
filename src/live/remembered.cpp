// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One table of what is remembered. What it does not have a row for begins anew each time.
#include "natstat/live/remembered.hpp"

#include <algorithm>
#include <charconv>

namespace natstat {

namespace {

struct Setting {
    std::string_view name;
    std::string (*write)(const Ui& ui);
    bool (*read)(Ui& ui, std::string_view value); // false: it is no such value
};

/// One of two words.
template <auto Ui::*flag>
bool read_flag(Ui& ui, std::string_view value, std::string_view on, std::string_view off) {
    if (value != on && value != off)
        return false;
    ui.*flag = value == on;
    return true;
}

std::string write_interval(const Ui& ui) {
    return std::to_string(ui.interval.count());
}

/// Milliseconds, as the option takes them.
bool read_interval(Ui& ui, std::string_view value) {
    constexpr unsigned least = 100, most = 3'600'000;
    unsigned number = 0;
    const char* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc{} || stop != end || number < least || number > most)
        return false;
    ui.interval = std::chrono::milliseconds{number};
    return true;
}

template <Rows rows>
Position& place_of(Ui& ui) {
    return ui.positions[static_cast<std::size_t>(rows)];
}

template <Rows rows>
const Position& place_of(const Ui& ui) {
    return ui.positions[static_cast<std::size_t>(rows)];
}

bool is_possible(Rows rows, const Column* column) {
    const auto possible = possible_columns(rows, {});
    return std::find(possible.begin(), possible.end(), column) != possible.end();
}

/// What takes reading of its own is asked for by an option, each time.
bool is_always_known(const Column& column) {
    return column.traits.knowledge == Knowledge::nothing;
}

template <Rows rows>
std::string write_columns(const Ui& ui) {
    std::string text;
    for (const Column* each : place_of<rows>(ui).columns)
        if (is_always_known(*each))
            text += (text.empty() ? "" : ",") + std::string(each->name);
    return text.empty() ? std::string(rows_kind(rows).columns.front()) : text;
}

template <Rows rows>
bool read_columns(Ui& ui, std::string_view value) {
    std::vector<const Column*> columns;
    for (std::size_t begin = 0; begin <= value.size();) {
        const std::size_t end = std::min(value.find(',', begin), value.size());
        const Column* const each = find_column(value.substr(begin, end - begin));
        if (each == nullptr || !is_possible(rows, each) ||
            std::find(columns.begin(), columns.end(), each) != columns.end())
            return false;
        columns.push_back(each);
        begin = end + 1;
    }
    place_of<rows>(ui).columns = std::move(columns);
    return true;
}

template <Rows rows>
std::string write_order(const Ui& ui) {
    const Position& place = place_of<rows>(ui);
    if (!is_always_known(*place.sort))
        return "-" + std::string(rows_kind(rows).sort);
    return (place.descending ? "-" : "") + std::string(place.sort->name);
}

template <Rows rows>
bool read_order(Ui& ui, std::string_view value) {
    const bool descending = value.starts_with('-');
    const Column* const column = find_column(value.substr(descending ? 1 : 0));
    if (column == nullptr || !is_possible(rows, column))
        return false;
    place_of<rows>(ui).sort = column;
    place_of<rows>(ui).descending = descending;
    return true;
}

constexpr Setting table[] = {
    {"interval", write_interval, read_interval},
    {"rates", [](const Ui& ui) { return std::string(ui.bits ? "bits" : "bytes"); },
     [](Ui& ui, std::string_view value) {
         return read_flag<&Ui::bits>(ui, value, "bits", "bytes");
     }},
    {"ends", [](const Ui& ui) { return std::string(ui.names ? "names" : "numbers"); },
     [](Ui& ui, std::string_view value) {
         return read_flag<&Ui::names>(ui, value, "names", "numbers");
     }},
    {"background", [](const Ui& ui) { return std::string(ui.light ? "light" : "dark"); },
     [](Ui& ui, std::string_view value) {
         return read_flag<&Ui::light>(ui, value, "light", "dark");
     }},
    {"flows.columns", write_columns<Rows::flows>, read_columns<Rows::flows>},
    {"flows.sort", write_order<Rows::flows>, read_order<Rows::flows>},
    {"hosts.columns", write_columns<Rows::hosts>, read_columns<Rows::hosts>},
    {"hosts.sort", write_order<Rows::hosts>, read_order<Rows::hosts>},
    {"ports.columns", write_columns<Rows::ports>, read_columns<Rows::ports>},
    {"ports.sort", write_order<Rows::ports>, read_order<Rows::ports>},
    {"changes.columns", write_columns<Rows::changes>, read_columns<Rows::changes>},
    {"changes.sort", write_order<Rows::changes>, read_order<Rows::changes>},
};

/// Whether the line says something that is understood.
bool take_line(Ui& ui, std::string_view line) {
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::string_view name = line.substr(0, blank);
    const auto* const found = std::find_if(std::begin(table), std::end(table),
                                           [&](const Setting& each) { return each.name == name; });
    return found != std::end(table) &&
           found->read(ui, line.substr(std::min(blank + 1, line.size())));
}

} // namespace

std::string remembered(const Ui& ui) {
    std::string text = "# What S in the live view of natstat wrote.\n";
    for (const Setting& each : table)
        text += std::string(each.name) + " " + each.write(ui) + "\n";
    return text;
}

std::string recall(Ui& ui, std::string_view text) {
    std::string problem;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.starts_with('#') || take_line(ui, line) || !problem.empty())
            continue;
        problem = "line " + std::to_string(number) + " is not understood";
    }
    return problem;
}

} // namespace natstat
