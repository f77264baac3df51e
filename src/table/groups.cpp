// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A key is the exact bytes of its values, one after the other: each kind's order bytes, which end
// by themselves, and whole texts and tuples, which those cut.
#include "natstat/table/groups.hpp"

#include "key_index.hpp"
#include "natstat/table/phases.hpp"
#include "number_set.hpp"
#include "whose.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

namespace natstat {

namespace {

template <typename Number>
void append(std::string& key, Number number) {
    key.append(reinterpret_cast<const char*>(&number), sizeof number);
}

/// The bits that show: what looks alike is one group.
std::uint32_t shown_bits(const Flags& flags) {
    std::uint32_t all = 0;
    for (const StatusFlag& flag : status_flags())
        all |= 1U << flag.bit;
    return flags.bits & all;
}

void append_value(std::string& key, const Value& value) {
    constexpr char present = 1; // an absent value's order byte is another one
    if (const auto* flags = std::get_if<Flags>(&value)) {
        key += present;
        append(key, shown_bits(*flags));
        return;
    }
    if (const auto* text = std::get_if<Text>(&value)) {
        key += present;
        append(key, text->text.size());
        key += text->text;
        return;
    }
    std::array<std::uint8_t, order_bytes_max> bytes;
    const auto* const end = order_bytes(bytes.data(), value);
    key.append(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::size_t>(end - bytes.data()));
    const auto* const tuple = std::get_if<RawTuple>(&value);
    if (tuple == nullptr)
        return;
    if (const auto icmp = tuple->flow->icmp(tuple->direction)) {
        append(key, icmp->type);
        append(key, icmp->code);
    }
}

/// Whether a rule gives such a port: ports below 1024 are in use where one wants them.
bool is_in_rules(const Surroundings& around, std::uint16_t port) {
    return around.nat_rules &&
           std::any_of(
               around.nat_rules->rules.begin(), around.nat_rules->rules.end(),
               [port](const NatRule& rule) { return rule.ports && rule.ports->contains(port); });
}

void add_counters(Group& group, const Flow& flow) {
    if (flow.has(Part::counters_up)) {
        group.packets_up.add(flow.packets_up);
        group.bytes_up.add(flow.bytes_up);
    }
    if (flow.has(Part::counters_down)) {
        group.packets_down.add(flow.packets_down);
        group.bytes_down.add(flow.bytes_down);
    }
}

void add_phase(Group& group, const Flow& flow) {
    count_phase(group, phase_of(flow));
    if (flow.has(Part::status) && (flow.status & status::seen_reply) == 0)
        ++group.unanswered;
}

void add_life(Group& group, const Life& life) {
    if (life.rate_up >= 0)
        group.rate_up.add(static_cast<double>(life.rate_up));
    if (life.rate_down >= 0)
        group.rate_down.add(static_cast<double>(life.rate_down));
}

} // namespace

struct Groups::Seen {
    /// The NAT ports of a group that are of one address and protocol.
    struct Ports {
        Address address{};
        std::uint8_t protocol = 0;
        NumberSet numbers{};
    };

    KeyIndex groups;
    KeyIndex hosts;                         // addresses in zones
    std::vector<NumberSet> hosts_of_groups; // by the group's number
    std::vector<Ports> first_ports;         // by the group's number; most have no others
    KeyIndex others;                        // groups, each with another address and protocol
    std::vector<NumberSet> other_ports;     // by their number
    KeyIndex holders;                       // groups, each with one who holds ports
    std::vector<std::uint32_t> held;        // by their number: ports
    std::string key;                        // room for one, kept so that it is allocated once

    NumberSet& hosts_of(std::uint32_t group) {
        if (group >= hosts_of_groups.size())
            hosts_of_groups.resize(group + 1);
        return hosts_of_groups[group];
    }
    NumberSet& ports_of(std::uint32_t group, const Address& address, std::uint8_t protocol);
};

NumberSet& Groups::Seen::ports_of(std::uint32_t group, const Address& address,
                                  std::uint8_t protocol) {
    if (group >= first_ports.size())
        first_ports.resize(group + 1);
    Ports& first = first_ports[group];
    if (first.numbers.size() == 0) {
        first.address = address;
        first.protocol = protocol;
    }
    if (first.protocol == protocol && first.address == address)
        return first.numbers;
    key.clear();
    append(key, group);
    append(key, protocol);
    append_value(key, address);
    const auto found = others.number(key);
    if (found.added)
        other_ports.emplace_back();
    return other_ports[found.number];
}

Groups::Groups(GroupKeys keys, const Distinct& distinct, const Surroundings& around)
    : keys_(std::move(keys)), distinct_(distinct), around_(around),
      seen_(std::make_unique<Seen>()) {
    for (const GroupKey& key : keys_)
        if (key.networks)
            probe_.cuts.*key.column->traits.cut = key.networks;
    if (distinct_.ports)
        probe_.ports = 0;
    if (distinct_.hosts)
        probe_.hosts = 0;
}

Groups::~Groups() = default;

std::optional<NatPorts> PortPool::of(std::uint8_t protocol) const {
    const auto all = nat_ports(protocol);
    return all && only ? only : all;
}

bool PortPool::has(const Row& row) const {
    const auto ports = of(row.flow.protocol);
    if (!ports || !has_snat(row.nat))
        return false;
    const auto port = row.flow.end(gateway_end(row.nat)).port;
    return port && (ports->contains(*port) || (!only && is_in_rules(row.around, *port)));
}

bool PortPool::misses(const Row& row) const {
    return has_snat(row.nat) && of(row.flow.protocol) && !has(row);
}

bool Groups::add(const Row& row) {
    if (distinct_.pool && !distinct_.pool->has(row))
        return false;
    std::uint32_t number = 0;
    Group& group = group_of(row, number).group;
    count_distinct(group, number, row);
    ++group.flows;
    add_phase(group, row.flow);
    add_counters(group, row.flow);
    group.uncounted += row.is_uncounted() ? 1U : 0U;
    if (row.life != nullptr)
        add_life(group, *row.life);
    return true;
}

void Groups::add_begun(const Row& row) {
    add(row);
    ++group_of(row).begun;
}

void Groups::add_gone(const Row& row, bool begun, bool failed) {
    Group& group = group_of(row);
    add_counters(group, row.flow);
    ++group.gone;
    group.begun += begun ? 1 : 0;
    group.failed += failed ? 1 : 0;
}

void Groups::add_ended(const Row& row) {
    if ((distinct_.pool && !distinct_.pool->has(row)) || row.life == nullptr)
        return;
    add_life(group_of(row), *row.life);
}

Group& Groups::group_of(const Row& row) {
    std::uint32_t number = 0;
    return group_of(row, number).group;
}

Groups::Member& Groups::group_of(const Row& row, std::uint32_t& number) {
    const auto found = seen_->groups.number(key_of(row));
    number = found.number;
    if (found.added) {
        Member& member = members_.emplace_back(Member{row.flow, probe_});
        if (distinct_.pool)
            find_pool(member.group, row);
        if (member.first.extras != 0) // an index into another pool; 0 is "none" in all of them
            member.first.extras = extras_.intern(row.extras);
    }
    return members_[number];
}

const std::string& Groups::key_of(const Row& row) const {
    Row cut = row;
    cut.group = &probe_;
    std::string& key = seen_->key;
    key.clear();
    for (const GroupKey& each : keys_)
        append_value(key, each.column->get(cut));
    return key;
}

std::optional<std::size_t> Groups::find(const Row& row) const {
    return seen_->groups.find(key_of(row));
}

void Groups::count_distinct(Group& group, std::uint32_t number, const Row& row) {
    if (distinct_.ports && has_snat(row.nat))
        count_port(group, number, row);
    if (!distinct_.hosts || !row.flow.has(Part::original))
        return;
    std::string& key = seen_->key;
    key.clear();
    append_value(key, row.flow.end(source_end).address);
    append(key, row.flow.zone_of(Direction::original)); // networks of two zones may be alike
    const std::uint32_t host = seen_->hosts.number(key).number;
    if (seen_->hosts_of(number).add(host))
        ++*group.hosts;
}

void Groups::count_port(Group& group, std::uint32_t number, const Row& row) {
    const Endpoint gateway = row.flow.end(gateway_end(row.nat));
    if (!gateway.port)
        return;
    if (!seen_->ports_of(number, gateway.address, row.flow.protocol).add(*gateway.port))
        return;
    ++*group.ports;
    if (distinct_.holders)
        count_holder(group, number, row);
    const PortsInUse before = group.used;
    group.used.add(*gateway.port, row.flow.end(source_end).port != gateway.port);
    const bool wider = group.used.least != before.least || group.used.greatest != before.greatest;
    if (distinct_.pool && (wider || around_.ports_ran_out))
        find_pool(group, row);
}

/// Two who have one address are told apart by their zones, as far as no name tells more.
void Groups::count_holder(Group& group, std::uint32_t number, const Row& row) {
    if (!row.flow.has(Part::original))
        return;
    Holder holder;
    const Value workload = whose::source_workload(row);
    std::string& key = seen_->key;
    key.clear();
    append(key, number);
    append_value(key, workload);
    if (const auto* name = std::get_if<Text>(&workload)) {
        holder.workload = name->text;
    } else {
        holder.address = row.flow.end(source_end).address;
        append_value(key, holder.address);
        append(key, row.flow.zone_of(Direction::original));
    }
    const auto found = seen_->holders.number(key);
    if (found.added)
        seen_->held.push_back(0);
    holder.ports = ++seen_->held[found.number];
    if (!group.holders)
        group.holders = std::make_shared<PortHolders>();
    group.holders->update(found.number, holder);
}

/// What a rule says depends on the least and the greatest port in use alone.
void Groups::find_pool(Group& group, const Row& row) const {
    static const NatRules none;
    const PortPool& pool = *distinct_.pool;
    if (pool.only) {
        group.pool = PoolRange{*pool.of(row.flow.protocol), RangeBy::user};
        return;
    }
    const NatRules& rules = around_.nat_rules ? *around_.nat_rules : none;
    group.pool = pool_range(rules, row.flow.end(gateway_end(row.nat)).address, row.flow.protocol,
                            row.flow.end(End::reply_source), group.used, around_.ports_ran_out);
}

std::vector<std::uint32_t> Groups::ports_together(std::span<const std::uint32_t> whole_of,
                                                  std::size_t wholes) const {
    assert(whole_of.size() == size() && seen_->others.size() == 0);
    std::vector<NumberSet> ports(wholes);
    for (std::size_t i = 0; i < seen_->first_ports.size(); ++i)
        ports[whole_of[i]].add_all(seen_->first_ports[i].numbers);
    std::vector<std::uint32_t> sizes(wholes);
    std::transform(ports.begin(), ports.end(), sizes.begin(),
                   [](const NumberSet& each) { return static_cast<std::uint32_t>(each.size()); });
    return sizes;
}

void Groups::clear() {
    members_.clear();
    extras_.clear();
    seen_ = std::make_unique<Seen>();
}

Order Groups::whole(const Order& order) const {
    std::vector<SortKey> sort = order.keys();
    for (const GroupKey& key : keys_) // otherwise the first flows of groups would decide
        sort.push_back({key.column, false});
    return Order(std::move(sort));
}

void Groups::for_each(const Order* order, std::size_t limit, const Visit& visit) const {
    limit = std::min(limit, size());
    if (order == nullptr) {
        for (std::size_t i = 0; i < limit; ++i)
            visit(row(members_[i]));
        return;
    }
    const Order by = whole(*order);
    struct Entry {
        OrderPrefix prefix;
        const Member* member;
    };
    std::vector<Entry> entries;
    entries.reserve(size());
    for (const Member& member : members_)
        entries.push_back({by.prefix(row(member)), &member});
    const auto before = [&](const Entry& a, const Entry& b) {
        return a.prefix != b.prefix ? a.prefix < b.prefix
                                    : by.before(row(*a.member), row(*b.member));
    };
    const auto end = entries.begin() + static_cast<std::ptrdiff_t>(limit);
    if (end == entries.end())
        std::sort(entries.begin(), end, before);
    else
        std::partial_sort(entries.begin(), end, entries.end(), before);
    for (auto entry = entries.begin(); entry != end; ++entry)
        visit(row(*entry->member));
}

} // namespace natstat
