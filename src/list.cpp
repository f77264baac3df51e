// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Two ways: what needs no order is printed as it comes, in constant memory; what is sorted, or
// waits for names, is kept first.
#include "list.hpp"

#include "naming.hpp"

#include "natstat/intake/host.hpp"
#include "natstat/intake/kernel_source.hpp"
#include "natstat/intake/recording.hpp"
#include "natstat/model/tracker.hpp"
#include "natstat/table/listing.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <poll.h>
#include <unistd.h>

namespace natstat {

namespace {

/// Rows of a stream that are held back to find the widths of its columns; a later row that is
/// longer widens them from there on.
constexpr std::size_t rows_for_widths = 16384;

/// How often a list is asked for again because the table changed under it.
constexpr int list_tries = 3;

void complain(const std::string& text) {
    std::cerr << "natstat: " << text << '\n';
}

void wait_for(const Source& source) {
    pollfd wanted{source.fd(), POLLIN, 0};
    poll(&wanted, 1, -1);
}

/// What a list came to, apart from its rows.
struct ListEnd {
    bool whole = true;
    std::uint64_t odd = 0;
};

void complain(const ListEnd& end) {
    if (!end.whole)
        complain("the table changed while it was read, or answers were lost: rows may be missing "
                 "or shown twice");
    if (end.odd != 0)
        complain("not understood, and not shown: " + std::to_string(end.odd) +
                 (end.odd == 1 ? " entry" : " entries"));
}

/// One list from a source of lists, row by row as it comes. `take` gets every row that the filter
/// lets through.
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
            if (filter.matches(row))
                take(row);
        }
        if (progress == Progress::ended)
            return result;
        if (progress == Progress::idle)
            wait_for(source);
    }
}

/// Prints rows as they come; where a layout is to be fitted, the first ones wait until the widths
/// of its columns are known.
class RowStream {
  public:
    RowStream(Layout& layout, const PrintStyle& style, Printer& printer, const Surroundings& around)
        : held_(nullptr, around), layout_(layout), style_(style), printer_(printer) {}

    void take(const Row& row) {
        fit(layout_, row, style_.text);
        if (!begun_ && !layout_.empty() && held_.size() < rows_for_widths)
            return held_.add(row);
        release();
        printer_.row(row);
    }

    void finish() {
        release();
        printer_.end();
    }

  private:
    void release() {
        if (begun_)
            return;
        begun_ = true;
        printer_.begin();
        held_.for_each([this](const Row& row) { printer_.row(row); });
        held_.clear();
    }

    Listing held_;
    Layout& layout_;
    const PrintStyle& style_;
    Printer& printer_;
    bool begun_ = false;
};

/// A list from a source whose table keeps changing: asked for again when it changed under the list.
template <typename Keep>
ListEnd keep_list(Source& source, const Filter& filter, const Surroundings& around,
                  Listing& listing, Keep&& keep) {
    ListEnd end;
    for (int tries = 0; tries < list_tries; ++tries) {
        listing.clear();
        end = read_list(source, filter, around, keep);
        if (end.whole)
            break;
    }
    return end;
}

/// What a file amounts to at its end. What it tells of its surroundings is put into `around`.
template <typename Keep>
ListEnd keep_end_of_file(Source& source, const Filter& filter, Surroundings& around, Keep&& keep) {
    Tracker tracker;
    ListEnd end;
    Batch batch;
    for (Progress progress = Progress::more; progress != Progress::ended;) {
        batch.clear();
        progress = source.read(batch);
        end.odd += batch.odd;
        for (const Event& event : batch.events) {
            tracker.apply(event, batch.extras, {});
            around.now = std::max(around.now, event.time);
        }
        if (progress == Progress::idle)
            wait_for(source);
    }
    if (const auto& addresses = source.local_addresses())
        around.local_addresses = AddressSet(addresses->begin(), addresses->end());
    for (std::size_t i = 0; i < tracker.size(); ++i) {
        const auto& [flow, life] = tracker[i];
        const Row row(flow, life, tracker.extras()[flow.extras], around);
        if (filter.matches(row))
            keep(row);
    }
    return end;
}

Surroundings look_around(const Options& options) {
    Surroundings around;
    if (!options.read.empty())
        return around; // it says itself when and where it was taken, or does not
    around.now =
        std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
    const auto addresses = local_addresses();
    around.local_addresses = AddressSet(addresses.begin(), addresses.end());
    around.timeouts = configured_timeouts();
    return around;
}

} // namespace

void print_list(const Options& options, Question question) {
    const auto source = options.read.empty()
                            ? std::unique_ptr<Source>(std::make_unique<KernelSource>())
                            : open_file(options.read);
    print_list_of(*source, look_around(options), options, std::move(question));
}

void print_list_of(Source& source, Surroundings around, const Options& options, Question question) {
    const bool from_file = !options.read.empty();
    std::optional<TableNaming> naming;
    if (!options.numeric && options.format == Format::table)
        naming.emplace(options.name_timeout);

    PrintStyle style;
    style.header = options.header;
    style.text.naming = naming ? &*naming : nullptr;
    Layout& layout = question.layout;
    Output output(STDOUT_FILENO, "standard output");
    const auto printer = make_printer(options.format, layout, style, output);
    Layout without_widths; // only a table has widths to find
    Layout& widths = options.format == Format::table ? layout : without_widths;

    ListEnd end;
    if (!question.order && !naming && !from_file) {
        RowStream stream(widths, style, *printer, around);
        end = read_list(source, question.filter, around, [&](const Row& row) { stream.take(row); });
        stream.finish();
    } else {
        Listing listing(question.order ? &*question.order : nullptr, around);
        const auto keep = [&](const Row& row) {
            naming ? naming->want(layout, row) : fit(widths, row, style.text);
            listing.add(row);
        };
        end = from_file ? keep_end_of_file(source, question.filter, around, keep)
                        : keep_list(source, question.filter, around, listing, keep);
        require_addresses(question, around, options.read);
        if (naming) {
            naming->wait(options.name_timeout);
            listing.for_each_unordered([&](const Row& row) { fit(layout, row, style.text); });
        }
        printer->begin();
        listing.for_each([&](const Row& row) { printer->row(row); });
        printer->end();
    }
    output.flush();
    complain(end);
    if (naming && !naming->complaint().empty())
        complain(naming->complaint());
}

} // namespace natstat
