// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The kernel tells what is left of a timeout, and since when a flow is there if it keeps time
// stamps. The rest follows from that, from what was seen, and from the configured timeouts, or is
// not known.
#include "times.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace natstat::times {

namespace {

std::chrono::milliseconds to_milliseconds(std::chrono::nanoseconds value) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(value);
}

/// What is left of the timeout: as it was told, less the time since then.
std::optional<std::chrono::seconds> seconds_left(const Row& row) {
    if (!row.flow.has(Part::timeout))
        return std::nullopt;
    const std::chrono::seconds told{row.flow.timeout};
    if (row.life == nullptr || row.life->timeout_at == Time{} || row.now() == Time{})
        return told;
    const auto since = std::chrono::duration_cast<std::chrono::seconds>(
        std::max(row.now() - row.life->timeout_at, std::chrono::nanoseconds{0}));
    return std::max(told - since, std::chrono::seconds{0});
}

/// By the kernel's time stamp, or since its creation was seen.
std::optional<std::chrono::seconds> seconds_since_start(const Row& row) {
    if (const auto age = row.flow.age())
        return std::chrono::duration_cast<std::chrono::seconds>(*age);
    const auto start = began(row);
    if (!start || row.now() == Time{})
        return std::nullopt;
    return std::chrono::duration_cast<std::chrono::seconds>(std::max(
        to_milliseconds(row.now().time_since_epoch()) - to_milliseconds(start->time_since_epoch()),
        std::chrono::milliseconds{0}));
}

/// How long it has been there at least: by its age, or since it was first heard of.
std::optional<std::chrono::seconds> known_age(const Row& row) {
    if (const auto age = seconds_since_start(row))
        return age;
    if (row.life == nullptr || row.life->seen == Time{} || row.now() < row.life->seen)
        return std::nullopt;
    return std::chrono::duration_cast<std::chrono::seconds>(row.now() - row.life->seen);
}

} // namespace

std::optional<Time> began(const Row& row) {
    if (const auto age = row.flow.age())
        return row.now() == Time{} ? std::nullopt : std::optional(row.now() - *age);
    if (row.flow.has(Part::start))
        return Time{std::chrono::milliseconds{row.flow.start_ms}};
    const bool seen = row.life != nullptr && row.life->created && row.life->seen != Time{};
    return seen ? std::optional(row.life->seen) : std::nullopt;
}

Value timeout(const Row& row) {
    const auto left = seconds_left(row);
    return left ? Value{Duration{*left}} : Absent{};
}

/// Of a step: how long the state that it ended lasted. Otherwise: of the present state.
Value held(const Row& row) {
    if (row.step != nullptr)
        return row.step->held ? Value{Duration{to_milliseconds(*row.step->held)}} : Absent{};
    if (row.life == nullptr || row.life->state_since == Time{} || row.now() < row.life->state_since)
        return Absent{};
    return Duration{
        std::chrono::duration_cast<std::chrono::seconds>(row.now() - row.life->state_since)};
}

/// The configured timeout less what is left, where that can be told. A flow whose timeout somebody
/// else chose has more left than configured, or would be idle for longer than it is known to be
/// there; one that TCP may have shortened tells nothing.
Value idle(const Row& row) {
    const auto told = seconds_left(row);
    if (!row.around.timeouts || !told)
        return Absent{};
    const Timeouts& timeouts = *row.around.timeouts;
    const auto configured = timeouts.of(row.flow);
    const std::chrono::seconds left = *told;
    if (!configured || left > *configured)
        return Absent{};
    const auto idle = *configured - left;
    const auto shortened = timeouts.shortened(row.flow.protocol);
    const bool may_be_shortened = left <= shortened && *configured > shortened;
    const auto age = known_age(row);
    const bool is_known = !may_be_shortened && age && idle <= *age + std::chrono::seconds{1};
    return is_known ? Value{Duration{idle}} : Absent{};
}

Value age(const Row& row) {
    const auto age = seconds_since_start(row);
    return age ? Value{Duration{*age}} : Absent{};
}

} // namespace natstat::times
