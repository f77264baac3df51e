// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// As a listing, with groups in the place of flows; below a table of ports what they come to.
#include "natstat/answer/groups.hpp"

#include "natstat/answer/knowing.hpp"
#include "natstat/answer/ports.hpp"
#include "natstat/answer/printing.hpp"
#include "natstat/gather/measure.hpp"
#include "natstat/gather/reading.hpp"

#include <algorithm>
#include <unistd.h>

namespace natstat {

namespace {

std::string sums_text(bool sums, bool rates) {
    if (!sums)
        return "rates";
    return rates ? "packets, bytes and rates" : "packets and bytes";
}

/// Whether sums are of all flows: counters can be switched on while flows are there.
class Counted {
  public:
    void clear() { *this = {}; }
    void add(const Row& row) {
        ++(row.flow.has(Part::counters_up) ? with_ : without_);
        rated_ = rated_ || (row.life != nullptr && row.life->rate_up >= 0);
    }

    /// What there is to say where the layout shows sums of some, or rates of none.
    [[nodiscard]] Complaints complaints(const Layout& layout, bool of_kernel) const {
        Complaints said;
        const auto shows = [&](auto&& kind) {
            return std::any_of(layout.begin(), layout.end(), [&](const ShownColumn& shown) {
                return shown.column->tells == Tells::sum && kind(shown.column->kind);
            });
        };
        const std::uint64_t all = with_ + without_;
        const bool sums = shows([](Kind kind) { return kind != Kind::rate; });
        const bool rates = shows([](Kind kind) { return kind == Kind::rate; });
        if ((sums || (rates && rated_)) && with_ != 0 && without_ != 0)
            said.push_back(std::to_string(without_) + " of " + std::to_string(all) +
                           " flows have no counters; " + sums_text(sums, rates && rated_) +
                           " are those of the others");
        if (all == 0 || rated_ || !rates)
            return said;
        if (!of_kernel)
            said.emplace_back("no rates: the file does not tell counters twice");
        else if (with_ == 0)
            said.emplace_back("no rates: the kernel does not count packets and bytes (sysctl -w "
                              "net.netfilter.nf_conntrack_acct=1 makes it, for flows that begin "
                              "from then on)");
        return said;
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
    Counted counted;

    Takers(const Grouping& grouping, const Surroundings& around)
        : pool(grouping.distinct.pool), groups(grouping.keys, grouping.distinct, around) {}
    void clear() {
        outside = 0;
        groups.clear();
        counted.clear();
    }
    void add(const Row& row) {
        if (!groups.add(row) && pool->misses(row))
            ++outside;
        counted.add(row);
    }
};

/// Nearly nobody has zones, and people need no column for them then.
void drop_empty_zone(Layout& layout, const Groups& groups) {
    const Column* const zone = &column("zone_reply");
    for (std::size_t i = 0; i < groups.size(); ++i)
        if (!is_absent(zone->get(groups[i])))
            return;
    std::erase_if(layout, [&](const ShownColumn& shown) { return shown.column == zone; });
}

/// Groups on their way to standard output, once they have been read.
class GroupsView {
  public:
    GroupsView(GroupsRequest& request, const Surroundings& around)
        : request_(request), takers_(*question().grouping, around), printing_(request.look) {
        if (request.measured)
            failures_.begin();
    }

    [[nodiscard]] Takers& takers() { return takers_; }

    Answer answer(const ListEnd& end) {
        write_as_wanted([this] { print(); });
        Answer answer;
        answer.add(end.complaints());
        answer.add(takers_.counted.complaints(question().layout, of_kernel()));
        if (takers_.outside != 0)
            answer.add(outside_text(takers_.outside, question().grouping->distinct.pool->only) +
                       (takers_.outside == 1 ? ", and is" : ", and are") + " not in the table");
        answer.add(printing_.complaint());
        const std::string warning =
            request_.warn ? port_warning(takers_.groups, *request_.warn) : std::string();
        if (!warning.empty())
            answer.status = Answer::Status::warned;
        answer.add(warning);
        return answer;
    }

  private:
    void for_each(const Groups::Visit& visit) const {
        const auto& order = request_.question.order;
        takers_.groups.for_each(order ? &*order : nullptr, request_.question.limit, visit);
    }

    void prepare() {
        Layout& layout = question().layout;
        if (TableNaming* const naming = printing_.naming()) {
            for_each([&](const Row& row) { naming->want(layout, row); });
            printing_.wait_for_names();
        }
        if (printing_.is_table())
            for_each([&](const Row& row) { printing_.fit(layout, row); });
        if (request_.ports && !request_.own_columns && printing_.is_table())
            drop_empty_zone(layout, takers_.groups);
    }

    void print() {
        prepare();
        Output output(STDOUT_FILENO, "standard output");
        const auto printer = printing_.printer(question().layout, output);
        printer->begin();
        for_each([&](const Row& row) { printer->row(row); });
        printer->end();
        if (request_.ports && printing_.is_table() && request_.look.header) {
            print_port_report(takers_.groups, question().limit, output);
            output.put(of_kernel() ? failures_.text()
                                   : "A file does not tell insert_failed and drop.\n");
        }
        output.flush();
    }

    [[nodiscard]] Question& question() { return request_.question; }
    [[nodiscard]] bool of_kernel() const { return request_.from.files.empty(); }

    GroupsRequest& request_;
    FailureCounters failures_;
    Takers takers_;
    Printing printing_;
};

} // namespace

Answer groups(GroupsRequest request, const Complain& complain) {
    const auto who = know(request.question, request.from.files, complain);
    auto around = look_around(request.from.files);
    around.who = who.get();
    if (request.ports)
        look_at_ports(around, request.from.files, request.question.grouping->distinct.pool->only);
    if (!request.measured) {
        const auto source = open_source_of_lists(request.from);
        return groups_of(*source, std::move(around), std::move(request));
    }
    GroupsView view(request, around);
    Takers& takers = view.takers();
    const Measured give{[&] { takers.clear(); }, [&](const Row& row) { takers.add(row); },
                        [&](const Row& row) { takers.groups.add_ended(row); }};
    return view.answer(measure(*request.measured, request.question.filter, around, give, complain));
}

Answer groups_of(Source& source, Surroundings around, GroupsRequest request) {
    GroupsView view(request, around);
    Takers& takers = view.takers();
    return view.answer(read_rows(
        source, request.from, request.question, around, [&] { takers.clear(); },
        [&](const Row& row) { takers.add(row); }));
}

} // namespace natstat
