// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the running kernel makes of the conditions that natstat leaves to it, on a table of the
// test's own. For each kind of condition: the kernel never tells less than asked, and where it
// knows the condition it tells just that. Why some conditions stay at home is in facts.cpp.
#include "own_flows.hpp"
#include "own_table.hpp"

#include "intake/list_request.hpp"
#include "natstat/intake/kernel_source.hpp"
#include "natstat/model/protocol.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <map>

#include <poll.h>

using namespace natstat;
using namespace natstat::test;

namespace {

constexpr std::uint32_t nat_bits = status::src_nat | status::dst_nat;

/// The flows that KernelSource tells, which must be a whole list.
std::vector<Flow> listed(const ListQuery& query) {
    KernelSource source;
    source.request_list(query);
    std::vector<Flow> flows;
    for (Batch batch;; batch.clear()) {
        if (source.read(batch) == Progress::idle) {
            pollfd wait{source.fd(), POLLIN, 0};
            REQUIRE(poll(&wait, 1, 5000) == 1);
        }
        CHECK(batch.odd == 0);
        for (const Event& event : batch.events) {
            if (event.kind == EventKind::list_end) {
                CHECK(event.whole);
                return flows;
            }
            flows.push_back(event.flow);
        }
    }
}

Ids ids_of(const std::vector<Flow>& flows) {
    Ids ids;
    for (const Flow& flow : flows)
        ids.insert(flow.id);
    CHECK(ids.size() == flows.size()); // none came twice
    return ids;
}

bool holds(const Ids& larger, const Ids& smaller) {
    return std::includes(larger.begin(), larger.end(), smaller.begin(), smaller.end());
}

/// What the kernel tells for a condition that it takes without a word. KernelSource tells no more,
/// and no less than is true.
Ids told(const ListCondition& condition) {
    const Answer answer = ask(make_list_request(condition, 1));
    CHECK(answer.error == 0);
    const Ids ids = ids_of(listed({condition}));
    CHECK(holds(answer.ids(), ids));
    CHECK(holds(ids, true_matches({condition})));
    return answer.ids();
}

/// The kernel tells the true matches; `count` of them, so that the table is known to tell them
/// apart.
void check_exact(const ListCondition& condition, std::size_t count) {
    const Ids truth = true_matches({condition});
    CHECK(truth.size() == count);
    CHECK(told(condition) == truth);
}

/// The kernel tells at least the true matches, and just those of the wider condition.
void check_wider(const ListCondition& condition, const ListCondition& wider, std::size_t count) {
    const Ids truth = true_matches({condition});
    const Ids answer = told(condition);
    CHECK(truth.size() == count);
    CHECK(holds(answer, truth));
    CHECK(answer == true_matches({wider}));
}

ListCondition of_protocol(Family family, std::uint8_t number) {
    ListCondition condition = of_family(family);
    condition.protocol = number;
    return condition;
}

ListCondition with_status(std::uint32_t mask, std::uint32_t value) {
    ListCondition condition;
    condition.status_mask = mask;
    condition.status_value = value;
    return condition;
}

ListCondition with_mark(std::uint32_t mask, std::uint32_t value) {
    ListCondition condition;
    condition.mark_mask = mask;
    condition.mark_value = value;
    return condition;
}

} // namespace

TEST_CASE("the table is there", "[kernel]") {
    CHECK(table().size() == 2 * flows_of_family);
    CHECK(ids_of(listed({ListCondition{}})) == true_matches({ListCondition{}}));
}

TEST_CASE("a list of nothing has an end, too", "[kernel]") {
    table();
    CHECK(listed({}).empty());
}

TEST_CASE("the kernel filters by family and protocol", "[kernel]") {
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        check_exact(of_family(family), flows_of_family);
        check_exact(of_protocol(family, protocol::tcp), 5);
        check_exact(of_protocol(family, protocol::udp), 4);
        for (const std::uint8_t number : {protocol::sctp, protocol::gre, protocol::udplite})
            check_exact(of_protocol(family, number), 1);
        check_exact(of_protocol(family, 253), 1);
        check_exact(of_protocol(family, 99), 0);
    }
    check_exact(of_protocol(Family::ipv4, protocol::icmp), 1);
    check_exact(of_protocol(Family::ipv6, protocol::icmpv6), 1);
    ListCondition tcp;
    tcp.protocol = protocol::tcp; // needs the family, so all come
    check_wider(tcp, ListCondition{}, 10);
}

TEST_CASE("the kernel filters by status", "[kernel]") {
    if (!kernel_is_at_least(5, 15))
        WARN("before Linux 5.15: everything comes");
    const auto check = [](const ListCondition& condition, std::size_t count) {
        if (kernel_is_at_least(5, 15))
            return check_exact(condition, count);
        check_wider(condition, ListCondition{}, count);
    };
    check(with_status(status::src_nat, status::src_nat), 6);
    check(with_status(status::dst_nat, status::dst_nat), 4);
    check(with_status(nat_bits, nat_bits), 2);
    check(with_status(nat_bits, status::src_nat), 4);
    check(with_status(nat_bits, 0), 20);
    check(with_status(status::offload, status::offload), 0);
    check(with_status(status::confirmed, status::confirmed), 2 * flows_of_family);
}

TEST_CASE("the kernel filters by mark", "[kernel]") {
    check_exact(with_mark(0xFFFFFFFF, 1), 2);
    check_exact(with_mark(0x10, 0x10), 6);
    check_exact(with_mark(0x30, 0x10), 2);
    check_exact(with_mark(0x10, 0), 22);
    check_exact(with_mark(0xFF, 0x77), 0);
}

TEST_CASE("the kernel filters by zone, whatever the direction", "[kernel]") {
    const bool knows = kernel_is_at_least(6, 8);
    if (!knows)
        WARN("before Linux 6.8: everything comes");
    for (const auto& [zone, count] :
         std::map<std::uint16_t, std::size_t>{{0, 22}, {7, 2}, {8, 2}, {9, 2}, {77, 0}}) {
        ListCondition condition;
        condition.zone = zone;
        INFO("zone " << zone);
        knows ? check_exact(condition, count) : check_wider(condition, ListCondition{}, count);
    }
}

TEST_CASE("the kernel filters by IPv4 addresses, and ports of TCP and UDP", "[kernel]") {
    ListCondition from_10 = of_family(Family::ipv4);
    from_10.original.source = address_of(Family::ipv4, 10);
    check_exact(from_10, 9);
    ListCondition seen_as = of_family(Family::ipv4);
    seen_as.reply.destination = address_of(Family::ipv4, 100);
    check_exact(seen_as, 2);
    ListCondition served_by = of_family(Family::ipv4);
    served_by.reply.source = address_of(Family::ipv4, 101);
    served_by.original.destination = address_of(Family::ipv4, 200);
    check_exact(served_by, 2);

    for (const Family family : {Family::ipv4, Family::ipv6})
        for (const std::uint8_t number : {protocol::tcp, protocol::udp}) {
            ListCondition condition = of_protocol(family, number);
            condition.original.destination_port = 80;
            check_exact(condition, number == protocol::tcp ? 5 : 3);
            condition.original.source_port = 1002;
            check_exact(condition, number == protocol::tcp ? 1 : 0);
            ListCondition reply = of_protocol(family, number);
            reply.reply.source_port = 80;
            reply.reply.destination_port = 1001;
            check_exact(reply, number == protocol::tcp ? 4 : 3);
        }
    ListCondition nat_side = of_protocol(Family::ipv4, protocol::tcp);
    nat_side.reply.destination = address_of(Family::ipv4, 100);
    nat_side.reply.destination_port = 1002;
    check_exact(nat_side, 1);
}

TEST_CASE("what the kernel can not compare is not asked of it", "[kernel]") {
    ListCondition six = of_family(Family::ipv6);
    six.original.source = address_of(Family::ipv6, 10);
    check_wider(six, of_family(Family::ipv6), 9);
    six.protocol = protocol::tcp;
    check_wider(six, of_protocol(Family::ipv6, protocol::tcp), 3);
    for (const std::uint8_t number : {protocol::sctp, protocol::gre, protocol::udplite}) {
        ListCondition ports = of_protocol(Family::ipv4, number);
        ports.original.source_port = 1001;
        check_wider(ports, of_protocol(Family::ipv4, number), 1);
        ports.original.source_port = 1;
        check_wider(ports, of_protocol(Family::ipv4, number), 0);
    }
    ListCondition echo_id = of_protocol(Family::ipv4, protocol::icmp);
    echo_id.original.source_port = 1001;
    check_wider(echo_id, of_protocol(Family::ipv4, protocol::icmp), 1);
    ListCondition port; // neither family nor protocol
    port.original.destination_port = 80;
    check_wider(port, ListCondition{}, 2 * flows_of_family);
    ListCondition four; // an address without the family
    four.original.source = address_of(Family::ipv4, 10);
    check_wider(four, ListCondition{}, 9);
}

TEST_CASE("conditions hold together, and queries bring nothing twice", "[kernel]") {
    ListCondition all = of_protocol(Family::ipv4, protocol::tcp);
    all.status_mask = all.status_value = status::src_nat;
    all.mark_mask = all.mark_value = 0x10;
    all.original.source = address_of(Family::ipv4, 10);
    all.original.destination_port = 80;
    all.reply.destination = address_of(Family::ipv4, 100);
    check_exact(all, 1);
    all.zone = 7;
    CHECK(true_matches({all}).empty());

    const ListQuery both_kinds{with_status(status::src_nat, status::src_nat),
                               with_status(status::dst_nat, status::dst_nat)};
    CHECK(ids_of(listed(both_kinds)) == true_matches(both_kinds));
    CHECK(true_matches(both_kinds).size() == 8);
    const ListQuery mixed{of_family(Family::ipv6), with_mark(0x10, 0x10), all, ListCondition{}};
    CHECK(ids_of(listed(mixed)) == true_matches(mixed));
}

TEST_CASE("what came for a wider condition does not come again", "[kernel]") {
    ListCondition six = of_family(Family::ipv6); // all of IPv6 comes for this address
    six.original.source = address_of(Family::ipv6, 10);
    const ListQuery query{six, with_mark(0x10, 0x10)};
    const Ids truth = true_matches(query);
    const Ids answer = ids_of(listed(query)); // which checks that none comes twice
    CHECK(holds(answer, truth));
}
