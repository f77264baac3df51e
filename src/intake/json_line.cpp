// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// RapidJSON finds the values, one table says what each name takes. Nothing is kept but the fields:
// no document is built, and a value that nests stops the reading before it takes the stack.
#include "json_line.hpp"

#include "natstat/intake/text_source.hpp"
#include "natstat/model/protocol.hpp"
#include "natstat/model/utf8.hpp"
#include "text_fields.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

namespace natstat {

namespace {

/// A value that is no object, no array and not null.
struct Scalar {
    enum class Kind : std::uint8_t { text, whole, real, other };
    Kind kind = Kind::other;
    std::string_view text;
    std::uint64_t whole = 0;
    double real = 0;
};

template <auto field>
bool take_text(JsonFields& fields, const Scalar& value) {
    fields.*field = value.text;
    return value.kind == Scalar::Kind::text;
}

template <typename Number>
std::optional<Number> number(const Scalar& value) {
    if (value.kind != Scalar::Kind::whole || value.whole > std::numeric_limits<Number>::max())
        return std::nullopt;
    return static_cast<Number>(value.whole);
}

template <auto field>
bool take_number(JsonFields& fields, const Scalar& value) {
    using Number = typename std::remove_reference_t<decltype(fields.*field)>::value_type;
    fields.*field = number<Number>(value);
    return (fields.*field).has_value();
}

template <auto field>
bool take_address(JsonFields& fields, const Scalar& value) {
    fields.*field = parse_address(value.text);
    return (fields.*field).has_value();
}

template <auto tuple, auto field>
bool take_tuple_address(JsonFields& fields, const Scalar& value) {
    fields.*tuple.*field = parse_address(value.text);
    return (fields.*tuple.*field).has_value();
}

template <auto tuple, auto field>
bool take_tuple_port(JsonFields& fields, const Scalar& value) {
    fields.*tuple.*field = number<std::uint16_t>(value);
    return (fields.*tuple.*field).has_value();
}

template <auto field>
bool take_moment(JsonFields& fields, const Scalar& value) {
    fields.*field = parse_utc_moment(value.text);
    return (fields.*field).has_value();
}

bool take_protocol(JsonFields& fields, const Scalar& value) {
    fields.protocol = parse_protocol(value.text);
    return fields.protocol.has_value();
}

bool take_family(JsonFields& fields, const Scalar& value) {
    fields.family = value.text == "ipv4" ? Family::ipv4 : Family::ipv6;
    return value.text == "ipv4" || value.text == "ipv6";
}

/// Seconds with up to three digits behind the point.
bool take_held(JsonFields& fields, const Scalar& value) {
    constexpr double most = 1e9; // 30 years
    const bool whole = value.kind == Scalar::Kind::whole;
    const double seconds = whole ? static_cast<double>(value.whole) : value.real;
    if ((!whole && value.kind != Scalar::Kind::real) || !(seconds >= 0 && seconds <= most))
        return false;
    fields.held = std::chrono::milliseconds(std::llround(seconds * 1000));
    return true;
}

/// The bitmap as "0x...", most significant digit first.
bool take_labels(JsonFields& fields, const Scalar& value) {
    constexpr std::size_t most_digits = 32;
    std::string_view digits = value.text;
    if (!digits.starts_with("0x") || digits.size() < 3 || digits.size() - 2 > most_digits)
        return false;
    digits.remove_prefix(2);
    std::array<std::uint8_t, 16> labels{};
    for (std::size_t place = 0; place < digits.size(); ++place) {
        unsigned digit = 0;
        if (!read_number(digits.substr(digits.size() - 1 - place, 1), digit, 16))
            return false;
        labels[place / 2] = static_cast<std::uint8_t>(labels[place / 2] | digit << 4 * (place % 2));
    }
    fields.labels = labels;
    return true;
}

template <Extras::Known what>
bool take_known(JsonFields& fields, const Scalar& value) {
    fields.known.emplace_back(what, unescaped(value.text));
    return value.kind == Scalar::Kind::text && !value.text.empty();
}

template <Extras::Known what>
bool take_known_number(JsonFields& fields, const Scalar& value) {
    const auto told = number<std::uint32_t>(value);
    fields.known.emplace_back(what, std::to_string(told.value_or(0)));
    return told.has_value();
}

bool take_flag(std::uint32_t& status, std::string_view name) {
    const auto flags = status_flags();
    const auto found = std::find_if(flags.begin(), flags.end(),
                                    [&](const StatusFlag& flag) { return flag.name == name; });
    if (found == flags.end())
        return false;
    const std::uint32_t bit = 1U << found->bit;
    status = found->inverted ? status & ~bit : status | bit;
    return true;
}

/// The status of a flow of which no flag is shown.
std::uint32_t no_flags() {
    std::uint32_t status = 0;
    for (const StatusFlag& flag : status_flags())
        if (flag.inverted)
            status |= 1U << flag.bit;
    return status;
}

using F = JsonFields;
using T = JsonTuple;
using Known = Extras::Known;

constexpr struct Name {
    std::string_view name;
    bool (*take)(JsonFields& fields, const Scalar& value);
} names[] = {
    {"time", take_moment<&F::time>},
    {"event", take_text<&F::event>},
    {"proto", take_protocol},
    {"family", take_family},
    {"kind", take_text<&F::kind>},
    {"src", take_address<&F::source>},
    {"sport", take_number<&F::source_port>},
    {"gate", take_address<&F::gateway>},
    {"gport", take_number<&F::gateway_port>},
    {"dst", take_address<&F::destination>},
    {"dport", take_number<&F::destination_port>},
    {"original_src", take_tuple_address<&F::original, &T::source>},
    {"original_sport", take_tuple_port<&F::original, &T::source_port>},
    {"original_dst", take_tuple_address<&F::original, &T::destination>},
    {"original_dport", take_tuple_port<&F::original, &T::destination_port>},
    {"reply_src", take_tuple_address<&F::reply, &T::source>},
    {"reply_sport", take_tuple_port<&F::reply, &T::source_port>},
    {"reply_dst", take_tuple_address<&F::reply, &T::destination>},
    {"reply_dport", take_tuple_port<&F::reply, &T::destination_port>},
    {"state", take_text<&F::state>},
    {"was", take_text<&F::was>},
    {"ending", take_text<&F::ending>},
    {"told", take_text<&F::told>},
    {"lost", take_number<&F::lost>},
    {"timeout", take_number<&F::timeout>},
    {"age", take_number<&F::age>},
    {"held", take_held},
    {"packets_up", take_number<&F::packets_up>},
    {"packets_down", take_number<&F::packets_down>},
    {"bytes_up", take_number<&F::bytes_up>},
    {"bytes_down", take_number<&F::bytes_down>},
    {"mark", take_number<&F::mark>},
    {"zone", take_number<&F::zone>},
    {"zone_orig", take_number<&F::original_zone>},
    {"zone_reply", take_number<&F::reply_zone>},
    {"icmp_type", take_number<&F::icmp_type>},
    {"icmp_code", take_number<&F::icmp_code>},
    {"id", take_number<&F::id>},
    {"helper", take_text<&F::helper>},
    {"labels", take_labels},
    {"secctx", take_text<&F::secctx>},
    {"workload", take_known<Known::workload>},
    {"src_workload", take_known<Known::source_workload>},
    {"process", take_known<Known::process>},
    {"pid", take_known_number<Known::process_id>},
    {"service", take_known<Known::service>},
    {"region", take_known<Known::region>},
    {"src_net", take_known<Known::source_network>},
    {"dst_net", take_known<Known::destination_network>},
    {"owner", take_known<Known::owner>},
    {"asn", take_known_number<Known::as_number>},
    {"country", take_known<Known::country>},
    {"run", take_moment<&F::run>},
    {"filter", take_text<&F::filter>},
};
constexpr std::string_view status_name = "status"; // the only array

/// RapidJSON's handler: false from any of these ends the reading.
class Handler {
  public:
    explicit Handler(JsonFields& fields) : fields_(fields) {}

    /// Why it ended the reading; empty where it did not.
    [[nodiscard]] const std::string& wrong() const { return wrong_; }

    bool Key(const char* text, rapidjson::SizeType size, bool) {
        if (depth_ != 1)
            return true;
        name_ = {text, size};
        // Fields come in the table's order, so the search begins where the last one was found.
        const auto same = [this](const Name& each) { return each.name == name_; };
        field_ = std::find_if(next_, std::end(names), same);
        if (field_ == std::end(names))
            field_ = std::find_if(std::begin(names), std::end(names), same);
        if (field_ != std::end(names))
            next_ = field_;
        return true;
    }
    bool StartObject() { return deeper(depth_ == 0); }
    bool EndObject(rapidjson::SizeType) { return --depth_, true; }
    bool StartArray() {
        in_status_ = depth_ == 1 && name_ == status_name;
        if (in_status_)
            fields_.status = no_flags();
        return deeper(in_status_);
    }
    bool EndArray(rapidjson::SizeType) {
        in_status_ = false;
        return --depth_, true;
    }

    bool Null() { return (depth_ != 0 && !in_status_) || refuse(); }
    bool Bool(bool) { return take({}); }
    bool Int(int) { return take({}); } // negative: the others come as Uint
    bool Int64(std::int64_t) { return take({}); }
    bool Uint(unsigned value) { return Uint64(value); }
    bool Uint64(std::uint64_t value) { return take({Scalar::Kind::whole, {}, value, 0}); }
    bool Double(double value) { return take({Scalar::Kind::real, {}, 0, value}); }
    bool RawNumber(const char*, rapidjson::SizeType, bool) { return refuse(); }
    bool String(const char* text, rapidjson::SizeType size, bool) {
        return take({Scalar::Kind::text, {text, size}, 0, 0});
    }

  private:
    [[nodiscard]] bool is_known() const {
        return field_ != std::end(names) || name_ == status_name;
    }

    /// Into an object or array that is `expected` here, or belongs to a name that is not known.
    bool deeper(bool expected) {
        constexpr unsigned deepest = 8;
        const bool passed_over = depth_ != 0 && !is_known();
        ++depth_;
        return ((expected || passed_over) && depth_ <= deepest) || refuse();
    }

    bool take(const Scalar& value) {
        if (in_status_)
            return (value.kind == Scalar::Kind::text && take_flag(*fields_.status, value.text)) ||
                   refuse();
        if (depth_ != 0 && !is_known())
            return true;
        return (depth_ == 1 && field_ != std::end(names) && field_->take(fields_, value)) ||
               refuse();
    }

    bool refuse() {
        wrong_ = is_known() ? "'" + std::string(name_) + "' has a value that it never has"
                            : "it is no object of plain values";
        return false;
    }

    JsonFields& fields_;
    unsigned depth_ = 0;
    std::string_view name_; // of the value that comes next, on the first level
    const Name* field_ = std::end(names);
    const Name* next_ = std::begin(names);
    bool in_status_ = false;
    std::string wrong_;
};

} // namespace

std::string read_json_fields(char* line, JsonFields& fields) {
    constexpr unsigned flags = rapidjson::kParseInsituFlag | rapidjson::kParseValidateEncodingFlag;
    rapidjson::InsituStringStream stream(line);
    rapidjson::Reader reader;
    Handler handler(fields);
    if (reader.Parse<flags>(stream, handler))
        return {};
    if (!handler.wrong().empty())
        return handler.wrong();
    return "character " + std::to_string(reader.GetErrorOffset() + 1) + ": " +
           rapidjson::GetParseError_En(reader.GetParseErrorCode());
}

} // namespace natstat
