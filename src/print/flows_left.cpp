// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A line names the three who have the most, an object all that it was given.
#include "natstat/print/flows_left.hpp"

#include "json_writer.hpp"

#include "natstat/table/value.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

namespace natstat {

namespace {

/// "4.2 s"
std::string seconds_text(std::chrono::duration<double> length) {
    std::array<char, 32> room{};
    std::snprintf(room.data(), room.size(), "%.1f s", length.count());
    return room.data();
}

std::uint64_t others(const FlowsLeft& left, std::size_t named) {
    std::uint64_t rest = left.flows.value_or(0);
    for (std::size_t i = 0; i < named; ++i)
        rest -= std::min(rest, left.openers[i].flows);
    return rest;
}

/// ": 6 of 192.0.2.16, 4 of 192.0.2.17, 2 of others"
std::string whose(const FlowsLeft& left) {
    constexpr std::size_t most = 3;
    const std::size_t named = std::min(most, left.openers.size());
    std::string text;
    for (std::size_t i = 0; i < named; ++i)
        text += (i == 0 ? ": " : ", ") + std::to_string(left.openers[i].flows) + " of " +
                to_text(left.openers[i].address);
    const std::uint64_t rest = others(left, named);
    return text + (rest == 0 ? "" : ", " + std::to_string(rest) + " of others");
}

void put_key(JsonWriter& json, std::string_view name) {
    json.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

void put_text(JsonWriter& json, std::string_view name, std::string_view text) {
    put_key(json, name);
    json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void put_number(JsonWriter& json, std::string_view name, std::uint64_t number) {
    put_key(json, name);
    json.Uint64(number);
}

void put_openers(JsonWriter& json, const FlowsLeft& left) {
    put_key(json, "hosts");
    json.StartArray();
    for (const auto& [address, flows] : left.openers) {
        json.StartObject();
        put_text(json, "address", to_text(address));
        put_number(json, "count", flows);
        json.EndObject();
    }
    json.EndArray();
    put_key(json, "others");
    left.flows ? json.Uint64(others(left, left.openers.size())) : json.Null();
}

} // namespace

void print_flows_left(const FlowsLeft& left, Output& output) {
    const std::string after = " after " + seconds_text(left.after);
    if (!left.flows)
        return output.put("it is not known how many flows are left" + after + "\n");
    const std::uint64_t number = *left.flows;
    const std::string flows =
        number == 0 ? std::string("no flow is")
                    : std::to_string(number) + (number == 1 ? " flow is" : " flows are");
    output.put(flows + " left" + after +
               (left.is_few() ? "" : ", not fewer than " + std::to_string(left.below)) +
               whose(left) + "\n");
}

void print_flows_left_json(const FlowsLeft& left, Output& output) {
    JsonStream stream{output};
    JsonWriter json(stream);
    constexpr int milliseconds = 3;
    json.SetMaxDecimalPlaces(milliseconds);
    json.StartObject();
    put_text(json, "reason", left.is_few() ? "few_enough" : "time_is_up");
    put_key(json, "left");
    left.flows ? json.Uint64(*left.flows) : json.Null();
    put_number(json, "below", left.below);
    put_key(json, "seconds");
    json.Double(left.after.count());
    put_openers(json, left);
    json.EndObject();
    output.put('\n');
}

} // namespace natstat
