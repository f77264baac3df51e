// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Shares are compared as fractions, never rounded.
#include "natstat/answer/ports.hpp"

#include "natstat/intake/statistics.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace natstat {

namespace {

/// Ports in use of those that there are.
struct Share {
    std::uint64_t ports = 0;
    std::uint64_t available = 1;

    explicit Share(const Group& group)
        : ports(group.ports.value_or(0)), available(group.pool ? group.pool->ports.size() : 1) {}

    friend bool operator<(const Share& a, const Share& b) {
        return a.ports * b.available < b.ports * a.available;
    }
    [[nodiscard]] bool is_at_least(unsigned per_cent) const {
        return 100 * ports >= per_cent * available;
    }
};

std::string cell(const Row& row, std::string_view name) {
    return to_text(column(name).get(row));
}

/// "198.51.100.1 tcp"
std::string pool_text(const Row& row) {
    const bool zoned = row.flow.zone_of(Direction::reply) != 0;
    const std::string zone = zoned ? ", zone " + cell(row, "zone_reply") : "";
    return cell(row, "gate") + " " + cell(row, "proto") + zone;
}

/// ", 40000-40004 as a rule says"; nothing where it is the kernel's own range, or the user's.
std::string range_text(const Group& group) {
    if (!group.pool || group.pool->by == RangeBy::kernel || group.pool->by == RangeBy::user)
        return {};
    const auto& [first, last] = group.pool->ports;
    return ", " + std::to_string(first) + "-" + std::to_string(last) +
           (group.pool->by == RangeBy::rule ? " as a rule says"
                                            : " as is inferred from the ports in use");
}

/// "5 of 5 (100.00 %) for 203.0.113.10:80"
std::string share_text(const Row& row) {
    return cell(row, "ports") + " of " + cell(row, "available") + " (" + cell(row, "used") + " %" +
           range_text(*row.group) + ") for " + cell(row, "destination");
}

/// NAT address, protocol and zone: all destinations together.
using Pool = std::tuple<Address, std::uint8_t, std::uint16_t>;

Pool pool_of(const Row& row) {
    return {row.flow.end(gateway_end(row.nat)).address, row.flow.protocol,
            row.flow.zone_of(Direction::reply)};
}

/// The pools of all groups, and of each pool the group of its fullest destination.
struct Pools {
    std::vector<std::uint32_t> of_group;
    std::vector<std::size_t> fullest;

    explicit Pools(const Groups& groups) {
        // The order of the table, so that of equal ones both name the same.
        const Order order = groups.whole(std::get<Order>(Order::parse(fullest_first)));
        std::map<Pool, std::uint32_t> numbers;
        for (std::size_t i = 0; i < groups.size(); ++i) {
            const Row row = groups[i];
            const auto next = static_cast<std::uint32_t>(numbers.size());
            const auto [found, added] = numbers.try_emplace(pool_of(row), next);
            of_group.push_back(found->second);
            if (added)
                fullest.push_back(i);
            else if (auto& most = fullest[found->second]; order.before(row, groups[most]))
                most = i;
        }
    }
};

} // namespace

void print_port_report(const Groups& groups, std::size_t limit, Output& output) {
    const Pools pools(groups);
    const auto ports = groups.ports_together(pools.of_group, pools.fullest.size());
    struct Line {
        Share share;
        std::string text;
    };
    std::vector<Line> lines;
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const Row row = groups[pools.fullest[i]];
        lines.push_back({Share(*row.group),
                         pool_text(row) + ": different ports in all: " + std::to_string(ports[i]) +
                             "; fullest: " + share_text(row)});
    }
    std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
        return b.share < a.share || (!(a.share < b.share) && a.text < b.text);
    });
    output.put('\n');
    for (std::size_t i = 0; i < std::min(limit, lines.size()); ++i)
        output.put(lines[i].text + "\n");
}

void FailureCounters::begin() {
    before_ = conntrack_statistics();
    begun_ = std::chrono::steady_clock::now();
}

std::string FailureCounters::text() const {
    const auto now = conntrack_statistics();
    if (!now)
        return "The kernel does not tell its failure counters (/proc/net/stat/nf_conntrack).\n";
    const auto of = [&](std::string_view name) {
        const auto found = now->of(name);
        const auto before = before_ ? before_->of(name) : std::optional<std::uint64_t>(0);
        if (!found || !before)
            return std::string("-");
        // The kernel's counters of single CPUs have 32 bits.
        return std::to_string(before_ ? static_cast<std::uint32_t>(*found - *before) : *found);
    };
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begun_);
    const std::string since = before_ ? "in the last " + to_text(Value{Duration{passed}}) + " s"
                                      : "since this network namespace was made";
    return "insert_failed " + of("insert_failed") + ", drop " + of("drop") + " " + since +
           ": each packet for which no NAT port was free counts in both.\n"
           "Two packets of a new flow that race for its entry count there, too, and harm less.\n";
}

std::string outside_text(std::uint64_t flows, std::optional<NatPorts> range) {
    const NatPorts ports = range.value_or(*nat_ports(protocol::tcp));
    return std::to_string(flows) + (flows == 1 ? " flow has a NAT port" : " flows have NAT ports") +
           " outside of " + std::to_string(ports.first) + "-" + std::to_string(ports.last);
}

std::string port_warning(const Groups& groups, unsigned per_cent) {
    std::string worst;
    std::size_t number = 0;
    const auto order = std::get<Order>(Order::parse(fullest_first));
    groups.for_each(&order, Groups::no_limit, [&](const Row& row) {
        if (!Share(*row.group).is_at_least(per_cent))
            return;
        if (number++ == 0)
            worst = pool_text(row) + ": " + share_text(row);
    });
    if (number == 0)
        return {};
    const std::string others = number == 1
                                   ? ""
                                   : ", and " + std::to_string(number - 1) +
                                         (number == 2 ? " more destination" : " more destinations");
    return "NAT ports at or above " + std::to_string(per_cent) + " %: " + worst + others;
}

} // namespace natstat
