// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The attributes of a conntrack message as a table: at which level, of which size, and who reads
// them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace natstat::oracle {

/// Who reads an attribute.
enum class Use : std::uint8_t {
    read,   // natstat reads it
    passed, // natstat passes over it, the library may read it
    hidden, // natstat passes over it, the library must not see it
};

struct Level;

/// One attribute: where its payload is a value, the sizes that it may have.
struct Rule {
    int type;
    std::string_view name;
    Use use;
    std::size_t least;
    std::size_t most;
    bool is_text = false;
    const Level* inside = nullptr;
};

/// The attributes of a message or a nest.
struct Level {
    std::span<const Rule> rules;

    [[nodiscard]] const Rule* find(int type) const {
        const auto found = std::find_if(rules.begin(), rules.end(),
                                        [type](const Rule& rule) { return rule.type == type; });
        return found == rules.end() ? nullptr : &*found;
    }
};

/// The levels at which more is to be checked than sizes, and the top one.
extern const Level flow_level, protocol_level, state_level, time_level;

} // namespace natstat::oracle
