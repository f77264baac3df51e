// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Two ways: what needs no order is printed as it comes, in constant memory; what is sorted, or
// waits for names, is kept first.
#include "natstat/answer/list.hpp"

#include "natstat/answer/naming.hpp"
#include "natstat/ask/complain.hpp"
#include "natstat/gather/reading.hpp"

#include "natstat/print/parts.hpp"
#include "natstat/table/listing.hpp"

#include <unistd.h>

namespace natstat {

namespace {

/// Rows of a stream that are held back to find the widths of its columns; a later row that is
/// longer widens them from there on.
constexpr std::size_t rows_for_widths = 16384;

/// Prints rows as they come; where a layout is to be fitted, the first ones wait until the widths
/// of its columns are known.
class RowStream {
  public:
    RowStream(Layout& layout, const PrintStyle& style, Printer& printer, const Surroundings& around,
              std::size_t limit)
        : held_(nullptr, around), layout_(layout), style_(style), printer_(printer), left_(limit) {}

    /// Whether there is room for more.
    bool take(const Row& row) {
        fit(layout_, row, style_.text);
        if (!begun_ && !layout_.empty() && held_.size() < rows_for_widths) {
            held_.add(row);
        } else {
            release();
            printer_.row(row);
        }
        return --left_ != 0;
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
    std::size_t left_; // rows that may still come
    bool begun_ = false;
};

/// All rows on several processors, where that pays; names are looked up by one alone.
void print_rows(const Listing& listing, std::size_t limit, Format format, const Layout& layout,
                const PrintStyle& style, Output& output, Printer& printer) {
    if (limit < listing.size() || listing.parts() < 2 || style.text.naming != nullptr)
        return listing.for_each([&](const Row& row) { printer.row(row); }, limit);
    const auto worker = [&listing]() -> PrintPart {
        const auto walk = std::make_shared<Listing::Walk>(listing);
        return [walk](std::size_t part, Printer& to) {
            walk->visit(part, [&to](const Row& row) { to.row(row); });
        };
    };
    const auto make = [&](Output& to) { return make_printer(format, layout, style, to); };
    print_parts(listing.parts(), worker, make, output);
    printer.go_on();
}

} // namespace

void print_list(const Options& options, Question question) {
    const auto source = open_source_of_lists(options);
    print_list_of(*source, look_around(options), options, std::move(question));
}

void print_list_of(Source& source, Surroundings around, const Options& options, Question question) {
    std::optional<TableNaming> naming;
    if (!options.numeric && is_for_people(options.format))
        naming.emplace(options.name_timeout);

    PrintStyle style;
    style.header = options.header;
    style.text.naming = naming ? &*naming : nullptr;
    Layout& layout = question.layout;
    Output output(STDOUT_FILENO, "standard output");
    const auto printer = make_printer(options.format, layout, style, output);
    Layout without_widths; // only a table has widths to find
    Layout& widths = is_for_people(options.format) ? layout : without_widths;

    ListEnd end;
    if (!question.order && !naming && options.read.empty()) {
        RowStream stream(widths, style, *printer, around, question.limit);
        end = read_list(source, question.filter, Lacking(question.filter), around,
                        [&](const Row& row) { return stream.take(row); });
        stream.finish();
    } else {
        Listing listing(question.order ? &*question.order : nullptr, around);
        const auto prepare = [&](const Row& row) {
            naming ? naming->want(layout, row) : fit(widths, row, style.text);
        };
        const bool all = question.limit == Listing::no_limit; // else it is not known who is shown
        end = read_rows(
            source, question, options, around, [&] { listing.clear(); },
            [&](const Row& row) {
                if (all)
                    prepare(row);
                listing.add(row);
            });
        if (!all)
            listing.for_each(prepare, question.limit);
        if (naming) {
            naming->wait(options.name_timeout);
            const auto fit_row = [&](const Row& row) { fit(layout, row, style.text); };
            all ? listing.for_each_unordered(fit_row) : listing.for_each(fit_row, question.limit);
        }
        printer->begin();
        print_rows(listing, question.limit, options.format, layout, style, output, *printer);
        printer->end();
    }
    output.flush();
    complain(end);
    if (naming && !naming->complaint().empty())
        complain(naming->complaint());
}

} // namespace natstat
