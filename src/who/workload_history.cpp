// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A change is found some time after it happened. It is taken to have happened right after the look
// before, so that the first flows of somebody new are his.
#include "workload_history.hpp"

#include <algorithm>

namespace natstat {

namespace {

constexpr std::size_t most_claims = 16; // of one address

} // namespace

void WorkloadHistory::update(const Workloads& found, Time looked) {
    for (const auto& [address, name] : found) {
        std::vector<Claim>& claims = claims_[address];
        if (!claims.empty() && claims.back().name == name)
            continue;
        if (claims.size() == most_claims)
            claims.erase(claims.begin());
        claims.push_back({last_look_, *names_.insert(name).first});
    }
    last_look_ = looked;
}

std::string_view WorkloadHistory::name(const Address& address, std::optional<Time> began) const {
    const auto found = claims_.find(address);
    if (found == claims_.end())
        return {};
    const std::vector<Claim>& claims = found->second;
    const auto then = std::find_if(claims.rbegin(), claims.rend(), [&](const Claim& claim) {
        return !began || claim.since <= *began;
    });
    return then == claims.rend() ? claims.front().name : then->name;
}

} // namespace natstat
