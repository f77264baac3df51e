// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Any bytes as a list of networks. Names and services are parts of what was read.
#include "who/network_lists.hpp"

#include "lines.hpp"

using namespace natstat;
using namespace natstat::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    NetworkLists lists;
    const std::string wrong = lists.take(text);
    require(wrong.find('\n') == std::string::npos);
    lists.finish();
    for (const std::string_view each : {"0.0.0.0", "192.0.2.1", "255.255.255.255", "::",
                                        "2001:db8::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
        const Address address = parse_address(each).value();
        require(lists.name(address).size() <= size);
        require(lists.range(address).region.size() <= size);
        require(lists.name(address).empty() || text.find(lists.name(address)) != text.npos);
    }
    return 0;
}
