// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What an answer comes to when its rows have been written: how it went, and what is to be said of
// it. main says it and picks the exit code.
#pragma once

#include "natstat/gather/list_end.hpp"

namespace natstat {

struct Answer {
    enum class Status : std::uint8_t {
        done,
        warned, // what was to be warned of is so
    };
    Status status = Status::done;
    Complaints complaints;
    int signal = 0; // that ended it; 0: none

    void add(Complaints more) {
        complaints.insert(complaints.end(), std::make_move_iterator(more.begin()),
                          std::make_move_iterator(more.end()));
    }
    void add(std::string sentence) {
        if (!sentence.empty())
            complaints.push_back(std::move(sentence));
    }
};

/// Writes; that nobody reads any more ends the writing, and not what there is to say.
template <typename Write>
void write_as_wanted(Write&& write) {
    try {
        write();
    } catch (const ClosedPipe&) {
    }
}

} // namespace natstat
