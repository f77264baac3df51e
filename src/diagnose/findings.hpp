// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The single kinds of findings, one function each, and the words that they share.
#pragma once

#include "natstat/diagnose/ailment.hpp"

namespace natstat {

using Found = std::vector<Ailment>;

void find_used_up_ports(const Evidence& evidence, Found& found);
void find_full_table(const Evidence& evidence, Found& found);
void find_dead_forwardings(const Evidence& evidence, Found& found);
void find_old_translations(const Evidence& evidence, Found& found);
void find_lost_addresses(const Evidence& evidence, Found& found);
void find_silent_destinations(const Evidence& evidence, Found& found);
void find_refusals(const Evidence& evidence, Found& found);
void find_half_open(const Evidence& evidence, Found& found);
void find_one_way(const Evidence& evidence, Found& found);
void find_scans(const Evidence& evidence, Found& found);
void find_hogs(const Evidence& evidence, Found& found);
void find_counters(const Evidence& evidence, Found& found);
void find_dead_weight(const Evidence& evidence, Found& found);
void find_missing_helpers(const Evidence& evidence, Found& found);
void find_offloaded(const Evidence& evidence, Found& found);

/// Where flows are led as the rules led them once: find_old_translations tells of those.
[[nodiscard]] Tally<LedKey, bool> ways_of_the_past(const Watch& watch);

// -- words ----------------------------------------------------------------------------------------

/// "1 connection", "3 connections"
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view one,
                                  std::string_view several);
[[nodiscard]] std::string connections(std::uint64_t number);

/// "203.0.113.50:5432 (tcp)"
[[nodiscard]] std::string end_name(const EndKey& key);

/// "5 s", "0.5 s"
[[nodiscard]] std::string seconds_text(std::chrono::duration<double> length);
/// "1 min 58 s"
[[nodiscard]] std::string span_text(std::chrono::seconds span);
/// "20000-20049"
[[nodiscard]] std::string range_text(const NatPorts& range);
/// "4.8 %"
[[nodiscard]] std::string percent_text(double percent);

/// Conditions for flows of this end: "proto tcp and dst host 203.0.113.50 and dst port 5432".
/// `end`: which of a row's ends it is, as a filter calls it; empty: any, as of what is dialled,
/// which with DNAT is the NAT side and without it the destination.
[[nodiscard]] std::string filter_of(const EndKey& key, std::string_view end);

/// Puts those with the largest counts into `ailment`.
void set_hosts(Ailment& ailment, std::vector<Ailment::Host> hosts);

} // namespace natstat
