// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The counters that the kernel and AWS's driver keep, and which no flow shows. They are of the
// whole box: where a filter narrows, they tell nothing.
#include "findings.hpp"

namespace natstat {

namespace {

/// A counter of connection tracking whose rise is worth telling.
struct Watched {
    std::string_view name;
    double a_second; // from here on
    std::string_view means;
    std::string_view remedy;
};

constexpr Watched watched[] = {
    {"chaintoolong", 0,
     "new connections are dropped whose addresses and ports fall where too many others are",
     "sysctl -w net.netfilter.nf_conntrack_buckets with a larger number (half of nf_conntrack_max "
     "is "
     "usual)"},
    {"invalid", 20,
     "packets that fit no connection pass untranslated, or are dropped by a rule: late answers, "
     "one direction that goes another way, wrong checksums",
     "sysctl -w net.netfilter.nf_conntrack_log_invalid=255 for a moment, and see the kernel's log"},
};

void find_of_kernel(const Evidence& evidence, Found& found) {
    for (const Watched& each : watched) {
        const auto rise = evidence.rise(each.name);
        if (!rise || *rise == 0 || evidence.length.count() <= 0 ||
            static_cast<double>(*rise) / evidence.length.count() < each.a_second)
            continue;
        Ailment ailment;
        ailment.grade = Grade::warn;
        ailment.weight = *rise;
        ailment.what = "the kernel counts " + std::string(each.name);
        ailment.seen = counted(*rise, "packet", "packets") + " in " + seconds_text(evidence.length);
        ailment.means = each.means;
        ailment.remedy = each.remedy;
        ailment.look = "natstat --health";
        ailment.numbers = {{each.name, rise}};
        found.push_back(std::move(ailment));
    }
}

/// The same counter of the same interface before the watch.
std::optional<std::uint64_t> before(const Evidence& evidence, const Allowances& now,
                                    std::size_t number) {
    for (const Allowances& each : evidence.before->allowances)
        if (each.interface == now.interface)
            return each.values[number];
    return std::nullopt;
}

void add_allowance(const Evidence& evidence, const Allowances& of, std::size_t number,
                   Found& found) {
    const auto from = before(evidence, of, number);
    const auto to = of.values[number];
    if (!from || !to || *to <= *from || !allowance_names[number].ends_with("_exceeded"))
        return;
    Ailment ailment;
    ailment.weight = *to - *from;
    ailment.what = "AWS drops packets: " + std::string(allowance_names[number]);
    ailment.seen = counted(*to - *from, "packet", "packets") + " in " +
                   seconds_text(evidence.length) + " on an interface of this instance";
    ailment.means = "the instance is above what its type may do; connections fail or crawl, and "
                    "netfilter knows nothing of it";
    ailment.remedy = "a larger type of instance, or fewer connections through this one";
    ailment.look = "natstat --health";
    ailment.numbers = {{allowance_names[number], *to - *from}};
    found.push_back(std::move(ailment));
}

} // namespace

void find_counters(const Evidence& evidence, Found& found) {
    if (evidence.narrowed || !evidence.before || !evidence.after)
        return;
    find_of_kernel(evidence, found);
    for (const Allowances& each : evidence.after->allowances)
        for (std::size_t i = 0; i < allowance_names.size(); ++i)
            add_allowance(evidence, each, i, found);
}

} // namespace natstat
