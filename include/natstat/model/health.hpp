// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// How connection tracking fares in one network namespace, apart from its flows: how full the table
// is, what could not be inserted, what is switched on. Where a fact can not be read it is absent,
// never zero. Reading it is intake's business.
#pragma once

#include "natstat/model/protocol.hpp"
#include "natstat/model/source.hpp"
#include "natstat/model/statistics.hpp"

#include <array>

namespace natstat {

/// Where nf_conntrack_max is set. Each network namespace counts its own entries against it.
enum class LimitScope : std::uint8_t {
    initial, // this is the initial namespace: it is set here
    shared,  // it is set in the initial namespace, and holds for each namespace by itself
    here,    // it can be set in this namespace, which is not the initial one
};

/// A timeout that is not the kernel's default, in seconds.
struct ChangedTimeout {
    std::string_view name; // without nf_conntrack_
    std::uint64_t seconds = 0;
    std::uint64_t usual = 0;
    friend bool operator==(const ChangedTimeout&, const ChangedTimeout&) = default;
};

/// The names of the counters that AWS's ENA driver has for what an instance may use. They count
/// what security groups track, not what netfilter does.
inline constexpr std::array<std::string_view, 6> allowance_names{
    "conntrack_allowance_exceeded", "conntrack_allowance_available", "bw_in_allowance_exceeded",
    "bw_out_allowance_exceeded",    "pps_allowance_exceeded",        "linklocal_allowance_exceeded",
};

/// Those counters of one interface, in the order of allowance_names.
struct Allowances {
    std::string interface; // any bytes: whoever names an interface chooses them
    std::array<std::optional<std::uint64_t>, allowance_names.size()> values;
    friend bool operator==(const Allowances&, const Allowances&) = default;
};

/// A database of owners or countries of addresses, and when it was made: old ones are wrong.
struct DatabaseDate {
    std::string type; // any bytes: as it calls itself
    Time built{};     // the epoch: it does not say it
    friend bool operator==(const DatabaseDate&, const DatabaseDate&) = default;
};

/// Switches, net.netfilter.nf_conntrack_*. events: 0 none, 1 always, 2 when somebody listens;
/// helper: until Linux 5.19, whether helpers are assigned by port.
inline constexpr std::array<std::string_view, 7> setting_names{
    "acct", "timestamp", "events", "checksum", "tcp_loose", "tcp_be_liberal", "helper",
};

struct Health {
    std::optional<std::uint64_t> entries;
    std::optional<std::uint64_t> limit; // nf_conntrack_max; 0: none
    std::optional<LimitScope> limit_scope;
    std::optional<std::uint64_t> buckets; // one hash table for all network namespaces
    std::optional<std::uint64_t> expectations;
    std::optional<std::uint64_t> expectation_limit;
    std::optional<Statistics> statistics;

    std::array<std::optional<std::uint64_t>, setting_names.size()> settings;
    std::vector<ChangedTimeout> timeouts;
    std::vector<Allowances> allowances;  // of the interfaces that have any
    std::vector<DatabaseDate> databases; // on this machine

    /// How full the table is, in per cent; absent when that is not known or there is no limit.
    [[nodiscard]] std::optional<double> percent_full() const;
    [[nodiscard]] std::optional<double> entries_per_bucket() const;
};

/// Something that an operator should look at.
struct Finding {
    std::string name;      // of the counter or the thing, one word
    std::string interface; // that it is about, any bytes; empty: connection tracking
    std::string reason;    // a sentence for people
    friend bool operator==(const Finding&, const Finding&) = default;
};

/// What should be looked at, the worst first: a table that is 80 % full or more, what was not
/// inserted, dropped or thrown out, allowances exceeded, nearly too many expectations.
[[nodiscard]] std::vector<Finding> findings(const Health& health);

/// The timeouts that the kernel has settings for, with what it sets by itself; each once.
[[nodiscard]] const std::vector<TimeoutSetting>& timeout_settings();

} // namespace natstat
