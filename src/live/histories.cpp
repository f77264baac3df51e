// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The screen has some hundred rows at most, and what has not been on it for a minute is forgotten.
#include "natstat/live/histories.hpp"

#include "natstat/live/rows.hpp"
#include "natstat/table/groups.hpp"

#include <algorithm>

namespace natstat {

namespace {

void keep(std::deque<unsigned>& numbers, unsigned number) {
    numbers.push_back(number);
    if (numbers.size() > Histories::seconds)
        numbers.pop_front();
}

/// Bytes a second.
unsigned rate_of(const Row& row, const Column& column) {
    constexpr std::uint64_t most = Speeds::unknown - 1;
    const Value value = column.get(row);
    const auto* const rate = std::get_if<Rate>(&value);
    return rate == nullptr ? Speeds::unknown : static_cast<unsigned>(std::min(rate->value, most));
}

/// A flow is its tuple with its id; a group what it is made by.
std::string key_of(const ShownRow& shown, const Picture& picture) {
    const Row row = shown.row(picture.around);
    if (!shown.group)
        return to_text(column("original").get(row)) + " " + std::to_string(shown.flow.protocol) +
               " " + std::to_string(shown.flow.zone) + " " + std::to_string(shown.flow.id);
    const std::string_view by =
        picture.kind == Rows::groups ? picture.by : rows_kind(picture.kind).by;
    std::string key(by);
    const auto keys = std::get<GroupKeys>(parse_group_keys(by)); // longer than one turn of the loop
    for (const GroupKey& each : keys)
        key += "\n" + to_text(each.column->get(row));
    return key;
}

} // namespace

void Histories::take(ShownRow& shown, const std::string& key, const Surroundings& around) {
    static const Column &up = column("rate_up"), &down = column("rate_down");
    History& history = kept_[key];
    Speeds& speeds = history.speeds;
    if (history.told == now_) { // it is open, and on the screen as well
        shown.speeds = speeds;
        return;
    }
    const std::uint64_t missed = speeds.up.empty() ? 0 : now_ - history.told - 1;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(missed, seconds); ++i) {
        keep(speeds.up, Speeds::unknown);
        keep(speeds.down, Speeds::unknown);
    }
    const Row row = shown.row(around);
    keep(speeds.up, rate_of(row, up));
    keep(speeds.down, rate_of(row, down));
    history.told = now_;
    if (speeds.up.back() != Speeds::unknown && speeds.down.back() != Speeds::unknown)
        speeds.peak = std::max(speeds.peak, std::uint64_t{speeds.up.back()} + speeds.down.back());
    shown.speeds = speeds;
}

void Histories::tick(Picture& picture, std::optional<ShownRow>& opened) {
    ++now_;
    for (ShownRow& shown : picture.rows)
        if (!shown.end)
            take(shown, key_of(shown, picture), picture.around);
    if (opened && !opened->end)
        take(*opened, key_of(*opened, picture), picture.around);
    std::erase_if(kept_, [this](const auto& each) { return each.second.told + seconds < now_; });
}

void Histories::put_into(Picture& picture) const {
    for (ShownRow& shown : picture.rows)
        if (const auto found = kept_.find(key_of(shown, picture)); found != kept_.end())
            shown.speeds = found->second.speeds;
}

} // namespace natstat
