// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The kernel's own timeouts, as the rows of the protocols have them; each setting once.
#include "natstat/model/health.hpp"
#include "natstat/model/protocol.hpp"

#include <algorithm>

namespace natstat {

const std::vector<TimeoutSetting>& timeout_settings() {
    static const std::vector<TimeoutSetting> table = [] {
        std::vector<TimeoutSetting> list;
        const auto add = [&list](const TimeoutSetting& setting) {
            const auto same = [&](const auto& other) { return other.name == setting.name; };
            if (!setting.name.empty() && std::none_of(list.begin(), list.end(), same))
                list.push_back(setting);
        };
        const auto add_all = [&add](const ProtocolKind& kind) {
            for (const ProtocolState& state : kind.states)
                add(state.timeout);
            for (const TimeoutSetting& setting : kind.shortened)
                add(setting);
        };
        for (const ProtocolKind& kind : protocols())
            add_all(kind);
        return list;
    }();
    return table;
}

} // namespace natstat
