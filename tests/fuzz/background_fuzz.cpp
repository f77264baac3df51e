// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Any bytes as a terminal's word of its background. After a bounded number of them there are keys
// again.
#include "natstat/live/background.hpp"

#include "lines.hpp"

using namespace natstat;
using namespace natstat::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t most = 100;
    BackgroundAnswer answer;
    std::size_t taken = 0;
    while (taken < size && !answer.take(data[taken]))
        require(++taken < most);
    static_cast<void>(answer.background());
    return 0;
}
