// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Conntrack messages made by hand: a tree of attributes and the bytes that it stands for. It makes
// whatever it is told to make, right or wrong; what is right is for attributes.hpp to say.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>

namespace natstat::oracle {

using Bytes = std::span<const std::uint8_t>;

/// An nlmsghdr and what follows it.
using Message = std::vector<std::uint8_t>;

/// An attribute: a leaf with its payload, or a nest.
struct Attribute {
    std::uint16_t word = 0; // the type and its NLA_F_* flags
    bool is_nest = false;
    std::vector<std::uint8_t> payload; // of a leaf
    std::vector<Attribute> inside;     // of a nest

    [[nodiscard]] int type() const { return word & NLA_TYPE_MASK; }
};

using Attributes = std::vector<Attribute>;

[[nodiscard]] inline Attribute leaf(int type, std::vector<std::uint8_t> payload) {
    return {static_cast<std::uint16_t>(type), false, std::move(payload), {}};
}

[[nodiscard]] inline Attribute nest(int type, Attributes inside) {
    return {static_cast<std::uint16_t>(type | NLA_F_NESTED), true, {}, std::move(inside)};
}

/// A number in network byte order.
template <typename Number>
[[nodiscard]] Attribute number(int type, Number value) {
    std::vector<std::uint8_t> payload(sizeof value);
    for (std::size_t i = sizeof value; i-- > 0;
         value = static_cast<Number>(std::uint64_t{value} >> 8))
        payload[i] = static_cast<std::uint8_t>(value & 0xFF);
    return leaf(type, std::move(payload));
}

/// A text with the NUL that the kernel ends it with.
[[nodiscard]] inline Attribute text(int type, std::string_view value) {
    std::vector<std::uint8_t> payload(value.begin(), value.end());
    payload.push_back(0);
    return leaf(type, std::move(payload));
}

namespace detail {

inline void append(std::vector<std::uint8_t>& out, const Attribute& attribute) {
    const std::size_t start = out.size();
    out.resize(start + NLA_HDRLEN);
    out.insert(out.end(), attribute.payload.begin(), attribute.payload.end());
    for (const Attribute& inner : attribute.inside)
        append(out, inner);
    const nlattr head{static_cast<std::uint16_t>(out.size() - start), attribute.word};
    std::memcpy(out.data() + start, &head, sizeof head);
    out.resize(NLA_ALIGN(out.size()));
}

} // namespace detail

/// The payload of a message: an nfgenmsg of this address family (AF_INET, ...), the attributes.
[[nodiscard]] inline std::vector<std::uint8_t> payload_with(std::uint8_t family,
                                                            const Attributes& attributes) {
    std::vector<std::uint8_t> out{family, NFNETLINK_V0, 0, 0};
    for (const Attribute& attribute : attributes)
        detail::append(out, attribute);
    return out;
}

/// What follows the nlmsghdr; nothing for a message that is shorter than one.
[[nodiscard]] inline Bytes payload_of(const Message& message) {
    return Bytes(message).subspan(std::min<std::size_t>(message.size(), NLMSG_HDRLEN));
}

/// A whole message around a payload: by default the answer to a list.
[[nodiscard]] inline Message message_with(Bytes payload, int type = NFNL_SUBSYS_CTNETLINK << 8 |
                                                                    IPCTNL_MSG_CT_NEW) {
    nlmsghdr head{};
    head.nlmsg_len = static_cast<std::uint32_t>(NLMSG_HDRLEN + payload.size());
    head.nlmsg_type = static_cast<std::uint16_t>(type);
    Message message(NLMSG_HDRLEN + payload.size());
    std::memcpy(message.data(), &head, sizeof head);
    std::copy(payload.begin(), payload.end(), message.begin() + NLMSG_HDRLEN);
    return message;
}

} // namespace natstat::oracle
