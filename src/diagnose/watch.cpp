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

/// Whether the flow is of a protocol that names addresses and ports in what it says, so that NAT
/// needs a helper for what it announces: FTP's, PPTP's and SIP's controls.
bool wants_helper(const Flow& flow) {
    constexpr std::uint16_t ftp = 21, pptp = 1723, sip = 5060;
    const auto port = flow.end(End::original_destination).port;
    return port &&
           (*port == sip || (flow.protocol == protocol::tcp && (*port == ftp || *port == pptp)));
}

bool was_answered(const Flow& flow) {
    return (flow.status & status::seen_reply) != 0;
}

constexpr StateNumber syn_received = 2, tcp_established = 3; // enum tcp_conntrack

bool is_tcp_in(const Flow& flow, StateNumber state) {
    return flow.protocol == protocol::tcp && flow.has(Part::state) && flow.state == state;
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

std::uint32_t Watch::host_of(const Flow& flow) {
    EndKey key = end_key(flow, source_end, 0);
    key.port = key.protocol = 0;
    return hosts_.number(key);
}

void Watch::begun(const Flow& flow, Time when) {
    ++begun_;
    young_[name_of(flow)] = when;
    ++hosts_.value(host_of(flow)).begun;
}

bool was_refused(const Event& event) {
    if (event.kind != EventKind::destroyed || (event.flow.status & status::seen_reply) != 0)
        return false;
    LastSight sight;
    sight.requested = event.requested;
    sight.removed = event.flow.has(Part::timeout) && event.flow.timeout > 0;
    sight.timed_out = !sight.removed;
    return ending_of(event.flow, sight) == Ending::reset;
}

void Watch::refused(const Row& row, bool wanted) {
    const Flow& flow = row.flow;
    const std::uint16_t zone = zone_of(flow, Part::zone_reply_only);
    const std::uint32_t number = refusals_.number(end_key(flow, End::original_destination, zone));
    RefusedTally& refusal = refusals_.value(number);
    ++refusal.times;
    refusal.wanted = refusal.wanted || wanted;
    refusal.target =
        end_key(flow, flow.has(Part::reply) ? End::reply_source : End::original_destination, zone);
    ++refused_[PartKey{number, host_of(flow)}];
}

void Watch::clear_list() {
    flows_ = wanted_ = offloaded_ = 0;
    ends_.clear();
    waits_.clear();
    led_.clear();
    pools_.clear();
    gates_.clear();
    waiting_.clear();
    holding_.clear();
    for (std::uint32_t host = 0; host < hosts_.size(); ++host) { // what began stays
        HostTally fresh;
        fresh.begun = hosts_.value(host).begun;
        hosts_.value(host) = fresh;
    }
}

Age Watch::age_of(const Row& row) const {
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
    offloaded_ += is_offloaded(row.flow) ? 1U : 0U;
    const std::uint32_t host = host_of(row.flow);
    const Age age = age_of(row);
    add_host(row, host, wanted);
    if (row.flow.has(Part::status)) {
        add_end(row, host, age, wanted);
        add_led(row, age, wanted);
    }
    if (row.flow.has(Part::reply)) {
        add_pool(row, host, wanted);
        add_gate(row, age, wanted);
    }
}

void Watch::add_host(const Row& row, std::uint32_t host, bool wanted) {
    const Flow& flow = row.flow;
    HostTally& tally = hosts_.value(host);
    ++tally.flows;
    tally.wanted = tally.wanted || wanted;
    if (row.nat != Nat::none && wants_helper(flow) && row.extras.helper.empty())
        ++tally.unhelped;
    if (!is_tcp_in(flow, tcp_established))
        return;
    if (flow.has(Part::status) && !was_answered(flow))
        ++tally.one_way;
    const auto configured = around_->timeouts ? around_->timeouts->of(flow) : Timeouts::Slot{};
    if (configured && flow.has(Part::timeout) &&
        *configured - std::chrono::seconds{flow.timeout} >= quiet)
        ++tally.idle;
}

namespace {

void add_answered(EndTally& end, const Age& age) {
    if (age.exact && *age.least > Watch::lately) {
        ++end.earlier;
        return;
    }
    ++end.answered;
    end.oldest_answered =
        std::max(end.oldest_answered, age.exact ? *age.least : std::chrono::nanoseconds::max());
}

} // namespace

void Watch::add_end(const Row& row, std::uint32_t host, const Age& age, bool wanted) {
    const Flow& flow = row.flow;
    const std::uint16_t zone = zone_of(flow, Part::zone_reply_only);
    EndTally& end = ends_[end_key(flow, End::original_destination, zone)];
    end.wanted = end.wanted || wanted;
    const bool waited = !age.least || *age.least >= patience;
    if (is_tcp_in(flow, syn_received) && was_answered(flow)) {
        end.half_open += waited ? 1U : 0U;
    } else if (was_answered(flow)) {
        add_answered(end, age);
    } else if (expects_answer(flow) && waited) {
        ++end.waiting;
        add_waiting(row, host, age);
    }
}

void Watch::add_waiting(const Row& row, std::uint32_t host, const Age& age) {
    const Flow& flow = row.flow;
    const std::uint16_t zone = zone_of(flow, Part::zone_reply_only);
    const std::uint32_t number = waits_.number(end_key(flow, End::original_destination, zone));
    WaitTally& wait = waits_.value(number);
    wait.aged = wait.aged && age.least;
    wait.exact = wait.exact && age.exact;
    wait.youngest = std::min(wait.youngest, age.least.value_or(std::chrono::nanoseconds{0}));
    wait.oldest =
        std::max(wait.oldest,
                 std::chrono::duration_cast<std::chrono::seconds>(age.least.value_or(wait.oldest)));
    wait.translated = wait.translated || has_snat(row.nat);
    const bool told = flow.has(Part::reply);
    wait.target = end_key(flow, told ? End::reply_source : End::original_destination, zone);
    wait.shown = flow.end(told ? End::reply_destination : source_end).address;
    ++hosts_.value(host).waiting;
    wait.hosts += waiting_[PartKey{number, host}]++ == 0 ? 1U : 0U;
}

void Watch::add_led(const Row& row, const Age& age, bool wanted) {
    const Flow& flow = row.flow;
    const bool answered = was_answered(flow);
    if (!flow.has(Part::reply) || (!has_dnat(row.nat) && answered))
        return;
    const std::uint16_t zone = zone_of(flow, Part::zone_reply_only);
    LedTally& led = led_[LedKey{end_key(flow, End::original_destination, zone),
                                end_key(flow, End::reply_source, zone)}];
    led.wanted = led.wanted || wanted;
    ++(answered ? led.answered : led.unanswered);
    if (answered && age.exact)
        led.youngest_answered = std::min(led.youngest_answered, *age.least);
    if (!answered) {
        led.aged = led.aged && age.least;
        led.youngest_unanswered =
            std::min(led.youngest_unanswered, age.least.value_or(led.youngest_unanswered));
    }
}

std::optional<PoolKey> Watch::pool_of(const Row& row) const {
    const Flow& flow = row.flow;
    const Endpoint gateway = flow.end(End::reply_destination);
    if (!gateway.port || !nat_ports(flow.protocol))
        return std::nullopt;
    // What the box itself opens from the NAT address takes ports of the same pool.
    const bool own =
        around_->local_addresses && around_->local_addresses->contains(gateway.address);
    if (!has_snat(row.nat) && !own)
        return std::nullopt;
    const std::uint16_t zone = zone_of(flow, Part::zone_original_only);
    return PoolKey{gateway.address.bytes, end_key(flow, End::reply_source, zone)};
}

void Watch::add_pool(const Row& row, std::uint32_t host, bool wanted) {
    const auto key = pool_of(row);
    if (!key)
        return;
    const Flow& flow = row.flow;
    const std::uint16_t port = *flow.end(End::reply_destination).port;
    const std::uint32_t number = pools_.number(*key);
    PoolTally& pool = pools_.value(number);
    pool.wanted = pool.wanted || wanted;
    pool.by_nat = pool.by_nat || has_snat(row.nat);
    pool.used.add(port, flow.end(source_end).port != port);
    if (!holders_later_)
        ++holding_[PartKey{number, host}];
}

void Watch::add_holder(const Row& row, std::span<const std::uint32_t> of_pools) {
    const auto key = row.flow.has(Part::reply) ? pool_of(row) : std::nullopt;
    const auto number = key ? pools_.find_number(*key) : std::nullopt;
    if (number && std::binary_search(of_pools.begin(), of_pools.end(), *number))
        ++holding_[PartKey{*number, host_of(row.flow)}];
}

void Watch::add_gate(const Row& row, const Age& age, bool wanted) {
    if (!has_snat(row.nat))
        return;
    EndKey key = end_key(row.flow, End::reply_destination, 0);
    key.port = key.protocol = 0;
    GateTally& gate = gates_[key];
    ++gate.flows;
    gate.wanted = gate.wanted || wanted;
    if (age.least && *age.least < gate.youngest) {
        gate.youngest = *age.least;
        gate.exact = age.exact;
    }
}

} // namespace natstat
