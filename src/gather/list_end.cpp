// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Sentences, each with what helps.
#include "natstat/gather/list_end.hpp"

#include <algorithm>

namespace natstat {

namespace {

std::string_view why_lacking(const Column& column, bool of_kernel) {
    if (!of_kernel)
        return ": the file does not tell it";
    if (column.traits.followed)
        return ": one list does not tell it (natstat -t follows flows)";
    return " (natstat --health tells what is switched on)";
}

} // namespace

std::string foreign_messages(std::uint64_t number) {
    return number == 0 ? std::string()
                       : "passed over: " + std::to_string(number) +
                             (number == 1 ? " message" : " messages") +
                             " that another process sent, and not the kernel";
}

Complaints ListEnd::complaints() const {
    Complaints all = others;
    if (!whole)
        all.emplace_back("the table changed while it was read, or answers were lost: rows may be "
                         "missing or shown twice");
    for (const Column* column : lacking)
        all.push_back((of_all ? "no flow has '" : "none of the flows that were looked at has '") +
                      std::string(column->name) + "', which is asked for" +
                      std::string(why_lacking(*column, of_kernel)));
    if (passed_over.foreign != 0)
        all.push_back(foreign_messages(passed_over.foreign));
    if (const auto odd = passed_over.odd; odd != 0)
        all.push_back("not understood, and not shown: " + std::to_string(odd) +
                      (odd == 1 ? " entry" : " entries") + first_place(notes, odd));
    all.insert(all.end(), notes.remarks.begin(), notes.remarks.end());
    if (notes.lists > 1)
        all.push_back(std::to_string(notes.lists) +
                      " lists, one after another: the last one is shown, which begins in line " +
                      std::to_string(notes.last_list_line) +
                      (notes.last_list_file.empty() ? "" : " of " + notes.last_list_file));
    return all;
}

Lacking::Lacking(const Filter& filter, const std::optional<Order>& order) {
    for (const Column* column : filter.columns())
        look_at(*column);
    if (order)
        for (const SortKey& key : order->keys())
            look_at(*key.column);
}

void Lacking::look_at(const Column& column) {
    const bool measured = column.tells == Tells::sum || column.kind == Kind::duration;
    if (measured && std::find(columns_.begin(), columns_.end(), &column) == columns_.end())
        columns_.push_back(&column);
}

void take_addresses(const Source& source, Surroundings& around) {
    if (const auto& addresses = source.local_addresses())
        around.local_addresses = AddressSet(addresses->begin(), addresses->end());
}

std::string file_name(std::string_view file) {
    return std::string(file == "-" ? "standard input" : file);
}

std::string first_place(const FileNotes& notes, std::uint64_t odd) {
    if (notes.first_odd.empty())
        return {};
    return (odd == 1 ? " (" : " (the first one in ") + notes.first_odd + ")";
}

std::string no_list_in(std::string_view file) {
    return "no list in " + file_name(file) +
           " tells which flows were there before it begins: of those it knows what it mentions";
}

} // namespace natstat
