// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

#include "number_set.hpp"

#include <algorithm>
#include <bit>

namespace natstat {

namespace {

/// So many are a kilobyte, half of which is moved for a new one: less than one look into memory
/// that is not near takes.
constexpr std::size_t most_in_order = 256;
constexpr std::uint32_t bits_of_word = 64;

} // namespace

bool NumberSet::add(std::uint32_t number, const HashKey& key) {
    if (many_)
        return many_->add(number, key);
    if (!add_few(number))
        return false;
    if (few_.size() <= most_in_order)
        return true;
    many_ = std::make_unique<Many>();
    for (const std::uint32_t each : few_)
        many_->add(each, key);
    few_ = {};
    return true;
}

void NumberSet::add_all(const NumberSet& others, const HashKey& key) {
    for (const std::uint32_t each : others.few_)
        add(each, key);
    if (!others.many_)
        return;
    others.many_->words.for_each([&](const Word& word) {
        for (std::uint64_t bits = word.bits; bits != 0; bits &= bits - 1)
            add(word.number * bits_of_word + static_cast<std::uint32_t>(std::countr_zero(bits)),
                key);
    });
}

bool NumberSet::add_few(std::uint32_t number) {
    const auto place = std::lower_bound(few_.begin(), few_.end(), number);
    if (place != few_.end() && *place == number)
        return false;
    few_.insert(place, number);
    return true;
}

bool NumberSet::Many::add(std::uint32_t number, const HashKey& key) {
    words.make_room();
    Word wanted;
    wanted.number = number / bits_of_word;
    wanted.bits = std::uint64_t{1} << number % bits_of_word;
    wanted.hash = static_cast<std::uint32_t>(SipHash(key).end(wanted.number, sizeof wanted.number));
    const std::size_t place =
        words.place_of(wanted.hash, [&](const Word& word) { return word.number == wanted.number; });
    if (!words[place].taken()) {
        words.put(place, wanted);
    } else if ((words[place].bits & wanted.bits) != 0) {
        return false;
    } else {
        words[place].bits |= wanted.bits;
    }
    ++size;
    return true;
}

} // namespace natstat
