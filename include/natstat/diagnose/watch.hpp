// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a watch saw, as sums: flows that began and ended while it lasted, and those of one list at
// its end. It keeps what it counts and no flow, so that a table of a million costs what its
// destinations and hosts cost. Pure: time comes in with what is told. What it means is for the
// kinds of findings to say.
#pragma once

#include "natstat/diagnose/tally.hpp"
#include "natstat/model/nat_rules.hpp"
#include "natstat/table/column.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace natstat {

/// An address with a port (0: none) for one protocol and zone.
struct EndKey {
    std::array<std::uint8_t, 16> address{};
    std::uint16_t port = 0;
    std::uint16_t zone = 0;
    std::uint8_t protocol = 0;
    Family family = Family::none;
    friend bool operator==(const EndKey&, const EndKey&) = default;
};

/// What takes a NAT port exclusively: a NAT address, and the end that is talked to.
struct PoolKey {
    std::array<std::uint8_t, 16> gateway{};
    EndKey other;
    friend bool operator==(const PoolKey&, const PoolKey&) = default;
};

/// A host's part in something else.
struct PartKey {
    std::uint32_t of = 0;   // number of its entry
    std::uint32_t host = 0; // number of the host
    friend bool operator==(const PartKey&, const PartKey&) = default;
};

/// Flows that dialled one end.
struct EndTally {
    std::uint32_t answered = 0; // something came back; they began lately, or who knows when
    std::uint32_t earlier = 0;  // something came back, and they began before that
    std::uint32_t waiting = 0;  // nothing did, for so long that it should have
    std::uint32_t fresh = 0;    // nothing did yet
    std::uint32_t hosts = 0;    // that are waiting
    bool wanted = false;        // a flow that the question is about is among them
    bool translated = false;    // of those that wait: the source is
    bool aged = true;           // of those that wait it is known how long at least
    bool exact = true;          // and how long it is
    std::chrono::seconds oldest{0};
    EndKey
        target; // that those that wait were led to; the dialled one itself where there is no DNAT
    Address shown; // as whom the last one of those that wait was seen there
};

/// Flows of one pool of NAT ports.
struct PoolTally {
    PortsInUse used;
    bool wanted = false;
    bool by_nat = false; // one of them is there because of source NAT
};

/// What one host has opened.
struct HostTally {
    std::uint32_t flows = 0;
    std::uint32_t waiting = 0;
    std::uint32_t begun = 0; // in the watch
};

class Watch {
  public:
    /// So long an answer may take: a TCP that got none has sent its SYN twice by then (RFC 6298).
    static constexpr std::chrono::seconds patience{3};

    /// What was answered longer ago says nothing of now.
    static constexpr std::chrono::minutes lately{2};

    /// `around` outlives it.
    explicit Watch(const Surroundings& around) : around_(&around) {}

    /// From now on what begins is told.
    void open(Time now) { opened_ = now; }
    /// A flow began at that moment.
    void begun(const Flow& flow, Time when);
    /// What began before is not known any more.
    void lost() { lost_ = true; }

    /// A list begins anew; what an earlier one told is forgotten.
    void clear_list();
    /// A flow of the list. `wanted`: the question is about it.
    void add(const Row& row, bool wanted);

    [[nodiscard]] std::uint64_t flows() const { return flows_; }
    [[nodiscard]] std::uint64_t wanted() const { return wanted_; }
    [[nodiscard]] std::uint64_t begun() const { return begun_; }
    [[nodiscard]] bool has_lost() const { return lost_; }
    [[nodiscard]] const Surroundings& around() const { return *around_; }

    [[nodiscard]] const Tally<EndKey, EndTally>& ends() const { return ends_; }
    [[nodiscard]] const Tally<PoolKey, PoolTally>& pools() const { return pools_; }
    [[nodiscard]] const Tally<EndKey, HostTally>& hosts() const { return hosts_; }
    [[nodiscard]] const Tally<PartKey, std::uint32_t>& waiting_of_ends() const { return waiting_; }
    [[nodiscard]] const Tally<PartKey, std::uint32_t>& ports_of_pools() const { return holding_; }

  private:
    struct Age {
        std::optional<std::chrono::nanoseconds> least; // absent: nothing is known
        bool exact = false;
    };
    [[nodiscard]] Age age_of(const Row& row) const;
    void add_end(const Row& row, std::uint32_t host, bool wanted);
    void add_waiting(const Row& row, std::uint32_t number, std::uint32_t host, const Age& age);
    void add_pool(const Row& row, std::uint32_t host, bool wanted);

    const Surroundings* around_;
    std::optional<Time> opened_;
    bool lost_ = false;
    std::uint64_t flows_ = 0;
    std::uint64_t wanted_ = 0;
    std::uint64_t begun_ = 0;
    Tally<std::array<std::uint64_t, 5>, Time> young_; // original tuples of what began in the watch
    Tally<EndKey, HostTally> hosts_;                  // without ports and protocols
    Tally<EndKey, EndTally> ends_;
    Tally<PoolKey, PoolTally> pools_;
    Tally<PartKey, std::uint32_t> waiting_;
    Tally<PartKey, std::uint32_t> holding_;
};

/// "203.0.113.50:5432", "[2001:db8::1]:53", and the bare address without a port.
[[nodiscard]] Address address_of(const EndKey& key);
[[nodiscard]] Endpoint endpoint_of(const EndKey& key);
[[nodiscard]] std::string to_text(const EndKey& key);

} // namespace natstat
