// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// From a source to the rows that a question is about: one list of a kernel, or what a file amounts
// to at its end or was at a moment. What is done with the rows is the views'.
#pragma once

#include "natstat/ask/request.hpp"
#include "natstat/gather/list_end.hpp"
#include "natstat/gather/loop.hpp"
#include "natstat/gather/past.hpp"

#include <functional>
#include <memory>
#include <string>

namespace natstat {

/// Those files, or a log, which is read by itself: all of it, or of a log what tells of that time.
/// Throws Failure.
[[nodiscard]] std::unique_ptr<Source> open_recorded(const From& from);

/// Those files, or the kernel. Of a log what was there then, or lives at its end. Throws Failure.
[[nodiscard]] std::unique_ptr<Source> open_source_of_lists(const From& from);

/// What is known of this host before anything is read; of a file nothing.
[[nodiscard]] Surroundings look_around(const Files& files);

/// Adds what is known of the NAT ports that there are: the user's range, or else the rules of the
/// kernel that is looked at (not of a file), and whether it has looked for ports in vain since its
/// network namespace was made.
void look_at_ports(Surroundings& around, const Files& files, std::optional<NatPorts> range);

/// One list from a source of lists, row by row as it comes. `take` gets every row that the filter
/// lets through, and says whether it wants more.
template <typename Take>
ListEnd read_list(Source& source, const Filter& filter, Lacking lacking, const Surroundings& around,
                  Take&& take) {
    const ListQuery query = filter.list_query();
    source.request_list(query);
    ListEnd result;
    result.of_all = query == ListQuery{ListCondition{}};
    result.passed_over = each_batch(source, [&](const Batch& batch) {
        for (const Event& event : batch.events) {
            if (event.kind == EventKind::list_end) {
                result.whole = event.whole;
                result.lacking = lacking.columns();
                return false;
            }
            const Row row(event.flow, batch.extras[event.flow.extras], around);
            lacking.see(row);
            if (filter.matches(row) && !take(row))
                return false;
        }
        return true;
    });
    return result;
}

/// What a file amounts to at its end. What it tells of its surroundings is put into `around`.
/// `name` is for messages. Throws Failure when the file does not tell what the question needs.
ListEnd read_file(Source& source, const Question& question, std::string_view name,
                  Surroundings& around, const std::function<void(const Row&)>& take);

/// All rows that the question is about; `clear()` takes back those of a list that was not whole.
template <typename Clear, typename Take>
ListEnd read_rows(Source& source, const From& from, const Question& question, Surroundings& around,
                  Clear&& clear, Take&& take) {
    if (from.within)
        return read_file_at(source, *from.within, question, from.files.shown(), around, take);
    if (!from.files.empty())
        return read_file(source, question, from.files.shown(), around, take);
    return until_whole([&](bool) {
        clear();
        return read_list(source, question.filter, Lacking(question.filter, question.order), around,
                         [&](const Row& row) {
                             take(row);
                             return true;
                         });
    });
}

} // namespace natstat
