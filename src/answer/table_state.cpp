// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A handful of small files below /proc, at each picture.
#include "natstat/answer/table_state.hpp"

#include "natstat/intake/health.hpp"
#include "natstat/intake/host.hpp"
#include "natstat/intake/statistics.hpp"
#include "natstat/print/health.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace natstat {

namespace {

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

} // namespace

void TableState::put_into(Picture& picture, bool with_health) {
    picture.count = conntrack_setting("nf_conntrack_count");
    picture.limit = conntrack_setting("nf_conntrack_max");
    if (const auto statistics = conntrack_statistics()) {
        const auto now = FailureMeter::Clock::now();
        picture.insert_failed = insert_failed_.take(statistics->of("insert_failed"), now);
        picture.dropped = dropped_.take(statistics->of("drop"), now);
    }
    picture.counters = conntrack_setting("nf_conntrack_acct") != 0;
    picture.events = conntrack_setting("nf_conntrack_events") != 0;
    if (with_health)
        picture.health = lines_of(health_text(read_health()));
}

std::optional<unsigned> TableState::fullness(std::optional<std::uint64_t> limit) {
    const auto count = conntrack_setting("nf_conntrack_count");
    if (!count || limit.value_or(0) == 0)
        return std::nullopt;
    return static_cast<unsigned>(1000 * *count / *limit);
}

} // namespace natstat
