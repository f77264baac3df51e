// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a filter asks of the kernel: the conditions for chosen filters, and for thousands of random
// ones on random flows that no flow which the filter lets through is left out.
#include "natstat/filter/filter.hpp"

#include "make_flow.hpp"
#include "natstat/model/protocol.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <array>

using namespace natstat;

namespace {

Filter filter_of(std::string_view text) {
    auto parsed = Filter::parse(text);
    if (const auto* error = std::get_if<FilterError>(&parsed))
        FAIL(error->show(text));
    return std::get<Filter>(std::move(parsed));
}

void append_end(std::string& text, const char* name, const std::optional<Address>& address,
                const std::optional<std::uint16_t>& port) {
    if (!address && !port)
        return;
    text += std::string(" ") + name + '=' + (address ? to_text(*address) : "");
    if (port)
        text += '#' + std::to_string(*port);
}

/// A condition in one line: family, protocol, status value/mask, zone, mark, ends as address#port.
std::string to_line(const ListCondition& condition) {
    std::string text;
    if (condition.family)
        text += *condition.family == Family::ipv4 ? " ipv4" : " ipv6";
    if (condition.protocol)
        text += ' ' + std::string(protocol_name(*condition.protocol));
    for (const auto& [name, bit] : {std::pair{"src_nat", status::src_nat},
                                    {"dst_nat", status::dst_nat},
                                    {"assured", status::assured},
                                    {"replied", status::seen_reply}})
        if ((condition.status_mask & bit) != 0)
            text += std::string(" ") + ((condition.status_value & bit) != 0 ? "+" : "-") + name;
    if (condition.zone)
        text += " zone=" + std::to_string(*condition.zone);
    if (condition.mark_mask != 0)
        text += " mark=" + std::to_string(condition.mark_value) + '/' +
                std::to_string(condition.mark_mask);
    append_end(text, "from", condition.original.source, condition.original.source_port);
    append_end(text, "to", condition.original.destination, condition.original.destination_port);
    append_end(text, "reply_from", condition.reply.source, condition.reply.source_port);
    append_end(text, "reply_to", condition.reply.destination, condition.reply.destination_port);
    return text.empty() ? "all" : text.substr(1);
}

std::string to_line(const ListQuery& query) {
    std::string text;
    for (const ListCondition& condition : query)
        text += (text.empty() ? "" : " | ") + to_line(condition);
    return text.empty() ? "none" : text;
}

struct Case {
    const char* filter;
    const char* query;
};

void check(std::initializer_list<Case> cases) {
    for (const Case& one : cases) {
        INFO(one.filter);
        CHECK(to_line(filter_of(one.filter).list_query()) == one.query);
    }
}

} // namespace

TEST_CASE("facts that the kernel can check", "[filter][list]") {
    check({
        {"", "all"},
        {"tcp", "tcp"},
        {"proto=17", "udp"},
        {"ip6", "ipv6"},
        {"not ip6", "ipv4"},
        {"family=ipv4", "ipv4"},
        {"snat", "+src_nat"},
        {"dnat", "+dst_nat"},
        {"both", "+src_nat +dst_nat"},
        {"kind=snat", "+src_nat -dst_nat"},
        {"kind=snat,both", "+src_nat"},
        {"kind=snat,dnat,both", "all"}, // the kernel has no "one flag or the other"
        {"nat", "all"},
        {"not nat", "-src_nat -dst_nat"},
        {"local", "-src_nat -dst_nat"},
        {"routed", "-src_nat -dst_nat"},
        {"kind=local,routed", "-src_nat -dst_nat"},
        {"kind=local,snat", "-dst_nat"},
        {"not snat", "-src_nat"},
        {"not both", "all"},
        {"assured", "+assured"},
        {"not assured", "-assured"},
        {"unreplied", "-replied"},
        {"status!=unreplied", "+replied"},
        {"zone=7", "zone=7"},
        {"zone_orig=7", "zone=7"}, // the kernel asks for no direction
        {"zone_reply=7", "zone=7"},
        {"zone=0", "all"},
        {"zone=65536", "all"}, // matches nothing, but not because of what a condition can say
        {"mark=5", "mark=5/4294967295"},
        {"mark=0x10/0xff", "mark=16/255"},
        {"mark=0", "all"},
        {"mark>5", "all"},
        {"src 192.0.2.1", "ipv4 from=192.0.2.1"},
        {"dst 192.0.2.1", "ipv4 reply_from=192.0.2.1"},
        {"src 2001:db8::1", "ipv6 from=2001:db8::1"},
        {"src 192.0.2.0/24", "ipv4"},
        {"src 192.0.2.1/32", "ipv4 from=192.0.2.1"},
        {"src>=192.0.2.1", "ipv4"},
        {"state=established", "all"},
        {"bytes>5", "all"},
        {"helper=ftp", "all"},
        {"labels=5", "all"},
        {"bytes<0", "none"},
        {"not bytes<0", "all"},
    });
}

TEST_CASE("an index is asked for a NAT side with its port", "[filter][list]") {
    const auto query = std::get<Filter>(Filter::parse("nat 192.0.2.1:99 and nat")).look_up_query();
    REQUIRE(query.size() == 2);
    CHECK(query[0].status_value == status::src_nat);
    CHECK(query[0].reply.destination == test::address("192.0.2.1"));
    CHECK(query[0].reply.destination_port == 99);
    CHECK(query[1].status_value == status::dst_nat);
    CHECK(query[1].original.destination_port == 99);
    CHECK(std::get<Filter>(Filter::parse("tcp")).look_up_query().front().protocol ==
          protocol::tcp);
}

TEST_CASE("both translations are asked for a NAT side", "[filter][list]") {
    check({
        {"nat 192.0.2.1", "ipv4 reply_to=192.0.2.1 | ipv4 +dst_nat to=192.0.2.1"},
        {"gate=192.0.2.1", "ipv4 reply_to=192.0.2.1 | ipv4 +dst_nat to=192.0.2.1"},
        {"nat 192.0.2.1:99", "ipv4 reply_to=192.0.2.1 | ipv4 +dst_nat to=192.0.2.1"},
        {"tcp and nat 192.0.2.1:99",
         "ipv4 tcp reply_to=192.0.2.1#99 | ipv4 tcp +dst_nat to=192.0.2.1#99"},
        {"nat 192.0.2.1:99 and snat",
         "ipv4 +src_nat reply_to=192.0.2.1 | ipv4 +src_nat +dst_nat to=192.0.2.1"},
        {"kind=snat and nat 192.0.2.1", "ipv4 +src_nat -dst_nat reply_to=192.0.2.1"},
        {"icmp and nat 192.0.2.1:99",
         "ipv4 icmp reply_to=192.0.2.1 | ipv4 icmp +dst_nat to=192.0.2.1"},
        {"original=192.0.2.1", "ipv4 from=192.0.2.1 | ipv4 to=192.0.2.1"},
        {"reply=192.0.2.1", "ipv4 reply_from=192.0.2.1 | ipv4 reply_to=192.0.2.1"},
        {"host 192.0.2.1", "ipv4"}, // four lists cost more than the one
        {"host 192.0.2.1 and not dnat",
         "ipv4 -dst_nat from=192.0.2.1 | ipv4 -dst_nat reply_from=192.0.2.1 | "
         "ipv4 -dst_nat reply_to=192.0.2.1"},
        {"host 192.0.2.1 and src 192.0.2.2", "ipv4 from=192.0.2.2"},
    });
}

TEST_CASE("ports go with a protocol that has them and with a family", "[filter][list]") {
    check({
        {"src 192.0.2.1:80", "ipv4 from=192.0.2.1"},
        {"tcp src 192.0.2.1:80", "ipv4 tcp from=192.0.2.1#80"},
        {"tcp and dst 192.0.2.1:80", "ipv4 tcp reply_from=192.0.2.1#80"},
        {"sctp and sport=80 and src=192.0.2.1", "ipv4 sctp from=192.0.2.1#80"},
        {"icmp and src 192.0.2.1:80", "ipv4 icmp from=192.0.2.1"},
        {"gre and src 192.0.2.1:80", "ipv4 gre from=192.0.2.1"},
        {"tcp and sport=80", "tcp"},
        {"ip4 and tcp and sport=80", "ipv4 tcp from=#80"},
        {"ip4 and tcp and sport=80-81", "ipv4 tcp"},
        {"tcp port 80", "tcp"},
    });
}

TEST_CASE("and, or and not", "[filter][list]") {
    check({
        {"tcp and udp", "none"},
        {"tcp and not tcp", "tcp"}, // "not tcp" is nothing that can be asked
        {"assured and not assured", "none"},
        {"snat and local", "none"},
        {"ip6 and src 192.0.2.1", "none"},
        {"src 192.0.2.1 and src 192.0.2.2", "none"},
        {"(tcp and udp) or icmp", "icmp"},
        {"not (tcp and udp)", "all"},
        {"not (snat or assured)", "-src_nat -assured"},
        {"not (not snat and not assured)", "all"},
        {"tcp and snat and zone=7 and mark=1", "tcp +src_nat zone=7 mark=1/4294967295"},
        {"mark=0x10/0xf0 and mark=0x01/0x0f", "mark=17/255"},
        {"mark=0x10/0xf0 and mark=0x20/0xf0", "none"},
        {"tcp or udp", "all"},
        {"snat or dnat", "all"}, // two lists of all translated flows
        {"tcp or tcp", "tcp"},
        {"tcp or (tcp and snat)", "tcp"},
        {"tcp and snat or tcp and assured", "tcp"},
        {"src 192.0.2.1 or tcp", "all"},
        {"src 192.0.2.1 or 192.0.2.2", "ipv4 from=192.0.2.1 | ipv4 from=192.0.2.2"},
        {"src 192.0.2.1,192.0.2.2", "ipv4 from=192.0.2.1 | ipv4 from=192.0.2.2"},
        {"src 192.0.2.1 or src 2001:db8::1", "ipv4 from=192.0.2.1 | ipv6 from=2001:db8::1"},
        {"src 192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4", "ipv4"},
        {"zone=1,2", "zone=1 | zone=2"},
        {"src 192.0.2.1 and dst 192.0.2.2,192.0.2.3", "ipv4 from=192.0.2.1"},
        {"(tcp or udp) and src 192.0.2.1:5", "ipv4 from=192.0.2.1"},
        {"(tcp or udp) and nat 192.0.2.1:5",
         "ipv4 reply_to=192.0.2.1 | ipv4 +dst_nat to=192.0.2.1"},
        {"nat 192.0.2.1 and nat 192.0.2.2", "ipv4 +dst_nat to=192.0.2.2 reply_to=192.0.2.1 | "
                                            "ipv4 +dst_nat to=192.0.2.1 reply_to=192.0.2.2"},
    });
}

TEST_CASE("many alternatives stay few conditions", "[filter][list]") {
    std::string list = "src 192.0.2.1";
    for (int i = 2; i < 255; ++i)
        list += ",192.0.2." + std::to_string(i);
    CHECK(to_line(filter_of(list).list_query()) == "ipv4");
    CHECK(to_line(filter_of(list + " and dst 192.0.2.9").list_query()) ==
          "ipv4 reply_from=192.0.2.9");
    std::string product;
    for (int i = 0; i < 40; ++i)
        product += "(src 192.0.2.1 or src 192.0.2.2) ";
    CHECK(filter_of(product).list_query().size() <= list_query_limit);
}

namespace {

using test::Dice;

constexpr std::string_view hosts[] = {"192.0.2.1",   "192.0.2.2",   "198.51.100.1", "198.51.100.2",
                                      "2001:db8::1", "2001:db8::2", "2001:db8::3",  "2001:db8::4"};
constexpr std::string_view ports[] = {"1", "2", "3"};
constexpr std::uint8_t protocols[] = {protocol::tcp,
                                      protocol::udp,
                                      protocol::icmp,
                                      protocol::icmpv6,
                                      protocol::sctp,
                                      protocol::gre,
                                      50};

template <typename T, std::size_t n>
const T& pick(Dice& dice, const T (&of)[n]) {
    return of[dice.roll(n)];
}

/// A flow as the kernel has them: both tuples, and status flags of NAT that agree with them.
Flow kernel_flow(Dice& dice) {
    Flow flow;
    flow.family = dice.coin() ? Family::ipv4 : Family::ipv6;
    flow.protocol = pick(dice, protocols);
    flow.set(Part::original);
    flow.set(Part::reply);
    flow.set(Part::status);
    const bool with_ports = flow.protocol != 50;
    if (with_ports) {
        flow.set(Part::original_ports);
        flow.set(Part::reply_ports);
    }
    const auto set_end = [&](std::size_t end) {
        flow.address[end] =
            test::address(hosts[dice.roll(4) + (flow.family == Family::ipv6 ? 4 : 0)]).bytes;
        flow.port[end] = static_cast<std::uint16_t>(with_ports ? 1 + dice.roll(3) : 0);
    };
    set_end(0);
    set_end(1);
    flow.address[2] = flow.address[1];
    flow.address[3] = flow.address[0];
    flow.port[2] = flow.port[1];
    flow.port[3] = flow.port[0];
    if (dice.roll(3) == 0)
        set_end(2);
    if (dice.roll(3) == 0)
        set_end(3);
    if (flow.is_icmp()) { // type and code in the place of the other ends' ports
        flow.port[1] = static_cast<std::uint16_t>(dice.roll(4));
        flow.port[2] = static_cast<std::uint16_t>(dice.roll(4));
    }
    const Nat nat = nat_of(flow);
    flow.status = (has_snat(nat) ? status::src_nat : 0) | (has_dnat(nat) ? status::dst_nat : 0) |
                  (dice.coin() ? status::seen_reply : 0) | (dice.coin() ? status::assured : 0);
    if (dice.coin()) { // a mark of 0 may be said or not
        flow.set(Part::mark);
        flow.mark = dice.roll(4);
    }
    if (dice.coin()) {
        flow.set(Part::zone);
        flow.zone = (1 + dice.roll(3)) & 0xFFFF;
    }
    return flow;
}

std::string random_host(Dice& dice) {
    const std::string host(pick(dice, hosts));
    const bool ipv6 = host.find(':') != std::string::npos;
    switch (dice.roll(4)) {
    case 0:
        return (ipv6 ? '[' + host + ']' : host) + ':' + std::string(pick(dice, ports));
    case 1:
        return host + (ipv6 ? "/126" : "/30");
    default:
        return host;
    }
}

std::string random_list(Dice& dice, std::string (*value)(Dice&)) {
    std::string list = value(dice);
    while (dice.roll(3) == 0)
        list += ',' + value(dice);
    return list;
}

std::string random_port(Dice& dice) {
    return std::string(pick(dice, ports));
}

std::string random_condition(Dice& dice) {
    constexpr std::string_view words[] = {
        "tcp",  "udp",  "icmp", "sctp",  "gre",     "ip4",       "ip6",    "snat",
        "dnat", "both", "nat",  "local", "assured", "unreplied", "routed", "proto=50"};
    constexpr std::string_view columns[] = {
        "proto=tcp,udp", "kind=snat",       "kind=dnat,local",   "zone=1",   "zone=1,2", "zone=0",
        "mark=0",        "mark=1",          "mark=1/1",          "mark=2,3", "mark=0/2", "mark>1",
        "zone!=2",       "status=assured",  "status!=unreplied", "sport<3",  "dport>=2", "bytes>1",
        "src<192.0.2.2", "dst>2001:db8::1", "state=established"};
    constexpr std::string_view heads[] = {
        "src ", "dst ", "nat ", "", "source=", "gateway=", "destination=", "reply=", "original="};
    constexpr std::string_view port_heads[] = {"port ",     "src port ", "dst port ", "nat port ",
                                               "tcp port ", "sport=",    "dport=",    "gport="};
    switch (dice.roll(8)) {
    case 0:
    case 1:
        return std::string(pick(dice, words));
    case 2:
        return std::string(pick(dice, columns));
    case 3:
        return std::string(pick(dice, port_heads)) + random_list(dice, random_port);
    default:
        return std::string(pick(dice, heads)) + random_list(dice, random_host);
    }
}

std::string random_filter(Dice& dice, unsigned depth) {
    if (depth == 0 || dice.roll(4) == 0)
        return random_condition(dice);
    const std::string left = random_filter(dice, depth - 1);
    if (dice.roll(5) == 0)
        return "not (" + left + ')';
    const std::string_view joint = dice.roll(3) == 0 ? " or " : " and ";
    return '(' + left + ')' + std::string(joint) + '(' + random_filter(dice, depth - 1) + ')';
}

bool end_admits(const Flow& flow, std::size_t end, bool ports_count,
                const std::optional<Address>& address, const std::optional<std::uint16_t>& port) {
    return (!address || Address{flow.family, flow.address[end]} == *address) &&
           (!port || !ports_count || flow.port[end] == *port);
}

/// What a kernel would do with a condition, written without the model's own admits().
bool kernel_lists(const ListCondition& condition, const Flow& flow) {
    const bool ports_count = condition.protocol && condition.family;
    return (!condition.family || *condition.family == flow.family) &&
           (!condition.protocol || *condition.protocol == flow.protocol) &&
           (flow.status & condition.status_mask) == condition.status_value &&
           (!condition.zone || *condition.zone == (flow.has(Part::zone) ? flow.zone : 0)) &&
           ((flow.has(Part::mark) ? flow.mark : 0) & condition.mark_mask) == condition.mark_value &&
           end_admits(flow, 0, ports_count, condition.original.source,
                      condition.original.source_port) &&
           end_admits(flow, 1, ports_count, condition.original.destination,
                      condition.original.destination_port) &&
           end_admits(flow, 2, ports_count, condition.reply.source, condition.reply.source_port) &&
           end_admits(flow, 3, ports_count, condition.reply.destination,
                      condition.reply.destination_port);
}

} // namespace

TEST_CASE("no flow that a filter lets through is left out of its list", "[filter][list]") {
    constexpr unsigned filters = 1500;
    Dice dice(20240229);
    std::vector<Flow> flows(400);
    std::generate(flows.begin(), flows.end(), [&] { return kernel_flow(dice); });
    const Extras no_extras;
    Surroundings around;
    around.local_addresses = AddressSet{test::address("192.0.2.1"), test::address("2001:db8::1")};
    std::size_t narrowed = 0;
    std::size_t found = 0;
    std::size_t spared = 0;
    for (unsigned i = 0; i < filters; ++i) {
        const std::string text = random_filter(dice, 1 + dice.roll(3));
        const Filter filter = filter_of(text);
        const ListQuery query = filter.list_query();
        INFO(text << " -> " << to_line(query));
        REQUIRE(query.size() <= list_query_limit);
        const bool narrow = query != ListQuery{ListCondition{}};
        narrowed += narrow ? 1 : 0;
        for (const Flow& flow : flows) {
            const bool listed =
                std::any_of(query.begin(), query.end(), [&](const ListCondition& one) {
                    if (kernel_lists(one, flow) != admits(one, flow))
                        FAIL("admits() disagrees");
                    return kernel_lists(one, flow);
                });
            const bool matches = filter.matches(Row(flow, no_extras, around));
            if (matches && !listed)
                FAIL("left out: " << to_text(flow.end(End::original_source)) << " to "
                                  << to_text(flow.end(End::original_destination)));
            found += narrow && matches ? 1 : 0;
            spared += listed ? 0 : 1;
        }
    }
    // The test would be empty if filters never narrowed a list or never held.
    CHECK(narrowed > filters / 3);
    CHECK(found > 10 * filters);
    CHECK(spared > 50 * filters);
}
