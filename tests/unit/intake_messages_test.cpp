// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a message means, kind by kind, and what is passed over; then the recorded messages of a real
// kernel, whole and cut at every byte.
#include "natstat/intake/messages.hpp"

#include "messages.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/recording.hpp"

#include <algorithm>
#include <filesystem>

using namespace natstat;
using namespace natstat::test;
using natstat::oracle::Message;

namespace {

constexpr Time noon{std::chrono::nanoseconds{1'700'000'000'123'456'789}};

/// A reader and what it has told.
struct Reading {
    MessageReader reader;
    Batch batch;

    void take(const Message& message, int family = NETLINK_NETFILTER) {
        reader.take(noon, family, message, batch);
    }
    /// The one event of this message.
    Event event_of(const Message& message) {
        batch.clear();
        take(message);
        REQUIRE(batch.odd == 0);
        REQUIRE(batch.events.size() == 1);
        return batch.events.front();
    }
    /// Whether the message was understood, and there was nothing in it to tell.
    bool passes_over(const Message& message, int family = NETLINK_NETFILTER) {
        batch.clear();
        take(message, family);
        return batch.odd == 0 && batch.events.empty();
    }
    bool finds_odd(const Message& message, int family = NETLINK_NETFILTER) {
        batch.clear();
        take(message, family);
        return batch.odd == 1 && batch.events.empty();
    }
    std::vector<std::string> addresses() {
        std::vector<std::string> texts;
        REQUIRE(reader.local_addresses());
        for (const Address& address : *reader.local_addresses())
            texts.push_back(to_text(address));
        std::sort(texts.begin(), texts.end());
        return texts;
    }
};

EventKind kind_of(int type, int flags) {
    return Reading().event_of(flow_message(type, flags)).kind;
}

/// How a list ends: whole or not, or not at all.
std::string end_of_list(const std::vector<Message>& messages) {
    Reading reading;
    for (const Message& message : messages)
        reading.take(message);
    REQUIRE(reading.batch.odd == 0);
    const auto end =
        std::find_if(reading.batch.events.begin(), reading.batch.events.end(),
                     [](const Event& event) { return event.kind == EventKind::list_end; });
    return end == reading.batch.events.end() ? "open" : end->whole ? "whole" : "not whole";
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("an event has the kernel's own time where it carries one", "[messages]") {
    constexpr std::uint16_t timestamp_event = 27;
    const auto timed = [&](int flags, const std::vector<std::uint8_t>& time) {
        auto attributes = oracle::tuples(AF_INET, protocol::tcp);
        attributes.push_back(oracle::leaf(timestamp_event, time));
        return with_head(NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW, flags, 0, 0,
                         oracle::payload_with(AF_INET, attributes));
    };
    const std::vector<std::uint8_t> one_second{0, 0, 0, 0, 0x3B, 0x9A, 0xCA, 0};
    struct Case {
        int flags;
        std::vector<std::uint8_t> time;
        Time told;
    };
    for (const auto& [flags, time, told] : std::vector<Case>{
             {0, one_second, Time{std::chrono::seconds{1}}},
             {NLM_F_MULTI, one_second, noon}, // a list is of the moment in which it was read
             {0, {0, 0, 0, 0, 0, 0, 0, 0}, noon},
             {0, {0xFF, 0, 0, 0, 0, 0, 0, 0}, noon},
             {0, {0, 0, 0, 1}, noon}}) {
        Reading reading;
        reading.take(timed(flags, time));
        REQUIRE(reading.batch.events.size() == 1);
        REQUIRE(reading.batch.events.front().time == told);
    }
}

TEST_CASE("a message of a connection is an event of its kind") {
    CHECK(kind_of(IPCTNL_MSG_CT_NEW, NLM_F_MULTI) == EventKind::listed);
    CHECK(kind_of(IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL) == EventKind::created);
    CHECK(kind_of(IPCTNL_MSG_CT_NEW, 0) == EventKind::updated);
    CHECK(kind_of(IPCTNL_MSG_CT_DELETE, 0) == EventKind::destroyed);

    const Event event = Reading().event_of(flow_message(IPCTNL_MSG_CT_NEW, 0));
    CHECK(to_text(event.flow.end(End::original_source)) == "192.0.2.10:4660");
    CHECK(to_text(event.flow.end(End::reply_destination)) == "192.0.2.1:65244");
}

TEST_CASE("a flow that was deleted on request says so") {
    CHECK_FALSE(Reading().event_of(flow_message(IPCTNL_MSG_CT_DELETE, 0)).requested);
    CHECK(Reading().event_of(flow_message(IPCTNL_MSG_CT_DELETE, 0, 0, 4711)).requested);
    CHECK_FALSE(Reading().event_of(flow_message(IPCTNL_MSG_CT_NEW, 0, 0, 4711)).requested);
}

TEST_CASE("requests and other subsystems are passed over") {
    Reading reading;
    for (const int type : {IPCTNL_MSG_CT_NEW, IPCTNL_MSG_CT_DELETE, IPCTNL_MSG_CT_GET})
        CHECK(reading.passes_over(flow_message(type, NLM_F_REQUEST)));
    CHECK(reading.passes_over(flow_message(IPCTNL_MSG_CT_DELETE, NLM_F_REQUEST | NLM_F_CREATE)));
    for (const int type : {NFNL_SUBSYS_CTNETLINK_EXP << 8, NFNL_SUBSYS_NFTABLES << 8, NLMSG_NOOP,
                           NLMSG_DONE, NLMSG_ERROR})
        CHECK(reading.passes_over(with_head(type, 0, 0, 0, {})));
    CHECK(reading.passes_over({1, 2, 3}, NETLINK_GENERIC));
    CHECK(reading.passes_over(flow_message(IPCTNL_MSG_CT_NEW, 0), NETLINK_GENERIC));
    CHECK_FALSE(reading.reader.local_addresses());
}

TEST_CASE("a list is whole when everything was asked for and nothing disturbed it") {
    const Message everything = list_request(7);
    const Message entry = flow_message(IPCTNL_MSG_CT_NEW, NLM_F_MULTI, 7);
    const Message end = list_end(7);
    CHECK(Reading().event_of(everything).kind == EventKind::list_begin);
    CHECK(end_of_list({everything, entry, end}) == "whole");
    CHECK(end_of_list({everything, end}) == "whole");
    CHECK(end_of_list({everything, entry}) == "open");
    CHECK(end_of_list({everything, list_end(8)}) == "open");
    CHECK(end_of_list({entry, end}) == "open");

    CHECK(end_of_list({list_request(7, AF_INET), entry, end}) == "not whole");
    CHECK(end_of_list({list_request(7, AF_UNSPEC, true), entry, end}) == "not whole");
    CHECK(end_of_list({everything, entry, list_end(7, -EINTR)}) == "not whole");

    const Message disturbed = flow_message(IPCTNL_MSG_CT_NEW, NLM_F_MULTI | NLM_F_DUMP_INTR, 7);
    CHECK(end_of_list({everything, disturbed, entry, end}) == "not whole");
    CHECK(end_of_list({everything, entry, list_end(7, 0, NLM_F_DUMP_INTR)}) == "not whole");
    const Message of_another = flow_message(IPCTNL_MSG_CT_NEW, NLM_F_MULTI | NLM_F_DUMP_INTR, 8);
    CHECK(end_of_list({everything, of_another, end}) == "whole");
    CHECK(end_of_list({everything, disturbed, everything, entry, end}) == "whole");
}

TEST_CASE("a refused list ends and is not whole") {
    const auto error = [](std::uint32_t sequence, int number) {
        return with_head(NLMSG_ERROR, 0, sequence, 0, bytes_of(number));
    };
    CHECK(end_of_list({list_request(7), error(7, -EPERM)}) == "not whole");
    CHECK(end_of_list({list_request(7), error(7, 0)}) == "open");
    CHECK(end_of_list({list_request(7), error(6, -EPERM), list_end(7)}) == "whole");
}

TEST_CASE("a list ends once") {
    Reading reading;
    reading.take(list_request(7));
    reading.take(list_end(7));
    CHECK(reading.passes_over(list_end(7)));
}

TEST_CASE("lost events have their number where it is known") {
    const Event counted =
        Reading().event_of(with_head(NLMSG_OVERRUN, 0, 0, 0, bytes_of(std::uint64_t{1} << 40)));
    CHECK(counted.kind == EventKind::lost);
    CHECK(counted.count == std::uint64_t{1} << 40);
    const Event bare = Reading().event_of(with_head(NLMSG_OVERRUN, 0, 0, 0, {}));
    CHECK(bare.kind == EventKind::lost);
    CHECK(bare.count == 0);
}

TEST_CASE("a message of another length than it says is odd") {
    const Message whole = flow_message(IPCTNL_MSG_CT_NEW, 0);
    Reading reading;
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK(reading.finds_odd(Message(whole.begin(), whole.begin() + std::ptrdiff_t(size))));
    Message longer = whole;
    longer.resize(whole.size() + 4);
    CHECK(reading.finds_odd(longer));
    for (const std::uint32_t length : {0U, 15U, 0xFFFFFFFFU, 0xFFFFFFFCU}) {
        Message lying = whole;
        std::memcpy(lying.data(), &length, sizeof length);
        CHECK(reading.finds_odd(lying));
    }
    CHECK(reading.finds_odd({}));
    CHECK(reading.finds_odd({}, NETLINK_ROUTE));
}

TEST_CASE("padding after a message is none of it") {
    Message padded = address_message(RTM_NEWADDR, 1, AF_INET, {{IFA_LOCAL, {192, 0, 2, 1}}});
    const auto length = static_cast<std::uint32_t>(padded.size());
    padded.resize(padded.size() + 3);
    Reading reading;
    CHECK(reading.finds_odd(padded, NETLINK_ROUTE)); // the length was a multiple of four
    Message overrun = with_head(NLMSG_OVERRUN, 0, 0, 0, {1, 0, 0, 0, 0, 0, 0, 0, 9});
    CHECK(overrun.size() == 25);
    overrun.resize(28);
    CHECK(reading.event_of(overrun).kind == EventKind::lost);
    CHECK(length % 4 == 0);
}

TEST_CASE("the host's addresses are what getifaddrs would tell") {
    Reading reading;
    const auto add = [&](const Message& message) {
        REQUIRE(reading.passes_over(message, NETLINK_ROUTE));
    };
    const Bytes16 global = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    add(address_message(RTM_NEWADDR, 2, AF_INET,
                        {{IFA_ADDRESS, {198, 51, 100, 9}}, // the other end of the link
                         {IFA_LOCAL, {192, 0, 2, 1}},
                         {IFA_BROADCAST, {192, 0, 2, 255}},
                         {IFA_LABEL, {'e', 0}},
                         {IFA_CACHEINFO, {0, 0, 0, 0}}}));
    CHECK(reading.addresses() == Texts{"192.0.2.1", "192.0.2.255"});
    add(address_message(RTM_NEWADDR, 2, AF_INET6, {{IFA_ADDRESS, global}}));
    CHECK(reading.addresses() == Texts{"192.0.2.1", "192.0.2.255", "2001:db8::1"});
    SECTION("the same again changes nothing") {
        add(address_message(RTM_NEWADDR, 2, AF_INET6, {{IFA_ADDRESS, global}}));
        CHECK(reading.addresses() == Texts{"192.0.2.1", "192.0.2.255", "2001:db8::1"});
    }
    SECTION("an address goes once for each interface that had it") {
        add(address_message(RTM_NEWADDR, 3, AF_INET6, {{IFA_ADDRESS, global}}));
        add(address_message(RTM_DELADDR, 2, AF_INET6, {{IFA_ADDRESS, global}}));
        CHECK(reading.addresses() == Texts{"192.0.2.1", "192.0.2.255", "2001:db8::1"});
        add(address_message(RTM_DELADDR, 3, AF_INET6, {{IFA_ADDRESS, global}}));
        CHECK(reading.addresses() == Texts{"192.0.2.1", "192.0.2.255"});
    }
    SECTION("an address goes with its broadcast address") {
        add(address_message(RTM_DELADDR, 2, AF_INET, {{IFA_LOCAL, {192, 0, 2, 1}}}));
        CHECK(reading.addresses() == Texts{"2001:db8::1"});
        add(address_message(RTM_DELADDR, 2, AF_INET6, {{IFA_ADDRESS, global}}));
        CHECK(reading.addresses().empty());
    }
    SECTION("requests and other families say nothing") {
        add(address_message(RTM_DELADDR, 2, AF_INET6, {{IFA_ADDRESS, global}}, NLM_F_REQUEST));
        add(address_message(RTM_NEWADDR, 2, AF_BRIDGE, {{IFA_ADDRESS, {1}}}));
        add(with_head(RTM_NEWLINK, 0, 0, 0, {}));
        CHECK(reading.addresses() == Texts{"192.0.2.1", "192.0.2.255", "2001:db8::1"});
    }
}

TEST_CASE("an address message that is broken is odd") {
    Reading reading;
    const auto odd = [&](std::initializer_list<AddressPart> parts) {
        return reading.finds_odd(address_message(RTM_NEWADDR, 2, AF_INET, parts), NETLINK_ROUTE);
    };
    CHECK(odd({}));
    CHECK(odd({{IFA_ADDRESS, {192, 0, 2}}}));
    CHECK(odd({{IFA_LOCAL, {192, 0, 2, 1}}, {IFA_BROADCAST, {1, 2, 3, 4, 5}}}));
    CHECK(reading.finds_odd(with_head(RTM_NEWADDR, 0, 0, 0, {AF_INET, 24, 0, 0}), NETLINK_ROUTE));
    CHECK_FALSE(reading.reader.local_addresses());
}

TEST_CASE("the end of a list of addresses makes the addresses known, also when there is none") {
    Reading reading;
    const Message request =
        with_head(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, 5, 0, {AF_UNSPEC, 0, 0, 0});
    CHECK(reading.passes_over(list_end(5), NETLINK_ROUTE));
    CHECK_FALSE(reading.reader.local_addresses());
    CHECK(reading.passes_over(request, NETLINK_ROUTE));
    CHECK(reading.passes_over(list_end(5))); // of the other family
    CHECK(reading.passes_over(list_end(4), NETLINK_ROUTE));
    CHECK_FALSE(reading.reader.local_addresses());
    CHECK(reading.passes_over(list_end(5), NETLINK_ROUTE));
    CHECK(reading.addresses().empty());
}

TEST_CASE("a list of all addresses takes the place of what was known") {
    Reading reading;
    const auto take = [&](const Message& message) {
        REQUIRE(reading.passes_over(message, NETLINK_ROUTE));
    };
    const auto request = [&](std::uint32_t sequence, std::uint8_t family) {
        take(with_head(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, sequence, 0,
                       {family, 0, 0, 0, 0, 0, 0, 0}));
    };
    const auto address = [](std::uint8_t last) {
        return address_message(RTM_NEWADDR, 2, AF_INET, {{IFA_LOCAL, {192, 0, 2, last}}});
    };
    take(address(1));
    take(address(2));
    request(5, AF_UNSPEC);
    take(address(2));
    CHECK(reading.addresses() == Texts{"192.0.2.1", "192.0.2.2"}); // until it is known
    SECTION("at its end") {
        take(list_end(5));
        CHECK(reading.addresses() == Texts{"192.0.2.2"});
    }
    SECTION("but not when it was disturbed") {
        take(list_end(5, 0, NLM_F_DUMP_INTR));
        CHECK(reading.addresses() == Texts{"192.0.2.1", "192.0.2.2"});
    }
    SECTION("but not when only a part was asked for") {
        request(6, AF_INET);
        take(list_end(6));
        CHECK(reading.addresses() == Texts{"192.0.2.1", "192.0.2.2"});
    }
}

TEST_CASE("recorded messages are all understood, and odd when they are cut anywhere") {
    const auto path = std::filesystem::path(__FILE__).parent_path() / "../data/messages.nlm";
    Reading reading;
    std::size_t requested = 0;
    for (const Message& message : natstat::oracle::read_recording(path.string())) {
        requested += reading.event_of(message).requested ? 1U : 0U;
        for (std::size_t size = 0; size < message.size(); ++size) {
            // A copy without a byte to spare: a sanitizer sees a step outside.
            const Message cut(message.begin(), message.begin() + std::ptrdiff_t(size));
            if (!reading.finds_odd(cut))
                FAIL("cut to " << size << " of " << message.size());
        }
    }
    CHECK(requested > 0);
}
