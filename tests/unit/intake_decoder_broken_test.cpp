// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The decoder on messages that are broken or strange: each wrong length, cuts at every byte,
// garbage, attributes that nobody knows and attributes that come twice.
#include "decoded.hpp"

#include "natstat/model/protocol.hpp"

#include <iterator>

using namespace natstat;
using namespace natstat::test;

TEST_CASE("every wrong length is refused", "[decoder]") {
    const std::initializer_list<std::initializer_list<int>> numbers{
        {CTA_TUPLE_ORIG, CTA_TUPLE_IP, CTA_IP_V4_SRC},
        {CTA_TUPLE_ORIG, CTA_TUPLE_IP, CTA_IP_V4_DST},
        {CTA_TUPLE_ORIG, CTA_TUPLE_PROTO, CTA_PROTO_NUM},
        {CTA_TUPLE_ORIG, CTA_TUPLE_PROTO, CTA_PROTO_SRC_PORT},
        {CTA_TUPLE_REPLY, CTA_TUPLE_PROTO, CTA_PROTO_DST_PORT},
        {CTA_STATUS},
        {CTA_TIMEOUT},
        {CTA_MARK},
        {CTA_ID},
        {CTA_ZONE},
        {CTA_COUNTERS_ORIG, CTA_COUNTERS_PACKETS},
        {CTA_COUNTERS_REPLY, CTA_COUNTERS_BYTES},
        {CTA_PROTOINFO, CTA_PROTOINFO_TCP, CTA_PROTOINFO_TCP_STATE},
        {CTA_TIMESTAMP, CTA_TIMESTAMP_START}};
    for (const auto& path : numbers) {
        Attributes attributes = everything();
        Attribute& attribute = at_path(attributes, path);
        const std::size_t right = attribute.payload.size();
        for (std::size_t size = 0; size <= 24; ++size) {
            attribute.payload.assign(size, 0);
            // Family and protocol must stay what they are for the right size.
            if (size == 1 && path.size() == 3 && *std::prev(path.end()) == CTA_PROTO_NUM)
                attribute.payload = {protocol::tcp};
            INFO("type " << *std::prev(path.end()) << ", " << size << " bytes");
            CHECK(decode(attributes).has_value() == (size == right));
        }
    }
}

TEST_CASE("every wrong length of rarer attributes is refused", "[decoder]") {
    const auto sizes_taken = [](Attributes attributes, std::initializer_list<int> path,
                                std::uint8_t family) {
        std::vector<std::size_t> taken;
        for (std::size_t size = 0; size <= 24; ++size) {
            at_path(attributes, path).payload.assign(size, 0);
            if (decode(attributes, family))
                taken.push_back(size);
        }
        return taken;
    };
    using Sizes = std::vector<std::size_t>;
    const Attributes six = tuples(AF_INET6, protocol::udp);
    for (const int type : {CTA_IP_V6_SRC, CTA_IP_V6_DST})
        CHECK(sizes_taken(six, {CTA_TUPLE_REPLY, CTA_TUPLE_IP, type}, AF_INET6) == Sizes{16});
    for (const auto number : {protocol::icmp, protocol::icmpv6}) {
        const Attributes ping{original({ip(AF_INET, 1, 2), echo(number, 1, 2, 3)})};
        const int first = number == protocol::icmp ? CTA_PROTO_ICMP_ID : CTA_PROTO_ICMPV6_ID;
        for (const int next : {0, 1, 2})
            CHECK(sizes_taken(ping, {CTA_TUPLE_ORIG, CTA_TUPLE_PROTO, first + next}, AF_INET) ==
                  Sizes{next == 0 ? 2U : 1U});
    }
    for (const int type : {CTA_PROTOINFO_DCCP, CTA_PROTOINFO_SCTP})
        CHECK(sizes_taken(tcp_and({state_in(type, 1)}), {CTA_PROTOINFO, type, 1}, AF_INET) ==
              Sizes{1});
    Attributes zoned = tuples(AF_INET, protocol::udp);
    at_path(zoned, {CTA_TUPLE_REPLY}).inside.push_back(number<std::uint16_t>(CTA_TUPLE_ZONE, 1));
    CHECK(sizes_taken(zoned, {CTA_TUPLE_REPLY, CTA_TUPLE_ZONE}, AF_INET) == Sizes{2});
    // A set of labels is as large as the kernel was built with, 16 bytes at most.
    CHECK(sizes_taken(tcp_and({leaf(CTA_LABELS, {})}), {CTA_LABELS}, AF_INET).size() == 17);
}

TEST_CASE("a message can be cut only between two attributes", "[decoder]") {
    const Payload whole = payload_with(AF_INET, everything());
    std::vector<std::size_t> good;
    for (std::size_t count = 1; count < everything().size(); ++count) {
        Attributes first = everything();
        first.resize(count);
        good.push_back(payload_with(AF_INET, first).size());
    }
    for (std::size_t size = 0; size < whole.size(); ++size) {
        INFO("cut to " << size << " of " << whole.size());
        const bool expected = std::find(good.begin(), good.end(), size) != good.end();
        CHECK(decode(Bytes(whole).first(size)).has_value() == expected);
    }
    CHECK(decode(whole));
}

TEST_CASE("broken lengths are refused at every level", "[decoder]") {
    // What an attribute's header can say that is not so: too short, longer than what is there.
    const Payload whole = payload_with(AF_INET, tcp_and({state_in(CTA_PROTOINFO_TCP, 3)}));
    // The headers of CTA_TUPLE_ORIG, CTA_TUPLE_IP, CTA_IP_V4_SRC, and of the last nest and its
    // state.
    for (const std::size_t place :
         {std::size_t{4}, std::size_t{8}, std::size_t{12}, whole.size() - 16, whole.size() - 8})
        for (const int length : {0, 1, 3, 4, 7, 255, 65532, 65535}) {
            Payload broken = whole;
            const auto value = static_cast<std::uint16_t>(length);
            std::memcpy(broken.data() + place, &value, sizeof value);
            INFO("length " << length << " at " << place);
            CHECK_FALSE(decode(broken));
        }
    for (const std::size_t more : {1U, 2U, 3U, 4U}) {
        Payload longer = whole;
        longer.resize(longer.size() + more);
        CHECK_FALSE(decode(longer));
    }
}

TEST_CASE("garbage in a nest is refused where the nest is read", "[decoder]") {
    const Payload garbage{0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    for (const int type : {CTA_TUPLE_ORIG, CTA_TUPLE_REPLY, CTA_PROTOINFO, CTA_HELP,
                           CTA_COUNTERS_ORIG, CTA_COUNTERS_REPLY, CTA_SECCTX, CTA_TIMESTAMP}) {
        INFO("type " << type);
        for (std::size_t size = 1; size <= garbage.size(); ++size)
            CHECK_FALSE(decode(tcp_and(
                {leaf(type, {garbage.begin(), garbage.begin() + static_cast<long>(size)})})));
    }
    for (const int type : {CTA_PROTOINFO_TCP, CTA_PROTOINFO_DCCP, CTA_PROTOINFO_SCTP})
        CHECK_FALSE(decode(tcp_and({nest(CTA_PROTOINFO, {leaf(type, garbage)})})));
    for (const int type : {CTA_TUPLE_IP, CTA_TUPLE_PROTO})
        CHECK_FALSE(decode({original({ip(AF_INET, 1, 2), leaf(type, garbage)})}));
    for (const int type : {CTA_TUPLE_MASTER, CTA_SEQ_ADJ_ORIG, CTA_USE, CTA_NAT_SRC, CTA_SYNPROXY})
        CHECK(decode(tcp_and({leaf(type, garbage)})));
}

TEST_CASE("unknown attributes are passed over at every level", "[decoder]") {
    Attributes attributes = everything();
    const std::size_t count = attributes.size();
    for (std::size_t i = 0; i < count; ++i)
        if (attributes[i].is_nest)
            for (const int type : {0, 100, NLA_TYPE_MASK})
                attributes[i].inside.insert(attributes[i].inside.begin(), leaf(type, {1, 2, 3}));
    for (const int type : {0, 100, NLA_TYPE_MASK})
        attributes.insert(attributes.begin(), nest(type, {leaf(1, {})}));
    for (const std::initializer_list<int> path :
         {std::initializer_list<int>{CTA_TUPLE_ORIG, CTA_TUPLE_IP},
          {CTA_TUPLE_ORIG, CTA_TUPLE_PROTO},
          {CTA_PROTOINFO, CTA_PROTOINFO_TCP}})
        at_path(attributes, path).inside.push_back(leaf(100, {1}));
    const auto [flow, extras] = decoded(attributes);
    const auto [same, same_extras] = decoded(everything());
    CHECK(flow.parts == same.parts);
    CHECK(ends_of(flow, Direction::original) == ends_of(same, Direction::original));
    CHECK(flow.state == same.state);
    CHECK(flow.bytes_up == same.bytes_up);
    CHECK(flow.start_ms == same.start_ms);
    CHECK(extras == same_extras);
}

TEST_CASE("a tuple of the usual size with another attribute in it is read as it is", "[decoder]") {
    const auto with_unknown = [](std::initializer_list<int> path) {
        Attributes attributes{original({ip(AF_INET, 10, 20), ports(protocol::tcp, 1, 2)})};
        at_path(attributes, path).word = 100;
        return decode(attributes);
    };
    CHECK_FALSE(with_unknown({CTA_TUPLE_ORIG, CTA_TUPLE_IP}));
    CHECK_FALSE(with_unknown({CTA_TUPLE_ORIG, CTA_TUPLE_IP, CTA_IP_V4_SRC}));
    CHECK_FALSE(with_unknown({CTA_TUPLE_ORIG, CTA_TUPLE_IP, CTA_IP_V4_DST}));
    for (const std::initializer_list<int> path :
         {std::initializer_list<int>{CTA_TUPLE_ORIG, CTA_TUPLE_PROTO},
          {CTA_TUPLE_ORIG, CTA_TUPLE_PROTO, CTA_PROTO_SRC_PORT},
          {CTA_TUPLE_ORIG, CTA_TUPLE_PROTO, CTA_PROTO_DST_PORT}}) {
        const auto result = with_unknown(path);
        REQUIRE(result);
        CHECK_FALSE(result->flow.has(Part::original_ports));
    }
    const auto no_protocol = with_unknown({CTA_TUPLE_ORIG, CTA_TUPLE_PROTO, CTA_PROTO_NUM});
    REQUIRE(no_protocol);
    CHECK(no_protocol->flow.protocol == 0);
    CHECK(ends_of(no_protocol->flow, Direction::original) == "192.0.2.10:1 192.0.2.20:2");
}

TEST_CASE("of an attribute that comes twice the last one counts", "[decoder]") {
    const auto flow_of = [](const Attributes& more) { return decoded(tcp_and(more)).flow; };
    CHECK(flow_of({number<std::uint32_t>(CTA_MARK, 1), number<std::uint32_t>(CTA_MARK, 2)}).mark ==
          2);

    SECTION("a tuple, whole") {
        Attribute first = original({ip(AF_INET, 1, 2), ports(protocol::tcp, 1, 2)});
        first.inside.push_back(number<std::uint16_t>(CTA_TUPLE_ZONE, 7));
        const Attribute numbers =
            nest(CTA_TUPLE_PROTO, {number<std::uint8_t>(CTA_PROTO_NUM, protocol::tcp)});
        const Flow flow = decoded({first, original({ip(AF_INET, 3, 4), numbers})}).flow;
        CHECK(ends_of(flow, Direction::original) == "192.0.2.3 192.0.2.4");
        CHECK_FALSE(flow.has(Part::original_ports));
        CHECK_FALSE(flow.has(Part::zone));
        CHECK_FALSE(flow.has(Part::zone_original_only));
    }
    SECTION("the halves of a tuple") {
        const Attribute source = nest(CTA_TUPLE_IP, {leaf(CTA_IP_V4_SRC, {192, 0, 2, 9})});
        const Attribute port =
            nest(CTA_TUPLE_PROTO, {number<std::uint16_t>(CTA_PROTO_SRC_PORT, 9)});
        CHECK_FALSE(decode({original({ip(AF_INET, 1, 2), source})}));
        const Flow flow =
            decoded({original({ip(AF_INET, 1, 2), ports(protocol::tcp, 1, 2), port})}).flow;
        CHECK(flow.protocol == 0);
        CHECK_FALSE(flow.has(Part::original_ports));
    }
    SECTION("addresses of another family before") {
        const Flow flow = decoded({original({ip(AF_INET6, 1, 2), ip(AF_INET, 3, 4)})}).flow;
        CHECK(flow.family == Family::ipv4);
        CHECK(ends_of(flow, Direction::original) == "192.0.2.3 192.0.2.4");
        CHECK(flow.address[0] ==
              make_address(Family::ipv4, address_bytes(AF_INET, 3).data()).bytes);
    }
    SECTION("labels of another size") {
        const auto labels =
            decoded(tcp_and({leaf(CTA_LABELS, Payload(16, 0xFF)), leaf(CTA_LABELS, {1})}))
                .extras.labels;
        CHECK(labels[0] == 1);
        CHECK(std::count(labels.begin(), labels.end(), 0) == 15);
    }
    SECTION("nests of which the last has nothing") {
        for (const auto& [nest_type, part] :
             {std::pair{int{CTA_COUNTERS_ORIG}, Part::counters_up},
              std::pair{int{CTA_COUNTERS_REPLY}, Part::counters_down},
              std::pair{int{CTA_TIMESTAMP}, Part::start},
              std::pair{int{CTA_PROTOINFO}, Part::state}}) {
            Attributes all = everything();
            all.push_back(nest(nest_type, {}));
            INFO("type " << nest_type);
            CHECK_FALSE(decoded(all).flow.has(part));
        }
        for (const int type : {CTA_HELP, CTA_SECCTX}) {
            Attributes all = everything();
            all.push_back(nest(type, {}));
            const Extras extras = decoded(all).extras;
            CHECK((type == CTA_HELP ? extras.helper : extras.secctx).empty());
        }
    }
}
