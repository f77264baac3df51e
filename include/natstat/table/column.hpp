// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The column table: one row here and the column is in the listing, in --sort, --columns, filters,
// JSON, CSV, --list-columns and every later view.
#pragma once

#include "natstat/model/expectation.hpp"
#include "natstat/model/life.hpp"
#include "natstat/model/nat.hpp"
#include "natstat/model/nat_rules.hpp"
#include "natstat/model/timeouts.hpp"
#include "natstat/table/group.hpp"
#include "natstat/table/value.hpp"
#include "natstat/table/who.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace natstat {

using AddressSet = std::unordered_set<Address, AddressHash>;

/// What is true for all rows of a picture: filled once, lives longer than every row.
struct Surroundings {
    Time now{};                                // what ages are measured against; zero: unknown
    std::optional<AddressSet> local_addresses; // this host's own; absent: not known
    std::optional<Timeouts> timeouts;          // configured ones; absent: not known
    LabelNames label_names;
    const Who* who = nullptr;   // what columns with Traits::knowledge ask; null: nothing is known
    bool counted_later = false; // lists come that tell the counters of flows that have just begun
    // Of NAT ports, where they are counted.
    std::shared_ptr<const NatRules> nat_rules; // that say which there are; null: not asked for
    bool ports_ran_out = false;                // the kernel has looked for some in vain
};

/// A flow as a view sees it: from a list, followed, or at one step of its life. Or a group of
/// flows, of which this is the first: then only what is equal in all of them and sums are to be
/// asked for. Or what a helper expects, whose flow has no more than a tuple.
struct Row {
    const Flow& flow;
    const Extras& extras;
    const Surroundings& around;
    Nat nat;
    const Life* life = nullptr;       // of a flow that is followed
    const Transition* step = nullptr; // of a stream of steps
    const Group* group = nullptr;     // of a view of groups
    const Expectation* expected = nullptr;

    Row(const Flow& f, const Extras& e, const Surroundings& a)
        : flow(f), extras(e), around(a), nat(nat_of(f)) {}
    Row(const Flow& f, const Life& l, const Extras& e, const Surroundings& a) : Row(f, e, a) {
        life = &l;
    }
    Row(const Flow& f, const Group& g, const Extras& e, const Surroundings& a) : Row(f, e, a) {
        group = &g;
    }
    Row(const Transition& s, const Extras& e, const Surroundings& a) : Row(s.flow, s.life, e, a) {
        step = &s;
    }

    Row(const Expectation& x, const Surroundings& a) : Row(x.flow, x.extras, a) { expected = &x; }

    /// Absent where it is not known whether the flow is local or routed.
    [[nodiscard]] std::optional<FlowKind> kind() const;
    /// Whether sums of packets, bytes and rates lack this flow, because the kernel did not count
    /// when it began (nf_conn_acct_ext_add). Not of a flow whose counters are to come.
    [[nodiscard]] bool is_uncounted() const;
    /// What ages are measured against: the moment of the step, or of the picture.
    [[nodiscard]] Time now() const { return step == nullptr ? around.now : step->time; }
};

enum class Align : std::uint8_t { left, right };

/// The views that programs get with all columns: listings of flows, streams of steps (both: either
/// of the two), groups.
enum class Full : std::uint8_t { none, listing, steps, both, groups };

/// What a column has a value for.
enum class Tells : std::uint8_t {
    flow,        // a flow
    key,         // a flow; groups can be made by it
    sum,         // a flow, and the sum of a group
    group,       // a group alone
    pool,        // a group of NAT ports alone
    news,        // a group of what has changed alone
    step,        // a step alone
    expectation, // an expectation alone
};

/// Which ends of a row something is about.
enum class Ends : std::uint8_t {
    source,
    destination,
    gateway,  // as the column shows it: reply destination before original destination
    nat,      // any NAT side: both of them when both ends are translated
    any,      // source, destination, nat
    original, // both ends of that tuple
    reply,
    master, // of an expectation: both ends of the connection that it was read in
    saved,  // and the end that NAT leads to
};

/// The closed list that the texts of a column come from.
enum class Vocabulary : std::uint8_t { any, kinds, families, states, events, endings };

/// The columns that say whose a flow is, and whose the NAT ports of a group are: what --who adds.
inline constexpr std::string_view flow_columns_of_who[] = {"workload", "process", "owner"};
inline constexpr std::string_view port_columns_of_who[] = {"holders"};

struct Distinct;

/// What few columns have, and what others than the printers have to know of them.
struct Traits {
    Vocabulary words = Vocabulary::any;
    std::optional<Ends> ends{}; // that it shows, wholly or in part
    /// Puts "it is this value under this mask" into what the kernel is asked for, or says that it
    /// can not be; null: the kernel can not check it.
    bool (*push)(ListCondition& condition, std::uint64_t value, std::uint64_t mask) = nullptr;
    std::optional<std::uint64_t> unsaid{}; // what a source means that does not say the number
    std::optional<NetworkLengths> Cuts::*cut = nullptr; // of addresses whose networks make groups
    bool Distinct::*counted = nullptr;                  // what has to be counted for it
    bool followed = false;                              // one list does not tell it
    bool present_state = false;                         // whose phase has a colour
    Knowledge knowledge = Knowledge::nothing;           // what it takes of Surroundings::who
    std::string_view follows{};                         // the column whose value decides it
};

struct Column {
    std::string_view name;
    std::string_view title;
    std::string_view help;
    Kind kind;
    Align align;
    std::uint8_t width; // at least so many characters for a cell; 0: as wide as its title
    Value (*get)(const Row& row);
    /// Names of the fields that a value of several numbers has in JSON and CSV: address and port of
    /// an endpoint; source, its port, destination and its port of a tuple. Unused ones are empty.
    std::array<std::string_view, 4> fields;
    /// Where it is shown when everything is: not where other columns have it already. Groups have
    /// all sums of a listing.
    Full in_full;
    Tells tells = Tells::flow;
    Traits traits{};
};

/// Whether no flow by itself has a value in it.
[[nodiscard]] constexpr bool is_of_groups(const Column& column) {
    return column.tells == Tells::group || column.tells == Tells::pool ||
           column.tells == Tells::news;
}

/// Whether expectations alone have a value in it.
[[nodiscard]] constexpr bool is_of_expectations(const Column& column) {
    return column.tells == Tells::expectation;
}

/// All columns, in the order of --list-columns.
[[nodiscard]] std::span<const Column> columns();

/// The column of this name, or of one of netstat-nat's old words for it (src-port, dst-port); null
/// when there is none.
[[nodiscard]] const Column* find_column(std::string_view name);

/// Like find_column for a name that the program itself knows to exist.
[[nodiscard]] const Column& column(std::string_view name);

/// The name nearest to `word` among `names` (optimal string alignment; one letter or a third of
/// the letters wrong), for "did you mean"; empty when none is near.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> names);

/// "unknown column 'sorce' (did you mean 'source'?)"
[[nodiscard]] std::string unknown_column(std::string_view name);

/// The names of all columns.
[[nodiscard]] std::span<const std::string_view> column_names();

} // namespace natstat
