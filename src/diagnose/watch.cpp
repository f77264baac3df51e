// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One look-up for each table that a flow has a part in. Which hosts have a part is counted for
// those that wait for an answer and those that hold a NAT port.
#include "natstat/diagnose/watch.hpp"

#include <algorithm>
#include <iterator>

namespace natstat {

namespace {

/// Services that answer over UDP: the first packet of a flow is a question. Others, as syslog or
/// NetFlow, send and expect nothing.
constexpr std::uint16_t answering_udp_ports[] = {53,   69,   123,  161,  443,  500,
                                                 1194, 1812, 1813, 3478, 4500, 5060};

std::uint16_t zone_of(const Flow& flow, Part elsewhere) {
    return flow.has(elsewhere) ? std::uint16_t{0} : static_cast<std::uint16_t>(flow.zone);
}

EndKey end_key(const Flow& flow, End end, std::uint16_t zone) {
    const auto index = static_cast<std::size_t>(end);
    return {flow.address[index], flow.end(end).port.value_or(0), zone, flow.protocol, flow.family};
}

/// The addresses and ports by which the opener knows the flow, and the zone of that.
std::array<std::uint64_t, 5> name_of(const Flow& flow) {
    std::array<std::uint64_t, 5> name{};
    const auto* const from = reinterpret_cast<const char*>(flow.address.data());
    for (std::size_t i = 0; i < 4; ++i)
        name[i] = load_word(from + i * sizeof(std::uint64_t));
    const std::uint64_t ports = std::uint64_t{flow.port[0]} << 16 | flow.port[1];
    name[4] = ports << 32 | std::uint64_t{zone_of(flow, Part::zone_reply_only)} << 16 |
              std::uint64_t{flow.protocol} << 8 | static_cast<std::uint64_t>(flow.family);
    return name;
}

bool expects_answer(const Flow& flow) {
    switch (flow.protocol) {
    case protocol::icmp:
    case protocol::icmpv6:
        return true;
    case protocol::udp: {
        const auto port = flow.end(End::original_destination).port;
        return port && std::find(std::begin(answering_udp_ports), std::end(answering_udp_ports),
                                 *port) != std::end(answering_udp_ports);
    }
    default:
        return has_states(flow.protocol) && phase_of(flow) == Phase::opening;
    }
}

} // namespace

Address address_of(const EndKey& key) {
    return {key.family, key.address};
}

Endpoint endpoint_of(const EndKey& key) {
    return {address_of(key), key.port == 0 ? std::nullopt : std::optional(key.port)};
}

std::string to_text(const EndKey& key) {
    return to_text(endpoint_of(key));
}

void Watch::begun(const Flow& flow, Time when) {
    ++begun_;
    young_[name_of(flow)] = when;
    EndKey host = end_key(flow, source_end, 0);
    host.port = host.protocol = 0;
    ++hosts_[host].begun;
}

void Watch::clear_list() {
    flows_ = wanted_ = 0;
    ends_.clear();
    pools_.clear();
    waiting_.clear();
    holding_.clear();
    Tally<EndKey, HostTally> hosts; // what began stays
    for (const auto& [key, value] : hosts_)
        hosts[key].begun = value.begun;
    hosts_ = std::move(hosts);
}

Watch::Age Watch::age_of(const Row& row) const {
    const Time now = around_->now;
    if (row.flow.has(Part::start) && now != Time{})
        return {now.time_since_epoch() - std::chrono::milliseconds(row.flow.start_ms), true};
    if (const auto age = row.flow.age())
        return {*age, true};
    if (const Time* const when = young_.find(name_of(row.flow)))
        return {now - *when, true};
    if (row.life != nullptr && row.life->created)
        return {now - row.life->seen, true};
    if (opened_ && !lost_)
        return {now - *opened_, false};
    if (row.life != nullptr && now - row.life->seen >= patience)
        return {now - row.life->seen, false};
    return {};
}

void Watch::add(const Row& row, bool wanted) {
    if (!row.flow.has(Part::original))
        return;
    ++flows_;
    wanted_ += wanted ? 1U : 0U;
    EndKey key = end_key(row.flow, source_end, 0);
    key.port = key.protocol = 0;
    const std::uint32_t host = hosts_.number(key);
    ++hosts_.value(host).flows;
    add_end(row, host, wanted);
    add_pool(row, host, wanted);
}

void Watch::add_end(const Row& row, std::uint32_t host, bool wanted) {
    const Flow& flow = row.flow;
    if (!flow.has(Part::status))
        return;
    const std::uint16_t zone = zone_of(flow, Part::zone_reply_only);
    const std::uint32_t number = ends_.number(end_key(flow, End::original_destination, zone));
    EndTally& end = ends_.value(number);
    end.wanted = end.wanted || wanted;
    const Age age = age_of(row);
    if ((flow.status & status::seen_reply) != 0)
        ++(age.exact && *age.least > lately ? end.earlier : end.answered);
    else if (!expects_answer(flow))
        return;
    else if (age.least && *age.least < patience)
        ++end.fresh;
    else
        add_waiting(row, number, host, age);
}

void Watch::add_waiting(const Row& row, std::uint32_t number, std::uint32_t host, const Age& age) {
    const Flow& flow = row.flow;
    const std::uint16_t zone = zone_of(flow, Part::zone_reply_only);
    EndTally& end = ends_.value(number);
    ++end.waiting;
    end.aged = end.aged && age.least;
    end.exact = end.exact && age.exact;
    end.oldest =
        std::max(end.oldest,
                 std::chrono::duration_cast<std::chrono::seconds>(age.least.value_or(end.oldest)));
    end.translated = end.translated || has_snat(row.nat);
    end.target =
        end_key(flow, flow.has(Part::reply) ? End::reply_source : End::original_destination, zone);
    end.shown = flow.end(flow.has(Part::reply) ? End::reply_destination : source_end).address;
    ++hosts_.value(host).waiting;
    end.hosts += waiting_[PartKey{number, host}]++ == 0 ? 1U : 0U;
}

void Watch::add_pool(const Row& row, std::uint32_t host, bool wanted) {
    const Flow& flow = row.flow;
    const Endpoint gateway = flow.end(End::reply_destination);
    if (!flow.has(Part::reply) || !gateway.port || !nat_ports(flow.protocol))
        return;
    // What the box itself opens from the NAT address takes ports of the same pool.
    const bool own =
        around_->local_addresses && around_->local_addresses->contains(gateway.address);
    if (!has_snat(row.nat) && !own)
        return;
    const std::uint16_t zone = zone_of(flow, Part::zone_original_only);
    const PoolKey key{gateway.address.bytes, end_key(flow, End::reply_source, zone)};
    const std::uint32_t number = pools_.number(key);
    PoolTally& pool = pools_.value(number);
    pool.wanted = pool.wanted || wanted;
    pool.by_nat = pool.by_nat || has_snat(row.nat);
    pool.used.add(*gateway.port, flow.end(source_end).port != gateway.port);
    ++holding_[PartKey{number, host}];
}

} // namespace natstat
