// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// JSON through RapidJSON's streaming writer, straight into the output buffer: raw numbers, null for
// what is absent.
#include "fields.hpp"
#include "json_writer.hpp"
#include "printers.hpp"

#include "natstat/model/protocol.hpp"

#include <algorithm>

namespace natstat {

namespace {

using Writer = JsonWriter;

/// Numbers, never names.
constexpr TextStyle raw{nullptr, true};

struct WriteValue {
    Writer& writer;

    void operator()(const Absent&) const { writer.Null(); }
    void operator()(const Count& value) const { writer.Uint64(value.value); }
    void operator()(const Bytes& value) const { writer.Uint64(value.value); }
    void operator()(const Rate& value) const { writer.Uint64(value.value); }
    void operator()(const Duration& value) const { as_number(value); }
    void operator()(const Instant& value) const { as_text(value); }
    void operator()(const Change& value) const { as_text(value); }
    void operator()(const Hex& value) const { writer.Uint(value.value); }
    void operator()(const Port& value) const { writer.Uint(value.number); }
    void operator()(const Flags& value) const {
        writer.StartArray();
        for (const StatusFlag& flag : status_flags())
            if (holds(flag, value.bits))
                string(flag.name);
        writer.EndArray();
    }
    // Texts from outside are escaped to printable ASCII by their kind, so that this is always
    // UTF-8.
    void operator()(const Text& value) const { as_text(value); }
    void operator()(const Protocol& value) const { as_text(value); }
    void operator()(const Address& value) const { as_text(value); }
    void operator()(const Labels& value) const { as_text(value); }
    void operator()(const Network& value) const { as_text(value); }
    void operator()(const Percent& value) const { as_number(value); }
    // Taken apart into fields before they come here; whole they are texts.
    void operator()(const Place& value) const { as_text(value); }
    void operator()(const RawTuple& value) const { as_text(value); }

    /// What is written as a JSON number already.
    void as_number(const Value& value) const {
        char small[64];
        const auto size = static_cast<std::size_t>(write_text(small, value, raw) - small);
        writer.RawValue(small, size, rapidjson::kNumberType);
    }
    void string(std::string_view text) const {
        writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    }
    void as_text(const Value& value) const {
        char small[256];
        const std::size_t bound = text_bound(value, raw);
        if (bound > sizeof small)
            return string(to_text(value, raw));
        string({small, static_cast<std::size_t>(write_text(small, value, raw) - small)});
    }
};

class JsonPrinter : public Printer {
  public:
    JsonPrinter(const Layout& layout, Output& output, bool lines)
        : output_(output), stream_{output}, lines_(lines) {
        // A name stands once in an object, however often its column was asked for.
        std::vector<std::string_view> seen;
        for (const ShownColumn& shown : layout) {
            std::vector<Field> fields;
            for (const std::string_view name : field_names(*shown.column)) {
                const bool repeated = std::find(seen.begin(), seen.end(), name) != seen.end();
                fields.push_back({'"' + std::string(name) + '"', !repeated});
                seen.push_back(name);
            }
            columns_.push_back({shown.column, std::move(fields)});
        }
    }

    void begin() override {
        if (!lines_)
            output_.put('[');
    }

    void row(const Row& row) override {
        if (!lines_)
            output_.put(first_ ? "\n" : ",\n");
        first_ = false;
        writer_.Reset(stream_);
        writer_.StartObject();
        row.step != nullptr&& is_mark(row.step->kind) ? mark(row) : flow(row);
        writer_.EndObject();
        if (lines_)
            output_.put('\n');
    }

    void go_on() override { first_ = false; }

    void end() override {
        if (!lines_)
            output_.put(first_ ? "]\n" : "\n]\n");
    }

  private:
    /// Where a stream begins and ends has fields of its own, whatever columns are shown of flows:
    /// without them nobody could read the stream.
    void mark(const Row& row) {
        const Transition& step = *row.step;
        const auto field = [this](std::string_view name, const Value& value) {
            writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
            std::visit(WriteValue{writer_}, value);
        };
        const auto moment = [](Time time) {
            return time == Time{} ? Value{Absent{}} : Value{Instant{time}};
        };
        field("time", moment(step.time));
        field("event", Text{transition_name(step.kind)});
        if (step.kind != TransitionKind::started)
            return field("run", moment(step.run));
        const std::string& selection = row.extras.selection;
        field("filter", selection.empty() ? Value{Absent{}} : Value{Text{selection}});
    }

    void flow(const Row& row) {
        for (const auto& [column, fields] : columns_) {
            auto field = fields.begin();
            for_each_field(*column, column->get(row), [&, this](const Value& value) {
                const auto& [name, shown] = *field++;
                if (!shown)
                    return;
                writer_.RawValue(name.data(), name.size(), rapidjson::kStringType);
                std::visit(WriteValue{writer_}, value);
            });
        }
    }

    struct Field {
        std::string name; // in its quotes; no column's needs more
        bool shown;
    };
    struct Named {
        const Column* column;
        std::vector<Field> fields;
    };

    Output& output_;
    JsonStream stream_;
    Writer writer_{stream_};
    std::vector<Named> columns_;
    bool lines_;
    bool first_ = true;
};

} // namespace

std::unique_ptr<Printer> make_json_printer(const Layout& layout, const PrintStyle&,
                                           Output& output) {
    return std::make_unique<JsonPrinter>(layout, output, false);
}

std::unique_ptr<Printer> make_json_lines_printer(const Layout& layout, const PrintStyle&,
                                                 Output& output) {
    return std::make_unique<JsonPrinter>(layout, output, true);
}

} // namespace natstat
