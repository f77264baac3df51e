// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Any bytes as what follows the header of a message about an expectation: nothing may step outside,
// and what is taken has a tuple and can be shown in every column.
#include "natstat/intake/expectations.hpp"
#include "natstat/table/column.hpp"

#include "lines.hpp"

using namespace natstat;
using namespace natstat::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Expectation found;
    if (!decode_expectation({data, size}, found))
        return 0;
    require(found.flow.family != Family::none && found.flow.has(Part::original));
    require(found.extras.helper.size() + found.function.size() <= size);
    static const Surroundings around;
    const Row row(found, around);
    for (const Column& each : columns())
        require(!to_text(each.get(row)).empty() || each.kind == Kind::text);
    return 0;
}
