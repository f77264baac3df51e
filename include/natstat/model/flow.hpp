// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One connection as the kernel tracks it: both tuples, state, flags, counters and what else was
// said. Plain and compact, because a million of them is the normal case. What was not said is
// absent, never zero. What a flow means as NAT is in nat.hpp, the names of its numbers in
// protocol.hpp.
#pragma once

#include "natstat/model/address.hpp"
#include "natstat/model/protocol.hpp"
#include "natstat/model/siphash.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace natstat {

/// The four ends of a flow's two tuples.
enum class End : std::uint8_t {
    original_source,
    original_destination,
    reply_source,
    reply_destination
};

enum class Direction : std::uint8_t { original, reply };

/// Which parts of a flow were said by its source.
enum class Part : std::uint16_t {
    original = 1 << 0,
    reply = 1 << 1,
    original_ports = 1 << 2, // ports, ICMP id, or GRE key of the original tuple
    reply_ports = 1 << 3,
    status = 1 << 4,
    state = 1 << 5,
    timeout = 1 << 6,
    counters_up = 1 << 7,
    counters_down = 1 << 8,
    start = 1 << 9,
    mark = 1 << 10,
    zone = 1 << 11,
    zone_original_only = 1 << 12, // the zone is that of one tuple, the other is in zone 0
    zone_reply_only = 1 << 13,
    id = 1 << 14,
    icmp = 1 << 15, // type and code of an ICMP flow's tuples
};

/// One direction of a flow, as values.
struct Tuple {
    Endpoint source;
    Endpoint destination;

    friend auto operator<=>(const Tuple&, const Tuple&) = default;
};

/// The type and code of an ICMP tuple.
struct IcmpKind {
    std::uint8_t type = 0;
    std::uint8_t code = 0;

    friend auto operator<=>(const IcmpKind&, const IcmpKind&) = default;
};

/// Whether a flow that is not translated ends at the host itself, where its source says so.
enum class Reach : std::uint8_t { unknown, local, routed };

struct Flow {
    /// Network byte order; IPv4 in the first four bytes, the rest zero. Indexed by End.
    std::array<std::array<std::uint8_t, 16>, 4> address{};
    /// Host byte order, indexed by End. ICMP: the echo id belongs to the end that opened the flow
    /// (original source, reply destination); the other two hold type and code (see icmp()).
    std::array<std::uint16_t, 4> port{};
    std::uint64_t packets_up = 0; // original direction
    std::uint64_t packets_down = 0;
    std::uint64_t bytes_up = 0;
    std::uint64_t bytes_down = 0;
    std::uint64_t start_ms : 45 = 0; // Unix time in milliseconds; or the age, see age()
    std::uint64_t only_age : 1 = false;
    Reach reach : 2 = Reach::unknown;
    std::uint64_t zone : 16 = 0;
    std::uint32_t id = 0;
    std::uint32_t timeout = 0; // seconds left
    std::uint32_t mark = 0;
    std::uint32_t status = 0; // IPS_* bits, linux/netfilter/nf_conntrack_common.h
    std::uint32_t extras =
        0; // index into the Extras of the batch or store that holds the flow; 0: none
    std::uint16_t parts = 0; // bits of Part
    std::uint8_t protocol = 0;
    std::uint8_t state : 6 = 0; // the kernel's number in the protocol's own list
    Family family : 2 = Family::none;

    [[nodiscard]] bool has(Part part) const {
        return (parts & static_cast<std::uint16_t>(part)) != 0;
    }
    void set(Part part) {
        parts = static_cast<std::uint16_t>(parts | static_cast<std::uint16_t>(part));
    }

    void clear(Part part) {
        parts = static_cast<std::uint16_t>(parts & ~static_cast<unsigned>(part));
    }

    /// The zone of both tuples, or of the one of this direction only. 0 is the default zone, of
    /// which a source says nothing (ctnetlink_dump_zone_id) or that it is 0.
    void set_zone(std::uint16_t number, std::optional<Direction> only = std::nullopt);
    /// The zone that the tuple of this direction is in: what it is unique in.
    [[nodiscard]] std::uint16_t zone_of(Direction direction) const {
        const bool of_other = has(direction == Direction::original ? Part::zone_reply_only
                                                                   : Part::zone_original_only);
        return of_other ? std::uint16_t{0} : static_cast<std::uint16_t>(zone);
    }

    [[nodiscard]] bool is_icmp() const {
        return protocol == protocol::icmp || protocol == protocol::icmpv6;
    }
    [[nodiscard]] Endpoint end(End which) const;
    [[nodiscard]] Tuple tuple(Direction direction) const;
    /// How old the flow was when it was told of, where its source said that and neither when that
    /// was nor when the flow began. A start takes its place.
    [[nodiscard]] std::optional<std::chrono::milliseconds> age() const;
    /// What is above latest_start becomes that.
    void set_age(std::chrono::milliseconds age);
    void set_start(std::chrono::milliseconds since_1970);

    /// Type and code of that direction's tuple.
    [[nodiscard]] std::optional<IcmpKind> icmp(Direction direction) const;
};

inline Endpoint Flow::end(End which) const {
    const auto index = static_cast<std::size_t>(which);
    const bool of_original = index < 2;
    const bool opener = which == End::original_source || which == End::reply_destination;
    Endpoint endpoint{Address{family, address[index]}, std::nullopt};
    if (has(of_original ? Part::original_ports : Part::reply_ports) && (opener || !is_icmp()))
        endpoint.port = port[index];
    return endpoint;
}

/// The bits of a start.
inline constexpr std::uint64_t start_mask = (std::uint64_t{1} << 45) - 1;
/// The latest start, and the highest age, that a flow holds, in milliseconds: nanoseconds in 64
/// bits end in 2262, and this is a day before that, so that it can be reckoned with.
inline constexpr std::uint64_t latest_start =
    std::chrono::floor<std::chrono::milliseconds>(std::chrono::nanoseconds::max()).count() -
    std::chrono::milliseconds{std::chrono::hours{24}}.count();
static_assert(latest_start <= start_mask);

inline std::optional<std::chrono::milliseconds> Flow::age() const {
    if (only_age == 0)
        return std::nullopt;
    return std::chrono::milliseconds{start_ms};
}

inline void Flow::set_age(std::chrono::milliseconds age) {
    if (has(Part::start))
        return;
    start_ms = std::min(static_cast<std::uint64_t>(age.count()), latest_start) & start_mask;
    only_age = 1;
}

inline void Flow::set_start(std::chrono::milliseconds since_1970) {
    start_ms = std::min(static_cast<std::uint64_t>(since_1970.count()), latest_start) & start_mask;
    only_age = 0;
    set(Part::start);
}

/// States that a flow can hold; a larger number from outside is not a state of any protocol.
inline constexpr std::uint8_t state_limit = 1 << 6;

// 64 bytes of addresses, 8 of ports and 32 of counters leave little to save.
static_assert(sizeof(Flow) == 136);

/// The type of the answer to an ICMP or ICMPv6 query, as the reply tuple has it (invmap in
/// net/netfilter/nf_conntrack_proto_icmp.c and _icmpv6.c); absent for what is not answered.
[[nodiscard]] std::optional<std::uint8_t> icmp_answer(std::uint8_t protocol, std::uint8_t type);

/// The same connection: family, protocol, original tuple and its zone are equal. This is the
/// tracker's key.
[[nodiscard]] bool same_connection(const Flow& a, const Flow& b);

/// What an administrator calls the bits of the connection label bitmap, by bit; an empty name is
/// none, and so are those that would come after the last.
using LabelNames = std::vector<std::string>;

/// What few flows have and what has no fixed size.
struct Extras {
    /// What a log tells of who was at the ends when it was written: what the columns ask `Who`
    /// (table/who.hpp) about.
    enum class Known : std::uint8_t {
        workload,
        source_workload,
        process,
        process_id,
        service,
        region,
        source_network,
        destination_network,
        owner,
        as_number,
        country,
    };

    std::string helper;
    std::string secctx;
    std::array<std::uint8_t, 16> labels{}; // bit n of the connlabel bitmap is bit n%8 of byte n/8
    bool has_labels = false;
    std::string selection{}; // of a mark in an event log: which flows are told of; empty: all
    std::vector<std::pair<Known, std::string>> known{}; // what there is, numbers as digits

    /// Null where it is not told.
    [[nodiscard]] const std::string* known_of(Known what) const;
    friend bool operator==(const Extras&, const Extras&) = default;
};

/// The extras of a set of flows, each distinct one once; index 0 is "none" and always there.
class ExtrasPool {
  public:
    /// `key`: of the hash by which they are found.
    explicit ExtrasPool(const HashKey& key = run_key()) : key_(key) {}

    /// The index of these extras, 0 for empty ones. Constant time on average.
    std::uint32_t intern(const Extras& extras);
    [[nodiscard]] const Extras& operator[](std::uint32_t index) const { return all_[index]; }
    [[nodiscard]] std::size_t size() const { return all_.size(); }
    /// By how many slots all of them lie behind the ones that are theirs. For tests.
    [[nodiscard]] std::size_t displacement() const;
    void clear();

  private:
    [[nodiscard]] std::size_t home_of(const Extras& extras) const;
    void grow_slots();

    HashKey key_;
    std::vector<Extras> all_{Extras{}};
    std::vector<std::uint32_t> slots_; // open addressing over all_, 0 is free
};

} // namespace natstat
