// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// ctnetlink_exp_dump_expect (net/netfilter/nf_conntrack_netlink.c). Its tuples are written as those
// of flows are, and read by the same code. When the entry at which the kernel stopped is gone, it
// walks a bucket again, and some come twice.
#include "natstat/intake/expectations.hpp"

#include "attributes.hpp"
#include "dump.hpp"
#include "netlink.hpp"

#include "natstat/intake/decoder.hpp"
#include "natstat/model/socket_address.hpp"

#include <cerrno>
#include <set>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <poll.h>

namespace natstat {

namespace {

using Bytes = AttributeBytes;

constexpr auto expectation_sizes = [] {
    AttributeSizes<CTA_EXPECT_FN> sizes{};
    for (const int type : {CTA_EXPECT_TIMEOUT, CTA_EXPECT_ID, CTA_EXPECT_FLAGS, CTA_EXPECT_CLASS})
        sizes[static_cast<std::size_t>(type)] = 4;
    sizes[CTA_EXPECT_ZONE] = 2;
    return sizes;
}();
constexpr AttributeSizes<CTA_EXPECT_NAT_TUPLE> nat_sizes{0, 4, 0};

using Message = Attributes<CTA_EXPECT_FN>;

/// Up to the NUL that ends it, which may be missing.
std::string text_in(Bytes payload) {
    const auto* characters = reinterpret_cast<const char*>(payload.data());
    return {characters, strnlen(characters, payload.size())};
}

bool take_nat(Expectation& expectation, Bytes nest) {
    Attributes<CTA_EXPECT_NAT_TUPLE> parts;
    if (!parts.read(nest, nat_sizes))
        return false;
    if (parts.has(CTA_EXPECT_NAT_DIR)) // IP_CT_DIR_ORIGINAL is 0
        expectation.direction = parts.number<std::uint32_t>(CTA_EXPECT_NAT_DIR) == 0
                                    ? Direction::original
                                    : Direction::reply;
    return !parts.has(CTA_EXPECT_NAT_TUPLE) ||
           decode_tuple(parts[CTA_EXPECT_NAT_TUPLE], expectation.saved);
}

void take_numbers(Expectation& expectation, const Message& message) {
    Flow& flow = expectation.flow;
    const auto number = [&](std::size_t type) {
        return message.has(type) ? std::optional(message.number<std::uint32_t>(type))
                                 : std::nullopt;
    };
    if (const auto timeout = number(CTA_EXPECT_TIMEOUT)) {
        flow.timeout = *timeout;
        flow.set(Part::timeout);
    }
    if (const auto id = number(CTA_EXPECT_ID)) {
        flow.id = *id;
        flow.set(Part::id);
    }
    if (message.has(CTA_EXPECT_ZONE))
        flow.set_zone(message.number<std::uint16_t>(CTA_EXPECT_ZONE));
    expectation.flags = number(CTA_EXPECT_FLAGS);
    expectation.number = number(CTA_EXPECT_CLASS);
}

bool take_all(Expectation& expectation, const Message& message) {
    take_numbers(expectation, message);
    if (message.has(CTA_EXPECT_HELP_NAME))
        expectation.extras.helper = text_in(message[CTA_EXPECT_HELP_NAME]);
    if (message.has(CTA_EXPECT_FN))
        expectation.function = text_in(message[CTA_EXPECT_FN]);
    const auto tuple = [&message](std::size_t type, Flow& flow) {
        return !message.has(type) || decode_tuple(message[type], flow);
    };
    return message.has(CTA_EXPECT_TUPLE) && tuple(CTA_EXPECT_TUPLE, expectation.flow) &&
           tuple(CTA_EXPECT_MASK, expectation.mask) &&
           tuple(CTA_EXPECT_MASTER, expectation.master) &&
           (!message.has(CTA_EXPECT_NAT) || take_nat(expectation, message[CTA_EXPECT_NAT]));
}

void wait_for(int descriptor) {
    pollfd waiting{descriptor, POLLIN, 0};
    while (poll(&waiting, 1, -1) < 0 && errno == EINTR) {
    }
}

/// A list, message by message.
class Reading {
  public:
    void take(std::span<const std::uint8_t> message) {
        Expectation found;
        if (header_of(message).nlmsg_type !=
                (NFNL_SUBSYS_CTNETLINK_EXP << 8 | IPCTNL_MSG_EXP_NEW) ||
            !decode_expectation(message.subspan(NLMSG_HDRLEN), found)) {
            ++list.odd;
            return;
        }
        if (seen_.insert({found.flow.id, found.flow.tuple(Direction::original)}).second)
            list.expectations.push_back(std::move(found));
    }

    ExpectationList list;

  private:
    std::set<std::pair<std::uint32_t, Tuple>> seen_;
};

} // namespace

bool decode_expectation(std::span<const std::uint8_t> payload, Expectation& expectation) {
    constexpr std::size_t head_size = NLMSG_ALIGN(sizeof(nfgenmsg));
    if (payload.size() < head_size)
        return false;
    const Family family = family_of(payload[0]);
    for (Flow* const flow :
         {&expectation.flow, &expectation.mask, &expectation.master, &expectation.saved})
        flow->family = family;
    Message message;
    return family != Family::none && message.read(payload.subspan(head_size), expectation_sizes) &&
           take_all(expectation, message);
}

ExpectationList list_expectations() {
    Dump dump(dump_of_expectations());
    Reading reading;
    dump.start({});
    while (true) {
        while (const auto message = dump.next())
            reading.take(*message);
        reading.list.odd += dump.newly_odd();
        reading.list.foreign += dump.newly_foreign();
        if (const auto end = dump.end()) {
            reading.list.whole = end->whole;
            return std::move(reading.list);
        }
        if (!dump.receive())
            wait_for(dump.fd());
    }
}

} // namespace natstat
