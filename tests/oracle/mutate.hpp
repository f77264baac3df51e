// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Messages that went wrong on the way: cut, flipped, stretched, with attributes lost, doubled,
// swapped, retyped or taken from another message. The same seed gives the same messages everywhere.
#pragma once

#include "message.hpp"

#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace natstat::oracle {

class Mutator {
  public:
    /// `seeds` are payloads without a fault; they must outlive the mutator.
    Mutator(std::span<const std::vector<std::uint8_t>> seeds, std::uint64_t seed);

    /// The payload of a message like one of the seeds, changed in a few places.
    [[nodiscard]] std::vector<std::uint8_t> next();

  private:
    [[nodiscard]] std::size_t below(std::size_t limit);
    [[nodiscard]] Attributes attributes_of_any();
    void change_tree(Attributes& attributes);
    void change_level(Attributes& level);
    void change_attribute(Attribute& attribute);
    void change_bytes(std::vector<std::uint8_t>& payload);

    std::span<const std::vector<std::uint8_t>> seeds_;
    std::mt19937_64 random_;
};

} // namespace natstat::oracle
