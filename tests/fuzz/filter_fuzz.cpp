// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Any bytes as a filter and as the list of an option. Nothing may crash; a filter that was read is
// asked about a few flows, and what it asks of the kernel must not leave out one of those that it
// lets through.
#include "natstat/filter/filter.hpp"
#include "natstat/model/protocol.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

using namespace natstat;

FilterNames some_names() {
    FilterNames names;
    names.resolve = [](std::string_view name) {
        return name.size() % 2 == 0 ? std::vector<Address>{}
                                    : std::vector<Address>{{Family::ipv4, {192, 0, 2, 1}},
                                                           {Family::ipv6, {0x20, 0x01}}};
    };
    names.service = [](std::string_view name, std::uint8_t protocol) {
        return name.size() % 2 == 0
                   ? std::vector<std::uint16_t>{}
                   : std::vector<std::uint16_t>{80, static_cast<std::uint16_t>(1000 + protocol)};
    };
    return names;
}

Flow make_flow(std::uint8_t protocol, Family family, Nat nat) {
    Flow flow;
    flow.protocol = protocol;
    flow.family = family;
    for (const Part part :
         {Part::original, Part::reply, Part::original_ports, Part::reply_ports, Part::status,
          Part::mark, Part::timeout, Part::counters_up, Part::counters_down})
        flow.set(part);
    flow.address[0] = {192, 0, 2, 1};
    flow.address[1] = {198, 51, 100, 1};
    flow.port = {1000, 80, 80, 1000};
    flow.address[2] = has_dnat(nat) ? std::array<std::uint8_t, 16>{192, 0, 2, 80} : flow.address[1];
    flow.address[3] =
        has_snat(nat) ? std::array<std::uint8_t, 16>{203, 0, 113, 1} : flow.address[0];
    flow.status = (has_snat(nat) ? status::src_nat : 0) | (has_dnat(nat) ? status::dst_nat : 0);
    flow.mark = 1;
    flow.bytes_up = 1'000'000;
    return flow;
}

std::vector<Flow> make_flows() {
    std::vector<Flow> flows{Flow{}};
    for (const Nat nat : {Nat::none, Nat::snat, Nat::dnat, Nat::both})
        for (const std::uint8_t number : {protocol::tcp, protocol::icmp, protocol::gre})
            flows.push_back(make_flow(number, nat == Nat::dnat ? Family::ipv6 : Family::ipv4, nat));
    return flows;
}

void ask(const Filter& filter, const std::vector<Flow>& flows) {
    static const Extras extras{"ftp", "context", {1}, true};
    static const Surroundings around;
    const ListQuery query = filter.list_query();
    if (query.size() > list_query_limit)
        std::abort();
    for (const Flow& flow : flows) {
        const bool matches = filter.matches(Row(flow, extras, around));
        const bool listed = std::any_of(query.begin(), query.end(), [&](const ListCondition& one) {
            return admits(one, flow);
        });
        // The first flow says nothing of itself; no kernel has such a one.
        if (matches && !listed && flow.family != Family::none)
            std::abort();
    }
}

void check(const Filter::Parsed& parsed, std::string_view text, const std::vector<Flow>& flows) {
    if (const auto* error = std::get_if<FilterError>(&parsed)) {
        const std::string shown = error->show(text);
        if (error->position > text.size() || error->reason.empty() ||
            shown.find('\x1b') != shown.npos)
            std::abort();
        return;
    }
    ask(std::get<Filter>(parsed), flows);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const FilterNames names = some_names();
    static const std::vector<Flow> flows = make_flows();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check(Filter::parse(text, names), text, flows);
    check(Filter::parse(text), text, flows);
    check(Filter::on_side(static_cast<Side>(size % 3), text, names), text, flows);
    check(Filter::on_column(columns()[size % columns().size()], text, names), text, flows);
    return 0;
}
