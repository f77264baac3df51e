// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What Prometheus is told, in its text format, which the textfile collector of node_exporter reads,
// and the same for CloudWatch. metrics.cpp says what. A family about which nothing is known is not
// there.
#pragma once

#include "natstat/diagnose/ailment.hpp"
#include "natstat/model/gateway_tally.hpp"
#include "natstat/model/health.hpp"
#include "natstat/model/ledger.hpp"
#include "natstat/model/nat.hpp"
#include "natstat/model/source.hpp"
#include "natstat/model/state.hpp"
#include "natstat/print/output.hpp"
#include "natstat/table/groups.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace natstat {

/// Names and values of labels, any bytes; no name is one of natstat's own or there twice.
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

/// The labels that are not columns. One that a user adds must not be among them.
inline constexpr std::array<std::string_view, 7> metric_labels{
    "version", "device", "direction", "ending", "share", "host", "grade"};

/// What came and went while flows were followed.
struct Interval {
    std::chrono::nanoseconds length{0};
    std::uint64_t created = 0;
    std::vector<std::uint64_t> ended = std::vector<std::uint64_t>(ending_names().size());
    bool whole = true; // no event is missing, and the lists at both ends were whole
    std::optional<GatewayCounts> gateway{}; // told only where it is whole
};

/// The protocols that counters tell apart: a closed set, so that every counter is there from the
/// start, at 0; one that appears with its first flow would hide that flow from who looks at growth.
enum class CountedProtocol : std::uint8_t { tcp, udp, icmp, icmpv6, other };
[[nodiscard]] CountedProtocol counted_protocol(std::uint8_t number);

/// What has come and gone since a start. Nothing of it ever falls.
struct Counts {
    struct Flows {
        std::uint64_t created = 0;
        std::uint64_t answered = 0;
        std::array<std::uint64_t, 6> ended{}; // by Ending
        Traffic up{};
        Traffic down{};
    };
    static constexpr std::size_t kinds = 5;
    static constexpr std::size_t protocols = 5;

    Time since{};
    std::array<std::array<Flows, protocols>, kinds> flows{}; // by FlowKind and CountedProtocol
    std::uint64_t lost = 0;                                  // events
    bool told = true;                                        // the kernel tells events at all
    bool counts = false;                                     // packets and bytes
};

/// All that there is to tell; what is absent or null is left out.
struct Metrics {
    std::string_view version;
    std::string_view host{};   // its name, where that is known; not of samples, but of EMF
    std::string_view netns;    // any bytes; a label of all samples, unless it is empty
    MetricLabels labels;       // of all samples, too
    Time at{};                 // when the flows were listed
    Time told{};               // when this is written; of EMF, where `at` is not known
    std::optional<bool> whole; // whether the list was
    std::optional<Health> health;
    const Groups* mix = nullptr;   // by kind, proto and state
    const Groups* ports = nullptr; // with the ports in use and available
    const Groups* by = nullptr;    // by columns of the user's, which are `by_keys`
    const GroupKeys* by_keys = nullptr;
    std::uint64_t outside_ports = 0; // flows of source NAT with another port than these
    std::optional<Interval> interval;
    std::optional<std::vector<AilmentCount>> problems{}; // absent: nobody looked for them
    std::string_view listed; // what print_listed_metrics() gave, in the place of all of these
    const Counts* counts = nullptr;
};

/// Writes the families that come out of a list, those of `mix`, `ports`, `by` and `problems`; does
/// not flush.
void print_listed_metrics(const Metrics& metrics, std::size_t limit, Output& output);

/// Writes all families and the end mark, of the destinations of NAT ports the fullest `limit`, and
/// as many values of `by`; does not flush.
void print_metrics(const Metrics& metrics, std::size_t limit, Output& output);

/// Writes the same families as one line of CloudWatch's embedded metric format
/// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
/// Each family is one metric with the values of its samples; behind them are those of
/// gateway_metrics() that are known. The common labels and the host are its dimensions, 30 at most.
/// Does not flush.
void print_metrics_emf(const Metrics& metrics, std::size_t limit, Output& output);

/// A measure that CloudWatch has of AWS's own NAT gateways, under its name there.
struct GatewayMetric {
    std::string_view name;
    std::string_view help;
    std::optional<std::uint64_t> (*number)(const Metrics& metrics); // absent: not known
};
[[nodiscard]] std::span<const GatewayMetric> gateway_metrics();

/// A metric of CloudWatch has so many dimensions at most; the host is one of them.
inline constexpr std::size_t most_dimensions = 30;

} // namespace natstat
