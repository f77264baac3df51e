// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One message, read three times: by natstat's decoder, by the table of lengths, by the library. The
// tests, the fuzz target and the live comparison all ask here.
#pragma once

#include "message.hpp"

#include <string>
#include <vector>

namespace natstat::oracle {

/// What came out. `wrong` is empty when all agree.
struct Outcome {
    bool accepted = false; // natstat has a flow
    bool plain = false;    // accepted, and the library read the very same bytes
    std::vector<std::string> wrong;
};

/// Reads the payload of a message in all three ways. When natstat takes it, there must be no fault
/// in it and every field must be the library's; when natstat refuses it, there must be a reason.
/// The decoder works on a copy on the heap that is just as large, so that a sanitizer sees any step
/// outside.
[[nodiscard]] Outcome check_payload(Bytes payload);

} // namespace natstat::oracle
