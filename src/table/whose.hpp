// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Values of columns that tell who is at an end of a flow, by what the surroundings know of
// addresses (natstat/table/who.hpp). Private to the room table.
#pragma once

#include "natstat/table/column.hpp"

namespace natstat::whose {

// Of the end outside.
[[nodiscard]] Value service(const Row& row);
[[nodiscard]] Value region(const Row& row);
[[nodiscard]] Value owner(const Row& row);
[[nodiscard]] Value as_number(const Row& row);
[[nodiscard]] Value country(const Row& row);

/// Of the end inside.
[[nodiscard]] Value workload(const Row& row);
[[nodiscard]] Value process(const Row& row);
[[nodiscard]] Value process_id(const Row& row);

/// Of the end that opened the flow. Of a group: who has the address now.
[[nodiscard]] Value source_workload(const Row& row);

/// The network of an end.
[[nodiscard]] Value source_network(const Row& row);
[[nodiscard]] Value destination_network(const Row& row);

} // namespace natstat::whose
