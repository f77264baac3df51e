// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// As a listing, with groups in the place of flows; below a table of ports what they come to.
#include "groups.hpp"

#include "naming.hpp"
#include "ports.hpp"
#include "reading.hpp"

#include <algorithm>
#include <unistd.h>

namespace natstat {

namespace {

/// Whether sums are of all flows: counters can be switched on while flows are there.
class Counted {
  public:
    void clear() { *this = {}; }
    void add(const Flow& flow) { ++(flow.has(Part::counters_up) ? with_ : without_); }

    /// Says it where the layout shows sums of some.
    void complain_about(const Layout& layout) const {
        const bool shows_sums = std::any_of(layout.begin(), layout.end(), [](const auto& shown) {
            return shown.column->tells == Tells::sum && shown.column->kind != Kind::rate;
        });
        if (shows_sums && with_ != 0 && without_ != 0)
            complain(std::to_string(without_) + " of " + std::to_string(with_ + without_) +
                     " flows have no counters; packets and bytes are those of the others");
    }

  private:
    std::uint64_t with_ = 0;
    std::uint64_t without_ = 0;
};

} // namespace

bool print_groups(const Options& options, Question question) {
    const auto source = open_source_of_lists(options);
    Surroundings around = look_around(options);
    const Grouping& grouping = *question.grouping;
    const Order* const order = question.order ? &*question.order : nullptr;
    Groups groups(grouping.keys, grouping.distinct, around);
    std::optional<PortReport> report;
    if (options.ports)
        report.emplace(grouping, around);
    Counted counted;
    const ListEnd end = read_rows(
        *source, question, options, around,
        [&] {
            groups.clear();
            counted.clear();
            if (report)
                report->clear();
        },
        [&](const Row& row) {
            groups.add(row);
            counted.add(row.flow);
            if (report)
                report->add(row);
        });

    std::optional<TableNaming> naming;
    if (!options.numeric && options.format == Format::table)
        naming.emplace(options.name_timeout);
    PrintStyle style;
    style.header = options.header;
    style.text.naming = naming ? &*naming : nullptr;
    const auto for_each = [&](const Groups::Visit& visit) {
        groups.for_each(order, question.limit, visit);
    };
    if (naming) {
        for_each([&](const Row& row) { naming->want(question.layout, row); });
        naming->wait(options.name_timeout);
    }
    if (options.format == Format::table)
        for_each([&](const Row& row) { fit(question.layout, row, style.text); });
    Output output(STDOUT_FILENO, "standard output");
    const auto printer = make_printer(options.format, question.layout, style, output);
    printer->begin();
    for_each([&](const Row& row) { printer->row(row); });
    printer->end();
    if (report && options.format == Format::table && options.header)
        report->print(groups, question.limit, options.read.empty(), output);
    output.flush();
    complain(end);
    counted.complain_about(question.layout);
    if (naming && !naming->complaint().empty())
        complain(naming->complaint());
    const std::string warning = options.warn ? port_warning(groups, *options.warn) : std::string();
    if (!warning.empty())
        complain(warning);
    return warning.empty();
}

} // namespace natstat
