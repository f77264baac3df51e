// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The kinds of value that a cell can hold. How a kind is written, compared, sorted and read from a
// filter is decided here, once for each kind and never for a column. Which flow has which value is
// column.hpp.
#pragma once

#include "natstat/model/flow.hpp"
#include "natstat/model/source.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace natstat {

class PortHolders;

/// What the source did not say: "-" in a table, null in JSON, empty in CSV, last in every order.
struct Absent {};

struct Text {
    std::string_view text; // lives as long as the row's flow and extras
};
struct Count {
    std::uint64_t value;
};
struct Bytes {
    std::uint64_t value;
};
/// Bytes a second.
struct Rate {
    std::uint64_t value;
};
struct Duration {
    std::chrono::milliseconds value;
};
/// A moment. People see it in their own time zone, programs in UTC.
struct Instant {
    Time value;
};
/// From one name to another, either of which may be unknown.
struct Change {
    std::string_view from;
    std::string_view to;
};
/// A number that people write in hexadecimal, as marks are.
struct Hex {
    std::uint32_t value;
};
/// A protocol's number, shown by its name.
struct Protocol {
    std::uint8_t number;
};
struct Port {
    std::uint16_t number;
    std::uint8_t protocol; // for the service's name
};
/// An address with, where it has one, its port.
struct Place {
    Endpoint endpoint;
    std::uint8_t protocol;
};
/// One of the two raw tuples of a flow.
struct RawTuple {
    const Flow* flow;
    Direction direction;
};
/// The status flags of a flow.
struct Flags {
    std::uint32_t bits;
};
/// A share, in hundredths of a per cent, rounded down: 100 per cent is all and nothing less.
struct Percent {
    std::uint32_t hundredths;
};
/// The connlabel bitmap, 128 bits, and their names, where they have any. Without names it is shown
/// as a number.
struct Labels {
    std::array<std::uint8_t, 16> bits;
    const LabelNames* names = nullptr; // lives as long as the row's surroundings
};
/// Who holds the NAT ports of a group, the biggest ones, and how many others there are.
struct Holders {
    const PortHolders* all; // of one at least; lives as long as the row's group
};

using Value =
    std::variant<Absent, Text, Count, Bytes, Rate, Duration, Instant, Change, Hex, Protocol,
                 Address, Port, Place, RawTuple, Flags, Labels, Network, Percent, Holders>;

/// The kinds, in the order of Value's alternatives; the kind of a column never changes from row to
/// row of one picture. (An address that groups are made by can be cut to its network in all of
/// them.)
enum class Kind : std::uint8_t {
    absent,
    text,
    count,
    bytes,
    rate,
    duration,
    time,
    change,
    hex,
    protocol,
    address,
    port,
    endpoint,
    tuple,
    flags,
    labels,
    network,
    percent,
    holders,
};

/// "endpoint", "bytes", ...: for --list-columns and messages.
[[nodiscard]] std::string_view kind_name(Kind kind);

[[nodiscard]] inline bool is_absent(const Value& value) {
    return value.index() == 0;
}

/// Order of two values of one kind: numbers as numbers, addresses by family and then numerically,
/// texts by bytes. Absent is after everything.
[[nodiscard]] std::strong_ordering compare(const Value& a, const Value& b);

/// Bytes that order_bytes() needs at most.
inline constexpr std::size_t order_bytes_max = 40;

/// Writes bytes whose lexicographic order is that of compare() at `out` and returns the end. Texts
/// and tuples are cut, so equal bytes decide nothing for them; for two values of a kind,
/// bytes(a) < bytes(b) implies compare(a, b) < 0. Absent is one byte, 0xFF, and no other value
/// begins with it; only a protocol may, which is never absent.
std::uint8_t* order_bytes(std::uint8_t* out, const Value& value);

/// Names to show in the place of numbers; the default shows numbers. Answers are views that live as
/// long as the naming object, empty where there is no name.
class Naming {
  public:
    Naming() = default;
    Naming(const Naming&) = delete;
    Naming& operator=(const Naming&) = delete;
    virtual ~Naming() = default;
    [[nodiscard]] virtual std::string_view host(const Address& address) const = 0;
    [[nodiscard]] virtual std::string_view service(std::uint16_t port,
                                                   std::uint8_t protocol) const = 0;
};

/// How values are written as text for people.
struct TextStyle {
    const Naming* naming = nullptr; // null: numbers
    bool utc = false;               // as programs read it: moments of RFC 3339, labels as numbers
    bool brief = false;             // for a screen: 4m12, 3.1G; the time of day
    bool bits = false;              // brief rates in bits a second
    bool ascii = false;             // who reads it has no other characters
};

/// Whether there are texts from outside in cells of this kind, so that bytes are not cells.
[[nodiscard]] constexpr bool can_have_letters(Kind kind, const TextStyle& style) {
    return style.naming != nullptr || kind == Kind::text || kind == Kind::labels ||
           kind == Kind::holders;
}

/// An upper bound of the bytes that write_text needs for this value; cheap.
[[nodiscard]] std::size_t text_bound(const Value& value, const TextStyle& style);

/// Writes a cell for people at `out`, which has room for text_bound(); returns the end. Of texts
/// from outside what can not be shown (utf8.hpp) is written as its bytes, each as \xNN.
char* write_text(char* out, const Value& value, const TextStyle& style);

[[nodiscard]] std::string to_text(const Value& value, const TextStyle& style = {});

} // namespace natstat
