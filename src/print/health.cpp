// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Sections of lines: a word, what there is to say of it, wrapped beside the word. A section with
// nothing to say is left out.
#include "natstat/print/health.hpp"

#include "natstat/table/value.hpp"

#include <algorithm>
#include <cstdio>

namespace natstat {

namespace {

using Number = std::optional<std::uint64_t>;

/// One section of the text.
class Section {
  public:
    explicit Section(std::string_view title) : text_(title) { text_ += '\n'; }

    /// A word and what is said of it.
    void line(std::string_view word, std::string_view sentence) {
        std::string begin = "  " + std::string(word);
        begin.resize(std::max(begin.size() + 2, indent), ' ');
        text_ += begin;
        for (std::size_t at = begin.size(); !sentence.empty();) {
            const std::string_view next = sentence.substr(0, sentence.find(' '));
            const bool starts = at == begin.size() || at == indent;
            if (!starts && at + 1 + next.size() > width) {
                text_ += "\n" + std::string(indent, ' ');
                at = indent;
            } else if (!starts) {
                text_ += ' ';
                ++at;
            }
            text_ += next;
            at += next.size();
            sentence.remove_prefix(std::min(next.size() + 1, sentence.size()));
        }
        text_ += '\n';
        empty_ = false;
    }

    /// What is copied into a shell, in one piece.
    void command(std::string_view text) {
        text_ += std::string(indent, ' ') + std::string(text) + "\n";
    }

    void put(std::string& text) const {
        if (!empty_)
            text += text_;
    }

  private:
    static constexpr std::size_t indent = 18;
    static constexpr std::size_t width = 80;
    std::string text_;
    bool empty_ = true;
};

std::string count(const Number& number) {
    return number ? std::to_string(*number) : std::string("-");
}

/// A name from outside, in ASCII: nothing here knows what its reader has.
std::string plain(std::string_view name) {
    return to_text(Text{name}, {.ascii = true});
}

std::string decimal(double value) {
    char text[400];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

/// "2026-11-22", of UTC.
std::string day_of(Time time) {
    return to_text(Instant{time}, {.utc = true}).substr(0, 10);
}

void put_findings(const Health& health, std::string& text) {
    Section section("Attention");
    for (const Finding& each : findings(health)) {
        const std::string where =
            each.interface.empty() ? std::string() : plain(each.interface) + ": ";
        section.line(each.name, where + each.reason);
    }
    section.put(text);
}

std::string_view limit_sentence(LimitScope scope) {
    switch (scope) {
    case LimitScope::initial:
        return "net.netfilter.nf_conntrack_max, set here, in the initial network namespace. Each "
               "network namespace counts its own entries against a limit.";
    case LimitScope::shared:
        return "net.netfilter.nf_conntrack_max of the initial network namespace: one setting for "
               "all, against which each network namespace counts its own entries.";
    case LimitScope::here:
        return "net.netfilter.nf_conntrack_max of this network namespace. Before Linux 5.13 it is "
               "one setting for all of them, wherever it is set.";
    }
    return {};
}

void put_table(const Health& health, std::string& text) {
    Section section("Table");
    std::string entries = count(health.entries);
    if (health.limit)
        entries += *health.limit == 0 ? ", without a limit" : " of " + count(health.limit);
    if (const auto percent = health.percent_full())
        entries += " (" + decimal(*percent) + " %)";
    section.line("entries", entries);
    if (health.limit_scope)
        section.line("limit", limit_sentence(*health.limit_scope));
    if (const auto each = health.entries_per_bucket())
        section.line("buckets", count(health.buckets) + ", shared by all network namespaces; " +
                                    decimal(*each) + " entries of this one in each");
    if (health.expectation_limit)
        section.line("expectations",
                     health.expectations
                         ? count(health.expectations) + " of " + count(health.expectation_limit)
                         : "at most " + count(health.expectation_limit) +
                               " (how many there are, only root is told)");
    section.put(text);
}

void put_statistics(const Health& health, std::string& text) {
    if (!health.statistics) {
        Section section("Counters");
        section.line("none", "This kernel has no /proc/net/stat/nf_conntrack; what was dropped or "
                             "not inserted is not known.");
        return section.put(text);
    }
    const auto looked_at = findings(health);
    Section section("Other counters since this network namespace was made, summed over " +
                    std::to_string(health.statistics->cpus) + " CPUs");
    for (const auto& [name, value] : health.statistics->counters) {
        const auto same = [&name = name](const Finding& each) { return each.name == name; };
        if (value != 0 && std::none_of(looked_at.begin(), looked_at.end(), same))
            section.line(name, std::to_string(value) + " " + std::string(statistic_meaning(name)));
    }
    section.put(text);
}

/// What a setting is called here, and what its values mean.
struct Switch {
    std::string_view word;
    std::string_view off;
    std::string_view on;
    std::string_view turn_on = {}; // on a line of its own, to be copied
};

constexpr Switch switches[] = {
    {"accounting", "off: no packets and bytes. This counts them, of flows from then on:",
     "on: packets and bytes of flows are counted", "sysctl -w net.netfilter.nf_conntrack_acct=1"},
    {"time stamps", "off: no age. This tells it, of flows from then on:",
     "on: the kernel tells when a flow began", "sysctl -w net.netfilter.nf_conntrack_timestamp=1"},
    {"events", "", ""}, // has three values
    {"checksum", "off: packets with a wrong checksum are tracked",
     "on: packets with a wrong checksum are invalid"},
    {"tcp_loose", "off: a TCP flow is tracked from its SYN alone",
     "on: TCP flows are taken up in their middle as well"},
    {"tcp_be_liberal", "off: TCP packets outside the window are invalid",
     "on: TCP packets outside the window are let through, but for resets"},
    {"helper", "off: helpers are assigned by rules alone",
     "on: helpers are assigned by port, which a stranger can choose"},
};
static_assert(std::size(switches) == setting_names.size());

std::string_view events_sentence(std::uint64_t value) {
    return value == 2   ? "when somebody listens: a flow that began before has none, and what "
                          "becomes of it is found in lists"
           : value == 0 ? "off: what becomes of flows is found in lists alone"
                        : "on: each flow tells what becomes of it";
}

void put_settings(const Health& health, std::string& text) {
    Section section("Switched on or off");
    for (std::size_t i = 0; i < setting_names.size(); ++i) {
        const auto& [word, off, on, turn_on] = switches[i];
        if (!health.settings[i])
            continue;
        const std::uint64_t value = *health.settings[i];
        section.line(word, setting_names[i] == "events" ? events_sentence(value)
                           : value == 0                 ? off
                                                        : on);
        if (value == 0 && !turn_on.empty())
            section.command(turn_on);
    }
    section.put(text);
}

void put_timeouts(const Health& health, std::string& text) {
    Section section("Timeouts that are not the kernel's defaults");
    for (const auto& [name, seconds, usual] : health.timeouts)
        section.line(name,
                     std::to_string(seconds) + " s (default " + std::to_string(usual) + " s)");
    section.put(text);
}

void put_allowances(const Allowances& allowances, std::string& text) {
    Section section("AWS allowances of " + plain(allowances.interface) +
                    " (of what security groups track, not netfilter)");
    for (std::size_t i = 0; i < allowance_names.size(); ++i)
        if (allowances.values[i])
            section.line(allowance_names[i], count(allowances.values[i]));
    section.put(text);
}

void put_databases(const Health& health, std::string& text) {
    Section section("Databases of owners and countries");
    for (const auto& [type, built] : health.databases)
        section.line(plain(type), built == Time{} ? std::string("does not say when it was made")
                                                  : "made on " + day_of(built));
    section.put(text);
}

} // namespace

std::string health_text(const Health& health) {
    std::string text;
    put_findings(health, text);
    put_table(health, text);
    put_statistics(health, text);
    put_settings(health, text);
    put_timeouts(health, text);
    for (const Allowances& each : health.allowances)
        put_allowances(each, text);
    put_databases(health, text);
    return text;
}

} // namespace natstat
