// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The comparison, field by field. Where natstat says less than the library, on purpose:
// - What comes in pairs is there only as a pair: ports, packets and bytes, ICMP id with type and
// code.
// - A state is the one of the flow's own protocol, and below state_limit.
// - A protocol number that was not sent is 0 for both; the library has no protocol then.
// - A flow has one zone, and zone 0 is as good as none. The kernel sends one of CTA_ZONE and a
//   CTA_TUPLE_ZONE for one direction; of several the reply's goes before the original's.
// - Of a helper's name the library keeps 15 characters, as many as the kernel has room for.
// - A text or a set of labels without a byte in it is as good as none.
// - The start is in milliseconds, and bounded (latest_start).
#include "library.hpp"

#include "natstat/model/protocol.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>

#include <arpa/inet.h>
#include <sys/socket.h>

namespace natstat::oracle {

namespace {

// -- the library's values -----------------------------------------------------------------------

bool has(const Object& object, nf_conntrack_attr attribute) {
    return nfct_attr_is_set(object.get(), attribute) > 0;
}

template <typename Number>
using Said = std::optional<Number>;

Said<std::uint64_t> get(const Object& object, nf_conntrack_attr attribute, std::size_t size) {
    if (!has(object, attribute))
        return std::nullopt;
    switch (size) {
    case 1:
        return nfct_get_attr_u8(object.get(), attribute);
    case 2:
        return nfct_get_attr_u16(object.get(), attribute);
    case 4:
        return nfct_get_attr_u32(object.get(), attribute);
    default:
        return nfct_get_attr_u64(object.get(), attribute);
    }
}

/// Ports and ICMP ids stay in network byte order in the library.
Said<std::uint64_t> get_port(const Object& object, nf_conntrack_attr attribute) {
    if (!has(object, attribute))
        return std::nullopt;
    return ntohs(nfct_get_attr_u16(object.get(), attribute));
}

std::string get_text(const Object& object, nf_conntrack_attr attribute) {
    if (!has(object, attribute))
        return {};
    return static_cast<const char*>(nfct_get_attr(object.get(), attribute));
}

std::string to_text(const Said<std::uint64_t>& number) {
    return number ? std::to_string(*number) : "nothing";
}

/// The attributes that say the same of each direction.
struct Names {
    Direction direction;
    const char* name;
    Part there, ports, counters, one_zone;
    nf_conntrack_attr v4_source, v4_destination, v6_source, v6_destination, family, protocol,
        source_port, destination_port, packets, bytes, zone;
};

constexpr Names names_of(Direction direction) {
    if (direction == Direction::original)
        return {direction,
                "original",
                Part::original,
                Part::original_ports,
                Part::counters_up,
                Part::zone_original_only,
                ATTR_ORIG_IPV4_SRC,
                ATTR_ORIG_IPV4_DST,
                ATTR_ORIG_IPV6_SRC,
                ATTR_ORIG_IPV6_DST,
                ATTR_ORIG_L3PROTO,
                ATTR_ORIG_L4PROTO,
                ATTR_ORIG_PORT_SRC,
                ATTR_ORIG_PORT_DST,
                ATTR_ORIG_COUNTER_PACKETS,
                ATTR_ORIG_COUNTER_BYTES,
                ATTR_ORIG_ZONE};
    return {direction,
            "reply",
            Part::reply,
            Part::reply_ports,
            Part::counters_down,
            Part::zone_reply_only,
            ATTR_REPL_IPV4_SRC,
            ATTR_REPL_IPV4_DST,
            ATTR_REPL_IPV6_SRC,
            ATTR_REPL_IPV6_DST,
            ATTR_REPL_L3PROTO,
            ATTR_REPL_L4PROTO,
            ATTR_REPL_PORT_SRC,
            ATTR_REPL_PORT_DST,
            ATTR_REPL_COUNTER_PACKETS,
            ATTR_REPL_COUNTER_BYTES,
            ATTR_REPL_ZONE};
}

// -- comparing ----------------------------------------------------------------------------------

class Comparison {
  public:
    Comparison(const Flow& flow, const Extras& extras, const Answer& answer)
        : flow_(flow), extras_(extras), answer_(answer), whole_(answer.whole) {}

    std::vector<std::string> run() {
        for (const Direction direction : {Direction::original, Direction::reply}) {
            compare_tuple(names_of(direction));
            compare_counters(names_of(direction));
        }
        compare_numbers();
        compare_state();
        compare_zone();
        compare_texts();
        compare_labels();
        return std::move(found_);
    }

  private:
    void note(const std::string& field, const std::string& ours, const std::string& theirs) {
        found_.push_back(field + ": natstat has " + ours + ", the library " + theirs);
    }

    void same(const std::string& field, Said<std::uint64_t> ours, Said<std::uint64_t> theirs) {
        if (ours != theirs)
            note(field, to_text(ours), to_text(theirs));
    }

    /// A part of the flow that is absent must not have a value either.
    void same_part(const std::string& field, Part part, std::uint64_t value,
                   Said<std::uint64_t> theirs) {
        const bool there = flow_.has(part);
        same(field, there ? Said<std::uint64_t>(value) : std::nullopt, theirs);
        if (!there && value != 0)
            note(field, "a value in an absent part", "nothing");
    }

    void compare_tuple(const Names& names);
    void compare_address(const std::string& field, std::size_t index, nf_conntrack_attr theirs);
    void compare_ports(const Names& names);
    void compare_echo(const Names& names);
    void compare_counters(const Names& names);
    void compare_numbers();
    void compare_state();
    void compare_zone();
    void compare_texts();
    void compare_labels();

    const Flow& flow_;
    const Extras& extras_;
    const Answer& answer_;
    const Object& whole_;
    std::vector<std::string> found_;
};

void Comparison::compare_tuple(const Names& names) {
    const std::string name = names.name;
    if (flow_.has(names.there) != has(whole_, names.family)) {
        note(name + " tuple", flow_.has(names.there) ? "one" : "none",
             has(whole_, names.family) ? "one" : "none");
        return;
    }
    if (!flow_.has(names.there))
        return;
    const bool four = flow_.family == Family::ipv4;
    const std::size_t first = names.direction == Direction::original ? 0 : 2;
    compare_address(name + " source", first, four ? names.v4_source : names.v6_source);
    compare_address(name + " destination", first + 1,
                    four ? names.v4_destination : names.v6_destination);
    for (const auto other : {four ? names.v6_source : names.v4_source,
                             four ? names.v6_destination : names.v4_destination})
        if (has(whole_, other))
            note(name + " address", "one family", "both");
    same(name + " family", four ? AF_INET : AF_INET6, get(whole_, names.family, 1));
    same(name + " protocol", flow_.protocol, get(whole_, names.protocol, 1).value_or(0));
    flow_.is_icmp() ? compare_echo(names) : compare_ports(names);
}

void Comparison::compare_address(const std::string& field, std::size_t index,
                                 nf_conntrack_attr theirs) {
    std::array<std::uint8_t, 16> address{};
    const std::size_t size = flow_.family == Family::ipv4 ? 4 : 16;
    if (!has(whole_, theirs)) {
        note(field, "an address", "none");
        return;
    }
    std::memcpy(address.data(), nfct_get_attr(whole_.get(), theirs), size);
    if (address != flow_.address[index])
        note(field, natstat::to_text(Address{flow_.family, flow_.address[index]}),
             natstat::to_text(Address{flow_.family, address}));
}

void Comparison::compare_ports(const Names& names) {
    const std::size_t first = names.direction == Direction::original ? 0 : 2;
    auto source = get_port(whole_, names.source_port);
    auto destination = get_port(whole_, names.destination_port);
    if (!source || !destination)
        source = destination = std::nullopt;
    const bool there = flow_.has(names.ports);
    const auto ours = [&](std::size_t index) {
        return there ? Said<std::uint64_t>(flow_.port[index]) : std::nullopt;
    };
    same(std::string(names.name) + " source port", ours(first), source);
    same(std::string(names.name) + " destination port", ours(first + 1), destination);
}

void Comparison::compare_echo(const Names& names) {
    const bool original = names.direction == Direction::original;
    const Object& alone = original ? answer_.original : answer_.reply;
    auto id = get_port(alone, ATTR_ICMP_ID);
    auto type = get(alone, ATTR_ICMP_TYPE, 1);
    auto code = get(alone, ATTR_ICMP_CODE, 1);
    if (!id || !type || !code)
        id = type = code = std::nullopt;
    const bool there = flow_.has(names.ports);
    const auto ours = [there](std::uint64_t value) {
        return there ? Said<std::uint64_t>(value) : std::nullopt;
    };
    const auto kind = flow_.icmp(names.direction);
    const auto number = [&](std::uint8_t IcmpKind::*member) {
        return kind ? Said<std::uint64_t>((*kind).*member) : std::nullopt;
    };
    same(std::string(names.name) + " echo id", ours(flow_.port[original ? 0 : 3]), id);
    same(std::string(names.name) + " icmp type", number(&IcmpKind::type), type);
    same(std::string(names.name) + " icmp code", number(&IcmpKind::code), code);
}

void Comparison::compare_counters(const Names& names) {
    const bool up = names.direction == Direction::original;
    auto packets = get(whole_, names.packets, 8);
    auto bytes = get(whole_, names.bytes, 8);
    if (!packets || !bytes)
        packets = bytes = std::nullopt;
    same_part(std::string(names.name) + " packets", names.counters,
              up ? flow_.packets_up : flow_.packets_down, packets);
    same_part(std::string(names.name) + " bytes", names.counters,
              up ? flow_.bytes_up : flow_.bytes_down, bytes);
}

void Comparison::compare_numbers() {
    same_part("status", Part::status, flow_.status, get(whole_, ATTR_STATUS, 4));
    same_part("timeout", Part::timeout, flow_.timeout, get(whole_, ATTR_TIMEOUT, 4));
    same_part("mark", Part::mark, flow_.mark, get(whole_, ATTR_MARK, 4));
    same_part("id", Part::id, flow_.id, get(whole_, ATTR_ID, 4));
    auto start = get(whole_, ATTR_TIMESTAMP_START, 8);
    if (start)
        *start = std::min(*start / 1'000'000, latest_start);
    same_part("start", Part::start, flow_.start_ms, start);
}

void Comparison::compare_state() {
    Said<std::uint64_t> state;
    if (flow_.protocol == protocol::tcp)
        state = get(whole_, ATTR_TCP_STATE, 1);
    else if (flow_.protocol == protocol::dccp)
        state = get(whole_, ATTR_DCCP_STATE, 1);
    else if (flow_.protocol == protocol::sctp)
        state = get(whole_, ATTR_SCTP_STATE, 1);
    if (state && *state >= state_limit)
        state = std::nullopt;
    same_part("state", Part::state, flow_.state, state);
}

void Comparison::compare_zone() {
    const auto said = [this](nf_conntrack_attr which) {
        const auto zone = get(whole_, which, 2);
        return zone && *zone != 0 ? zone : std::nullopt;
    };
    const auto original = said(ATTR_ORIG_ZONE);
    const auto reply = said(ATTR_REPL_ZONE);
    const auto both = said(ATTR_ZONE);
    same_part("zone", Part::zone, flow_.zone, reply ? reply : original ? original : both);
    same("zone of the original direction", flow_.has(Part::zone_original_only),
         original.has_value() && !reply);
    same("zone of the reply direction", flow_.has(Part::zone_reply_only), reply.has_value());
}

void Comparison::compare_texts() {
    constexpr std::size_t helper_room = 15;
    const std::string helper = get_text(whole_, ATTR_HELPER_NAME);
    if (extras_.helper.substr(0, helper_room) != helper)
        note("helper", extras_.helper, helper);
    const std::string secctx = get_text(whole_, ATTR_SECCTX);
    if (extras_.secctx != secctx)
        note("security context", extras_.secctx, secctx);
}

void Comparison::compare_labels() {
    const bool theirs = has(whole_, ATTR_CONNLABELS);
    if (extras_.has_labels != theirs)
        note("labels", extras_.has_labels ? "some" : "none", theirs ? "some" : "none");
    const auto* set =
        theirs ? static_cast<const nfct_bitmask*>(nfct_get_attr(whole_.get(), ATTR_CONNLABELS))
               : nullptr;
    for (unsigned bit = 0; bit < 8 * extras_.labels.size(); ++bit) {
        const bool our_bit = (extras_.labels[bit / 8] >> bit % 8 & 1) != 0;
        const bool their_bit = set != nullptr && bit <= nfct_bitmask_maxbit(set) &&
                               nfct_bitmask_test_bit(set, bit) != 0;
        if (our_bit != their_bit)
            note("label " + std::to_string(bit), our_bit ? "set" : "clear",
                 their_bit ? "set" : "clear");
    }
}

} // namespace

std::vector<std::string> differences(const Flow& flow, const Extras& extras, const Answer& answer) {
    if (!answer.understood)
        return {"natstat takes the message, the library refuses it"};
    return Comparison(flow, extras, answer).run();
}

} // namespace natstat::oracle
