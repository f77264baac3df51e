// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// From a source to the rows that a question is about: one list of a kernel, or what a file amounts
// to at its end. What is done with the rows is the views'.
#pragma once

#include "options.hpp"
#include "question.hpp"

#include "natstat/model/source.hpp"

#include <functional>
#include <memory>
#include <string>

namespace natstat {

/// What a list came to, apart from its rows.
struct ListEnd {
    bool whole = true;
    std::uint64_t odd = 0;
};
/// Says what leaves the answer useful.
void complain(const ListEnd& end);

/// The file that was asked for, or the kernel. Throws Failure.
[[nodiscard]] std::unique_ptr<Source> open_source_of_lists(const Options& options);

/// What is known of this host before anything is read; of a file nothing.
[[nodiscard]] Surroundings look_around(const Options& options);

void wait_for(const Source& source);

/// One list from a source of lists, row by row as it comes. `take` gets every row that the filter
/// lets through, and says whether it wants more.
template <typename Take>
ListEnd read_list(Source& source, const Filter& filter, const Surroundings& around, Take&& take) {
    source.request_list(filter.list_query());
    ListEnd result;
    Batch batch;
    while (true) {
        batch.clear();
        const Progress progress = source.read(batch);
        result.odd += batch.odd;
        for (const Event& event : batch.events) {
            if (event.kind == EventKind::list_end) {
                result.whole = event.whole;
                return result;
            }
            const Row row(event.flow, batch.extras[event.flow.extras], around);
            if (filter.matches(row) && !take(row))
                return result;
        }
        if (progress == Progress::ended)
            return result;
        if (progress == Progress::idle)
            wait_for(source);
    }
}

/// Reads a file to its end, event by event.
ListEnd read_events(Source& source,
                    const std::function<void(const Event&, const ExtrasPool&)>& take);

/// Puts the host's addresses into `around`, where the source tells them.
void take_addresses(const Source& source, Surroundings& around);

/// What a file amounts to at its end. What it tells of its surroundings is put into `around`.
ListEnd read_file(Source& source, const Filter& filter, Surroundings& around,
                  const std::function<void(const Row&)>& take);

/// The flows that existed at some time of a moment, as they were at the end of that, or when they
/// ended (past.cpp). Of a flow that is mentioned only later, and existed already, its state is
/// there where that is told; counters and timeout are not. Says on standard error what the answer
/// may lack. Throws Failure when the file does not reach over the moment; `name` is for messages.
ListEnd read_file_at(Source& source, const Moment& moment, std::string_view name,
                     const Filter& filter, Surroundings& around,
                     const std::function<void(const Row&)>& take);

/// All rows that the question is about. The table of a kernel can change under a list: then it is
/// asked for again, after `clear()`. Throws Failure when the source does not know what the question
/// needs.
template <typename Clear, typename Take>
ListEnd read_rows(Source& source, const Question& question, const Options& options,
                  Surroundings& around, Clear&& clear, Take&& take) {
    constexpr int most_tries = 3;
    ListEnd end;
    if (options.at) {
        end = read_file_at(source, *options.at, options.read, question.filter, around, take);
    } else if (!options.read.empty()) {
        end = read_file(source, question.filter, around, take);
    } else {
        for (int tries = 0; tries < most_tries; ++tries) {
            clear();
            end = read_list(source, question.filter, around, [&](const Row& row) {
                take(row);
                return true;
            });
            if (end.whole)
                break;
        }
    }
    require_addresses(question, around, options.read);
    return end;
}

} // namespace natstat
