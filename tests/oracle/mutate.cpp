// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Changes to the tree of attributes leave the lengths in order, so that most of these messages are
// still well formed and odd in other ways; changes to the bytes break whatever is there.
#include "mutate.hpp"

#include "attributes.hpp"

#include <algorithm>
#include <cassert>

namespace natstat::oracle {

namespace {

/// All runs of attributes in a tree, the top one first.
void collect_levels(Attributes& level, std::vector<Attributes*>& levels) {
    levels.push_back(&level);
    for (Attribute& attribute : level)
        if (attribute.is_nest)
            collect_levels(attribute.inside, levels);
}

} // namespace

Mutator::Mutator(std::span<const std::vector<std::uint8_t>> seeds, std::uint64_t seed)
    : seeds_(seeds), random_(seed) {
    assert(!seeds_.empty());
}

std::size_t Mutator::below(std::size_t limit) {
    // Not a standard distribution: those differ from library to library.
    return limit == 0 ? 0 : static_cast<std::size_t>(random_() % limit);
}

Attributes Mutator::attributes_of_any() {
    return read_payload(seeds_[below(seeds_.size())]).attributes;
}

std::vector<std::uint8_t> Mutator::next() {
    const auto& seed = seeds_[below(seeds_.size())];
    std::vector<std::uint8_t> payload = seed;
    const bool is_in_order = below(6) != 0;
    if (is_in_order) {
        Reading reading = read_payload(seed);
        for (std::size_t left = 1 + below(3); left > 0; --left)
            change_tree(reading.attributes);
        payload = payload_with(reading.family, reading.attributes);
    }
    if (!is_in_order || below(8) == 0)
        for (std::size_t left = 1 + below(3); left > 0; --left)
            change_bytes(payload);
    return payload;
}

void Mutator::change_tree(Attributes& attributes) {
    std::vector<Attributes*> levels;
    collect_levels(attributes, levels);
    Attributes& level = *levels[below(levels.size())];
    if (level.empty() || below(2) == 0)
        return change_level(level);
    change_attribute(level[below(level.size())]);
}

void Mutator::change_level(Attributes& level) {
    const auto place = [&] {
        return level.begin() + static_cast<std::ptrdiff_t>(below(level.size()));
    };
    const std::size_t kind = level.empty() ? 4 : below(6);
    switch (kind) {
    case 0:
        level.erase(place());
        return;
    case 1: { // doubled
        const Attribute copy = *place();
        level.insert(place(), copy);
        return;
    }
    case 2: // in another order
        std::iter_swap(place(), place());
        return;
    case 3: // one's payload under the other's type
        std::swap(place()->word, place()->word);
        return;
    default: { // from another message, from wherever it is there
        Attributes other = attributes_of_any();
        std::vector<Attributes*> levels;
        collect_levels(other, levels);
        const Attributes& source = *levels[below(kind == 4 ? levels.size() : 1)];
        if (!source.empty())
            level.insert(level.empty() ? level.begin() : place(), source[below(source.size())]);
        return;
    }
    }
}

void Mutator::change_attribute(Attribute& attribute) {
    switch (below(attribute.is_nest ? 2 : 6)) {
    case 0: // another type, seldom far away
        attribute.word =
            static_cast<std::uint16_t>(attribute.word ^ (1U << below(below(4) != 0 ? 4 : 16)));
        return;
    case 1: // nothing in it
        attribute.payload.clear();
        attribute.inside.clear();
        return;
    case 2: // another size, the lengths around it right
        attribute.payload.resize(below(20), static_cast<std::uint8_t>(random_()));
        return;
    default:
        for (std::uint8_t& byte : attribute.payload)
            byte = static_cast<std::uint8_t>(random_());
        return;
    }
}

void Mutator::change_bytes(std::vector<std::uint8_t>& payload) {
    if (payload.empty())
        return payload.push_back(static_cast<std::uint8_t>(random_()));
    const std::size_t at = below(payload.size());
    switch (below(8)) {
    case 0:
        payload.resize(at);
        return;
    case 1:
        payload.resize(payload.size() + 1 + below(8), static_cast<std::uint8_t>(random_()));
        return;
    case 2: // where a length may be
        payload[at & ~std::size_t{3}] = static_cast<std::uint8_t>(below(64));
        return;
    case 3: // a length off by a few
        payload[at & ~std::size_t{3}] =
            static_cast<std::uint8_t>(payload[at & ~std::size_t{3}] + below(9) - 4);
        return;
    case 4:
        payload[at] = static_cast<std::uint8_t>(random_());
        return;
    default:
        payload[at] = static_cast<std::uint8_t>(payload[at] ^ (1U << below(8)));
        return;
    }
}

} // namespace natstat::oracle
