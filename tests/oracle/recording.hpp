// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Files of recorded messages (*.nlm): each is its length in 4 bytes and the message, nlmsghdr
// first, in the byte order of the machine that recorded it. The one in the tree is little-endian.
#pragma once

#include "message.hpp"

#include <string>
#include <vector>

namespace natstat::oracle {

/// All messages of a file. Throws std::runtime_error when it can not be read or is cut short.
[[nodiscard]] std::vector<Message> read_recording(const std::string& path);

/// Writes them. Throws std::runtime_error when that fails.
void write_recording(const std::string& path, const std::vector<Message>& messages);

/// What kind of message it is: its type, family, protocol and which attributes it has, as a word
/// that is good as a file name. Two messages of one shape differ in values only.
[[nodiscard]] std::string shape_of(const Message& message);

} // namespace natstat::oracle
