// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is told of the NAT, byte by byte, by a reader that knows IPFIX alone.
#include "ipfix_reading.hpp"
#include "make_flow.hpp"
#include "natstat/ipfix/encoder.hpp"
#include "natstat/ipfix/port_use.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::ipfix;
using namespace natstat::test;

namespace {

constexpr Time moment{std::chrono::milliseconds{1'700'000'000'123}};

/// A step of a flow, with what a row of it refers to.
struct Step {
    Transition transition;
    Extras extras{};
    Surroundings around{};

    Step(TransitionKind kind, const Flow& flow, std::optional<Ending> ending = {}) {
        transition.kind = kind;
        transition.time = moment;
        transition.flow = flow;
        transition.ending = ending;
    }
    [[nodiscard]] Row row() const { return {transition, extras, around}; }
};

/// The message that the encoder makes of these, read behind its templates.
IpfixReader::Read read_of(Encoder& encoder, IpfixReader& reader) {
    Message message = *encoder.take();
    for (Message& each : encoder.describe(message.templates)) {
        stamp(each, 7, 0, moment);
        REQUIRE(reader.message(each.bytes).records.empty());
    }
    stamp(message, 7, 40, moment);
    const auto read = reader.message(message.bytes);
    CHECK(read.records.size() == message.records);
    return read;
}

std::map<int, std::string> told(NatEvent event, const Step& step) {
    Encoder encoder(1400);
    IpfixReader reader;
    const Row row = step.row();
    REQUIRE_FALSE(encoder.add({event, step.transition.time, row}));
    const auto read = read_of(encoder, reader);
    REQUIRE(read.records.size() == 1);
    return read.records.front().elements;
}

using Elements = std::map<int, std::string>;

MakeFlow masqueraded() {
    return MakeFlow("tcp", "192.0.2.10:40000", "203.0.113.10:443")
        .reply("203.0.113.10:443", "198.51.100.1:1025");
}

} // namespace

TEST_CASE("a translation of IPv4 that begins", "[ipfix]") {
    const Step step(TransitionKind::created, masqueraded().id(0x12345678).zone(7));
    CHECK(told(NatEvent::created, step) == Elements{{323, "0000018bcfe5687b"},
                                                    {230, "04"},
                                                    {4, "06"},
                                                    {234, "00000007"},
                                                    {235, "00000007"},
                                                    {8, "c000020a"},
                                                    {225, "c6336401"},
                                                    {12, "cb00710a"},
                                                    {226, "cb00710a"},
                                                    {7, "9c40"},
                                                    {227, "0401"},
                                                    {11, "01bb"},
                                                    {228, "01bb"},
                                                    {148, "0000000012345678"}});
}

TEST_CASE("a translation of IPv6 that ends, with all that is known then", "[ipfix]") {
    const Flow flow = MakeFlow("udp", "[2001:db8:1::10]:5000", "[2001:db8:ff::3]:53")
                          .reply("[2001:db8:1::53]:5353", "[2001:db8:ff::1]:6000")
                          .zone(3, Direction::reply)
                          .up(3, 300)
                          .down(2, 70000)
                          .start_ms(1'700'000'000'123 - 65'000);
    const Step step(TransitionKind::ended, flow, Ending::expired);
    CHECK(told(NatEvent::deleted, step) == Elements{{323, "0000018bcfe5687b"},
                                                    {230, "05"},
                                                    {4, "11"},
                                                    {234, "00000000"},
                                                    {235, "00000003"},
                                                    {27, "20010db8000100000000000000000010"},
                                                    {281, "20010db800ff00000000000000000001"},
                                                    {28, "20010db800ff00000000000000000003"},
                                                    {282, "20010db8000100000000000000000053"},
                                                    {7, "1388"},
                                                    {227, "1770"},
                                                    {11, "0035"},
                                                    {228, "14e9"},
                                                    {231, "000000000000012c"},
                                                    {232, "0000000000011170"},
                                                    {298, "0000000000000003"},
                                                    {299, "0000000000000002"},
                                                    {161, "0000fde8"},
                                                    {136, "01"}});
}

TEST_CASE("what a flow has carried is told of its end alone", "[ipfix]") {
    const Flow flow = masqueraded().up(3, 300).down(2, 200).start_ms(1'700'000'000'000);
    const auto begins = told(NatEvent::created, Step(TransitionKind::created, flow));
    const auto ends = told(NatEvent::deleted_historic, Step(TransitionKind::ended, flow));
    for (const int each : {231, 232, 298, 299, 161}) {
        CHECK_FALSE(begins.contains(each));
        CHECK(ends.contains(each));
    }
}

TEST_CASE("ICMP has its id in the place of ports, and its type", "[ipfix]") {
    const Flow flow = MakeFlow("icmp", "192.0.2.10", "203.0.113.10")
                          .reply("203.0.113.10", "198.51.100.1")
                          .icmp(77, 8, 0, 1099);
    const auto elements = told(NatEvent::created, Step(TransitionKind::created, flow));
    CHECK(elements.at(7) == "004d");
    CHECK(elements.at(227) == "044b");
    CHECK(elements.at(176) == "08");
    CHECK(elements.at(177) == "00");
    CHECK_FALSE(elements.contains(11));
    CHECK_FALSE(elements.contains(228));
}

TEST_CASE("what is not known is not in a record", "[ipfix]") {
    Step step(TransitionKind::ended,
              MakeFlow("esp", "192.0.2.10", "203.0.113.10").reply("203.0.113.10", "198.51.100.1"),
              Ending::unknown);
    step.transition.time = Time{};
    const auto elements = told(NatEvent::deleted, step);
    for (const int each : {323, 7, 11, 227, 228, 176, 148, 231, 232, 298, 299, 161, 136})
        CHECK_FALSE(elements.contains(each));
    CHECK(elements.at(4) == "32");
    CHECK(elements.at(225) == "c6336401");
}

TEST_CASE("how a flow ended is a reason of the registry's", "[ipfix]") {
    const auto reason = [](Ending ending) {
        const Step step(TransitionKind::ended, masqueraded(), ending);
        return told(NatEvent::deleted, step).at(136);
    };
    CHECK(reason(Ending::expired) == "01");
    CHECK(reason(Ending::no_reply) == "01");
    CHECK(reason(Ending::closed) == "03");
    CHECK(reason(Ending::reset) == "03");
    CHECK(reason(Ending::deleted) == "04");
}

TEST_CASE("a destination without a free port is told by the NAT side alone", "[ipfix]") {
    const Step step(TransitionKind::created, masqueraded().zone(7).id(1));
    CHECK(told(NatEvent::ports_exhausted, step) == Elements{{323, "0000018bcfe5687b"},
                                                            {230, "0c"},
                                                            {4, "06"},
                                                            {235, "00000007"},
                                                            {225, "c6336401"},
                                                            {226, "cb00710a"},
                                                            {228, "01bb"}});
}

TEST_CASE("records of one template share a set, and templates are told apart", "[ipfix]") {
    Encoder encoder(1400);
    IpfixReader reader;
    const Step tcp(TransitionKind::created, masqueraded());
    const Step six(TransitionKind::created, MakeFlow("tcp", "[2001:db8::1]:1", "[2001:db8::2]:2")
                                                .reply("[2001:db8::2]:2", "[2001:db8::3]:3"));
    for (const Step* step : {&tcp, &tcp, &six, &tcp}) {
        const Row row = step->row();
        REQUIRE_FALSE(encoder.add({NatEvent::created, moment, row}));
    }
    const auto read = read_of(encoder, reader);
    CHECK(read.sequence == 40);
    CHECK(read.domain == 7);
    CHECK(read.exported == 1'700'000'000);
    REQUIRE(read.records.size() == 4);
    CHECK(read.records[0].number == read.records[1].number);
    CHECK(read.records[0].number == read.records[3].number);
    CHECK(read.records[0].number != read.records[2].number);
    CHECK(read.records[2].number >= 256);
    CHECK(read.records[2].elements.at(281) == "20010db8000000000000000000000003");
}

TEST_CASE("a message is no longer than it may be", "[ipfix]") {
    constexpr std::size_t limit = 512;
    Encoder encoder(limit);
    std::vector<Message> messages;
    const Step step(TransitionKind::created, masqueraded().id(9));
    const Row row = step.row();
    constexpr std::size_t number = 100;
    for (std::size_t i = 0; i < number; ++i)
        if (auto whole = encoder.add({NatEvent::created, moment, row}))
            messages.push_back(std::move(*whole));
    messages.push_back(*encoder.take());
    CHECK_FALSE(encoder.take());
    IpfixReader reader;
    std::size_t records = 0;
    for (Message& each : encoder.describe(messages.front().templates)) {
        stamp(each, 1, 0, moment);
        CHECK(each.bytes.size() <= limit);
        reader.message(each.bytes);
    }
    for (Message& each : messages) {
        CHECK(each.bytes.size() <= limit);
        stamp(each, 1, 0, moment);
        records += reader.message(each.bytes).records.size();
    }
    CHECK(records == number);
    CHECK(messages.size() > 5);
    CHECK(messages.front().bytes.size() > limit - 60); // and no shorter than it needs to be
}

TEST_CASE("what was not sent is a record with a scope", "[ipfix]") {
    Encoder encoder(1400);
    IpfixReader reader;
    REQUIRE_FALSE(encoder.add_not_sent(300));
    const auto read = read_of(encoder, reader);
    CHECK(read.records.front().elements == Elements{{144, "00000001"}, {166, "000000000000012c"}});
}

TEST_CASE("the last port of a destination is noticed, once, and again when ports were free",
          "[ipfix]") {
    PortUse use(PortPool{NatPorts{5000, 5009}});
    const auto row_of = [](int port, std::string_view to, std::string_view protocol) {
        const std::string side = "198.51.100.1:" + std::to_string(port);
        return Step(TransitionKind::created,
                    MakeFlow(protocol, "192.0.2.10:1", to).reply(to, side));
    };
    const auto add = [&](int port, std::string_view to = "203.0.113.10:443",
                         std::string_view protocol = "tcp") {
        return use.add(row_of(port, to, protocol).row());
    };
    const auto remove = [&](int port) {
        use.remove(row_of(port, "203.0.113.10:443", "tcp").row());
    };
    for (int port = 5000; port < 5009; ++port) {
        CHECK_FALSE(add(port));
        CHECK_FALSE(add(port, "203.0.113.11:443"));
        CHECK_FALSE(add(port, "203.0.113.10:80"));         // another destination
        CHECK_FALSE(add(port, "203.0.113.10:443", "udp")); // another protocol
    }
    CHECK_FALSE(add(4000)); // none of the pool
    CHECK(add(5009));
    remove(5009);
    CHECK_FALSE(add(5009)); // the same shortage
    remove(5000);
    remove(5001);
    CHECK_FALSE(add(5000));
    CHECK(add(5001));
}
