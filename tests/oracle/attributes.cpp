// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Reading a message by the table of rules, and what the library may see of it.
//
// nfct_nlmsg_parse gets a message as it is when it is plain. Where it is not, it gets the result of
// for_library: the same message with only what natstat reads. These are the reasons:
// - On a wrong length it ends the process (version 1.0.8 and later), also in attributes that
// natstat
//   passes over, and it reads behind the end of a text without a NUL.
// - A CTA_TIMESTAMP_STOP without a start makes older versions follow a null pointer.
// - It takes the old 32-bit counters, which no kernel sends and natstat passes over.
// - Port, ICMP id, type and code share their places in its tuple, and the states of TCP, DCCP and
//   SCTP theirs. It takes all of them, natstat what belongs to the protocol.
#include "attributes.hpp"

#include "rules.hpp"

#include "natstat/model/protocol.hpp"

#include <algorithm>
#include <cstring>
#include <map>

#include <sys/socket.h>

namespace natstat::oracle {

namespace {

// -- reading ------------------------------------------------------------------------------------

struct Findings {
    std::optional<std::string> fault;
    std::map<int, std::string> faults; // by type; of what comes twice the last one counts
    bool plain = true;
};

bool has(const Attributes& attributes, int type) {
    return std::any_of(attributes.begin(), attributes.end(),
                       [type](const Attribute& attribute) { return attribute.type() == type; });
}

/// The last attribute of this type: the one that counts.
const Attribute* last(const Attributes& attributes, int type) {
    const auto found =
        std::find_if(attributes.rbegin(), attributes.rend(),
                     [type](const Attribute& attribute) { return attribute.type() == type; });
    return found == attributes.rend() ? nullptr : &*found;
}

std::uint8_t protocol_in(const Attributes& numbers) {
    const Attribute* number = last(numbers, CTA_PROTO_NUM);
    return number != nullptr ? number->payload.at(0) : std::uint8_t{0};
}

bool is_id_type_or_code(int type, std::uint8_t protocol) {
    return protocol == protocol::icmp
               ? type >= CTA_PROTO_ICMP_ID && type <= CTA_PROTO_ICMP_CODE
               : protocol == protocol::icmpv6 && type >= CTA_PROTO_ICMPV6_ID &&
                     type <= CTA_PROTO_ICMPV6_CODE;
}

/// What belongs to the protocol of a CTA_TUPLE_PROTO.
Attributes fitting(const Attributes& numbers) {
    const std::uint8_t protocol = protocol_in(numbers);
    const bool is_icmp = protocol == protocol::icmp || protocol == protocol::icmpv6;
    Attributes result;
    for (const Attribute& number : numbers) {
        const bool is_port =
            number.type() == CTA_PROTO_SRC_PORT || number.type() == CTA_PROTO_DST_PORT;
        const bool is_echo =
            number.type() >= CTA_PROTO_ICMP_ID && number.type() <= CTA_PROTO_ICMPV6_CODE;
        if (is_port ? !is_icmp : !is_echo || is_id_type_or_code(number.type(), protocol))
            result.push_back(number);
    }
    return result;
}

bool suits_library(const Rule& rule, const Attributes& inside) {
    if (rule.inside == &protocol_level)
        return fitting(inside).size() == inside.size();
    if (rule.inside == &state_level)
        return has(inside, CTA_PROTOINFO_TCP) + has(inside, CTA_PROTOINFO_DCCP) +
                   has(inside, CTA_PROTOINFO_SCTP) <=
               1;
    if (rule.inside == &time_level)
        return has(inside, CTA_TIMESTAMP_START) || !has(inside, CTA_TIMESTAMP_STOP);
    return true;
}

Attributes read_level(Bytes bytes, const Level& level, Findings& findings);

Attribute read_nest(std::uint16_t word, Bytes payload, const Rule& rule, Findings& findings) {
    Findings inner;
    Attribute nest{word, true, {}, read_level(payload, *rule.inside, inner)};
    const bool good = !inner.fault && inner.plain && suits_library(rule, nest.inside);
    findings.plain = findings.plain && good;
    findings.faults.erase(rule.type);
    if (!inner.fault)
        return nest;
    if (rule.use == Use::read)
        findings.faults[rule.type] = std::string(rule.name) + ": " + *inner.fault;
    return {word, false, {payload.begin(), payload.end()}, {}};
}

void check_value(Bytes payload, const Rule& rule, Findings& findings) {
    const bool right = payload.size() >= rule.least && payload.size() <= rule.most;
    const bool is_exact = rule.least == rule.most;
    if (!is_exact)
        findings.faults.erase(rule.type);
    if (!right && rule.use == Use::read) {
        const std::string fault =
            std::string(rule.name) + " of " + std::to_string(payload.size()) + " bytes";
        if (is_exact)
            findings.fault = fault;
        else
            findings.faults[rule.type] = fault;
    }
    const bool ends = !rule.is_text || std::count(payload.begin(), payload.end(), 0) > 0;
    findings.plain = findings.plain && right && ends && rule.use != Use::hidden;
}

Attribute read_one(std::uint16_t word, Bytes payload, const Level& level, Findings& findings) {
    const Rule* rule = level.find(word & NLA_TYPE_MASK);
    if (rule != nullptr && rule->inside != nullptr)
        return read_nest(word, payload, *rule, findings);
    if (rule != nullptr)
        check_value(payload, *rule, findings);
    return {word, false, {payload.begin(), payload.end()}, {}};
}

Attributes read_level(Bytes bytes, const Level& level, Findings& findings) {
    Attributes result;
    while (!bytes.empty() && !findings.fault) {
        nlattr head{};
        std::memcpy(&head, bytes.data(), std::min(sizeof head, bytes.size()));
        const std::size_t room = NLA_ALIGN(std::size_t{head.nla_len});
        if (head.nla_len < NLA_HDRLEN || room > bytes.size()) {
            findings.fault = "lengths do not add up";
            break;
        }
        const Bytes payload = bytes.subspan(NLA_HDRLEN, head.nla_len - std::size_t{NLA_HDRLEN});
        result.push_back(read_one(head.nla_type, payload, level, findings));
        bytes = bytes.subspan(room);
    }
    if (!findings.fault && !findings.faults.empty())
        findings.fault = findings.faults.begin()->second;
    return result;
}

// -- what is usable -----------------------------------------------------------------------------

bool has_both(const Attributes& ip, std::uint8_t family) {
    const bool four = family == AF_INET;
    return has(ip, four ? CTA_IP_V4_SRC : CTA_IP_V6_SRC) &&
           has(ip, four ? CTA_IP_V4_DST : CTA_IP_V6_DST);
}

bool has_any(const Attributes& ip, std::uint8_t family) {
    const bool four = family == AF_INET;
    return has(ip, four ? CTA_IP_V4_SRC : CTA_IP_V6_SRC) ||
           has(ip, four ? CTA_IP_V4_DST : CTA_IP_V6_DST);
}

std::uint8_t other_family(std::uint8_t family) {
    return family == AF_INET ? AF_INET6 : AF_INET;
}

Attributes inside_of(const Attribute* nest) {
    return nest != nullptr ? nest->inside : Attributes{};
}

std::uint8_t tuple_protocol(const Attribute& tuple) {
    return protocol_in(inside_of(last(tuple.inside, CTA_TUPLE_PROTO)));
}

// -- for the library ----------------------------------------------------------------------------

bool is_state_of(int type, std::uint8_t number) {
    return (type == CTA_PROTOINFO_TCP && number == protocol::tcp) ||
           (type == CTA_PROTOINFO_DCCP && number == protocol::dccp) ||
           (type == CTA_PROTOINFO_SCTP && number == protocol::sctp);
}

Attributes only_read(const Attributes& attributes, const Level& level, std::uint8_t protocol) {
    Attributes result;
    for (const Attribute& attribute : attributes) {
        const Rule* rule = level.find(attribute.type());
        if (rule == nullptr || rule->use != Use::read)
            continue;
        if (&level == &state_level && !is_state_of(rule->type, protocol))
            continue;
        if (rule->inside != nullptr && last(attributes, rule->type) != &attribute)
            continue;
        Attribute copy = attribute;
        if (rule->inside == &protocol_level)
            copy.inside = fitting(copy.inside);
        if (rule->inside != nullptr)
            copy.inside = only_read(copy.inside, *rule->inside, protocol);
        if (rule->is_text)
            copy.payload.push_back(0);
        result.push_back(std::move(copy));
    }
    return result;
}

} // namespace

Reading read_payload(Bytes payload) {
    Reading reading;
    if (payload.size() < sizeof(nfgenmsg)) {
        reading.fault = "no nfgenmsg";
        return reading;
    }
    Findings findings;
    reading.family = payload[0];
    reading.attributes = read_level(payload.subspan(sizeof(nfgenmsg)), flow_level, findings);
    reading.fault = findings.fault;
    reading.plain = findings.plain && !findings.fault;
    return reading;
}

std::optional<std::string> unusable(const Reading& reading) {
    if (reading.family != AF_INET && reading.family != AF_INET6)
        return "neither IPv4 nor IPv6";
    const Attribute* original = last(reading.attributes, CTA_TUPLE_ORIG);
    const Attribute* reply = last(reading.attributes, CTA_TUPLE_REPLY);
    if (original == nullptr)
        return "no original tuple";
    for (const Attribute* tuple : {original, reply}) {
        if (tuple == nullptr)
            continue;
        const Attributes ip = inside_of(last(tuple->inside, CTA_TUPLE_IP));
        if (!has_both(ip, reading.family))
            return "a tuple without both addresses of the message's family";
        if (has_any(ip, other_family(reading.family)))
            return "a tuple with an address of the other family";
    }
    if (reply != nullptr && tuple_protocol(*original) != tuple_protocol(*reply))
        return "tuples of different protocols";
    return std::nullopt;
}

Attributes for_library(const Attributes& attributes) {
    const Attributes tuple = inside_of(last(attributes, CTA_TUPLE_ORIG));
    const std::uint8_t protocol = protocol_in(inside_of(last(tuple, CTA_TUPLE_PROTO)));
    return only_read(attributes, flow_level, protocol);
}

} // namespace natstat::oracle
