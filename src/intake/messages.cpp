// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which event a message is lies in its type and flags, as net/netfilter/nf_conntrack_netlink.c sets
// them; the flow in it is the decoder's. Requests of other programs, which a capture sees too, are
// no events, but the one for a list says what its answer is worth. Of addresses it takes what
// getifaddrs(3) would have told. No socket and no file is known here.
#include "natstat/intake/messages.hpp"

#include "attributes.hpp"
#include "natstat/intake/decoder.hpp"
#include "natstat/model/socket_address.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include <linux/if_addr.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace natstat {

namespace {

constexpr int connection_message(int type) {
    return NFNL_SUBSYS_CTNETLINK << 8 | type;
}

/// The number at the start of a payload, in this machine's order; 0 when there is none.
template <typename Number>
Number number_in(std::span<const std::uint8_t> payload) {
    Number number = 0;
    if (payload.size() >= sizeof number)
        std::memcpy(&number, payload.data(), sizeof number);
    return number;
}

bool is_zero(std::span<const std::uint8_t> payload) {
    return std::all_of(payload.begin(), payload.end(), [](std::uint8_t byte) { return byte == 0; });
}

Event& append(EventKind kind, Time time, Batch& batch) {
    Event& event = batch.events.emplace_back();
    event.kind = kind;
    event.time = time;
    return event;
}

/// When the kernel says that it happened: since Linux 6.14, where nf_conntrack_timestamp is on
/// (CTA_TIMESTAMP_EVENT, which older headers do not have).
std::optional<Time> happened(std::span<const std::uint8_t> payload) {
    constexpr std::size_t timestamp_event = 27;
    constexpr AttributeSizes<timestamp_event> sizes{};
    Attributes<timestamp_event> attributes;
    if (!attributes.read(payload.subspan(NLMSG_ALIGN(sizeof(nfgenmsg))), sizes) ||
        !attributes.has(timestamp_event) ||
        attributes[timestamp_event].size() != sizeof(std::uint64_t))
        return std::nullopt;
    constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
    const auto told = attributes.number<std::uint64_t>(timestamp_event);
    if (told == 0 || told > largest)
        return std::nullopt;
    return Time{std::chrono::nanoseconds{static_cast<std::int64_t>(told)}};
}

} // namespace

struct MessageReader::Message {
    Time time;
    nlmsghdr head;
    std::span<const std::uint8_t> payload;

    [[nodiscard]] bool has(int flags) const { return (head.nlmsg_flags & flags) == flags; }

    /// Appends an event with the flow of this message; false when there is none.
    bool append_flow(EventKind kind, bool requested, Batch& batch) const {
        Event& event = append(kind, time, batch);
        event.requested = requested;
        if (decode_flow(payload, event.flow, batch.extras)) {
            if (kind != EventKind::listed && kind != EventKind::looked_up)
                event.time = happened(payload).value_or(time);
            return true;
        }
        batch.events.pop_back();
        return false;
    }
};

void MessageReader::take(Time time, int family, std::span<const std::uint8_t> message,
                         Batch& batch) {
    if (family != NETLINK_NETFILTER && family != NETLINK_ROUTE)
        return;
    Message parts{time, {}, {}};
    bool understood = message.size() >= sizeof parts.head;
    if (understood) {
        std::memcpy(&parts.head, message.data(), sizeof parts.head);
        const std::size_t size = parts.head.nlmsg_len;
        understood =
            size >= NLMSG_HDRLEN && size <= message.size() && message.size() <= NLMSG_ALIGN(size);
        if (understood)
            parts.payload = message.subspan(NLMSG_HDRLEN, size - NLMSG_HDRLEN);
    }
    understood = understood &&
                 (family == NETLINK_NETFILTER ? take_connections(parts, batch) : take_route(parts));
    if (!understood)
        ++batch.odd;
}

bool MessageReader::take_connections(const Message& message, Batch& batch) {
    if (list_ == message.head.nlmsg_seq && message.has(NLM_F_DUMP_INTR))
        whole_ = false;
    switch (message.head.nlmsg_type) {
    case NLMSG_DONE:
    case NLMSG_ERROR:
        take_list_end(message, batch);
        return true;
    case NLMSG_OVERRUN: // the kernel never sends it: whoever recorded writes it where events broke
        append(EventKind::lost, message.time, batch).count =
            number_in<std::uint64_t>(message.payload);
        return true;
    case connection_message(IPCTNL_MSG_CT_NEW): {
        if (message.has(NLM_F_REQUEST)) // a program makes or changes an entry; its event follows
            return true;
        // The answer to a question for one flow has NLM_F_MULTI, too (seen on Linux 6.18).
        const auto kind = message.head.nlmsg_seq == asked_         ? EventKind::looked_up
                          : message.has(NLM_F_MULTI)               ? EventKind::listed
                          : message.has(NLM_F_CREATE | NLM_F_EXCL) ? EventKind::created
                                                                   : EventKind::updated;
        return message.append_flow(kind, false, batch);
    }
    case connection_message(IPCTNL_MSG_CT_DELETE):
        // The port id is that of the program that asked for it; what expires has none.
        return message.has(NLM_F_REQUEST) ||
               message.append_flow(EventKind::destroyed, message.head.nlmsg_pid != 0, batch);
    case connection_message(IPCTNL_MSG_CT_GET):
    case connection_message(IPCTNL_MSG_CT_GET_CTRZERO): // lists, and sets the counters to zero
        return take_request(message, batch);
    default:
        return true;
    }
}

bool MessageReader::take_request(const Message& message, Batch& batch) {
    if (!message.has(NLM_F_REQUEST | NLM_F_DUMP)) { // one entry
        asked_ = message.head.nlmsg_seq;
        return true;
    }
    if (message.payload.size() < sizeof(nfgenmsg))
        return false;
    list_ = message.head.nlmsg_seq;
    // An attribute is a filter. The family comes first in nfgenmsg.
    whole_ = message.payload.size() == sizeof(nfgenmsg) && message.payload[0] == AF_UNSPEC;
    append(EventKind::list_begin, message.time, batch);
    return true;
}

void MessageReader::take_list_end(const Message& message, Batch& batch) {
    // Of an error and of the end alike the payload starts with a number, negative where it went
    // wrong; an error of 0 is an acknowledgement, which is not the end of a list.
    const int error = number_in<int>(message.payload);
    if (list_ != message.head.nlmsg_seq || (message.head.nlmsg_type == NLMSG_ERROR && error == 0))
        return;
    append(EventKind::list_end, message.time, batch).whole = whole_ && error == 0;
    list_.reset();
}

bool MessageReader::take_route(const Message& message) {
    switch (message.head.nlmsg_type) {
    case RTM_GETADDR:
        if (!message.has(NLM_F_REQUEST | NLM_F_DUMP))
            return true;
        address_list_ = message.head.nlmsg_seq;
        all_addresses_ = is_zero(message.payload); // no family, no interface, no condition
        for (auto& [assigned, known] : assigned_)
            known.listed = false;
        return true;
    case NLMSG_DONE:
        if (address_list_ == message.head.nlmsg_seq)
            take_address_list_end(message);
        return true;
    case RTM_NEWADDR:
    case RTM_DELADDR:
        return message.has(NLM_F_REQUEST) || take_address(message);
    default:
        return true;
    }
}

/// What a list of all addresses has not named is there no more: its end was missed.
void MessageReader::take_address_list_end(const Message& message) {
    address_list_.reset();
    if (!addresses_) // a host may have no address at all
        addresses_.emplace();
    if (!all_addresses_ || message.has(NLM_F_DUMP_INTR))
        return;
    std::vector<Assigned> gone;
    for (const auto& [assigned, known] : assigned_)
        if (!known.listed)
            gone.push_back(assigned);
    for (const Assigned& each : gone)
        remove(each);
}

bool MessageReader::take_address(const Message& message) {
    ifaddrmsg head;
    if (message.payload.size() < sizeof head)
        return false;
    std::memcpy(&head, message.payload.data(), sizeof head);
    const Family family = family_of(head.ifa_family);
    if (family == Family::none)
        return true;
    constexpr AttributeSizes<IFA_BROADCAST> any_size{};
    Attributes<IFA_BROADCAST> attributes;
    if (!attributes.read(message.payload.subspan(NLMSG_ALIGN(sizeof head)), any_size))
        return false;
    const auto address = [&](std::size_t type) {
        return attributes.has(type) && attributes[type].size() == address_size(family)
                   ? std::optional(make_address(family, attributes[type].data()))
                   : std::nullopt;
    };
    // On a point-to-point link IFA_ADDRESS is the other end (linux/if_addr.h).
    const auto own = address(attributes.has(IFA_LOCAL) ? IFA_LOCAL : IFA_ADDRESS);
    const auto broadcast = address(IFA_BROADCAST);
    if (!own || attributes.has(IFA_BROADCAST) != broadcast.has_value())
        return false;

    const Assigned assigned{head.ifa_index, head.ifa_prefixlen, *own};
    if (!addresses_)
        addresses_.emplace();
    remove(assigned);
    if (message.head.nlmsg_type == RTM_DELADDR)
        return true;
    assigned_.emplace(assigned, Known{broadcast, true});
    addresses_->push_back(*own);
    if (broadcast)
        addresses_->push_back(*broadcast);
    return true;
}

/// Takes an address out once, for another interface may have it, too.
void MessageReader::remove(const Assigned& assigned) {
    const auto found = assigned_.find(assigned);
    if (found == assigned_.end())
        return;
    const auto take_out = [this](const Address& address) {
        *std::find(addresses_->begin(), addresses_->end(), address) = addresses_->back();
        addresses_->pop_back();
    };
    take_out(assigned.address);
    if (found->second.broadcast)
        take_out(*found->second.broadcast);
    assigned_.erase(found);
}

} // namespace natstat
