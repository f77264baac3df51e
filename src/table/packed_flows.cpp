// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A head of three words says what follows it. Packing and unpacking walk the same list of parts, so
// that they can not differ.
#include "natstat/table/packed_flows.hpp"

#include <array>
#include <cstring>

namespace natstat {

namespace {

using Word = std::uint32_t;
using AddressBytes = std::array<std::uint8_t, 16>;

/// What follows the head, in this order, where its bit is set.
enum Kept : std::uint16_t {
    reply_source = 1 << 0,      // other than the original destination
    reply_destination = 1 << 1, // other than the original source
    original_ports = 1 << 2,
    reply_ports = 1 << 3, // other than the original ones, turned round
    status = 1 << 4,
    timeout = 1 << 5,
    mark = 1 << 6,
    id = 1 << 7,
    extras = 1 << 8,
    start = 1 << 9,
    small_counters = 1 << 10, // of 32 bits each
    large_counters = 1 << 11,
};

struct Head {
    std::uint16_t kept;
    std::uint16_t parts;
    std::uint16_t zone;
    std::uint8_t protocol;
    std::uint8_t state;
    Family family;
    Reach reach;
    bool only_age;
    std::uint8_t unused;
};
static_assert(sizeof(Head) == 3 * sizeof(Word));

/// The head, four IPv6 addresses, ports, five numbers, the start and large counters.
constexpr std::size_t most_words = 3 + 4 * 4 + 2 + 2 + 5 + 2 + 8;

bool fits_word(std::uint64_t number) {
    return number <= 0xFFFFFFFF;
}

std::uint16_t kept_of(const Flow& flow, std::uint32_t extras_here) {
    unsigned kept = 0;
    const auto keep = [&kept](Kept part, bool is_needed) {
        if (is_needed)
            kept |= part;
    };
    keep(reply_source, flow.address[2] != flow.address[1]);
    keep(reply_destination, flow.address[3] != flow.address[0]);
    keep(original_ports, flow.port[0] != 0 || flow.port[1] != 0);
    keep(reply_ports, flow.port[2] != flow.port[1] || flow.port[3] != flow.port[0]);
    keep(status, flow.status != 0);
    keep(timeout, flow.timeout != 0);
    keep(mark, flow.mark != 0);
    keep(id, flow.id != 0);
    keep(extras, extras_here != 0);
    keep(start, flow.start_ms != 0);
    const std::uint64_t counters =
        flow.packets_up | flow.packets_down | flow.bytes_up | flow.bytes_down;
    keep(fits_word(counters) ? small_counters : large_counters, counters != 0);
    return static_cast<std::uint16_t>(kept);
}

/// What can not be walked in place.
struct Rest {
    std::uint64_t start;
    std::uint32_t extras;
};

/// `ipv4`: an address is a word, and the rest of it zero.
template <bool ipv4>
class Packer {
  public:
    explicit Packer(Word* at) : at_(at) {}

    void address(const AddressBytes& address) {
        bytes(&address, ipv4 ? sizeof(Word) : sizeof address);
    }

    void bytes(const void* field, std::size_t size) {
        std::memcpy(at_, field, size);
        at_ += size / sizeof(Word);
    }
    void narrow(std::uint64_t number) { *at_++ = static_cast<Word>(number); }
    [[nodiscard]] const Word* end() const { return at_; }

  private:
    Word* at_;
};

template <bool ipv4>
class Unpacker {
  public:
    explicit Unpacker(const Word* at) : at_(at) {}

    /// As a whole: a word that is put among zeros would have to reach memory before the processor
    /// could read the address.
    void address(AddressBytes& address) {
        if (!ipv4)
            return bytes(&address, sizeof address);
        const std::array<Word, 4> whole{*at_++};
        std::memcpy(&address, &whole, sizeof whole);
    }

    void bytes(void* field, std::size_t size) {
        std::memcpy(field, at_, size);
        at_ += size / sizeof(Word);
    }
    void narrow(std::uint64_t& number) { number = *at_++; }

  private:
    const Word* at_;
};

/// Goes over the parts that are kept: `way.bytes` for memory of the flow's own, `way.narrow` for a
/// number that fits one word.
template <typename Way, typename AnyFlow, typename AnyRest>
void walk(Way& way, std::uint16_t kept, AnyFlow& flow, AnyRest& rest) {
    const auto part = [&](Kept bit, auto& field, std::size_t size) {
        if ((kept & bit) != 0)
            way.bytes(&field, size);
    };
    way.address(flow.address[0]);
    way.address(flow.address[1]);
    if ((kept & reply_source) != 0)
        way.address(flow.address[2]);
    if ((kept & reply_destination) != 0)
        way.address(flow.address[3]);
    part(original_ports, flow.port[0], sizeof(Word));
    part(reply_ports, flow.port[2], sizeof(Word));
    part(status, flow.status, sizeof(Word));
    part(timeout, flow.timeout, sizeof(Word));
    part(mark, flow.mark, sizeof(Word));
    part(id, flow.id, sizeof(Word));
    part(extras, rest.extras, sizeof(Word));
    part(start, rest.start, 2 * sizeof(Word));
    for (auto* counter : {&flow.packets_up, &flow.packets_down, &flow.bytes_up, &flow.bytes_down}) {
        if ((kept & small_counters) != 0)
            way.narrow(*counter);
        else
            part(large_counters, *counter, 2 * sizeof(Word));
    }
}

} // namespace

PackedFlows::Place PackedFlows::add(const Flow& flow, std::uint32_t extras_here) {
    Word* const begin = room();
    const Head head{kept_of(flow, extras_here),
                    flow.parts,
                    static_cast<std::uint16_t>(flow.zone),
                    flow.protocol,
                    flow.state,
                    flow.family,
                    flow.reach,
                    flow.only_age != 0,
                    {}};
    const Rest rest{flow.start_ms, extras_here};
    const auto pack = [&](auto way) {
        way.bytes(&head, sizeof head);
        walk(way, head.kept, flow, rest);
        return way.end();
    };
    const Word* const end =
        flow.family == Family::ipv4 ? pack(Packer<true>(begin)) : pack(Packer<false>(begin));
    const auto place = static_cast<Place>(used_);
    used_ += static_cast<std::size_t>(end - begin);
    return place;
}

PackedFlows::Word* PackedFlows::room() {
    if (const std::size_t left = block_words - used_ % block_words; left < most_words)
        used_ += left; // a flow does not lie across two blocks
    if (used_ == blocks_.size() * block_words)
        blocks_.emplace_back(new Word[block_words]);
    return blocks_[used_ / block_words].get() + used_ % block_words;
}

Flow PackedFlows::get(Place place) const {
    Head head;
    const Word* const words = at(place);
    std::memcpy(&head, words, sizeof head);
    Flow flow;
    flow.parts = head.parts;
    flow.zone = head.zone;
    flow.protocol = head.protocol;
    flow.state = head.state & (state_limit - 1);
    flow.family = head.family;
    flow.reach = head.reach;
    Rest rest{};
    const auto unpack = [&](auto way) { walk(way, head.kept, flow, rest); };
    const Word* const behind = words + sizeof head / sizeof(Word);
    flow.family == Family::ipv4 ? unpack(Unpacker<true>(behind)) : unpack(Unpacker<false>(behind));
    flow.start_ms = rest.start & start_mask;
    flow.only_age = head.only_age ? 1 : 0;
    flow.extras = rest.extras;
    if ((head.kept & reply_source) == 0)
        flow.address[2] = flow.address[1];
    if ((head.kept & reply_destination) == 0)
        flow.address[3] = flow.address[0];
    if ((head.kept & reply_ports) == 0) {
        flow.port[2] = flow.port[1];
        flow.port[3] = flow.port[0];
    }
    return flow;
}

void PackedFlows::prefetch(Place place) const {
    constexpr std::size_t line = 64 / sizeof(Word);
    __builtin_prefetch(at(place));
    __builtin_prefetch(at(place) + line); // an address may stop short of it; nothing is read
}

void PackedFlows::clear() {
    used_ = 0;
}

} // namespace natstat
