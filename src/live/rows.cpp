// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One table of the kinds of rows.
#include "natstat/live/rows.hpp"

#include "natstat/filter/filter.hpp"

#include <algorithm>
#include <array>

namespace natstat {

namespace {

constexpr std::string_view flow_columns[] = {"proto", "source",    "gateway", "destination",
                                             "state", "rate_down", "rate_up", "bytes",
                                             "held",  "idle",      "age",     "timeout"};
constexpr std::string_view flow_need[] = {"source",  "destination", "state", "rate_down",
                                          "rate_up", "bytes",       "proto", "gateway",
                                          "held",    "idle",        "age",   "timeout"};

constexpr std::string_view host_columns[] = {"src",     "rate_down",   "rate_up",
                                             "bytes",   "flows",       "unanswered",
                                             "opening", "established", "closing"};
constexpr std::string_view host_need[] = {"src",     "rate_down",   "rate_up",
                                          "flows",   "bytes",       "unanswered",
                                          "opening", "established", "closing"};

constexpr std::string_view port_columns[] = {"gate",  "proto",     "destination", "used",
                                             "ports", "available", "hosts",       "zone_reply"};
constexpr std::string_view port_need[] = {"gate",  "used",      "destination", "ports",
                                          "proto", "available", "hosts",       "zone_reply"};

constexpr std::string_view group_columns[] = {"flows",   "rate_down",   "rate_up", "bytes",
                                              "opening", "established", "closing", "unanswered"};
constexpr std::string_view group_need[] = {"flows",       "rate_down", "rate_up", "bytes",
                                           "established", "opening",   "closing", "unanswered"};

constexpr std::string_view change_columns[] = {"src",  "proto",  "destination", "begun",
                                               "gone", "failed", "flows",       "bytes"};
constexpr std::string_view change_need[] = {"src",    "destination", "begun", "gone",
                                            "failed", "bytes",       "proto", "flows"};

constexpr std::string_view host_columns_of_who[] = {"src_workload"};

constexpr std::string_view columns_of_steps[] = {
    "time", "event", "proto", "source", "gateway", "destination", "transition", "held", "bytes"};
constexpr std::string_view steps_need[] = {"transition", "source", "destination", "time", "gateway",
                                           "proto",      "held",   "event",       "bytes"};

constexpr std::array<RowsKind, rows_count> kinds{{
    {"", false, flow_columns, flow_need, "rate_down", flow_columns_of_who},
    {"src", false, host_columns, host_need, "rate_down", host_columns_of_who},
    {"gate,proto,destination,zone_reply", true, port_columns, port_need, "used", // as --ports
     port_columns_of_who},
    {"", false, group_columns, group_need, "flows", {}},
    {"src,proto,destination", false, change_columns, change_need, "begun", host_columns_of_who},
}};

/// What a group of this kind has no word for.
bool is_possible(Rows rows, std::string_view by, const Column& column) {
    if (rows == Rows::flows)
        return column.tells == Tells::flow || column.tells == Tells::key ||
               column.tells == Tells::sum;
    if (column.tells == Tells::pool)
        return rows == Rows::ports;
    if (column.tells == Tells::news)
        return rows == Rows::changes;
    if (column.tells == Tells::group || column.tells == Tells::sum)
        return true;
    const std::string_view keys = rows == Rows::groups ? by : rows_kind(rows).by;
    return !column.traits.follows.empty() &&
           is_one_value(column, std::get<GroupKeys>(parse_group_keys(keys)));
}

/// What the user groups by.
GroupKeys keys_of(Rows rows, std::string_view by) {
    return rows == Rows::groups ? std::get<GroupKeys>(parse_group_keys(by)) : GroupKeys{};
}

/// Behind the column that it follows from, or the last.
auto place_of(const Column& column, const std::vector<const Column*>& columns) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column* each) {
        return each->name == column.traits.follows;
    });
    return found == columns.end() ? found : found + 1;
}

std::string quoted(const std::string& text) {
    const bool plain = !text.empty() && text.find(' ') == std::string::npos;
    return plain ? text : "\"" + text + "\"";
}

} // namespace

ShownRow shown_row(const Row& row) {
    ShownRow copy;
    copy.flow = row.flow;
    copy.extras = row.extras;
    if (row.life != nullptr)
        copy.life = *row.life;
    if (row.group != nullptr)
        copy.group = *row.group;
    return copy;
}

const RowsKind& rows_kind(Rows rows) {
    return kinds[static_cast<std::size_t>(rows)];
}

std::span<const std::string_view> step_columns() {
    return columns_of_steps;
}

std::size_t need_of_step(const Column& column) {
    return static_cast<std::size_t>(
        std::find(std::begin(steps_need), std::end(steps_need), column.name) -
        std::begin(steps_need));
}

std::optional<Grouping> grouping_of(Rows rows, std::string_view by, const Position& place,
                                    std::optional<NatPorts> pool) {
    const RowsKind& kind = rows_kind(rows);
    if (rows == Rows::flows)
        return std::nullopt;
    Grouping grouping{std::get<GroupKeys>(parse_group_keys(rows == Rows::groups ? by : kind.by)),
                      {}};
    const auto look_at = [&grouping](const Column& column) {
        if (column.traits.counted != nullptr)
            grouping.distinct.*column.traits.counted = true;
    };
    look_at(*place.sort);
    for (const Column* each : place.columns)
        look_at(*each);
    if (kind.port_pool) {
        grouping.distinct.ports = true;
        grouping.distinct.pool = PortPool{pool};
    }
    return grouping;
}

std::vector<const Column*> possible_columns(Rows rows, std::string_view by) {
    std::vector<const Column*> found;
    for (const GroupKey& key : keys_of(rows, by))
        found.push_back(key.column);
    for (const std::string_view name : rows_kind(rows).columns)
        found.push_back(&column(name));
    for (const Column& each : columns())
        if (is_possible(rows, by, each) &&
            std::find(found.begin(), found.end(), &each) == found.end())
            found.push_back(&each);
    return found;
}

Position first_position(Rows rows, std::string_view by) {
    Position place;
    place.columns = possible_columns(rows, by);
    place.columns.resize(rows_kind(rows).columns.size() + keys_of(rows, by).size());
    place.sort = &column(rows_kind(rows).sort);
    return place;
}

void show_who(Rows rows, Position& place) {
    for (const std::string_view name : rows_kind(rows).of_who) {
        const Column& each = column(name);
        if (std::find(place.columns.begin(), place.columns.end(), &each) == place.columns.end())
            place.columns.insert(place_of(each, place.columns), &each);
    }
}

std::size_t need_of(Rows rows, const Column& column) {
    const RowsKind& kind = rows_kind(rows);
    const auto found = std::find(kind.by_need.begin(), kind.by_need.end(), column.name);
    if (found == kind.by_need.begin())
        return 0;
    // What the user has chosen, and what the groups are made by, stays longer than the usual.
    const auto usual = std::find(kind.columns.begin(), kind.columns.end(), column.name);
    if (usual == kind.columns.end())
        return 1;
    return static_cast<std::size_t>(found - kind.by_need.begin()) + 2;
}

std::string text_in_filter(const Value& value) {
    const auto* const text = std::get_if<Text>(&value);
    return text != nullptr ? std::string(text->text) : to_text(value);
}

std::string filter_of(const ShownRow& group, const Surroundings& around, const GroupKeys& keys) {
    const Row row = group.row(around);
    std::string text;
    for (const GroupKey& key : keys) {
        const Value value = key.column->get(row);
        const auto unsaid = key.column->traits.unsaid;
        if ((is_absent(value) && !unsaid) || key.column->kind == Kind::flags) // flags: one by one
            return {};
        text += (text.empty() ? "" : " and ") + std::string(key.column->name) + "=" +
                (is_absent(value) ? std::to_string(*unsaid) : quoted(text_in_filter(value)));
        const auto* end = std::get_if<Place>(&value);
        if (end != nullptr && !end->endpoint.port) // an address alone is one with any port
            text += " and not " + std::string(key.column->fields[1]) + ">=0";
    }
    return std::holds_alternative<Filter>(Filter::parse(text)) ? text : std::string();
}

} // namespace natstat
