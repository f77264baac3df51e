// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// From a source to the rows that a question is about: one list of a kernel, or what a file amounts
// to at its end. What is done with the rows is the views'.
#pragma once

#include "natstat/ask/options.hpp"
#include "natstat/ask/question.hpp"

#include "natstat/model/source.hpp"

#include <functional>
#include <memory>
#include <string>

namespace natstat {

/// What a list came to, apart from its rows.
struct ListEnd {
    bool whole = true;
    std::uint64_t odd = 0;
    std::vector<const Column*> lacking; // what the question looked at and no flow had
    bool of_all = true;                 // of all flows, not of those that the kernel was asked for
    bool of_kernel = true;
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

/// Says what leaves the answer useful.
void complain(const ListEnd& end);

/// The file that was asked for, or the kernel. Throws Failure.
[[nodiscard]] std::unique_ptr<Source> open_source_of_lists(const Options& options);

/// What is known of this host before anything is read; of a file nothing.
[[nodiscard]] Surroundings look_around(const Options& options);

/// Waits until the source has something to tell, until that moment at most.
void wait_for(const Source& source,
              std::optional<std::chrono::steady_clock::time_point> until = std::nullopt);

/// One list from a source of lists, row by row as it comes. `take` gets every row that the filter
/// lets through, and says whether it wants more.
template <typename Take>
ListEnd read_list(Source& source, const Filter& filter, Lacking lacking, const Surroundings& around,
                  Take&& take) {
    const ListQuery query = filter.list_query();
    source.request_list(query);
    ListEnd result;
    result.of_all = query == ListQuery{ListCondition{}};
    Batch batch;
    while (true) {
        batch.clear();
        const Progress progress = source.read(batch);
        result.odd += batch.odd;
        for (const Event& event : batch.events) {
            if (event.kind == EventKind::list_end) {
                result.whole = event.whole;
                result.lacking = lacking.columns();
                return result;
            }
            const Row row(event.flow, batch.extras[event.flow.extras], around);
            lacking.see(row);
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

/// Says what an answer lacks that comes out of events alone.
void complain_of_no_list(std::string_view name);

/// What a file amounts to at its end. What it tells of its surroundings is put into `around`.
/// `name` is for messages. Throws Failure when the file does not tell what the question needs.
ListEnd read_file(Source& source, const Question& question, std::string_view name,
                  Surroundings& around, const std::function<void(const Row&)>& take);

/// The flows that existed at some time of a moment, as they were at the end of that, or when they
/// ended (past.cpp). Of a flow that is mentioned only later, and existed already, its state is
/// there where that is told; counters and timeout are not. Says on standard error what the answer
/// may lack. Throws Failure like read_file, and when the file does not reach over the moment.
ListEnd read_file_at(Source& source, const Moment& moment, const Question& question,
                     std::string_view name, Surroundings& around,
                     const std::function<void(const Row&)>& take);

/// All rows that the question is about; `clear()` takes back those of a list that was not whole.
template <typename Clear, typename Take>
ListEnd read_rows(Source& source, const Question& question, const Options& options,
                  Surroundings& around, Clear&& clear, Take&& take) {
    if (options.at)
        return read_file_at(source, *options.at, question, options.read, around, take);
    if (!options.read.empty())
        return read_file(source, question, options.read, around, take);
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
