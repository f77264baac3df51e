// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Conditions of a list put together: what both say, what they have in common, what they are worth.
#pragma once

#include "natstat/model/source.hpp"

#include <optional>

namespace natstat {

/// Both conditions in one; nothing when no flow can meet both.
[[nodiscard]] std::optional<ListCondition> joined(ListCondition a, const ListCondition& b);

/// The narrowest condition that is met by every flow that meets one of these.
[[nodiscard]] ListCondition common(ListCondition a, const ListCondition& b);

/// As above for several; not for none.
[[nodiscard]] ListCondition common(const ListQuery& query);

/// Whether it holds for one address only, at any end.
[[nodiscard]] bool names_address(const ListCondition& condition);

/// Whether few flows meet it, as far as that can be told: worth a list of its own beside others.
/// Translated flows, one family, one protocol can be the whole table.
[[nodiscard]] bool is_narrow(const ListCondition& condition);

/// Leaves ports out where they say nothing: they mean ports for some protocols only, and a source
/// needs the family beside them.
[[nodiscard]] ListCondition without_useless_ports(ListCondition condition);

} // namespace natstat
