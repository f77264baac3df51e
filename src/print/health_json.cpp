// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The facts as they are: names, numbers and null.
#include "natstat/print/health.hpp"

#include "json_writer.hpp"

#include "natstat/table/value.hpp"

namespace natstat {

namespace {

using Number = std::optional<std::uint64_t>;

/// One object, field by field.
class Fields {
  public:
    explicit Fields(Output& output) : stream_{output} {}

    void key(std::string_view name) {
        writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    }
    void field(std::string_view name, const Number& value) {
        key(name);
        value ? writer_.Uint64(*value) : writer_.Null();
    }
    void text(std::string_view value) {
        writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    }
    void share(std::string_view name, const std::optional<double>& value) {
        key(name);
        writer_.SetMaxDecimalPlaces(3);
        value ? writer_.Double(*value) : writer_.Null();
    }
    JsonWriter& writer() { return writer_; }

  private:
    JsonStream stream_;
    JsonWriter writer_{stream_};
};

std::string_view scope_name(LimitScope scope) {
    switch (scope) {
    case LimitScope::initial:
        return "initial";
    case LimitScope::shared:
        return "shared";
    case LimitScope::here:
        return "here";
    }
    return {};
}

void put_table(Fields& out, const Health& health) {
    out.field("entries", health.entries);
    out.field("limit", health.limit);
    out.share("percent_full", health.percent_full());
    out.key("limit_scope");
    health.limit_scope ? out.text(scope_name(*health.limit_scope))
                       : static_cast<void>(out.writer().Null());
    out.field("buckets", health.buckets);
    out.share("entries_per_bucket", health.entries_per_bucket());
    out.field("expectations", health.expectations);
    out.field("expectation_limit", health.expectation_limit);
}

void put_statistics(Fields& out, const std::optional<Statistics>& statistics) {
    out.field("cpus", statistics ? Number(statistics->cpus) : Number());
    out.key("statistics");
    if (!statistics)
        return static_cast<void>(out.writer().Null());
    out.writer().StartObject();
    for (const auto& [name, value] : statistics->counters)
        out.field(name, value == 0 && is_given_up(name) ? Number() : Number(value));
    out.writer().EndObject();
}

void put_settings(Fields& out, const Health& health) {
    out.key("settings");
    out.writer().StartObject();
    for (std::size_t i = 0; i < setting_names.size(); ++i)
        out.field(setting_names[i], health.settings[i]);
    out.writer().EndObject();
}

void put_timeouts(Fields& out, const std::vector<ChangedTimeout>& timeouts) {
    out.key("changed_timeouts");
    out.writer().StartObject();
    for (const auto& [name, seconds, usual] : timeouts) {
        out.key(name);
        out.writer().StartObject();
        out.field("seconds", seconds);
        out.field("default", usual);
        out.writer().EndObject();
    }
    out.writer().EndObject();
}

void put_allowances(Fields& out, const std::vector<Allowances>& list) {
    out.key("allowances");
    out.writer().StartArray();
    for (const Allowances& each : list) {
        out.writer().StartObject();
        out.key("interface");
        out.text(to_text(Text{each.interface}));
        for (std::size_t i = 0; i < allowance_names.size(); ++i)
            out.field(allowance_names[i], each.values[i]);
        out.writer().EndObject();
    }
    out.writer().EndArray();
}

void put_databases(Fields& out, const std::vector<DatabaseDate>& list) {
    out.key("databases");
    out.writer().StartArray();
    for (const auto& [type, built] : list) {
        out.writer().StartObject();
        out.key("type");
        out.text(to_text(Text{type}));
        out.key("built");
        built == Time{} ? static_cast<void>(out.writer().Null())
                        : out.text(to_text(Instant{built}, {.utc = true}));
        out.writer().EndObject();
    }
    out.writer().EndArray();
}

void put_findings(Fields& out, const Health& health) {
    out.key("findings");
    out.writer().StartArray();
    for (const Finding& each : findings(health))
        out.text(each.name);
    out.writer().EndArray();
}

} // namespace

void print_health_json(const Health& health, Output& output) {
    Fields out(output);
    out.writer().StartObject();
    put_findings(out, health);
    put_table(out, health);
    put_statistics(out, health.statistics);
    put_settings(out, health);
    put_timeouts(out, health.timeouts);
    put_allowances(out, health.allowances);
    put_databases(out, health.databases);
    out.writer().EndObject();
    output.put('\n');
}

} // namespace natstat
