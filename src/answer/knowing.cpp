// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What nobody asks for is not looked for.
#include "natstat/answer/knowing.hpp"

#include "natstat/who/directory.hpp"

namespace natstat {

std::unique_ptr<Who> know(const Question& question, const Files& files, const Complain& complain) {
    Knowledge wanted = question.knowledge;
    if (!files.empty() && has(wanted, of_machine)) {
        complain(
            "workloads and processes of a file are those that it names, as natstat's JSON can: "
            "who has an address now may not have had it then");
        wanted = without(wanted, of_machine);
    }
    if (wanted == Knowledge::nothing)
        return nullptr;
    Places places;
    places.lists = question.networks;
    places.database_directories = database_directories();
    return open_directory(wanted, places, complain);
}

} // namespace natstat
