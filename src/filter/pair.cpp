// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which columns can be compared, and when a word behind a relation is the name of one.
#include "pair.hpp"

#include "words.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// Numbers without a unit: a mark can be a zone's number.
bool is_plain_number(Kind kind) {
    return kind == Kind::count || kind == Kind::hex;
}

bool is_end(Kind kind) {
    return kind == Kind::address || kind == Kind::endpoint || kind == Kind::port;
}

/// Whether a value of the kind can be any name, or one of a closed list.
bool is_name(Kind kind) {
    return kind == Kind::text || kind == Kind::protocol || kind == Kind::flags ||
           kind == Kind::labels;
}

bool has_equals(Kind kind) {
    return is_end(kind) || kind == Kind::text || kind == Kind::bytes || kind == Kind::rate ||
           kind == Kind::duration || kind == Kind::time;
}

std::string with_kind(const Column& column) {
    return "'" + std::string(column.name) + "' (" + std::string(kind_name(column.kind)) + ")";
}

} // namespace

bool is_comparable(const Column& a, const Column& b) {
    if (is_of_groups(a) || is_of_groups(b))
        return false;
    if (is_plain_number(a.kind) && is_plain_number(b.kind))
        return true;
    return a.kind == b.kind && has_equals(a.kind) && a.traits.words == b.traits.words;
}

const Column* column_beside(const Column& column, std::string_view word) {
    const Column* const other = find_column(word);
    if (other == nullptr || !is_name(column.kind))
        return other;
    const auto known = words_of(column);
    const auto is_it = [&](std::string_view name) { return lower_case(name) == word; };
    return is_comparable(column, *other) && std::none_of(known.begin(), known.end(), is_it)
               ? other
               : nullptr;
}

NodeOrError compare_columns(const Column& column, Relation relation, const Column& other,
                            const Word& word) {
    if (is_of_groups(other))
        return wrong(word, unknown_filter_column(word.text));
    if (!is_comparable(column, other))
        return wrong(word, with_kind(other) + " can not be compared with " + with_kind(column) +
                               (column.traits.ends ? " (a host of this name: in quotes)" : ""));
    if (is_order(relation) && column.kind == Kind::text)
        return without_order(column, word);
    return Filter::Node{PairTest{&column, relation, &other}};
}

} // namespace natstat
