// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Flows put together by the values of some columns: who uses the NAT, and how much of it. Fed row
// by row, read at any time. A group is shown as a row, so that columns, orders and printers are the
// same as for flows.
#pragma once

#include "natstat/table/order.hpp"

#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace natstat {

/// A column that groups are made by.
struct GroupKey {
    const Column* column = nullptr;
    std::optional<NetworkLengths> networks; // of an address: its network in its place
};

using GroupKeys = std::vector<GroupKey>;

/// Whether groups can be made by this column.
[[nodiscard]] constexpr bool can_group_by(const Column& column) {
    return column.tells == Tells::key;
}

/// Whether all flows of a group have one value in the column, because it is, or follows from, what
/// the groups are made by.
[[nodiscard]] bool is_one_value(const Column& column, const GroupKeys& keys);

/// Reads "src", "dst,dport", "src/24" (IPv4's networks; IPv6 addresses stay whole), "src/48" (more
/// than 32: IPv6's), "src/24/48" (both). The error is a sentence.
[[nodiscard]] std::variant<GroupKeys, std::string> parse_group_keys(std::string_view text);

/// The NAT ports of SNATed flows that are counted.
struct PortPool {
    std::optional<NatPorts> only; // as the user says; absent: by the rules, and by the kernel's own

    /// The ports that there are for a protocol, as far as no rule says others; absent where it has
    /// none.
    [[nodiscard]] std::optional<NatPorts> of(std::uint8_t protocol) const;
    /// Whether the row's flow uses one of them.
    [[nodiscard]] bool has(const Row& row) const;
    /// Whether the row's flow has a port of source NAT that is none of them.
    [[nodiscard]] bool misses(const Row& row) const;
};

/// The order of groups with ports that shows first where they run out first.
inline constexpr std::string_view fullest_first = "-used,-ports";

/// What is counted beside flows and sums, because it costs look-ups of its own for each flow.
struct Distinct {
    bool ports = false; // NAT ports of SNATed flows, each once for its protocol and NAT address
    bool hosts = false; // sources
    /// Only flows that use a port of the pool; the column `available` tells how many it has.
    std::optional<PortPool> pool;
    bool holders = false; // who has the ports: workloads of the sources
};

/// Rows of groups in the place of flows.
struct Grouping {
    GroupKeys keys;
    Distinct distinct;
};

class Groups {
  public:
    using Visit = std::function<void(const Row&)>;
    static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

    /// `around` outlives the groups.
    Groups(GroupKeys keys, const Distinct& distinct, const Surroundings& around);
    ~Groups();
    Groups(const Groups&) = delete;
    Groups& operator=(const Groups&) = delete;

    /// Puts the row's flow into its group, and says whether it has one: whether it uses a port of
    /// the pool, where one was given. Allocates only when there is something new to keep.
    bool add(const Row& row);

    /// Puts a flow into its group that began a while ago.
    void add_begun(const Row& row);

    /// Puts a flow into its group that is there no more: whether it began a while ago, too, and
    /// whether it failed.
    void add_gone(const Row& row, bool begun, bool failed);

    /// Adds the rates of a flow that was of a group and is there no more.
    void add_ended(const Row& row);

    /// Forgets everything.
    void clear();

    [[nodiscard]] std::size_t size() const { return members_.size(); }

    /// A group as a row: [0] to [size() - 1], in the order in which they first came.
    [[nodiscard]] Row operator[](std::size_t number) const { return row(members_[number]); }

    /// The number of the group that this row's flow belongs to, if there is one.
    [[nodiscard]] std::optional<std::size_t> find(const Row& row) const;

    /// This order, with equal ones in the order of their keys.
    [[nodiscard]] Order whole(const Order& order) const;

    /// How many different NAT ports groups have together: `whole_of` says of each group to which of
    /// `wholes` it belongs. For groups that are made by NAT address and protocol, among others, and
    /// whose ports are counted.
    [[nodiscard]] std::vector<std::uint32_t> ports_together(std::span<const std::uint32_t> whole_of,
                                                            std::size_t wholes) const;

    /// Visits the groups in this order (null: as they first came), at most so many. Equal ones come
    /// in the order of their keys.
    void for_each(const Order* order, std::size_t limit, const Visit& visit) const;

  private:
    struct Member {
        Flow first;
        Group group;
    };
    struct Seen; // what was counted once

    [[nodiscard]] Row row(const Member& member) const {
        return {member.first, member.group, extras_[member.first.extras], around_};
    }
    Member& group_of(const Row& row, std::uint32_t& number);
    Group& group_of(const Row& row);
    void count_distinct(Group& group, std::uint32_t number, const Row& row);
    void count_port(Group& group, std::uint32_t number, const Row& row);
    void count_holder(Group& group, std::uint32_t number, const Row& row);
    void find_pool(Group& group, const Row& row) const;

    /// Puts the key of the row's group into the room for one.
    const std::string& key_of(const Row& row) const;

    GroupKeys keys_;
    Distinct distinct_;
    const Surroundings& around_;
    Group probe_; // a group of none, with the cuts of all
    std::deque<Member> members_;
    ExtrasPool extras_;
    std::unique_ptr<Seen> seen_;
};

} // namespace natstat
