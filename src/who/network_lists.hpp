// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Lists of networks: AWS's ip-ranges.json, and lines that anybody writes. Reads texts, and no file.
#pragma once

#include "network_map.hpp"

#include "natstat/table/who.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace natstat {

class NetworkLists {
  public:
    /// Takes a list in either form. The answer is what was wrong with it, as the end of a sentence
    /// that begins with its name ("line 3 is no network and its name"); what is right in it is
    /// taken. Of networks that are named twice the later name counts.
    [[nodiscard]] std::string take(std::string_view text);

    /// Comes after the last list and before the first question.
    void finish();

    /// Every range is listed once for all of AMAZON, many for EC2 and some for what is offered
    /// there: the most special one counts, then the longest.
    [[nodiscard]] Who::Range range(const Address& address) const;
    [[nodiscard]] std::string_view name(const Address& address) const;

  private:
    struct Offer {
        std::string service;
        std::string region;
    };
    class RangesReader;

    std::string take_lines(std::string_view text);
    std::string take_ranges(std::string_view text);

    NetworkMap by_name_; // items are numbers of names
    NetworkMap ranges_;  // and of offers
    std::vector<std::string> names_;
    std::vector<Offer> offers_;
};

} // namespace natstat
