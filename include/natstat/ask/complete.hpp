// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What can stand at the end of a command line that is being typed: for the completions of the
// shells, which ask for it with `natstat --complete WORD...` and know nothing themselves.
#pragma once

#include <span>
#include <string>

namespace natstat {

/// Lines for the last of `words`, which may be empty or only begun. Each is a whole word that may
/// take its place, a tab and what it means; or one of these, for the shell to act upon:
///   :files  names of files are wanted
///   :hosts  names of hosts are wanted
///   :open   a word that is taken may go on, so no blank is to be put behind it
///   :filter it is of a filter, which goes on where the shell has it in quotes
/// A word that a shell splits at "=", as bash does, may come as three.
[[nodiscard]] std::string completions(std::span<const std::string> words);

} // namespace natstat
