// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Any bytes as what runtimes and DHCP servers write: every reader takes what it understands, and no
// name is longer than what was read.
#include "who/cgroup.hpp"
#include "who/container_names.hpp"
#include "who/json_texts.hpp"
#include "who/leases.hpp"

#include "lines.hpp"

using namespace natstat;
using namespace natstat::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto found = container_in(text))
        require(!found->id.empty() && found->id.size() <= size);
    require(shown_container_name(text).size() <= size);
    for (const auto take : {take_dnsmasq_leases, take_isc_leases, take_kea_leases,
                            take_libvirt_leases}) {
        LeasedNames names;
        take(text, names);
        for (const auto& [address, name] : names)
            require(address.family != Family::none && !name.empty() && name.size() <= size);
    }
    for (const auto& [mac, name] : parse_ethers(text))
        require(parse_mac(to_text(mac)) == mac && text.find(name) != text.npos);
    for_each_text(text, [&](std::span<const std::string> names, std::size_t, std::string_view value) {
        require(names.size() <= size && value.size() <= size);
    });
    return 0;
}
