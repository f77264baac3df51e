// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// As a listing, with groups in the place of flows; below a table of ports what they come to.
#include "natstat/answer/groups.hpp"

#include "natstat/answer/naming.hpp"
#include "natstat/answer/ports.hpp"
#include "natstat/ask/complain.hpp"
#include "natstat/gather/measure.hpp"
#include "natstat/gather/reading.hpp"

#include <algorithm>
#include <unistd.h>

namespace natstat {

namespace {

/// Whether sums are of all flows: counters can be switched on while flows are there.
class Counted {
  public:
    void clear() { *this = {}; }
    void add(const Row& row) {
        ++(row.flow.has(Part::counters_up) ? with_ : without_);
        rated_ = rated_ || (row.life != nullptr && row.life->rate_up >= 0);
    }

    /// Says it where the layout shows sums of some, or rates of none.
    void complain_about(const Layout& layout, bool of_kernel) const {
        const auto shows = [&](auto&& kind) {
            return std::any_of(layout.begin(), layout.end(), [&](const ShownColumn& shown) {
                return shown.column->tells == Tells::sum && kind(shown.column->kind);
            });
        };
        const std::uint64_t all = with_ + without_;
        if (shows([](Kind kind) { return kind != Kind::rate; }) && with_ != 0 && without_ != 0)
            complain(std::to_string(without_) + " of " + std::to_string(all) +
                     " flows have no counters; packets and bytes are those of the others");
        if (all == 0 || rated_ || !shows([](Kind kind) { return kind == Kind::rate; }))
            return;
        if (!of_kernel)
            complain("no rates: the file does not tell counters twice");
        else if (with_ == 0)
            complain("no rates: the kernel does not count packets and bytes (sysctl -w "
                     "net.netfilter.nf_conntrack_acct=1 makes it, for flows that begin from "
                     "then on)");
    }

  private:
    std::uint64_t with_ = 0;
    std::uint64_t without_ = 0;
    bool rated_ = false;
};

/// What the rows of a question go into.
struct Takers {
    std::optional<PortPool> pool;
    std::uint64_t outside = 0; // flows whose NAT port is not of the pool
    Groups groups;
    std::optional<PortReport> report;
    Counted counted;

    Takers(const Grouping& grouping, bool ports, const Surroundings& around)
        : pool(grouping.distinct.pool), groups(grouping.keys, grouping.distinct, around) {
        if (ports)
            report.emplace(grouping, around);
    }
    void clear() {
        outside = 0;
        groups.clear();
        counted.clear();
        if (report)
            report->clear();
    }
    void add(const Row& row) {
        if (pool && pool->misses(row))
            ++outside;
        groups.add(row);
        counted.add(row);
        if (report)
            report->add(row);
    }
};

/// `source` is null where rates are measured.
ListEnd read_groups(Source* source, const Question& question, const Options& options,
                    Surroundings& around, Takers& takers) {
    const auto clear = [&] { takers.clear(); };
    const auto add = [&](const Row& row) { takers.add(row); };
    if (source == nullptr)
        return measure(options, *options.interval, question.filter, around,
                       {clear, add, [&](const Row& row) { takers.groups.add_ended(row); }});
    return read_rows(*source, question, options, around, clear, add);
}

/// Nearly nobody has zones, and people need no column for them then.
void drop_empty_zone(Layout& layout, const Groups& groups) {
    const Column* const zone = &column("zone");
    for (std::size_t i = 0; i < groups.size(); ++i)
        if (!is_absent(zone->get(groups[i])))
            return;
    std::erase_if(layout, [&](const ShownColumn& shown) { return shown.column == zone; });
}

bool print(Source* source, Surroundings around, const Options& options, Question question) {
    const Order* const order = question.order ? &*question.order : nullptr;
    const bool of_kernel = options.read.empty();
    FailureCounters failures;
    if (options.interval && of_kernel)
        failures.begin();
    Takers takers(*question.grouping, options.ports, around);
    const Groups& groups = takers.groups;
    const ListEnd end = read_groups(source, question, options, around, takers);

    std::optional<TableNaming> naming;
    if (!options.numeric && is_for_people(options.format))
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
    if (is_for_people(options.format))
        for_each([&](const Row& row) { fit(question.layout, row, style.text); });
    if (options.ports && options.columns.empty() && is_for_people(options.format))
        drop_empty_zone(question.layout, groups);
    Output output(STDOUT_FILENO, "standard output");
    const auto printer = make_printer(options.format, question.layout, style, output);
    printer->begin();
    for_each([&](const Row& row) { printer->row(row); });
    printer->end();
    if (takers.report && is_for_people(options.format) && options.header) {
        takers.report->print(groups, question.limit, output);
        output.put(of_kernel ? failures.text() : "A file does not tell insert_failed and drop.\n");
    }
    output.flush();
    complain(end);
    takers.counted.complain_about(question.layout, of_kernel);
    if (takers.outside != 0)
        complain(outside_text(takers.outside, options.port_range) +
                 (takers.outside == 1 ? ", and is" : ", and are") + " not in the table");
    if (naming && !naming->complaint().empty())
        complain(naming->complaint());
    const std::string warning = options.warn ? port_warning(groups, *options.warn) : std::string();
    if (!warning.empty())
        complain(warning);
    return warning.empty();
}

} // namespace

bool print_groups(const Options& options, Question question) {
    const auto source = options.interval ? nullptr : open_source_of_lists(options);
    return print(source.get(), look_around(options), options, std::move(question));
}

bool print_groups_of(Source& source, Surroundings around, const Options& options,
                     Question question) {
    return print(&source, std::move(around), options, std::move(question));
}

} // namespace natstat
