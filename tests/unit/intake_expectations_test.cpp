// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Messages about expectations, as the kernel lays them out and as nobody should: each field, each
// wrong length, cuts at every byte. That the kernel says so is tested in
// tests/kernel/expectations_test.sh.
#include "natstat/intake/expectations.hpp"

#include "intake/list_request.hpp"
#include "messages.hpp"
#include "natstat/table/column.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::oracle;
using namespace natstat::test;

namespace {

Attribute tuple_in(int type, std::uint8_t family, std::uint16_t sport, std::uint16_t dport) {
    return nest(type, {ip(family, 1, 2), ports(protocol::tcp, sport, dport)});
}

Attributes everything(std::uint8_t family = AF_INET) {
    return {tuple_in(CTA_EXPECT_TUPLE, family, 0, 50000),
            tuple_in(CTA_EXPECT_MASK, family, 0, 65535),
            tuple_in(CTA_EXPECT_MASTER, family, 41000, 21),
            nest(CTA_EXPECT_NAT, {number<std::uint32_t>(CTA_EXPECT_NAT_DIR, 1),
                                  tuple_in(CTA_EXPECT_NAT_TUPLE, family, 40000, 0)}),
            number<std::uint32_t>(CTA_EXPECT_TIMEOUT, 299),
            number<std::uint32_t>(CTA_EXPECT_ID, 4711),
            number<std::uint32_t>(CTA_EXPECT_FLAGS, 5),
            number<std::uint32_t>(CTA_EXPECT_CLASS, 1),
            number<std::uint16_t>(CTA_EXPECT_ZONE, 7),
            text(CTA_EXPECT_HELP_NAME, "ftp"),
            text(CTA_EXPECT_FN, "nat-follow-master")};
}

std::optional<Expectation> decoded(const Attributes& attributes, std::uint8_t family = AF_INET) {
    Expectation found;
    return decode_expectation(payload_with(family, attributes), found) ? std::optional(found)
                                                                       : std::nullopt;
}

std::string cell(const Expectation& expectation, std::string_view name) {
    const Surroundings around;
    return to_text(column(name).get(Row(expectation, around)));
}

} // namespace

TEST_CASE("expectations: every field, in both families", "[expectations]") {
    for (const std::uint8_t family : {std::uint8_t{AF_INET}, std::uint8_t{AF_INET6}}) {
        const auto found = decoded(everything(family), family);
        REQUIRE(found);
        const bool four = family == AF_INET;
        CHECK(cell(*found, "source") == (four ? "192.0.2.1:0" : "[2001:db8::1]:0"));
        CHECK(cell(*found, "destination") == (four ? "192.0.2.2:50000" : "[2001:db8::2]:50000"));
        CHECK(cell(*found, "mask").find("65535") != std::string::npos);
        CHECK(cell(*found, "master").find("41000") != std::string::npos);
        CHECK(cell(*found, "saved") == (four ? "192.0.2.1" : "2001:db8::1"));
        CHECK(cell(*found, "saved_port") == "40000");
        CHECK(cell(*found, "direction") == "reply");
        CHECK(cell(*found, "timeout") == "299");
        CHECK(cell(*found, "id") == "4711");
        CHECK(cell(*found, "zone") == "7");
        CHECK(cell(*found, "flags") == "permanent,userspace");
        CHECK(cell(*found, "class") == "1");
        CHECK(cell(*found, "helper") == "ftp");
        CHECK(cell(*found, "function") == "nat-follow-master");
        CHECK(cell(*found, "gateway") == "-");
    }
}

TEST_CASE("expectations: what is not said is absent", "[expectations]") {
    const auto found = decoded({tuple_in(CTA_EXPECT_TUPLE, AF_INET, 0, 50000)});
    REQUIRE(found);
    for (const Column& each : columns())
        if (is_of_expectations(each)) {
            INFO(each.name);
            CHECK(cell(*found, each.name) == "-");
        }
    // A helper that saved a port alone leaves the address zero.
    Attribute port = nest(
        CTA_EXPECT_NAT_TUPLE,
        {nest(CTA_TUPLE_IP, {leaf(CTA_IP_V4_SRC, {0, 0, 0, 0}), leaf(CTA_IP_V4_DST, {0, 0, 0, 0})}),
         ports(protocol::tcp, 40000, 0)});
    const auto saved = decoded(
        {tuple_in(CTA_EXPECT_TUPLE, AF_INET, 0, 50000), nest(CTA_EXPECT_NAT, {std::move(port)})});
    REQUIRE(saved);
    CHECK(cell(*saved, "saved") == "-");
    CHECK(cell(*saved, "saved_port") == "40000");
    CHECK(cell(*saved, "direction") == "-");
}

TEST_CASE("expectations: without a tuple of its family there is none", "[expectations]") {
    Attributes none = everything();
    none.erase(none.begin());
    CHECK_FALSE(decoded(none));
    CHECK_FALSE(decoded(everything(AF_INET), AF_INET6));
    CHECK_FALSE(decoded(everything(), AF_UNSPEC));
    CHECK_FALSE(decoded({}));
}

TEST_CASE("expectations: every wrong length is refused", "[expectations]") {
    for (std::size_t place = 0; place < everything().size(); ++place) {
        Attributes attributes = everything();
        Attribute& attribute = attributes[place];
        const bool any =
            attribute.type() == CTA_EXPECT_HELP_NAME || attribute.type() == CTA_EXPECT_FN;
        if (attribute.is_nest || any)
            continue;
        const std::size_t right = attribute.payload.size();
        for (std::size_t size = 0; size <= 9; ++size) {
            attribute.payload.assign(size, 0);
            INFO("type " << attribute.type() << ", " << size << " bytes");
            CHECK(decoded(attributes).has_value() == (size == right));
        }
    }
    for (const std::size_t size : {0U, 1U, 3U, 5U, 8U}) {
        Attributes attributes = everything();
        attributes[3].inside[0].payload.assign(size, 0);
        CHECK_FALSE(decoded(attributes));
    }
}

TEST_CASE("expectations: a message that is cut, and texts without an end", "[expectations]") {
    const auto whole = payload_with(AF_INET, everything());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        // Exactly as long, so that a sanitizer sees a step outside.
        const std::vector<std::uint8_t> cut(whole.begin(),
                                            whole.begin() + static_cast<std::ptrdiff_t>(size));
        Expectation found;
        if (decode_expectation(cut, found)) // between two attributes
            CHECK(found.flow.has(Part::original));
    }
    Attributes odd = everything();
    odd[9].payload = {'f', 't', 'p'};
    odd[10].payload = {};
    const auto found = decoded(odd);
    REQUIRE(found);
    CHECK(cell(*found, "helper") == "ftp");
    CHECK(cell(*found, "function") == "-");
}

TEST_CASE("expectations: the request is for all of them", "[expectations]") {
    CHECK(make_expectation_request({}, 9) ==
          with_head(NFNL_SUBSYS_CTNETLINK_EXP << 8 | IPCTNL_MSG_EXP_GET, NLM_F_REQUEST | NLM_F_DUMP,
                    9, 0, payload_with(AF_UNSPEC, {})));
}
