// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// JSON straight into the output buffer: raw numbers, null for what is absent. What stands in front
// of a value is the same in every row and is made once; the value is the text that a table has.
// That is a JSON string already but for the few with something to escape, which RapidJSON writes.
#include "fields.hpp"
#include "json_writer.hpp"
#include "printers.hpp"

#include "natstat/model/protocol.hpp"
#include "natstat/table/holders.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// Numbers, never names.
constexpr TextStyle raw{nullptr, true};

enum class Form : std::uint8_t { null, number, string, strings, object };

/// What a field of this kind is in JSON.
constexpr Form form_of(Kind kind) {
    switch (kind) {
    case Kind::absent:
        return Form::null;
    case Kind::count:
    case Kind::bytes:
    case Kind::rate:
    case Kind::duration:
    case Kind::port:
    case Kind::percent:
        return Form::number;
    case Kind::flags:
        return Form::strings;
    case Kind::holders:
        return Form::object;
    case Kind::text:
    case Kind::time:
    case Kind::change:
    case Kind::protocol:
    case Kind::address:
    case Kind::labels:
    case Kind::network:
    case Kind::hex:      // decimal and a count where it is a field
    case Kind::endpoint: // taken apart into fields before they come here
    case Kind::tuple:
        return Form::string;
    }
    return Form::string;
}

/// What can not stand between quotes as it is; bytes beyond ASCII are UTF-8, because texts from
/// outside are escaped by their kind where they are not.
bool needs_escapes(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
    });
}

class JsonPrinter : public Printer {
  public:
    JsonPrinter(const Layout& layout, Output& output, bool lines) : output_(output), lines_(lines) {
        // A name stands once in an object, however often its column was asked for.
        std::vector<std::string_view> seen;
        for (const ShownColumn& shown : layout) {
            std::vector<std::string> fronts;
            for (const std::string_view name : field_names(*shown.column)) {
                const bool repeated = std::find(seen.begin(), seen.end(), name) != seen.end();
                fronts.push_back(repeated ? std::string() : front_of(name, seen.empty()));
                seen.push_back(name);
            }
            columns_.push_back({shown.column, std::move(fronts)});
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
        output_.put('{');
        row.step != nullptr&& is_mark(row.step->kind) ? mark(row) : flow(row);
        output_.put(lines_ ? "}\n" : "}");
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
        const auto moment = [](Time time) {
            return time == Time{} ? Value{Absent{}} : Value{Instant{time}};
        };
        member(front_of("time", true), moment(step.time));
        member(front_of("event"), Text{transition_name(step.kind)});
        if (step.kind != TransitionKind::started)
            return member(front_of("run"), moment(step.run));
        const std::string& selection = row.extras.selection;
        member(front_of("filter"), selection.empty() ? Value{Absent{}} : Value{Text{selection}});
    }

    void flow(const Row& row) {
        for (const auto& [column, fronts] : columns_) {
            auto front = fronts.begin();
            for_each_field(*column, column->get(row), [&, this](const Value& value) {
                if (!front->empty())
                    member(*front, value);
                ++front;
            });
        }
    }

    /// What stands in front of a value. No column's name has anything to escape.
    static std::string front_of(std::string_view name, bool first = false) {
        return (first ? "\"" : ",\"") + std::string(name) + "\":";
    }

    /// One reservation has room for all of it.
    void member(std::string_view front, const Value& value) {
        constexpr std::size_t null_or_quotes = 4;
        char* out = output_.reserve(front.size() + text_bound(value, raw) + null_or_quotes);
        out = std::copy(front.begin(), front.end(), out);
        const auto kind = static_cast<Kind>(value.index());
        switch (form_of(kind)) {
        case Form::null:
            return output_.commit(std::copy_n("null", 4, out));
        case Form::number:
            return output_.commit(write_text(out, value, raw));
        case Form::string:
            return string(out, value, can_have_letters(kind, raw));
        case Form::strings:
            output_.commit(out);
            return strings(std::get<Flags>(value));
        case Form::object:
            output_.commit(out);
            return object(std::get<Holders>(value));
        }
    }

    void string(char* out, const Value& value, bool from_outside) {
        *out = '"';
        char* const end = write_text(out + 1, value, raw);
        const std::string_view text(out + 1, static_cast<std::size_t>(end - out) - 1);
        if (from_outside && needs_escapes(text)) {
            output_.commit(out);
            return escaped(text);
        }
        *end = '"';
        output_.commit(end + 1);
    }

    void escaped(std::string_view text) {
        text_ = text; // which stands where it is going to be written
        writer_.Reset(stream_);
        writer_.String(text_.data(), static_cast<rapidjson::SizeType>(text_.size()));
    }

    void strings(const Flags& flags) {
        char between = '[';
        for (const StatusFlag& flag : status_flags()) {
            if (!holds(flag, flags.bits))
                continue;
            output_.put(between);
            output_.put('"');
            output_.put(flag.name);
            output_.put('"');
            between = ',';
        }
        output_.put(between == '[' ? "[]" : "]");
    }

    /// A container can call itself like an address, so that each has a member of its own.
    void object(const Holders& held) {
        char between = '[';
        output_.put("{\"most\":");
        for (const Holder& each : held.all->biggest()) {
            const bool named = !each.workload.empty();
            output_.put(between);
            output_.put('{');
            member(front_of("workload", true), named ? Value{Text{each.workload}} : Absent{});
            member(front_of("src"), named ? Value{Absent{}} : each.address);
            member(front_of("ports"), Count{each.ports});
            output_.put('}');
            between = ',';
        }
        output_.put(']');
        member(front_of("others"), Count{held.all->others()});
        output_.put('}');
    }

    struct Named {
        const Column* column;
        std::vector<std::string> fronts; // of its fields; empty: the name was there before
    };

    Output& output_;
    JsonStream stream_{output_};
    JsonWriter writer_{stream_};
    std::string text_; // room for one that is to be escaped
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
