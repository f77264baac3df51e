// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Who had an address, and since when: a flow belongs to who had its address when it began. An
// address that nobody has any more keeps its last name.
#pragma once

#include "workloads.hpp"

#include "natstat/model/source.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace natstat {

class WorkloadHistory {
  public:
    /// Takes in what was found, when it was looked for.
    void update(const Workloads& found, Time looked);

    /// Who had the address when a flow began; absent: now. Empty where nobody is known. It lives as
    /// long as this.
    [[nodiscard]] std::string_view name(const Address& address, std::optional<Time> began) const;

  private:
    struct Claim {
        Time since;
        std::string_view name;
    };

    std::set<std::string, std::less<>> names_; // every one that there was
    std::unordered_map<Address, std::vector<Claim>, AddressHash> claims_;
    Time last_look_{};
};

} // namespace natstat
