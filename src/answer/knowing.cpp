// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What nobody asks for is not looked for.
#include "natstat/answer/knowing.hpp"

#include "natstat/who/directory.hpp"

namespace natstat {

std::unique_ptr<Who> know(const Question& question, const Complain& complain) {
    if (question.knowledge == Knowledge::nothing)
        return nullptr;
    Places places;
    places.lists = question.networks;
    places.database_directories = database_directories();
    return open_directory(question.knowledge, places, complain);
}

} // namespace natstat
