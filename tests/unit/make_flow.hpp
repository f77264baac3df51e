// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Flows for tests in one readable line, rows around them, and random ones of a fixed seed. It
// checks nothing: a text that is no endpoint is a mistake of the test and ends it by an exception.
#pragma once

#include "natstat/model/flow.hpp"
#include "natstat/model/protocol.hpp"
#include "natstat/table/column.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

namespace natstat::test {

/// The value in an optional that the test knows to be filled.
template <typename T>
T sure(const std::optional<T>& value, std::string_view what) {
    if (!value)
        throw std::logic_error("the test's own text is wrong: " + std::string(what));
    return *value;
}

inline Address address(std::string_view text) {
    return sure(parse_address(text), text);
}
inline Endpoint endpoint(std::string_view text) {
    return sure(parse_endpoint(text), text);
}

/// Builds a flow: MakeFlow("tcp", "192.0.2.1:1000", "198.51.100.1:80").state("ESTABLISHED").
/// Without reply() the reply tuple is the mirror of the original; no_reply() leaves it out.
class MakeFlow {
  public:
    MakeFlow(std::string_view protocol, std::string_view source, std::string_view destination) {
        flow_.protocol = sure(parse_protocol(protocol), protocol);
        const Endpoint from = endpoint(source);
        const Endpoint to = endpoint(destination);
        flow_.family = from.address.family;
        put(Part::original, Part::original_ports, 0, from, to);
        put(Part::reply, Part::reply_ports, 2, to, from);
    }

    MakeFlow& reply(std::string_view source, std::string_view destination) {
        put(Part::reply, Part::reply_ports, 2, endpoint(source), endpoint(destination));
        return *this;
    }
    MakeFlow& no_reply() {
        clear(Part::reply);
        clear(Part::reply_ports);
        flow_.address[2] = flow_.address[3] = {};
        flow_.port[2] = flow_.port[3] = 0;
        return *this;
    }
    /// Ids and types as conntrack keeps them; `reply_id` differs where NAT rewrote the id.
    MakeFlow& icmp(std::uint16_t id, std::uint8_t type, std::uint8_t reply_type,
                   std::uint16_t reply_id) {
        flow_.port = {id, static_cast<std::uint16_t>(type << 8),
                      static_cast<std::uint16_t>(reply_type << 8), reply_id};
        flow_.set(Part::icmp);
        flow_.set(Part::original_ports);
        flow_.set(Part::reply_ports);
        return *this;
    }
    MakeFlow& echo(std::uint16_t id) { return icmp(id, 8, 0, id); }

    MakeFlow& state(std::string_view name) {
        return with(Part::state,
                    [&](Flow& f) { f.state = sure(parse_state(f.protocol, name), name) & 0x3F; });
    }
    MakeFlow& status(std::uint32_t bits) {
        return with(Part::status, [&](Flow& f) { f.status = bits; });
    }
    MakeFlow& timeout(std::uint32_t seconds) {
        return with(Part::timeout, [&](Flow& f) { f.timeout = seconds; });
    }
    MakeFlow& up(std::uint64_t packets, std::uint64_t bytes) {
        return with(Part::counters_up,
                    [&](Flow& f) { f.packets_up = packets, f.bytes_up = bytes; });
    }
    MakeFlow& down(std::uint64_t packets, std::uint64_t bytes) {
        return with(Part::counters_down,
                    [&](Flow& f) { f.packets_down = packets, f.bytes_down = bytes; });
    }
    MakeFlow& start_ms(std::uint64_t ms) {
        return with(Part::start, [&](Flow& f) { f.set_start(std::chrono::milliseconds{ms}); });
    }
    MakeFlow& mark(std::uint32_t value) {
        return with(Part::mark, [&](Flow& f) { f.mark = value; });
    }
    MakeFlow& zone(std::uint16_t value, std::optional<Direction> only = std::nullopt) {
        flow_.set_zone(value, only);
        return *this;
    }
    MakeFlow& id(std::uint32_t value) {
        return with(Part::id, [&](Flow& f) { f.id = value; });
    }
    MakeFlow& extras(std::uint32_t index) {
        flow_.extras = index;
        return *this;
    }

    operator const Flow&() const { return flow_; } // NOLINT: reads as a flow in a test
    [[nodiscard]] const Flow& flow() const { return flow_; }

  private:
    template <typename Change>
    MakeFlow& with(Part part, Change&& change) {
        flow_.set(part);
        change(flow_);
        return *this;
    }
    void clear(Part part) {
        flow_.parts &= static_cast<std::uint16_t>(~static_cast<unsigned>(part));
    }
    void put(Part part, Part ports, std::size_t first, const Endpoint& a, const Endpoint& b) {
        clear(ports);
        flow_.set(part);
        flow_.address[first] = a.address.bytes;
        flow_.address[first + 1] = b.address.bytes;
        if (a.port || b.port)
            flow_.set(ports);
        flow_.port[first] = a.port.value_or(0);
        flow_.port[first + 1] = b.port.value_or(0);
    }

    Flow flow_;
};

/// The same of every address.
class OneWho : public Who {
  public:
    [[nodiscard]] Range range(const Address& /*address*/) const override {
        return {"S3", "eu-west-1"};
    }
    [[nodiscard]] std::string_view network(const Address& /*address*/) const override {
        return "site";
    }
    [[nodiscard]] std::string_view owner(const Address& /*address*/) const override {
        return "Example, Inc.";
    }
    [[nodiscard]] std::optional<std::uint32_t>
    as_number(const Address& /*address*/) const override {
        return 64496;
    }
    [[nodiscard]] std::string_view country(const Address& /*address*/) const override {
        return "DE";
    }
    [[nodiscard]] std::string_view workload(const Address& /*address*/,
                                            std::optional<Time> /*began*/) const override {
        return "shop-api";
    }
    [[nodiscard]] std::optional<Process> process(std::uint8_t /*protocol*/,
                                                 const Endpoint& /*local*/,
                                                 const Endpoint& /*remote*/) const override {
        return Process{"python3", 4711};
    }
    void refresh() override {}
};

/// A flow with its extras and surroundings, so that a test can ask columns about it.
struct Scene {
    Flow flow;
    Extras extras{};
    Surroundings around{};

    [[nodiscard]] Row row() const { return {flow, extras, around}; }
    [[nodiscard]] Value get(std::string_view name) const { return column(name).get(row()); }
    /// The cell's text; what the column gives is read before the row ends.
    [[nodiscard]] std::string text(std::string_view name) const { return to_text(get(name)); }
};

/// A flow of each NAT shape, with everything that a column can show.
inline Scene full_scene() {
    Scene scene;
    scene.flow = MakeFlow("tcp", "198.51.100.7:40000", "203.0.113.1:8080")
                     .reply("192.0.2.80:80", "203.0.113.2:50001")
                     .state("ESTABLISHED")
                     .status(status::seen_reply | status::assured | status::confirmed)
                     .timeout(431990)
                     .up(10, 1000)
                     .down(20, 3000)
                     .start_ms(1'000'000'000)
                     .mark(0x2A)
                     .zone(7)
                     .id(4242);
    scene.extras.helper = "ftp";
    scene.extras.secctx = "system_u:object_r:x";
    scene.extras.labels[0] = 0x05;
    scene.extras.has_labels = true;
    scene.around.now = Time{} + std::chrono::seconds{1'000'100};
    static const OneWho who;
    scene.around.who = &who;
    scene.around.timeouts.emplace().set(protocol::tcp, 3, std::chrono::seconds{432000});
    return scene;
}

/// Numbers of a fixed seed: the same on every machine, unlike the standard distributions.
class Dice {
  public:
    explicit Dice(std::uint32_t seed) : engine_(seed) {}
    std::uint64_t number() { return static_cast<std::uint64_t>(engine_()) << 32 | engine_(); }
    /// 0 to `sides` - 1.
    std::uint32_t roll(std::uint32_t sides) {
        return static_cast<std::uint32_t>(engine_()) % sides;
    }
    bool coin() { return roll(2) == 0; }
    /// Numbers of all magnitudes, with the edges often.
    std::uint64_t magnitude() {
        const std::uint64_t value = number() >> roll(64);
        return roll(8) == 0 ? 0 : roll(8) == 0 ? ~std::uint64_t{0} : value;
    }

  private:
    std::mt19937 engine_;
};

/// An address out of few, so that equal ones and shared prefixes are common.
inline Address random_address(Dice& dice, Family family) {
    Address result{family, {}};
    for (std::size_t i = 0; i < address_size(family); ++i)
        if (dice.roll(3) == 0)
            result.bytes[i] =
                static_cast<std::uint8_t>(dice.coin() ? dice.roll(3) : dice.roll(256));
    return result;
}

inline std::uint8_t random_protocol(Dice& dice) {
    static constexpr std::uint8_t usual[] = {1, 6, 17, 33, 47, 58, 132, 136, 0, 253};
    return dice.roll(4) == 0 ? static_cast<std::uint8_t>(dice.roll(256)) : usual[dice.roll(10)];
}

/// A flow whose parts are there or not at random; absent parts stay zero, as the sources leave
/// them.
inline Flow random_flow(Dice& dice) {
    Flow flow;
    flow.family = dice.coin() ? Family::ipv4 : Family::ipv6;
    flow.protocol = random_protocol(dice);
    flow.parts = static_cast<std::uint16_t>(dice.number() & 0x7FFF);
    flow.set(Part::original);
    for (std::size_t end = 0; end < 4; ++end) {
        if (!flow.has(end < 2 ? Part::original : Part::reply))
            continue;
        flow.address[end] = random_address(dice, flow.family).bytes;
        if (flow.has(end < 2 ? Part::original_ports : Part::reply_ports))
            flow.port[end] =
                static_cast<std::uint16_t>(dice.coin() ? dice.roll(3) : dice.roll(65536));
    }
    const auto some = [&](Part part) { return flow.has(part) ? dice.magnitude() : 0; };
    flow.packets_up = some(Part::counters_up);
    flow.packets_down = some(Part::counters_down);
    flow.bytes_up = some(Part::counters_up);
    flow.bytes_down = some(Part::counters_down);
    if (const auto start = some(Part::start) & start_mask; flow.has(Part::start))
        flow.set_start(std::chrono::milliseconds{start});
    flow.clear(Part::zone);
    flow.clear(Part::zone_original_only);
    flow.clear(Part::zone_reply_only);
    if (dice.roll(3) == 0)
        flow.set_zone(static_cast<std::uint16_t>(dice.roll(3)), dice.coin()
                                                                    ? std::optional<Direction>()
                                                                : dice.coin() ? Direction::original
                                                                              : Direction::reply);
    flow.id = static_cast<std::uint32_t>(some(Part::id));
    flow.timeout = static_cast<std::uint32_t>(some(Part::timeout));
    flow.mark = static_cast<std::uint32_t>(some(Part::mark));
    flow.status = static_cast<std::uint32_t>(some(Part::status)) & 0xFFFFU;
    flow.state = flow.has(Part::state) ? dice.roll(12) & 0x3FU : 0U;
    return flow;
}

} // namespace natstat::test
