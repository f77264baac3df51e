// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// CloudWatch's embedded metric format: one JSON object in one line of a log, of which CloudWatch
// makes metrics. A dimension has one value in a line, so the labels of single samples can not be
// dimensions: a family is a metric with a list of values, of which CloudWatch keeps the sum, the
// largest and the smallest.
#include "metric_parts.hpp"

#include "json_writer.hpp"

#include "natstat/table/value.hpp"

#include <algorithm>
#include <charconv>

namespace natstat {

namespace {

/// Of a directive, and of the values of a metric.
constexpr std::size_t most_of_all = 100;

std::uint64_t whole_number(std::string_view text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

double number_of(const std::string& text) {
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

struct Values {
    std::string name;
    std::vector<std::string> numbers;

    [[nodiscard]] bool counts() const { return !name.ends_with("_ratio"); }
};

class Families final : public MetricSink {
  public:
    void begin(const MetricHead& head) override { all.push_back({std::string(head.name), {}}); }
    void sample(const MetricHead& /*head*/, const LabelSet& /*labels*/,
                std::string_view number) override {
        all.back().numbers.emplace_back(number);
    }

    std::vector<Values> all;
};

/// The largest values, as many as there may be; of what counts the last one is the sum of the rest,
/// so that the sum of all is what it was.
void bound(Values& family) {
    std::vector<std::string>& numbers = family.numbers;
    if (numbers.size() <= most_of_all)
        return;
    std::stable_sort(
        numbers.begin(), numbers.end(),
        [](const std::string& a, const std::string& b) { return number_of(a) > number_of(b); });
    std::uint64_t rest = 0;
    for (std::size_t i = most_of_all - 1; i < numbers.size(); ++i)
        rest += whole_number(numbers[i]);
    numbers.resize(most_of_all);
    if (family.counts())
        numbers.back() = std::to_string(rest);
}

std::string_view unit_of(std::string_view name) {
    if (name.ends_with("_bytes_total") || name.starts_with("Bytes"))
        return "Bytes";
    if (name.ends_with("_seconds"))
        return "Seconds";
    return name.ends_with("_ratio") ? "None" : "Count";
}

void put_text(JsonWriter& json, std::string_view text) {
    json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}
void put_key(JsonWriter& json, std::string_view text) {
    json.Key(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

/// `visit(name, value)` for each dimension.
template <typename Visit>
void for_each_dimension(const Metrics& metrics, Visit&& visit) {
    std::size_t left = most_dimensions;
    const auto bounded = [&](std::string_view name, std::string_view value) {
        if (left > 0 && !value.empty())
            visit(name, value);
        left -= left > 0 ? 1 : 0;
    };
    bounded("host", metrics.host);
    for_each_common_label(metrics, bounded);
}

void put_directive(JsonWriter& json, const Metrics& metrics, const Values* begin,
                   const Values* end) {
    json.StartObject();
    put_key(json, "Namespace");
    put_text(json, "natstat");
    put_key(json, "Dimensions");
    json.StartArray(); // of sets, of which there is one
    json.StartArray();
    for_each_dimension(metrics,
                       [&](std::string_view name, std::string_view) { put_text(json, name); });
    json.EndArray();
    json.EndArray();
    put_key(json, "Metrics");
    json.StartArray();
    for (const Values* family = begin; family != end; ++family) {
        json.StartObject();
        put_key(json, "Name");
        put_text(json, family->name);
        put_key(json, "Unit");
        put_text(json, unit_of(family->name));
        json.EndObject();
    }
    json.EndArray();
    json.EndObject();
}

/// What tells CloudWatch which members are metrics.
void put_head(JsonWriter& json, const Metrics& metrics, const std::vector<Values>& families) {
    using std::chrono::milliseconds;
    put_key(json, "_aws");
    json.StartObject();
    put_key(json, "Timestamp");
    const Time moment = metrics.at != Time{} ? metrics.at : metrics.told;
    json.Int64(std::chrono::duration_cast<milliseconds>(moment.time_since_epoch()).count());
    put_key(json, "CloudWatchMetrics");
    json.StartArray();
    for (std::size_t first = 0; first < families.size(); first += most_of_all) {
        const std::size_t end = std::min(first + most_of_all, families.size());
        put_directive(json, metrics, families.data() + first, families.data() + end);
    }
    json.EndArray();
    json.EndObject();
}

void put_values(JsonWriter& json, const Values& family) {
    const auto put = [&](const std::string& number) {
        json.RawValue(number.data(), number.size(), rapidjson::kNumberType);
    };
    put_key(json, family.name);
    if (family.numbers.size() == 1)
        return put(family.numbers.front());
    json.StartArray();
    for (const std::string& number : family.numbers)
        put(number);
    json.EndArray();
}

} // namespace

void print_metrics_emf(const Metrics& metrics, std::size_t limit, Output& output) {
    Families families;
    put_run_metrics({families}, metrics);
    put_listed_metrics({families}, metrics, limit);
    put_following_metrics({families}, metrics);
    put_gateway_metrics({families}, metrics);
    for (Values& family : families.all)
        bound(family);
    JsonStream stream{output};
    JsonWriter json(stream);
    json.StartObject();
    put_head(json, metrics, families.all);
    for_each_dimension(metrics, [&](std::string_view name, std::string_view value) {
        put_key(json, name);
        put_text(json, to_text(Text{value}));
    });
    put_key(json, "version");
    put_text(json, metrics.version);
    for (const Values& family : families.all)
        put_values(json, family);
    json.EndObject();
    output.put('\n');
}

} // namespace natstat
