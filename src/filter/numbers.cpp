// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Numbers as people write them: 10M, 1.5Gi, 1h30m, 0x10/0xff, 10-20. Whole numbers throughout; what
// does not fit is an error and never wraps. Addresses and ports are in filter_ends.cpp.
#include "lexer.hpp"
#include "values.hpp"

#include "natstat/filter/amount.hpp"

#include <algorithm>
#include <charconv>
#include <span>

namespace natstat {

namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

struct Unit {
    std::string_view name;
    std::uint64_t size;
};

constexpr Unit multiples[] = {
    {"", 1},          {"k", 1000},      {"m", 1000000},   {"g", 1000000000},  {"t", 1000000000000},
    {"ki", 1U << 10}, {"mi", 1U << 20}, {"gi", 1U << 30}, {"ti", 1ULL << 40},
};

constexpr Unit times[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800}};

const Unit* find_unit(std::span<const Unit> units, std::string_view name) {
    const auto found = std::find_if(units.begin(), units.end(),
                                    [&](const Unit& unit) { return unit.name == name; });
    return found == units.end() ? nullptr : &*found;
}

constexpr std::string_view digits = "0123456789";

/// "1", "1.5" and the letters behind it.
struct Scaled {
    std::uint64_t whole = 0;
    std::uint64_t fraction = 0; // of `parts`
    std::uint64_t parts = 1;
    std::string unit; // in lower case

    /// Takes it from the front of the text.
    static Reading<Scaled> take(std::string_view& text) {
        Scaled scaled;
        const char* const end = text.data() + text.size();
        auto [at, error] = std::from_chars(text.data(), end, scaled.whole);
        if (error == std::errc::result_out_of_range)
            return "the number is too large";
        if (error != std::errc{})
            return "";
        text.remove_prefix(static_cast<std::size_t>(at - text.data()));
        if (text.starts_with('.') && !scaled.take_fraction(text))
            return "";
        const auto letters = std::min(text.find_first_of(digits), text.size());
        scaled.unit = lower_case(text.substr(0, letters));
        text.remove_prefix(letters);
        return scaled;
    }

    [[nodiscard]] std::optional<std::uint64_t> times(std::uint64_t size) const {
        if (whole > largest / size)
            return std::nullopt;
        const std::uint64_t rest = fraction * size / parts; // six digits and 2^40 fit into 64 bits
        const std::uint64_t product = whole * size;
        return product > largest - rest ? std::nullopt : std::optional(product + rest);
    }

  private:
    bool take_fraction(std::string_view& text) {
        constexpr std::size_t most_digits = 6;
        text.remove_prefix(1);
        const auto size = std::min(text.find_first_not_of(digits), text.size());
        if (size == 0 || size > most_digits)
            return false;
        for (const char c : text.substr(0, size)) {
            fraction = 10 * fraction + static_cast<std::uint64_t>(c - '0');
            parts *= 10;
        }
        text.remove_prefix(size);
        return true;
    }
};

Reading<std::uint64_t> read_hex(std::string_view text) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data() + 2, end, value, 16);
    if (error == std::errc::result_out_of_range)
        return "the number is too large";
    if (error != std::errc{} || at != end)
        return "";
    return value;
}

bool has_hex_prefix(std::string_view text) {
    return text.starts_with("0x") || text.starts_with("0X");
}

/// Takes "b", "bit" or "B", and "/s" or "ps" behind it, from the end of a rate. Whether it is of
/// bits; nothing where it does not say.
std::optional<bool> take_rate_unit(std::string_view& text) {
    for (const std::string_view second : {"/s", "ps"})
        if (text.ends_with(second)) {
            text.remove_suffix(second.size());
            break;
        }
    for (const auto& [name, bits] :
         {std::pair{std::string_view("bit"), true}, {"b", true}, {"B", false}})
        if (text.ends_with(name)) {
            text.remove_suffix(name.size());
            return bits;
        }
    return std::nullopt;
}

Reading<std::uint64_t> read_amount(std::string_view text, bool bytes);

/// In bytes a second, rounded down.
Reading<std::uint64_t> read_rate(std::string_view text, bool bare_is_bits) {
    const bool bits = take_rate_unit(text).value_or(bare_is_bits);
    auto value = read_amount(text, false);
    if (auto* number = std::get_if<std::uint64_t>(&value); number != nullptr && bits)
        *number /= 8;
    return value;
}

Reading<std::uint64_t> read_amount(std::string_view text, bool bytes) {
    if (has_hex_prefix(text))
        return read_hex(text);
    auto taken = Scaled::take(text);
    if (auto* reason = std::get_if<std::string>(&taken))
        return std::move(*reason);
    auto& scaled = std::get<Scaled>(taken);
    if (bytes && scaled.unit.ends_with('b'))
        scaled.unit.pop_back();
    const Unit* const unit = find_unit(multiples, scaled.unit);
    if (unit == nullptr || !text.empty())
        return "unknown unit (k M G T, Ki Mi Gi Ti)";
    if (scaled.parts > 1 && unit->size == 1)
        return "a fraction needs a unit (k M G T, Ki Mi Gi Ti)";
    const auto value = scaled.times(unit->size);
    return value ? Reading<std::uint64_t>(*value) : "the number is too large";
}

Reading<std::uint64_t> read_duration(std::string_view text) {
    std::uint64_t sum = 0;
    const bool lone = text.find_first_not_of(digits) == std::string_view::npos;
    do {
        auto taken = Scaled::take(text);
        if (auto* reason = std::get_if<std::string>(&taken))
            return std::move(*reason);
        const auto& scaled = std::get<Scaled>(taken);
        const Unit* const unit = find_unit(times, lone ? "s" : std::string_view(scaled.unit));
        if (unit == nullptr)
            return scaled.unit.empty() ? "a unit is missing (s m h d w)"
                                       : "unknown unit (s m h d w)";
        if (scaled.parts > 1 && unit->size == 1)
            return "seconds are whole here";
        const auto value = scaled.times(unit->size);
        if (!value || *value > largest - sum)
            return "the number is too large";
        sum += *value;
    } while (!text.empty());
    return sum;
}

Reading<std::uint64_t> read_one(std::string_view text, Kind kind, bool bits = false) {
    auto value = kind == Kind::duration ? read_duration(text)
                 : kind == Kind::rate   ? read_rate(text, bits)
                                        : read_amount(text, kind == Kind::bytes);
    if (auto* reason = std::get_if<std::string>(&value); reason != nullptr && reason->empty())
        *reason = kind == Kind::duration ? "not a time (30, 90s, 1h30m)" : "not a number";
    if (kind == Kind::hex)
        if (const auto* number = std::get_if<std::uint64_t>(&value);
            number && *number > 0xFFFFFFFFU)
            return "the number does not fit into 32 bits";
    return value;
}

Reading<MaskedRange> read_masked(std::string_view text, std::size_t slash) {
    const auto value = read_one(text.substr(0, slash), Kind::hex);
    const auto mask = read_one(text.substr(slash + 1), Kind::hex);
    for (const auto* part : {&value, &mask})
        if (const auto* reason = std::get_if<std::string>(part))
            return *reason;
    const auto bits = std::get<std::uint64_t>(value);
    if ((bits & ~std::get<std::uint64_t>(mask)) != 0)
        return "the value has bits outside of its mask, so nothing can match";
    return MaskedRange{{bits, bits}, std::get<std::uint64_t>(mask)};
}

Reading<MaskedRange> read_range(std::string_view text, Kind kind, bool bits) {
    if (kind == Kind::time)
        return read_moment(text);
    const std::size_t slash = kind == Kind::hex ? text.find('/') : std::string_view::npos;
    if (slash != std::string_view::npos)
        return read_masked(text, slash);
    const std::size_t dash = text.find('-', 1);
    const auto low = read_one(text.substr(0, dash), kind, bits);
    const auto high =
        dash == std::string_view::npos ? low : read_one(text.substr(dash + 1), kind, bits);
    for (const auto* part : {&low, &high})
        if (const auto* reason = std::get_if<std::string>(part))
            return *reason;
    const MaskedRange range{{std::get<std::uint64_t>(low), std::get<std::uint64_t>(high)}};
    if (range.range.low > range.range.high)
        return "the range goes backwards";
    return range;
}

} // namespace

Reading<MaskedRange> read_number(std::string_view text, Kind kind, bool bits) {
    auto range = read_range(text, kind, bits);
    if (auto* reason = std::get_if<std::string>(&range))
        *reason = quoted(text) + ": " + *reason;
    return range;
}

std::variant<std::uint64_t, std::string> parse_bytes(std::string_view text) {
    return read_one(text, Kind::bytes);
}

} // namespace natstat
