// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

#include "natstat/model/expectation.hpp"

#include <array>

namespace natstat {

std::string_view expectation_flags(std::uint32_t flags) {
    constexpr std::array<std::string_view, 8> names{
        "",          "permanent",           "inactive",           "permanent,inactive",
        "userspace", "permanent,userspace", "inactive,userspace", "permanent,inactive,userspace"};
    return names[flags % names.size()];
}

} // namespace natstat
