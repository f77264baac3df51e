// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Two ways: what needs no order is printed as it comes, in constant memory; what is sorted, or
// waits for names, is kept first.
#include "natstat/answer/list.hpp"

#include "natstat/answer/knowing.hpp"
#include "natstat/answer/printing.hpp"
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
    RowStream(Layout& layout, const Printing& printing, Printer& printer,
              const Surroundings& around, std::size_t limit)
        : held_(nullptr, around), layout_(layout), printing_(printing), printer_(printer),
          left_(limit) {}

    /// Whether there is room for more.
    bool take(const Row& row) {
        printing_.fit(layout_, row);
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
    const Printing& printing_;
    Printer& printer_;
    std::size_t left_; // rows that may still come
    bool begun_ = false;
};

/// A list on its way from its source to standard output.
class List {
  public:
    List(Source& source, Surroundings& around, ListRequest& request)
        : source_(source), around_(around), from_(request.from), question_(request.question),
          printing_(request.look), printer_(printing_.printer(question_.layout, output_)),
          widths_(printing_.is_table() ? question_.layout : without_widths_) {}

    Answer answer() {
        const bool streams =
            !question_.order && printing_.naming() == nullptr && from_.files.empty();
        ListEnd end;
        write_as_wanted([&] {
            streams ? stream(end) : keep(end);
            output_.flush();
        });
        Answer answer;
        answer.add(end.complaints());
        answer.add(printing_.complaint());
        return answer;
    }

  private:
    void stream(ListEnd& end) {
        RowStream stream(widths_, printing_, *printer_, around_, question_.limit);
        end = read_list(source_, question_.filter, Lacking(question_.filter), around_,
                        [&](const Row& row) { return stream.take(row); });
        stream.finish();
    }

    void keep(ListEnd& end) {
        Listing listing(question_.order ? &*question_.order : nullptr, around_);
        const bool all = question_.limit == Listing::no_limit; // else it is not known who is shown
        const auto prepare = [this](const Row& row) { this->prepare(row); };
        end = read_rows(
            source_, from_, question_, around_, [&] { listing.clear(); },
            [&](const Row& row) {
                if (all)
                    prepare(row);
                listing.add(row);
            });
        if (!all)
            listing.for_each(prepare, question_.limit);
        if (printing_.naming() != nullptr) {
            printing_.wait_for_names();
            const auto fit_row = [this](const Row& row) { printing_.fit(widths_, row); };
            all ? listing.for_each_unordered(fit_row) : listing.for_each(fit_row, question_.limit);
        }
        printer_->begin();
        print(listing);
        printer_->end();
    }

    /// All rows on several processors, where that pays; names are looked up by one alone.
    void print(const Listing& listing) {
        const bool all = question_.limit >= listing.size();
        if (!all || listing.parts() < 2 || printing_.naming() != nullptr)
            return listing.for_each([&](const Row& row) { printer_->row(row); }, question_.limit);
        const auto worker = [&listing]() -> PrintPart {
            const auto walk = std::make_shared<Listing::Walk>(listing);
            return [walk](std::size_t part, Printer& to) {
                walk->visit(part, [&to](const Row& row) { to.row(row); });
            };
        };
        const auto make = [this](Output& to) { return printing_.printer(question_.layout, to); };
        print_parts(listing.parts(), worker, make, output_);
        printer_->go_on();
    }

    /// The widths are known when the names are.
    void prepare(const Row& row) {
        if (TableNaming* const naming = printing_.naming())
            naming->want(question_.layout, row);
        else
            printing_.fit(widths_, row);
    }

    Source& source_;
    Surroundings& around_;
    const From& from_;
    Question& question_;
    Printing printing_;
    Output output_{STDOUT_FILENO, "standard output"};
    std::unique_ptr<Printer> printer_;
    Layout without_widths_; // only a table has widths to find
    Layout& widths_;
};

} // namespace

Answer list(ListRequest request, const Complain& complain) {
    const auto who = know(request.question, request.from.files, complain);
    const auto source = open_source_of_lists(request.from);
    auto around = look_around(request.from.files);
    around.who = who.get();
    return list_of(*source, std::move(around), std::move(request));
}

Answer list_of(Source& source, Surroundings around, ListRequest request) {
    return List(source, around, request).answer();
}

} // namespace natstat
