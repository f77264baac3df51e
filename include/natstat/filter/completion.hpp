// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// How a filter that is being typed can go on: in a shell, and in the live view.
#pragma once

#include "natstat/table/column.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace natstat {

/// The last word of a filter.
struct FilterPlace {
    std::string before; // of the text, what is no part of the value: "(tcp and state="
    std::string value;  // what there is of it
    const Column* compared = nullptr; // the value stands behind "COLUMN =", "COLUMN <", ...
    bool behind_sign = false;         // or behind another such sign
};

/// The place at the end of the last word; a shell may have cut the filter into several, or given
/// all of it as one. Not for no words.
[[nodiscard]] FilterPlace filter_place(std::span<const std::string> words);

/// A word that can stand there, and what it means where that is said somewhere.
struct FilterChoice {
    std::string word;
    std::string_view meaning;
};

/// All words for this place, whatever there is of one; `labels` are the names of those of this
/// host.
[[nodiscard]] std::vector<FilterChoice> filter_choices(const FilterPlace& place,
                                                       const LabelNames& labels);

} // namespace natstat
