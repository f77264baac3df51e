// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is wrong, for people: a paragraph for each finding, with what was seen, who causes it, what
// it means, what to do and the command that shows more. For programs: an object for each.
#pragma once

#include "natstat/diagnose/ailment.hpp"
#include "natstat/print/output.hpp"

namespace natstat {

/// What stands around the findings.
struct DiagnosisText {
    std::string head;  // what was looked at
    std::string state; // of the table; empty: not known
    std::vector<Untold> untold;
    bool color = false;
};

/// Lines of at most 80 characters where words allow it, at most so many findings of a kind; does
/// not flush.
void print_ailments(const std::vector<Ailment>& ailments, const DiagnosisText& text,
                    Output& output);

/// One object for each, in an array or (`lines`) a line each; null for what is not known. Behind
/// the findings what could not be told, of the grade "unknown".
void print_ailments_json(const std::vector<Ailment>& ailments, const std::vector<Untold>& untold,
                         bool lines, Output& output);

} // namespace natstat
