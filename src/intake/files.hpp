// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The steps from the name of a file to a source, for who needs what lies between them. Private to
// the room intake.
#pragma once

#include "natstat/model/descriptor.hpp"
#include "natstat/model/source.hpp"

#include <memory>
#include <string>
#include <vector>

namespace natstat {

/// The name of a file for messages.
[[nodiscard]] std::string shown_name(const std::string& name);

/// Opens a file, "-" is standard input, and loads what unpacks it, if it may be packed. Throws
/// Failure.
[[nodiscard]] Descriptor open_to_read(const std::string& name);

/// What a descriptor holds from where it stands, whichever kind of file that is; `name` is for
/// messages.
[[nodiscard]] std::unique_ptr<Source> source_of(Descriptor descriptor, const std::string& name);

struct NamedSource {
    std::string name;
    std::unique_ptr<Source> source;
};

/// Them, one after another in the order of their first times; at least one.
[[nodiscard]] std::unique_ptr<Source> in_series(std::vector<NamedSource> sources);

} // namespace natstat
