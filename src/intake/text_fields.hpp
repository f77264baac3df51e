// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The key=value pairs of a conntrack line, taken one by one into a flow. Where a pair stands
// decides what it means: src= opens a tuple, an ICMP tuple has an id= of its own. Private to the
// room intake.
#pragma once

#include "natstat/model/flow.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace natstat {

/// Reads the whole of `text` as an unsigned number that fits: no sign, no blanks.
template <class Number>
[[nodiscard]] bool read_number(std::string_view text, Number& value, int base = 10) {
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value, base);
    return error == std::errc{} && end == last;
}

/// The same of a number that may be hexadecimal, as "0x12d".
template <class Number>
[[nodiscard]] bool read_any_number(std::string_view text, Number& value) {
    return text.starts_with("0x") ? read_number(text.substr(2), value, 16)
                                  : read_number(text, value);
}

class FlowFields {
  public:
    /// Fills `flow`, whose protocol is set before the first pair comes.
    explicit FlowFields(Flow& flow) : flow_(flow) {}

    /// Takes the next pair; false when it can not stand here or its value is not one. A key without
    /// a meaning here is passed over.
    [[nodiscard]] bool take(std::string_view key, std::string_view value);

    /// Whether both tuples have begun, so that what follows is about the flow.
    [[nodiscard]] bool in_tail() const { return side_ == 1; }

    /// Whether "use=N" was there, with which every entry of a list ends, but for what is asked for.
    [[nodiscard]] bool has_use() const { return used_; }
    /// Whether the pair that was taken last is a number that means something here.
    [[nodiscard]] bool took_number() const { return took_number_; }

    /// Whether both tuples were whole; sets the parts that were there. `named`: the protocol was
    /// printed with its name, so that whoever printed it knew its ports.
    [[nodiscard]] bool finish(bool named);

    /// Values as they stand in the line; empty when there were none.
    [[nodiscard]] std::string_view helper() const { return helper_; }
    [[nodiscard]] std::string_view secctx() const { return secctx_; }
    /// Lengthens the security context to the end of `word`, which is of the same line.
    void lengthen_secctx(std::string_view word);

    /// Seconds since the flow began, as printed.
    [[nodiscard]] std::optional<std::uint32_t> age() const { return age_; }

  private:
    struct Field {
        std::string_view key;
        bool (FlowFields::*take)(std::string_view value);
        bool is_number = true;
    };
    static const std::array<Field, 19> fields;
    [[nodiscard]] const Field* find(std::string_view key) const;

    /// What has been seen of a tuple.
    enum Seen : unsigned {
        source = 1 << 0,
        destination = 1 << 1,
        source_port = 1 << 2,
        destination_port = 1 << 3,
        type = 1 << 4,
        code = 1 << 5,
        icmp_id = 1 << 6,
        packets = 1 << 7,
        bytes = 1 << 8,
    };
    static constexpr unsigned port_bits = source_port | destination_port | type | code | icmp_id;

    bool take_source(std::string_view value);
    bool take_destination(std::string_view value) { return take_end(destination, 1, value); }
    bool take_end(Seen what, std::size_t offset, std::string_view value);
    bool take_source_port(std::string_view value) { return take_port(source_port, 0, value, 10); }
    bool take_destination_port(std::string_view value) {
        return take_port(destination_port, 1, value, 10);
    }
    bool take_source_key(std::string_view value) { return take_key(source_port, 0, value); }
    bool take_destination_key(std::string_view value) {
        return take_key(destination_port, 1, value);
    }
    bool take_key(Seen what, std::size_t offset, std::string_view value);
    bool take_port(Seen what, std::size_t offset, std::string_view value, int base);
    bool take_type(std::string_view value) { return take_icmp(type, 8, value); }
    bool take_code(std::string_view value) { return take_icmp(code, 0, value); }
    bool take_icmp(Seen what, unsigned shift, std::string_view value);
    bool take_id(std::string_view value);
    bool take_packets(std::string_view value);
    bool take_bytes(std::string_view value);
    bool take_zone(std::string_view value) { return in_tail() && set_zone(value, std::nullopt); }
    bool take_original_zone(std::string_view value) {
        return !in_tail() && set_zone(value, Direction::original);
    }
    bool take_reply_zone(std::string_view value) {
        return in_tail() && set_zone(value, Direction::reply);
    }
    bool set_zone(std::string_view value, std::optional<Direction> only);
    bool take_mark(std::string_view value);
    bool take_age(std::string_view value);
    bool take_use(std::string_view value);
    bool take_helper(std::string_view value);
    bool take_secctx(std::string_view value);

    [[nodiscard]] unsigned& seen() { return seen_[static_cast<std::size_t>(side_)]; }
    bool once(Seen what);
    [[nodiscard]] bool ports_fit(bool named) const;

    Flow& flow_;
    int side_ = -1; // the tuple that is being read: 0 original, 1 reply
    std::array<unsigned, 2> seen_{};
    const Field* next_ = fields.begin(); // the one that comes most likely
    bool zoned_ = false;
    bool used_ = false;
    bool took_number_ = false;
    std::optional<std::uint32_t> age_;
    std::string_view helper_;
    std::string_view secctx_;
};

} // namespace natstat
