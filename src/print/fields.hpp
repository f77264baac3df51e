// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The fields that programs read: an endpoint or a tuple is several of them, everything else is one.
// Written once for JSON and CSV.
#pragma once

#include "natstat/table/column.hpp"

#include <algorithm>
#include <vector>

namespace natstat {

/// The names of a column's fields, in order.
inline std::vector<std::string_view> field_names(const Column& column) {
    if (column.fields[0].empty())
        return {column.name};
    std::vector<std::string_view> names;
    std::copy_if(column.fields.begin(), column.fields.end(), std::back_inserter(names),
                 [](std::string_view name) { return !name.empty(); });
    return names;
}

/// Calls `visit(Value)` for each field of a column's value, as often as field_names() has names: an
/// absent value is as many absent fields.
template <typename Visit>
void for_each_field(const Column& column, const Value& value, Visit&& visit) {
    const auto port = [](const Endpoint& end, std::uint8_t protocol) {
        return end.port ? Value{Port{*end.port, protocol}} : Value{Absent{}};
    };
    if (const auto* place = std::get_if<Place>(&value)) {
        visit(Value{place->endpoint.address});
        visit(port(place->endpoint, place->protocol));
    } else if (const auto* raw = std::get_if<RawTuple>(&value)) {
        const Tuple tuple = raw->flow->tuple(raw->direction);
        for (const Endpoint& end : {tuple.source, tuple.destination}) {
            visit(Value{end.address});
            visit(port(end, raw->flow->protocol));
        }
    } else if (is_absent(value) && !column.fields[0].empty()) {
        for (const std::string_view name : column.fields)
            if (!name.empty())
                visit(value);
    } else if (const auto* hex = std::get_if<Hex>(&value)) { // programs read decimal
        visit(Value{Count{hex->value}});
    } else {
        visit(value);
    }
}

} // namespace natstat
