// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a reading came to, apart from its rows: whether it is whole, and what leaves the answer
// useful and has to be said.
#pragma once

#include "natstat/gather/loop.hpp"

#include "natstat/filter/filter.hpp"
#include "natstat/model/source.hpp"
#include "natstat/table/order.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace natstat {

/// Sentences, in the order in which they are to be said.
using Complaints = std::vector<std::string>;

/// Where a sentence goes that can not wait for the end of an answer, because that may never come.
using Complain = std::function<void(std::string_view)>;

/// Says that so many messages of other processes were passed over; nothing when there were none.
[[nodiscard]] std::string foreign_messages(std::uint64_t number);

struct ListEnd {
    bool whole = true;
    PassedOver passed_over;
    std::vector<const Column*> lacking; // what the question looked at and no flow had
    bool of_all = true;                 // of all flows, not of those that the kernel was asked for
    bool of_kernel = true;
    FileNotes notes;   // of a file whose lists were read
    Complaints others; // of this source or moment

    /// All that is to be said of it.
    [[nodiscard]] Complaints complaints() const;
};

/// Finds out which of the columns that a question looks at no flow has: those that the kernel tells
/// or not, as it is set up, and that files may not have.
class Lacking {
  public:
    explicit Lacking(const Filter& filter, const std::optional<Order>& order = {});

    /// Costs nothing for a column that some row has had.
    void see(const Row& row) {
        any_ = true;
        std::erase_if(columns_, [&](const Column* column) { return !is_absent(column->get(row)); });
    }
    /// What no row had; nothing where there was no row.
    [[nodiscard]] std::vector<const Column*> columns() const {
        return any_ ? columns_ : std::vector<const Column*>{};
    }

  private:
    void look_at(const Column& column);

    std::vector<const Column*> columns_;
    bool any_ = false;
};

/// Asks for a list until it is whole, and not for ever: the table of a kernel can change under it.
/// `list` is called with whether it was called before.
template <typename List>
ListEnd until_whole(List&& list) {
    constexpr int most_tries = 3;
    ListEnd end = list(false);
    for (int tries = 1; tries < most_tries && !end.whole; ++tries)
        end = list(true);
    return end;
}

/// Puts the host's addresses into `around`, where the source tells them.
void take_addresses(const Source& source, Surroundings& around);

/// A file as sentences name it: "standard input" for "-".
[[nodiscard]] std::string file_name(std::string_view file);

/// Where the first one is of what was not understood, to be put behind a message; empty where that
/// is not known.
[[nodiscard]] std::string first_place(const FileNotes& notes, std::uint64_t odd);

/// What an answer lacks that comes out of events alone.
[[nodiscard]] std::string no_list_in(std::string_view file);

} // namespace natstat
