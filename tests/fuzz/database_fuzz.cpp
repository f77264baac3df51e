// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Any bytes as a database of addresses: it is none, or answers with texts that lie within it.
#include "who/database.hpp"

#include "input.hpp"

using namespace natstat;
using namespace natstat::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Descriptor file = file_of({reinterpret_cast<const char*>(data), size});
    try {
        const Database database("/proc/self/fd/" + std::to_string(file.get()));
        for (const std::string_view each : {"0.0.0.0", "192.0.2.1", "::", "2001:db8::1"}) {
            const Address address = parse_address(each).value();
            for (const auto field : {Database::Field::owner, Database::Field::country})
                require(database.text(field, address).size() <= size);
            static_cast<void>(database.as_number(address));
        }
    } catch (const Failure&) { // it is none
    }
    return 0;
}
