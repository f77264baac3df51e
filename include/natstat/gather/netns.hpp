// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// --netns: which network namespace a word means, and what to say when it can not be entered.
#pragma once

#include <string>

namespace natstat {

/// Enters the network namespace that `word` means: with a slash the path of a file, a number that
/// of a process, everything else a name of ip-netns(8)'s. A name that is a number needs its path.
/// Comes before everything that opens a socket or starts a thread. Throws Failure.
void enter_netns(const std::string& word);

/// The file whose end is that of the namespace; empty for that of a process, which may live on
/// without it.
[[nodiscard]] std::string netns_file(const std::string& word);

/// What a command begins with to run in that namespace, and a blank: "ip netns exec NAME ". Empty
/// for the one that natstat was started in.
[[nodiscard]] std::string command_within(const std::string& word);

} // namespace natstat
