// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// libnftables-json(5). Of a rule it takes the statement that translates the source, and of its
// conditions those of protocol, destination and port; what else a rule may want is passed over, so
// that it counts as one that can be meant.
#include "natstat/intake/nat_rules.hpp"

#include "natstat/model/protocol.hpp"

#include <limits>

#include <rapidjson/document.h>

namespace natstat {

namespace {

using Json = rapidjson::Value;

const Json* member(const Json& object, const char* name) {
    if (!object.IsObject())
        return nullptr;
    const auto found = object.FindMember(name);
    return found == object.MemberEnd() ? nullptr : &found->value;
}

std::string_view text_of(const Json* value) {
    return value != nullptr && value->IsString()
               ? std::string_view(value->GetString(), value->GetStringLength())
               : std::string_view();
}

std::optional<std::uint16_t> port_of(const Json& value) {
    constexpr unsigned most = std::numeric_limits<std::uint16_t>::max();
    if (!value.IsUint() || value.GetUint() > most)
        return std::nullopt;
    return static_cast<std::uint16_t>(value.GetUint());
}

/// The two ends of {"range": [a, b]}.
const Json* range_in(const Json& value) {
    const Json* const range = member(value, "range");
    return range != nullptr && range->IsArray() && range->Size() == 2 ? range : nullptr;
}

std::optional<NatPorts> ports_of(const Json& value) {
    if (const Json* const range = range_in(value)) {
        const auto first = port_of((*range)[0]), last = port_of((*range)[1]);
        if (first && last && *first <= *last)
            return NatPorts{*first, *last};
        return std::nullopt;
    }
    const auto port = port_of(value);
    return port ? std::optional(NatPorts{*port, *port}) : std::nullopt;
}

/// The last address of a network.
Address last_of(const Network& network) {
    Address last = network.base;
    for (std::size_t bit = network.prefix; bit < 8 * address_size(last.family); ++bit)
        last.bytes[bit / 8] = static_cast<std::uint8_t>(last.bytes[bit / 8] | 0x80U >> bit % 8);
    return last;
}

std::optional<AddressSpan> prefix_of(const Json& prefix) {
    const auto address = parse_address(text_of(member(prefix, "addr")));
    const Json* const length = member(prefix, "len");
    if (!address || length == nullptr || !length->IsUint() ||
        length->GetUint() > 8 * address_size(address->family))
        return std::nullopt;
    const Network network = network_of(*address, length->GetUint());
    return AddressSpan{network.base, last_of(network)};
}

std::optional<AddressSpan> addresses_of(const Json& value) {
    if (const Json* const prefix = member(value, "prefix"))
        return prefix_of(*prefix);
    const Json* const range = range_in(value);
    const auto first = parse_address(text_of(range == nullptr ? &value : &(*range)[0]));
    const auto last = range == nullptr ? first : parse_address(text_of(&(*range)[1]));
    if (!first || !last || first->family != last->family || *last < *first)
        return std::nullopt;
    return AddressSpan{*first, *last};
}

std::optional<std::uint8_t> protocol_of(const Json& value) {
    if (value.IsString())
        return parse_protocol(text_of(&value));
    constexpr unsigned most = std::numeric_limits<std::uint8_t>::max();
    return value.IsUint() && value.GetUint() <= most
               ? std::optional(static_cast<std::uint8_t>(value.GetUint()))
               : std::nullopt;
}

/// All values of the right side of a condition, a single one or a set; nothing where one of them is
/// not understood, and then the condition is passed over.
template <typename Read>
auto all_of(const Json& right, Read&& read) {
    std::vector<typename std::decay_t<decltype(read(right))>::value_type> values;
    const Json* const set = member(right, "set");
    if (set == nullptr || !set->IsArray()) {
        if (const auto value = read(right))
            values.push_back(*value);
        return values;
    }
    for (const Json& each : set->GetArray()) {
        const auto value = read(each);
        if (!value)
            return decltype(values){};
        values.push_back(*value);
    }
    return values;
}

/// What the conditions of a rule come to.
struct Conditions {
    std::vector<std::uint8_t> protocols; // empty: all
    std::vector<AddressSpan> to;
    std::vector<NatPorts> to_ports;
    Family family = Family::none;

    void take(const Json& match);

  private:
    void take_payload(const Json& payload, const Json& right);
};

void Conditions::take(const Json& match) {
    const Json* const left = member(match, "left");
    const Json* const right = member(match, "right");
    const std::string_view op = text_of(member(match, "op"));
    if (left == nullptr || right == nullptr || (op != "==" && op != "in"))
        return;
    if (const Json* const payload = member(*left, "payload"))
        return take_payload(*payload, *right);
    const Json* const meta = member(*left, "meta");
    if (meta != nullptr && text_of(member(*meta, "key")) == "l4proto")
        protocols = all_of(*right, protocol_of);
}

void Conditions::take_payload(const Json& payload, const Json& right) {
    const std::string_view of = text_of(member(payload, "protocol"));
    const std::string_view field = text_of(member(payload, "field"));
    const bool ip = of == "ip" || of == "ip6";
    if (ip)
        family = of == "ip" ? Family::ipv4 : Family::ipv6;
    if (ip && field == "daddr")
        to = all_of(right, addresses_of);
    else if (ip && (field == "protocol" || field == "nexthdr"))
        protocols = all_of(right, protocol_of);
    else if (const auto protocol = parse_protocol(of); protocol && !ip) {
        protocols = {*protocol};
        if (field == "dport")
            to_ports = all_of(right, ports_of);
    } else if (of == "th" && field == "dport")
        to_ports = all_of(right, ports_of);
}

Family family_named(std::string_view name) {
    return name == "ip" ? Family::ipv4 : name == "ip6" ? Family::ipv6 : Family::none;
}

class Reader {
  public:
    void take_rule(const Json& rule);
    NatRules rules;

  private:
    void take_source(const Json& rule, const Conditions& conditions, const Json& what);
};

void Reader::take_rule(const Json& rule) {
    const Json* const statements = member(rule, "expr");
    if (statements == nullptr || !statements->IsArray())
        return;
    Conditions conditions;
    for (const Json& each : statements->GetArray()) {
        if (const Json* const match = member(each, "match"))
            conditions.take(*match);
        for (const char* name : {"masquerade", "snat"})
            if (const Json* const what = member(each, name))
                take_source(rule, conditions, *what);
        // A statement of iptables; newer libraries name its target, older ones say nothing.
        if (const Json* const foreign = member(each, "xt")) {
            const std::string_view name = text_of(member(*foreign, "name"));
            rules.has_untold = rules.has_untold || name.empty() || name == "SNAT" ||
                               name == "MASQUERADE" || name == "NETMAP";
        }
    }
}

void Reader::take_source(const Json& rule, const Conditions& conditions, const Json& what) {
    NatRule found;
    found.family = family_named(text_of(member(what, "family")));
    if (found.family == Family::none)
        found.family = family_named(text_of(member(rule, "family")));
    if (found.family == Family::none)
        found.family = conditions.family;
    found.to = conditions.to;
    found.to_ports = conditions.to_ports;
    const Json* const address = member(what, "addr");
    if (const auto addresses = address == nullptr ? std::nullopt : addresses_of(*address))
        found.gives = {*addresses};
    else if (address != nullptr) // a map, which can have ports as well
        rules.has_untold = true;
    if (const Json* const port = member(what, "port")) {
        found.ports = ports_of(*port);
        rules.has_untold = rules.has_untold || !found.ports;
    }
    if (conditions.protocols.empty())
        rules.rules.push_back(found);
    for (const std::uint8_t protocol : conditions.protocols) {
        found.protocol = protocol;
        rules.rules.push_back(found);
    }
}

} // namespace

NatRules parse_nat_rules(std::string_view json) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
    const Json* const all = document.HasParseError() ? nullptr : member(document, "nftables");
    if (all == nullptr || !all->IsArray())
        return {};
    Reader reader;
    reader.rules.known = true;
    for (const Json& each : all->GetArray())
        if (const Json* const rule = member(each, "rule"))
            reader.take_rule(*rule);
    return std::move(reader.rules);
}

} // namespace natstat
