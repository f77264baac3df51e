// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the counters mean, by where net/netfilter/nf_conntrack_core.c, nf_conntrack_expect.c and
// nf_conntrack_netlink.c raise them.
#include "natstat/model/statistics.hpp"

#include <algorithm>

namespace natstat {

namespace {

struct Meaning {
    std::string_view name;
    std::string_view text;
    bool given_up = false;
};

constexpr Meaning meanings[] = {
    {"insert_failed", "new flows that found no place: no NAT port was free, or another flow with "
                      "the same addresses and ports came first"},
    {"drop", "packets dropped because no entry could be made for them: the table was full, no NAT "
             "port was free, or memory ran out"},
    {"early_drop", "unassured flows thrown out to make room in a full table"},
    {"chaintoolong", "new flows dropped because their hash chain was too long"},
    {"chainlength", "new flows dropped because their hash chain was too long"},
    {"clash_resolve", "races between first packets of one flow that ended without a loss"},
    {"clashres", "races between first packets of one flow that ended without a loss"},
    {"invalid", "packets that belong to no flow and can not begin one"},
    {"icmp_error", "ICMP errors and other ICMP that could not be tracked"},
    {"error", "ICMP errors and other ICMP that could not be tracked"},
    {"found", "NAT ports that were tried and already taken"},
    {"search_restart", "searches begun again because the table changed under them"},
    {"insert", "flows put into the table; since Linux 4.9 those of programs alone"},
    {"expect_new", "flows that a helper had expected"},
    {"expect_create", "flows that helpers announced"},
    {"expect_delete", "announcements that were used, withdrawn or ran out"},
    // Older kernels alone count these: ignore until Linux 5.9, the others until 4.8.
    {"searched", "entries looked at in searches", true},
    {"new", "flows begun", true},
    {"ignore", "packets that were not to be tracked", true},
    {"delete", "flows ended", true},
    {"delete_list", "flows ended and put on the list of the dying", true},
};

const Meaning* find(std::string_view name) {
    const auto* const found = std::find_if(std::begin(meanings), std::end(meanings),
                                           [&](const Meaning& each) { return each.name == name; });
    return found == std::end(meanings) ? nullptr : found;
}

} // namespace

std::optional<std::uint64_t> Statistics::of(std::string_view name) const {
    const auto found = std::find_if(counters.begin(), counters.end(),
                                    [name](const Counter& each) { return each.name == name; });
    return found == counters.end() ? std::nullopt : std::optional(found->value);
}

std::optional<std::uint64_t> rise(const std::optional<Statistics>& before,
                                  const std::optional<Statistics>& after,
                                  std::string_view counter) {
    const auto from = before ? before->of(counter) : std::nullopt;
    const auto to = after ? after->of(counter) : std::nullopt;
    if (!from || !to)
        return std::nullopt;
    return static_cast<std::uint32_t>(*to - *from); // the kernel's, of each CPU, have 32 bits
}

std::string_view statistic_meaning(std::string_view name) {
    const Meaning* const found = find(name);
    return found == nullptr ? std::string_view() : found->text;
}

bool is_given_up(std::string_view name) {
    const Meaning* const found = find(name);
    return found != nullptr && found->given_up;
}

} // namespace natstat
