// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Any bytes as a conntrack message (nlmsghdr first): natstat's decoder must not step outside, must
// take only what has no fault, refuse only with a reason, and agree with the library on every
// field.
#include "tests/oracle/check.hpp"

#include <cstdio>
#include <cstdlib>

using namespace natstat::oracle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < NLMSG_HDRLEN)
        return 0;
    const Outcome outcome = check_payload(Bytes(data, size).subspan(NLMSG_HDRLEN));
    for (const std::string& difference : outcome.wrong)
        std::fprintf(stderr, "%s\n", difference.c_str());
    if (!outcome.wrong.empty())
        std::abort();
    return 0;
}
