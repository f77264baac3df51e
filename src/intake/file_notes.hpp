// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is to be said of one of several files, put to what is said of all. Private to the room
// intake.
#pragma once

#include "natstat/model/source.hpp"

namespace natstat {

inline void add_notes(FileNotes& all, const std::string& name, const FileNotes& notes) {
    for (const std::string& remark : notes.remarks)
        all.remarks.push_back(name + ": " + remark);
    if (all.first_odd.empty() && !notes.first_odd.empty())
        all.first_odd = name + ", " + notes.first_odd;
    all.lists += notes.lists;
    if (notes.lists == 0)
        return;
    all.last_list_line = notes.last_list_line;
    all.last_list_file = name;
}

} // namespace natstat
