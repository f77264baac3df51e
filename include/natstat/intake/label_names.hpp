// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The names that this host's administrator gave to connection labels.
#pragma once

#include "natstat/model/flow.hpp"

namespace natstat {

/// The names in a file of the form of connlabel.conf, a number and a name a line; of the system's
/// own file (/etc/xtables/connlabel.conf) where `path` is null. None where there is no such file.
[[nodiscard]] LabelNames label_names(const char* path = nullptr);

} // namespace natstat
