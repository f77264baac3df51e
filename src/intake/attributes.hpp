// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The attributes of one nest, found in one pass and inlined: where each is, with its length
// checked. Of an attribute that comes twice the last one counts, as in the kernel's own parser.
// Unknown types are passed over. It knows nothing of what the attributes mean.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include <endian.h>
#include <linux/netlink.h>

namespace natstat {

using AttributeBytes = std::span<const std::uint8_t>;

/// A number as the kernel sends it.
template <typename Number>
Number big_endian(const std::uint8_t* bytes) {
    Number value;
    std::memcpy(&value, bytes, sizeof value);
    if constexpr (sizeof value == 8)
        return be64toh(value);
    else if constexpr (sizeof value == 4)
        return be32toh(value);
    else if constexpr (sizeof value == 2)
        return be16toh(value);
    else
        return value;
}

/// The exact payload sizes of the attribute types 0 to `max` of a nest; 0 is any size.
template <std::size_t max>
using AttributeSizes = std::array<std::uint8_t, max + 1>;

template <std::size_t max>
class Attributes {
  public:
    /// False when an attribute is longer than what holds it, when a known one has a wrong size, or
    /// when the attributes do not fill `bytes` exactly. `bytes` outlives this.
    [[nodiscard]] bool read(AttributeBytes bytes, const AttributeSizes<max>& sizes) {
        static_assert(max < 32);
        there_ = 0;
        while (bytes.size() >= NLA_HDRLEN) {
            nlattr head;
            std::memcpy(&head, bytes.data(), sizeof head);
            const std::size_t step = NLA_ALIGN(head.nla_len);
            if (head.nla_len < NLA_HDRLEN || step > bytes.size())
                return false;
            const std::size_t type = head.nla_type & NLA_TYPE_MASK;
            if (type <= max) {
                const auto size = static_cast<std::uint16_t>(head.nla_len - NLA_HDRLEN);
                if (sizes[type] != 0 && sizes[type] != size)
                    return false;
                payload_[type] = bytes.data() + NLA_HDRLEN;
                size_[type] = size;
                there_ |= 1U << type;
            }
            bytes = bytes.subspan(step);
        }
        return bytes.empty();
    }

    [[nodiscard]] bool has(std::size_t type) const { return (there_ >> type & 1) != 0; }
    [[nodiscard]] bool has(std::initializer_list<std::size_t> types) const {
        std::uint32_t wanted = 0;
        for (const std::size_t type : types)
            wanted |= 1U << type;
        return (there_ & wanted) == wanted;
    }

    /// For a type that is there.
    [[nodiscard]] AttributeBytes operator[](std::size_t type) const {
        return {payload_[type], size_[type]};
    }
    /// For a type that is there and whose size was checked.
    template <typename Number>
    [[nodiscard]] Number number(std::size_t type) const {
        return big_endian<Number>(payload_[type]);
    }

  private:
    // Not initialised: only what there_ names is read.
    std::array<const std::uint8_t*, max + 1> payload_;
    std::array<std::uint16_t, max + 1> size_;
    std::uint32_t there_ = 0;
};

} // namespace natstat
