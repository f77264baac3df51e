// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a watch saw, as sums: flows that began and ended while it lasted, and those of one list at
// its end. It keeps what it counts and no flow, so that a table of a million costs what its
// destinations and hosts cost. Pure: time comes in with what is told. What it means is for the
// kinds of findings to say.
#pragma once

#include "natstat/diagnose/tally.hpp"
#include "natstat/model/nat_rules.hpp"
#include "natstat/model/source.hpp"
#include "natstat/table/column.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

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

/// An end that is dialled, and the one that flows to it are led to.
struct LedKey {
    EndKey dialled;
    EndKey target;
    friend bool operator==(const LedKey&, const LedKey&) = default;
};

/// A host's part in something else.
struct PartKey {
    std::uint32_t of = 0;   // number of its entry
    std::uint32_t host = 0; // number of the host
    friend bool operator==(const PartKey&, const PartKey&) = default;
};
using Parts = Tally<PartKey, std::uint32_t>;

/// How long ago a flow began.
struct Age {
    std::optional<std::chrono::nanoseconds> least; // absent: nothing is known
    bool exact = false;                            // it is as old as that, not older
};

/// Flows that dialled one end.
struct EndTally {
    std::uint32_t answered = 0;  // something came back; they began lately, or who knows when
    std::uint32_t earlier = 0;   // something came back, and they began before that
    std::uint32_t waiting = 0;   // nothing did, for so long that it should have
    std::uint32_t half_open = 0; // TCP: answered, and the opener does not go on (SYN_RECV)
    bool wanted = false;         // a flow that the question is about is among them
    std::chrono::nanoseconds oldest_answered{0}; // of `answered`; the longest of all if one of them
                                                 // began who knows when
};

/// Those of one end that wait for an answer.
struct WaitTally {
    std::uint32_t hosts = 0;
    bool translated = false; // the source is
    bool aged = true;        // it is known how long at least
    bool exact = true;       // and how long it is
    std::chrono::seconds oldest{0};
    std::chrono::nanoseconds youngest = std::chrono::nanoseconds::max(); // at least
    EndKey target; // where they were led to; the dialled end itself where there is no DNAT
    Address shown; // as whom the last one was seen there
};

/// Flows that one end was led to by DNAT, or, where nothing came back, was not.
struct LedTally {
    std::uint32_t answered = 0;
    std::uint32_t unanswered = 0;
    bool wanted = false;
    std::chrono::nanoseconds youngest_answered = std::chrono::nanoseconds::max(); // if it is exact
    std::chrono::nanoseconds youngest_unanswered = std::chrono::nanoseconds::max(); // at least
    bool aged = true; // of all that are not answered something is known
};

/// Flows of one pool of NAT ports.
struct PoolTally {
    PortsInUse used;
    bool wanted = false;
    bool by_nat = false; // one of them is there because of source NAT
};

/// Flows whose source became one NAT address.
struct GateTally {
    std::uint32_t flows = 0;
    bool wanted = false;
    std::chrono::nanoseconds youngest = std::chrono::nanoseconds::max(); // at least
    bool exact = false;                                                  // so young it is
};

/// What one host has opened.
struct HostTally {
    std::uint32_t flows = 0;
    std::uint32_t waiting = 0;
    std::uint32_t begun = 0;    // in the watch
    std::uint32_t idle = 0;     // established, and no packet for hours
    std::uint32_t one_way = 0;  // taken up in its middle, in one direction
    std::uint32_t unhelped = 0; // of a protocol with a helper, without one
    bool wanted = false;
};

/// Whether this is the end of a flow that was refused: a reset that answers the first packet ends
/// it at once, in the state CLOSE, and is not counted as an answer (nf_conntrack_tcp_packet).
[[nodiscard]] bool was_refused(const Event& event);

class Watch {
  public:
    /// So long an answer may take: a TCP that got none has sent its SYN twice by then (RFC 6298).
    static constexpr std::chrono::seconds patience{3};
    /// What was answered longer ago says nothing of now.
    static constexpr std::chrono::minutes lately{2};
    /// An established flow that has sent nothing for so long is dead weight.
    static constexpr std::chrono::hours quiet{6};

    /// `around` outlives it.
    explicit Watch(const Surroundings& around) : around_(&around) {}

    /// From now on what begins is told.
    void open(Time now) { opened_ = now; }
    /// A flow began at that moment.
    void begun(const Flow& flow, Time when);
    /// A flow was refused: what it dialled answered its first packet with a reset.
    void refused(const Row& row, bool wanted);
    /// What began before is not known any more.
    void lost() { lost_ = true; }

    /// A list begins anew; what an earlier one told is forgotten.
    void clear_list();
    /// A flow of the list. `wanted`: the question is about it.
    void add(const Row& row, bool wanted);

    /// Which hosts hold the ports of a pool is not counted with each flow, but where it is asked
    /// for: for who can look at the flows again. By far most pools are never asked for.
    void count_holders_later() { holders_later_ = true; }
    /// Counts the host of a flow, one that add() had, if it holds a port of one of these pools, by
    /// number in rising order.
    void add_holder(const Row& row, std::span<const std::uint32_t> of_pools);

    [[nodiscard]] std::uint64_t flows() const { return flows_; }
    [[nodiscard]] std::uint64_t wanted() const { return wanted_; }
    [[nodiscard]] std::uint64_t begun() const { return begun_; }
    [[nodiscard]] std::uint64_t offloaded() const { return offloaded_; }
    [[nodiscard]] bool has_lost() const { return lost_; }
    [[nodiscard]] const Surroundings& around() const { return *around_; }

    [[nodiscard]] const Tally<EndKey, EndTally>& ends() const { return ends_; }
    [[nodiscard]] const Tally<EndKey, WaitTally>& waits() const { return waits_; }
    [[nodiscard]] const Tally<LedKey, LedTally>& led() const { return led_; }
    [[nodiscard]] const Tally<PoolKey, PoolTally>& pools() const { return pools_; }
    [[nodiscard]] const Tally<EndKey, GateTally>& gates() const { return gates_; }
    /// By address alone.
    [[nodiscard]] const Tally<EndKey, HostTally>& hosts() const { return hosts_; }
    /// How often each end refused in the watch, and whether a flow that is asked for was among it.
    struct RefusedTally {
        std::uint32_t times = 0;
        bool wanted = false;
        EndKey target;
    };
    [[nodiscard]] const Tally<EndKey, RefusedTally>& refusals() const { return refusals_; }

    // Of entries of waits(), pools() and refusals().
    [[nodiscard]] const Parts& parts_of_waits() const { return waiting_; }
    [[nodiscard]] const Parts& parts_of_pools() const { return holding_; }
    [[nodiscard]] const Parts& parts_of_refusals() const { return refused_; }

  private:
    std::uint32_t host_of(const Flow& flow);
    [[nodiscard]] Age age_of(const Row& row) const;
    void add_host(const Row& row, std::uint32_t host, bool wanted);
    void add_end(const Row& row, std::uint32_t host, const Age& age, bool wanted);
    void add_waiting(const Row& row, std::uint32_t host, const Age& age);
    void add_led(const Row& row, const Age& age, bool wanted);
    [[nodiscard]] std::optional<PoolKey> pool_of(const Row& row) const;
    void add_pool(const Row& row, std::uint32_t host, bool wanted);
    void add_gate(const Row& row, const Age& age, bool wanted);

    const Surroundings* around_;
    std::optional<Time> opened_;
    bool lost_ = false;
    bool holders_later_ = false;
    std::uint64_t flows_ = 0;
    std::uint64_t wanted_ = 0;
    std::uint64_t begun_ = 0;
    std::uint64_t offloaded_ = 0;
    Tally<std::array<std::uint64_t, 5>, Time> young_; // original tuples of what began in the watch
    Tally<EndKey, HostTally> hosts_;
    Tally<EndKey, EndTally> ends_;
    Tally<EndKey, WaitTally> waits_;
    Tally<LedKey, LedTally> led_;
    Tally<PoolKey, PoolTally> pools_;
    Tally<EndKey, GateTally> gates_;
    Tally<EndKey, RefusedTally> refusals_;
    Parts waiting_;
    Parts holding_;
    Parts refused_;
};

[[nodiscard]] Address address_of(const EndKey& key);
[[nodiscard]] Endpoint endpoint_of(const EndKey& key);
/// "203.0.113.50:5432", "[2001:db8::1]:53", and the bare address without a port.
[[nodiscard]] std::string to_text(const EndKey& key);

} // namespace natstat
