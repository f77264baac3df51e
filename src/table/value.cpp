// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Values as texts: how long each can get, and how it is written, with one overload for each kind: a
// kind without one does not compile. Their order is value_order.cpp's.
#include "natstat/table/value.hpp"

#include "natstat/model/protocol.hpp"
#include "natstat/model/utf8.hpp"
#include "natstat/table/holders.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace natstat {

namespace {

constexpr std::string_view kind_names[] = {
    "absent", "text",   "count",    "bytes",   "rate",    "duration", "time",
    "change", "hex",    "protocol", "address", "port",    "endpoint", "tuple",
    "flags",  "labels", "network",  "percent", "holders",
};
static_assert(std::size(kind_names) == std::variant_size_v<Value>);

constexpr std::size_t number_max = 20;
constexpr std::string_view hex_digits = "0123456789abcdef";

char* put(char* out, std::string_view text) {
    return std::copy(text.begin(), text.end(), out);
}

char* put_number(char* out, std::uint64_t value) {
    return std::to_chars(out, out + number_max, value).ptr;
}

char* put_escaped(char* out, std::string_view bytes) {
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out = put(out, "\\x");
        *out++ = hex_digits[byte >> 4];
        *out++ = hex_digits[byte & 0xF];
    }
    return out;
}

/// A backslash is escaped, too, so that no two texts look alike.
char* put_printable(char* out, std::string_view text, const TextStyle& style) {
    const auto* const rest = std::find_if(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte >= 0x7F || byte == '\\';
    });
    out = std::copy(text.begin(), rest, out); // nearly always all of it
    const auto begin = static_cast<std::size_t>(rest - text.begin());
    Characters characters(text.substr(begin), begin != 0);
    while (const auto each = characters.next()) {
        const bool plain = each->code != U'\\' && (!style.ascii || each->code < 0x80);
        out = each->shown && plain ? put(out, each->bytes) : put_escaped(out, each->bytes);
    }
    return out;
}

/// At least `digits` digits, zeros in front.
char* put_padded(char* out, int digits, std::int64_t value) {
    for (int i = digits; i-- > 0; value /= 10)
        out[i] = static_cast<char>('0' + value % 10);
    return out + digits;
}

/// "4", "4.103": no fraction where there is none.
char* put_seconds(char* out, std::chrono::milliseconds value) {
    constexpr std::uint64_t second = 1000;
    const auto count = static_cast<std::uint64_t>(value.count());
    const bool negative = value.count() < 0;
    const std::uint64_t size = negative ? 0 - count : count; // also of the least number of all
    if (negative)
        *out++ = '-';
    out = put_number(out, size / second);
    if (size % second == 0)
        return out;
    *out++ = '.';
    return put_padded(out, 3, static_cast<std::int64_t>(size % second));
}

/// "2026-11-22 05:10:11.123456" in the local time zone, or "2026-11-22T04:10:11.123456Z".
char* put_moment(char* out, Time moment, bool utc) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(moment);
    const std::time_t clock = seconds.time_since_epoch().count();
    std::tm parts{};
    utc ? gmtime_r(&clock, &parts) : localtime_r(&clock, &parts);
    out = put_padded(out, 4, parts.tm_year + 1900);
    for (const int part : {parts.tm_mon + 1, parts.tm_mday}) {
        *out++ = '-';
        out = put_padded(out, 2, part);
    }
    char before = utc ? 'T' : ' ';
    for (const int part : {parts.tm_hour, parts.tm_min, parts.tm_sec}) {
        *out++ = before;
        before = ':';
        out = put_padded(out, 2, part);
    }
    *out++ = '.';
    const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(moment - seconds);
    out = put_padded(out, 6, rest.count());
    if (utc)
        *out++ = 'Z';
    return out;
}

constexpr std::size_t brief_max = 8;

/// Three digits and a unit: "999", "1.2k", "48k", "3.1G".
char* put_brief(char* out, std::uint64_t value) {
    constexpr std::string_view units = " kMGTPE";
    std::size_t unit = 0;
    std::uint64_t tenths = value > 999 ? 0 : value * 10;
    for (std::uint64_t rest = value; rest > 999; rest /= 1000, ++unit)
        tenths = rest / 100;
    if (unit == 0)
        return put_number(out, value);
    out = put_number(out, tenths / 10);
    if (tenths < 100) {
        *out++ = '.';
        out = put_number(out, tenths % 10);
    }
    *out++ = units[unit];
    return out;
}

/// "9s", "4m12", "3h05", "12d04".
char* put_brief_seconds(char* out, std::chrono::milliseconds value) {
    const std::int64_t seconds = std::max<std::int64_t>(value.count() / 1000, 0);
    constexpr struct {
        std::int64_t size, below;
        char name;
    } units[] = {{60, 1, 'm'}, {3600, 60, 'h'}, {86400, 3600, 'd'}};
    if (seconds < 60) {
        out = put_number(out, static_cast<std::uint64_t>(seconds));
        *out++ = 's';
        return out;
    }
    const auto& unit = units[seconds < 3600 ? 0 : seconds < 86400 ? 1 : 2];
    out = put_number(out, static_cast<std::uint64_t>(seconds / unit.size));
    *out++ = unit.name;
    return put_padded(out, 2, seconds % unit.size / unit.below);
}

/// The ports of a tuple in conntrack's words: sport and dport, or type, code and id, or the keys.
char* put_tuple_ports(char* out, const RawTuple& value, const Tuple& tuple) {
    const Flow& flow = *value.flow;
    if (flow.is_icmp()) {
        if (const auto icmp = flow.icmp(value.direction)) {
            out = put_number(put(out, " type="), icmp->type);
            out = put_number(put(out, " code="), icmp->code);
        }
        const auto id = tuple.source.port ? tuple.source.port : tuple.destination.port;
        return put_number(put(out, " id="), id.value_or(0));
    }
    const bool gre = protocol_kind(flow.protocol).carries == Carries::keys;
    const auto one = [&](std::string_view name, std::uint16_t number) {
        out = put(out, name);
        if (gre)
            out = std::to_chars(put(out, "0x"), out + number_max, number, 16).ptr;
        else
            out = put_number(out, number);
    };
    one(gre ? " srckey=" : " sport=", tuple.source.port.value_or(0));
    one(gre ? " dstkey=" : " dport=", tuple.destination.port.value_or(0));
    return out;
}

/// 15 characters, and the bytes beyond that writing may touch.
constexpr std::size_t ipv4_room = 18;

constexpr std::size_t tuple_text_max = 2 * address_text_max + 64;

/// All flags at once, each with its comma.
const std::size_t flags_text_max = [] {
    std::size_t size = 0;
    for (const StatusFlag& flag : status_flags())
        size += flag.name.size() + 1;
    return size;
}();

/// The labels with their names, some of which may be empty; none where the bitmap is to be shown.
template <typename Take>
void for_each_label(const Labels& labels, const TextStyle& style, Take take) {
    if (style.utc || labels.names == nullptr || labels.names->empty())
        return;
    for (std::size_t bit = 0; bit < 8 * labels.bits.size(); ++bit)
        if ((labels.bits[bit / 8] >> bit % 8 & 1) != 0)
            take(bit, bit < labels.names->size() ? std::string_view((*labels.names)[bit])
                                                 : std::string_view{});
}

struct Bound {
    const TextStyle& style;

    std::size_t host(const Address& address) const {
        const auto name =
            style.naming == nullptr ? std::string_view{} : style.naming->host(address);
        return std::max(name.size(), address.family == Family::ipv4 ? ipv4_room : address_text_max);
    }
    std::size_t service(std::uint16_t port, std::uint8_t protocol) const {
        const auto name =
            style.naming == nullptr ? std::string_view{} : style.naming->service(port, protocol);
        return std::max(name.size(), std::size_t{5});
    }

    std::size_t operator()(const Absent&) const { return 1; }
    std::size_t operator()(const Text& value) const { return 4 * value.text.size(); }
    std::size_t operator()(const Count&) const { return number_max; }
    std::size_t operator()(const Bytes&) const { return style.brief ? brief_max : number_max; }
    std::size_t operator()(const Rate&) const { return style.brief ? brief_max : number_max; }
    std::size_t operator()(const Duration&) const { return number_max + 5; }
    std::size_t operator()(const Instant&) const { return style.brief ? 12 : style.utc ? 27 : 26; }
    std::size_t operator()(const Change& value) const {
        const std::size_t from = value.from.empty() ? 0 : value.from.size() + 1;
        return from + 3 + std::max(value.to.size(), std::size_t{1});
    }
    std::size_t operator()(const Hex&) const { return 10; }
    std::size_t operator()(const Protocol&) const { return 8; }
    std::size_t operator()(const Address& value) const { return host(value); }
    std::size_t operator()(const Port& value) const {
        return service(value.number, value.protocol);
    }
    std::size_t operator()(const Place& value) const {
        const std::size_t address = host(value.endpoint.address);
        const std::size_t brackets = value.endpoint.address.family == Family::ipv6 ? 2 : 0;
        return value.endpoint.port
                   ? address + brackets + 1 + service(*value.endpoint.port, value.protocol)
                   : address;
    }
    std::size_t operator()(const RawTuple&) const { return tuple_text_max; }
    std::size_t operator()(const Flags&) const { return flags_text_max; }
    std::size_t operator()(const Labels& value) const {
        std::size_t size = 34;
        for_each_label(value, style,
                       [&](std::size_t, std::string_view name) { size += 4 * name.size() + 4; });
        return size;
    }
    std::size_t operator()(const Network&) const { return address_text_max + 4; }
    std::size_t operator()(const Percent&) const { return number_max + 3; }
    std::size_t operator()(const Holders& value) const {
        std::size_t size = number_max + 5; // "4 more"
        for (const Holder& each : value.all->biggest())
            size += 4 * each.workload.size() + host(each.address) + number_max + 3;
        return size;
    }
};

struct Writer {
    char* out;
    const TextStyle& style;

    char* amount(std::uint64_t value) const {
        return style.brief ? put_brief(out, value) : put_number(out, value);
    }

    char* host(const Address& address) const {
        const auto name =
            style.naming == nullptr ? std::string_view{} : style.naming->host(address);
        return name.empty() ? write_address(out, address) : put(out, name);
    }
    static char* service(char* at, const TextStyle& style, std::uint16_t port,
                         std::uint8_t protocol) {
        const auto name =
            style.naming == nullptr ? std::string_view{} : style.naming->service(port, protocol);
        return name.empty() ? put_number(at, port) : put(at, name);
    }

    char* operator()(const Absent&) const { return put(out, "-"); }
    char* operator()(const Text& value) const { return put_printable(out, value.text, style); }
    char* operator()(const Count& value) const { return put_number(out, value.value); }
    char* operator()(const Bytes& value) const { return amount(value.value); }
    char* operator()(const Rate& value) const {
        return amount(style.brief && style.bits ? 8 * value.value : value.value);
    }
    char* operator()(const Duration& value) const {
        return style.brief ? put_brief_seconds(out, value.value) : put_seconds(out, value.value);
    }
    char* operator()(const Instant& value) const {
        if (!style.brief)
            return put_moment(out, value.value, style.utc);
        char whole[32]; // "2026-11-22 05:10:11.123456"
        put_moment(whole, value.value, false);
        return put(out, {whole + 11, 12});
    }
    char* operator()(const Change& value) const {
        char* at = value.from.empty() ? out : put(put(out, value.from), " ");
        return put(put(at, "-> "), value.to.empty() ? "?" : value.to);
    }
    char* operator()(const Hex& value) const {
        return std::to_chars(put(out, "0x"), out + 10, value.value, 16).ptr;
    }
    char* operator()(const Protocol& value) const {
        const auto name = protocol_name(value.number);
        return name.empty() ? put_number(out, value.number) : put(out, name);
    }
    char* operator()(const Address& value) const { return host(value); }
    char* operator()(const Port& value) const {
        return service(out, style, value.number, value.protocol);
    }
    char* operator()(const Place& value) const {
        const bool named =
            style.naming != nullptr && !style.naming->host(value.endpoint.address).empty();
        if (style.naming == nullptr)
            return write_endpoint(out, value.endpoint);
        if (!value.endpoint.port)
            return host(value.endpoint.address);
        const bool brackets = !named && value.endpoint.address.family == Family::ipv6;
        char* at = out;
        if (brackets)
            *at++ = '[';
        at = Writer{at, style}.host(value.endpoint.address);
        if (brackets)
            *at++ = ']';
        *at++ = ':';
        return service(at, style, *value.endpoint.port, value.protocol);
    }
    char* operator()(const RawTuple& value) const {
        const Tuple tuple = value.flow->tuple(value.direction);
        char* at = write_address(put(out, "src="), tuple.source.address);
        at = write_address(put(at, " dst="), tuple.destination.address);
        const bool ports = tuple.source.port || tuple.destination.port;
        return ports ? put_tuple_ports(at, value, tuple) : at;
    }
    char* operator()(const Flags& value) const {
        char* at = out;
        for (const StatusFlag& flag : status_flags()) {
            if (!holds(flag, value.bits))
                continue;
            if (at != out)
                *at++ = ',';
            at = put(at, flag.name);
        }
        return at;
    }
    char* operator()(const Labels& value) const {
        char* end = out;
        for_each_label(value, style, [&](std::size_t bit, std::string_view name) {
            if (end != out)
                *end++ = ',';
            end = name.empty() ? put_number(end, bit) : put_printable(end, name, style);
        });
        return end == out ? bitmap(value) : end;
    }
    char* bitmap(const Labels& value) const {
        char* at = put(out, "0x");
        bool started = false;
        for (std::size_t i = 2 * value.bits.size(); i-- > 0;) {
            const unsigned digit = value.bits[i / 2] >> (i % 2 == 0 ? 0 : 4) & 0xF;
            started = started || digit != 0 || i == 0;
            if (started)
                *at++ = hex_digits[digit];
        }
        return at;
    }
    char* operator()(const Network& value) const {
        return put_number(put(write_address(out, value.base), "/"), value.prefix);
    }
    char* operator()(const Percent& value) const {
        return put_padded(put(put_number(out, value.hundredths / 100), "."), 2,
                          value.hundredths % 100);
    }
    /// "shop-api 612, 192.0.2.17 40, 4 more".
    char* operator()(const Holders& value) const {
        char* at = out;
        for (const Holder& each : value.all->biggest()) {
            at = at == out ? at : put(at, ", ");
            at = each.workload.empty() ? Writer{at, style}.host(each.address)
                                       : put_printable(at, each.workload, style);
            at = put_number(put(at, " "), each.ports);
        }
        const std::uint32_t others = value.all->others();
        return others == 0 ? at : put(put_number(put(at, ", "), others), " more");
    }
};

} // namespace

std::string_view kind_name(Kind kind) {
    return kind_names[static_cast<std::size_t>(kind)];
}

std::size_t text_bound(const Value& value, const TextStyle& style) {
    return std::visit(Bound{style}, value);
}

char* write_text(char* out, const Value& value, const TextStyle& style) {
    return std::visit(Writer{out, style}, value);
}

std::string to_text(const Value& value, const TextStyle& style) {
    std::string text(text_bound(value, style), '\0');
    text.resize(static_cast<std::size_t>(write_text(text.data(), value, style) - text.data()));
    return text;
}

} // namespace natstat
