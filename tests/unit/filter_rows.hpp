// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Seven flows, each with a letter, that the tests of the filter language ask about.
#pragma once

#include "make_flow.hpp"
#include "natstat/filter/filter.hpp"
#include "natstat/model/protocol.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace natstat::filter_test {

struct Rows {
    struct Entry {
        char letter;
        Flow flow;
        Extras extras;
    };
    std::vector<Entry> entries;
    Surroundings around;

    /// The letters of the flows for which the filter holds.
    [[nodiscard]] std::string matching(const Filter& filter) const {
        std::string letters;
        for (const Entry& entry : entries)
            if (filter.matches(Row(entry.flow, entry.extras, around)))
                letters += entry.letter;
        return letters;
    }
};

inline Rows make_rows() {
    using namespace std::chrono_literals;
    using test::MakeFlow;
    using namespace status;
    Rows rows;
    rows.around.now = Time{} + 1000s + 2h;
    rows.around.local_addresses = AddressSet{test::address("198.51.100.10")};
    Extras some;
    some.helper = "ftp";
    some.secctx = "system_u:object_r:t:s0,c1";
    some.has_labels = true;
    some.labels[0] = 0x21; // labels 0 and 5
    const auto add = [&](char letter, const Flow& flow, const Extras& extras = {}) {
        rows.entries.push_back({letter, flow, extras});
    };
    add('S',
        MakeFlow("tcp", "10.0.0.5:40000", "203.0.113.10:443")
            .reply("203.0.113.10:443", "198.51.100.10:51258")
            .status(src_nat | seen_reply | assured)
            .state("ESTABLISHED")
            .up(10, 500)
            .down(20, 2'000'000)
            .mark(0x110)
            .zone(7)
            .id(4711)
            .timeout(3600)
            .start_ms(1'000'000),
        some);
    add('D', MakeFlow("tcp", "203.0.113.77:33333", "198.51.100.10:8080")
                 .reply("10.0.0.80:80", "203.0.113.77:33333")
                 .status(dst_nat)
                 .state("SYN_SENT")
                 .mark(0)
                 .timeout(29));
    add('B', MakeFlow("udp", "10.0.0.6:5000", "198.51.100.10:53")
                 .reply("10.0.0.53:53", "198.51.100.11:6000")
                 .status(src_nat | dst_nat));
    add('L', MakeFlow("udp", "198.51.100.10:1234", "203.0.113.53:53").status(seen_reply | assured));
    add('R', MakeFlow("tcp", "[2001:db8:1::5]:50000", "[2001:db8:2::1]:443")
                 .status(seen_reply | assured)
                 .state("TIME_WAIT"));
    add('I', MakeFlow("icmp", "10.0.0.7", "203.0.113.1")
                 .reply("203.0.113.1", "198.51.100.10")
                 .icmp(77, 8, 0, 78)
                 .status(src_nat | seen_reply));
    // What a text without a second tuple and without flags would give.
    add('G', MakeFlow("gre", "10.0.0.8", "203.0.113.8").no_reply());
    return rows;
}

/// Names that the tests know: three hosts and three services.
inline FilterNames known_names() {
    FilterNames names;
    names.labels = {"mail", "backup", "", "", "", "voice"};
    names.resolve = [](std::string_view name) -> std::vector<Address> {
        if (name == "web.example")
            return {test::address("203.0.113.10"), test::address("2001:db8:2::1")};
        if (name == "inside" || name == "tcp")
            return {test::address("10.0.0.5")};
        return {};
    };
    names.service = [](std::string_view name, std::uint8_t protocol) -> std::vector<std::uint16_t> {
        if (name == "https")
            return {443};
        if (name == "ftp-data")
            return {20};
        if (name == "odd") // another port for each protocol
            return protocol == protocol::tcp   ? std::vector<std::uint16_t>{443}
                   : protocol == protocol::udp ? std::vector<std::uint16_t>{53}
                                               : std::vector<std::uint16_t>{53, 443};
        return {};
    };
    return names;
}

} // namespace natstat::filter_test
