// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is in a day's file. docs/nat-log.md has it for people. Private to the room log.
#pragma once

#include <cstdint>

namespace natstat::log {

/// PRAGMA application_id, which file(1) sees, and user_version: another one is another schema.
inline constexpr std::int64_t application = 0x6E617473; // "nats"
inline constexpr std::int64_t version = 1;

/// Makes an empty file a day's.
extern const char* const schema;

/// Bits of the column `how`.
enum class How : std::uint8_t {
    begun_by_list = 1, // it was found in a list, some time after it began
    was_there = 2,     // before anybody looked
    ended_by_list = 4, // a list named it no more
};

/// Of what is there when somebody begins to look.
inline constexpr std::uint8_t found_at_beginning =
    static_cast<std::uint8_t>(How::begun_by_list) | static_cast<std::uint8_t>(How::was_there);

/// What `open` has in the place of a port of a protocol without ports: no key is null.
inline constexpr std::int64_t no_port = -1;

} // namespace natstat::log
