// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Groups beside plain maps over the texts of cells: random flows, every column that groups can be
// made by, sums, distinct ports and hosts, networks, orders and limits.
#include "make_flow.hpp"

#include "natstat/model/state.hpp"
#include "natstat/table/groups.hpp"

#include "tests/catch.hpp"

#include <map>
#include <set>

using namespace natstat;
using namespace natstat::test;

namespace {

GroupKeys keys(std::string_view text) {
    const auto parsed = parse_group_keys(text);
    if (const auto* error = std::get_if<std::string>(&parsed))
        FAIL(*error);
    return std::get<GroupKeys>(parsed);
}

std::string error_of(std::string_view text) {
    const auto parsed = parse_group_keys(text);
    const auto* error = std::get_if<std::string>(&parsed);
    return error == nullptr ? "" : *error;
}

std::string cell(const Row& row, std::string_view name) {
    return to_text(column(name).get(row));
}

/// Cells of a row, with blanks between.
std::string cells(const Row& row, const std::vector<std::string_view>& names) {
    std::string text;
    for (const std::string_view name : names)
        text += (text.empty() ? "" : " ") + cell(row, name);
    return text;
}

Order order(std::string_view text) {
    return std::get<Order>(Order::parse(text));
}

std::vector<std::string> shown(const Groups& groups, const Order* order,
                               const std::vector<std::string_view>& names,
                               std::size_t limit = Groups::no_limit) {
    std::vector<std::string> rows;
    groups.for_each(order, limit, [&](const Row& row) { rows.push_back(cells(row, names)); });
    return rows;
}

/// Random flows and what surrounds them.
struct Crowd {
    std::vector<Flow> flows;
    ExtrasPool extras;
    Surroundings around;

    explicit Crowd(std::uint32_t seed, std::size_t size) {
        Dice dice(seed);
        for (std::size_t i = 0; i < size; ++i) {
            Flow flow = random_flow(dice);
            Extras some;
            if (dice.roll(3) == 0) // alike for longer than order bytes look
                some.secctx = "system_u:object_r:a_long_context_" + std::to_string(dice.roll(4));
            flow.extras = extras.intern(some);
            flows.push_back(flow);
        }
    }

    template <typename Take>
    void for_each(Take&& take) const {
        for (const Flow& flow : flows)
            take(Row(flow, extras[flow.extras], around));
    }
};

/// What the column's cells of many rows add up to, by hand.
struct Expected {
    std::uint64_t flows = 0;
    std::map<std::string_view, std::uint64_t> sums;
    std::set<std::string> hosts;
    std::set<std::string> ports;
    std::uint64_t unanswered = 0;
    std::uint64_t uncounted = 0;
    std::map<Phase, std::uint64_t> phases;

    void add(const Row& row) {
        ++flows;
        for (const std::string_view name :
             {"packets_up", "packets_down", "bytes_up", "bytes_down"}) {
            const std::string text = cell(row, name);
            if (text != "-")
                sums[name] += std::stoull(text);
        }
        if (cell(row, "src") != "-")
            hosts.insert(cells(row, {"src", "zone_orig"}));
        if (has_snat(row.nat) && cell(row, "gport") != "-")
            ports.insert(cells(row, {"proto", "gate", "gport"}));
        unanswered += (cell(row, "status") + ",").starts_with("unreplied,") ? 1 : 0;
        uncounted += cell(row, "packets_up") == "-" ? 1 : 0;
        // The flowtable takes established TCP alone, and then no state is told.
        const bool offloaded =
            row.flow.protocol == protocol::tcp &&
            ("," + cell(row, "status") + ",").find(",offload,") != std::string::npos;
        const auto state = row.flow.has(Part::state) ? phase_of(row.flow.protocol, row.flow.state)
                           : offloaded               ? Phase::established
                                                     : Phase::none;
        ++phases[state];
    }

    [[nodiscard]] std::string sum(std::string_view name) const {
        const auto found = sums.find(name);
        return found == sums.end() ? "-" : std::to_string(found->second);
    }
};

} // namespace

TEST_CASE("groups are what a map over the cells has", "[groups]") {
    const Crowd crowd(1, 5'000);
    for (const std::string_view text :
         {"src", "gate", "dst,dport", "state", "proto,state", "secctx", "original,proto", "source",
          "status", "kind,family", "mark", "zone", "labels,helper", "reply,proto"}) {
        INFO(text);
        const GroupKeys by = keys(text);
        std::vector<std::string_view> names;
        for (const GroupKey& key : by)
            names.push_back(key.column->name);
        Groups groups(by, {true, true, {}}, crowd.around);
        std::map<std::string, Expected> expected;
        crowd.for_each([&](const Row& row) {
            groups.add(row);
            expected[cells(row, names)].add(row);
        });
        REQUIRE(groups.size() == expected.size());
        groups.for_each(nullptr, Groups::no_limit, [&](const Row& row) {
            const Expected& here = expected.at(cells(row, names));
            REQUIRE(cell(row, "flows") == std::to_string(here.flows));
            REQUIRE(cell(row, "unanswered") == std::to_string(here.unanswered));
            REQUIRE(cell(row, "uncounted") == std::to_string(here.uncounted));
            REQUIRE(cell(row, "hosts") == std::to_string(here.hosts.size()));
            REQUIRE(cell(row, "ports") == std::to_string(here.ports.size()));
            for (const std::string_view name :
                 {"packets_up", "packets_down", "bytes_up", "bytes_down"})
                REQUIRE(cell(row, name) == here.sum(name));
            const auto phase = [&](Phase which) {
                const auto found = here.phases.find(which);
                return std::to_string(found == here.phases.end() ? 0 : found->second);
            };
            REQUIRE(cell(row, "opening") == phase(Phase::opening));
            REQUIRE(cell(row, "established") == phase(Phase::established));
            REQUIRE(cell(row, "closing") == phase(Phase::closing));
        });
    }
}

TEST_CASE("addresses are cut to networks of the length that is asked for", "[groups]") {
    const Crowd crowd(2, 3'000);
    for (const auto& [text, ipv4, ipv6] : {std::tuple{"src/24", 24, 128},
                                           {"src/0", 0, 128},
                                           {"src/48", 32, 48},
                                           {"src/8/31", 8, 31},
                                           {"src/32/128", 32, 128},
                                           {"src/9/65", 9, 65}}) {
        INFO(text);
        Groups groups(keys(text), {}, crowd.around);
        std::map<std::string, std::uint64_t> expected;
        // clang 14 lets no lambda have a structured binding as it is.
        crowd.for_each([&, of_ipv4 = ipv4, of_ipv6 = ipv6](const Row& row) {
            groups.add(row);
            const int length = row.flow.family == Family::ipv4 ? of_ipv4 : of_ipv6;
            // parse_network() has its own way to the same network.
            const auto network = parse_network(cell(row, "src") + "/" + std::to_string(length));
            ++expected[to_text(Value{*network})];
        });
        std::map<std::string, std::uint64_t> got;
        groups.for_each(nullptr, Groups::no_limit, [&](const Row& row) {
            got[cell(row, "src")] = std::stoull(cell(row, "flows"));
        });
        REQUIRE(got == expected);
    }
}

TEST_CASE("groups come in the order that is asked for, equal ones by their keys", "[groups]") {
    const Crowd crowd(3, 2'000);
    Groups groups(keys("proto,state"), {}, crowd.around);
    crowd.for_each([&](const Row& row) { groups.add(row); });
    const Order most = order("-flows");
    std::vector<std::tuple<std::int64_t, int, std::string, bool, std::string>> expected;
    std::vector<std::string> texts;
    groups.for_each(nullptr, Groups::no_limit, [&](const Row& row) {
        const std::string proto = cell(row, "proto");
        const bool named = proto.find_first_not_of("0123456789") != std::string::npos;
        const bool absent = is_absent(column("state").get(row));
        expected.emplace_back(-std::stoll(cell(row, "flows")), named ? 256 : std::stoi(proto),
                              named ? proto : "", absent, cells(row, {"proto", "state"}));
    });
    std::sort(expected.begin(), expected.end());
    for (const auto& [flows, number, name, absent, text] : expected)
        texts.push_back(text);
    REQUIRE(shown(groups, &most, {"proto", "state"}) == texts);
    texts.resize(7);
    REQUIRE(shown(groups, &most, {"proto", "state"}, 7) == texts);
    REQUIRE(shown(groups, &most, {"proto", "state"}, 0).empty());
}

TEST_CASE("the order of groups does not hang on the order of flows", "[groups]") {
    Crowd crowd(4, 2'000);
    Groups forth(keys("src/8"), {}, crowd.around);
    crowd.for_each([&](const Row& row) { forth.add(row); });
    std::reverse(crowd.flows.begin(), crowd.flows.end());
    Groups back(keys("src/8"), {}, crowd.around);
    crowd.for_each([&](const Row& row) { back.add(row); });
    for (const std::string_view text : {"-flows", "bytes", "-unanswered,src", "-src"}) {
        const Order by = order(text);
        REQUIRE(shown(forth, &by, {"src", "flows", "bytes"}) ==
                shown(back, &by, {"src", "flows", "bytes"}));
    }
}

TEST_CASE("a flow that has just begun is not said to be without counters", "[groups]") {
    Surroundings around;
    const Flow flow = MakeFlow("udp", "192.0.2.1:1", "203.0.113.1:53");
    const auto uncounted = [&](bool listed) {
        Life life;
        life.listed = listed;
        Groups groups(keys("src"), {}, around);
        groups.add(Row(flow, life, Extras{}, around));
        return shown(groups, nullptr, {"uncounted"}).front();
    };
    CHECK(uncounted(false) == "1"); // nothing is to come that tells them
    around.counted_later = true;
    CHECK(uncounted(false) == "0");
    CHECK(uncounted(true) == "1");
}

TEST_CASE("only ports of the range are counted, out of as many as it has", "[groups]") {
    const Surroundings around;
    const auto flow = [](std::string_view proto, int number, std::string_view gateway) {
        return MakeFlow(proto, "192.0.2." + std::to_string(number) + ":5000", "203.0.113.1:80")
            .reply("203.0.113.1:80", gateway)
            .flow();
    };
    const std::vector<Flow> flows{
        flow("tcp", 1, "198.51.100.1:1023"),  flow("tcp", 1, "198.51.100.1:1024"),
        flow("tcp", 2, "198.51.100.1:1024"),  flow("tcp", 3, "198.51.100.1:65535"),
        flow("udp", 3, "198.51.100.1:40000"), flow("253", 3, "198.51.100.1:40000")};
    const auto rows = [&](std::optional<NatPorts> only) {
        Groups groups(keys("proto,gate"), {true, true, PortPool{only}}, around);
        for (const Flow& each : flows)
            groups.add(Row(each, Extras{}, around));
        const Order fullest = order("-used,-ports");
        return shown(groups, &fullest, {"proto", "ports", "available", "used", "hosts", "flows"});
    };
    using Rows = std::vector<std::string>;
    REQUIRE(rows({}) == Rows{"tcp 2 64512 0.00 3 3", "udp 1 64512 0.00 1 1"});
    REQUIRE(rows(NatPorts{1000, 1024}) == Rows{"tcp 2 25 8.00 2 3"});
    REQUIRE(rows(NatPorts{65535, 65535}) == Rows{"tcp 1 1 100.00 1 1"});
    REQUIRE(rows(NatPorts{1, 2}).empty());
}

TEST_CASE("ports of groups that belong together count once", "[groups]") {
    const Surroundings around;
    const auto flow = [](std::uint16_t port, const std::string& server, const std::string& gate) {
        return MakeFlow("tcp", "192.0.2.1:" + std::to_string(port), server).reply(server, gate);
    };
    Groups groups(keys("gate,proto,destination"), {true, false, PortPool{}}, around);
    const std::string one = "203.0.113.1:80", two = "203.0.113.2:80";
    for (const Flow& each :
         {Flow(flow(1, one, "198.51.100.1:5000")), Flow(flow(2, one, "198.51.100.1:5001")),
          Flow(flow(3, two, "198.51.100.1:5001")), Flow(flow(4, two, "198.51.100.1:5002")),
          Flow(flow(5, two, "198.51.100.2:5001"))})
        REQUIRE(groups.add(Row(each, Extras{}, around)));
    const Flow outside = flow(6, one, "198.51.100.1:1023");
    REQUIRE_FALSE(groups.add(Row(outside, Extras{}, around)));
    using Numbers = std::vector<std::uint32_t>;
    REQUIRE(groups.ports_together(Numbers{0, 0, 1}, 2) == Numbers{3, 1});
    REQUIRE(groups.ports_together(Numbers{0, 1, 2}, 3) == Numbers{2, 2, 1});
}

namespace {

/// A name for each of the first addresses, some of which share one.
class Named : public OneWho {
  public:
    [[nodiscard]] std::string_view workload(const Address& address,
                                            std::optional<Time> /*began*/) const override {
        constexpr std::string_view names[] = {"api", "api", "db", "job", ""};
        return names[address.bytes[3] % std::size(names)];
    }
};

/// The three with the most ports, and how many others, as a map over the cells has them.
std::string holders_by_hand(const std::map<std::string, std::set<std::string>>& ports) {
    std::vector<std::pair<std::string, std::size_t>> all;
    for (const auto& [name, each] : ports)
        all.emplace_back(name, each.size());
    const auto is_address = [](const std::string& name) { return name.find('.') != name.npos; };
    std::stable_sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
        return a.second != b.second ? a.second > b.second
                                    : !is_address(a.first) && is_address(b.first);
    });
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 3); ++i)
        text += (i == 0 ? "" : ", ") + all[i].first + " " + std::to_string(all[i].second);
    return all.size() > 3 ? text + ", " + std::to_string(all.size() - 3) + " more" : text;
}

} // namespace

TEST_CASE("who holds the ports, by workloads, else by addresses", "[groups]") {
    Dice dice(5);
    const Extras nothing;
    const Named who;
    Surroundings around;
    around.who = &who;
    std::vector<Flow> flows;
    for (int i = 0; i < 3'000; ++i)
        flows.push_back(MakeFlow("tcp", "192.0.2." + std::to_string(10 + dice.roll(12)) + ":5000",
                                 "203.0.113.1:80")
                            .reply("203.0.113." + std::to_string(dice.roll(40)) + ":80",
                                   "198.51.100.1:" + std::to_string(20000 + i)));
    Groups groups(keys("destination"), {true, false, PortPool{}, true}, around);
    std::map<std::string, std::map<std::string, std::set<std::string>>> expected;
    for (int again = 0; again < 2; ++again) // a flow that is told twice holds no more
        for (const Flow& flow : flows) {
            const Row row(flow, nothing, around);
            groups.add(row);
            const std::string name(who.workload(flow.end(source_end).address, {}));
            expected[cell(row, "destination")][name.empty() ? cell(row, "src") : name].insert(
                cell(row, "gport"));
        }
    groups.for_each(nullptr, Groups::no_limit, [&](const Row& row) {
        CHECK(cell(row, "holders") == holders_by_hand(expected.at(cell(row, "destination"))));
    });
    const Order biggest = order("-holders");
    std::uint32_t before = ~0U;
    groups.for_each(&biggest, Groups::no_limit, [&](const Row& row) {
        const std::uint32_t now = row.group->holders->biggest().front().ports;
        CHECK(now <= before);
        before = now;
    });
    Groups uncounted(keys("destination"), {true, false, PortPool{}}, around);
    uncounted.add(Row(flows.front(), Extras{}, around));
    CHECK(cell(uncounted[0], "holders") == "-");
}

TEST_CASE("who holds ports is who opened the flow, also of one that is translated twice",
          "[groups]") {
    const Surroundings around;
    Extras told;
    told.known = {{Extras::Known::workload, "shop-api"}};
    const auto holders = [&](const Flow& flow) {
        Groups groups(keys("destination"), {true, false, PortPool{}, true}, around);
        groups.add(Row(flow, told, around));
        return shown(groups, nullptr, {"holders"}).front();
    };
    CHECK(holders(MakeFlow("tcp", "192.0.2.1:5000", "203.0.113.1:80")
                      .reply("203.0.113.1:80", "198.51.100.1:5000")) == "shop-api 1");
    // Of which a log may have told the other end.
    CHECK(holders(MakeFlow("tcp", "192.0.2.1:5000", "203.0.113.1:80")
                      .reply("192.0.2.9:80", "198.51.100.1:5000")) == "192.0.2.1 1");
}

TEST_CASE("tenants with zones of the original direction share a pool", "[groups]") {
    const Surroundings around;
    const auto used = [&](Direction only) {
        Groups groups(keys("gate,proto,destination,zone_reply"),
                      {true, true, PortPool{NatPorts{2000, 2007}}}, around);
        for (std::uint16_t zone = 1; zone <= 8; ++zone) {
            const Flow flow =
                MakeFlow("udp", "192.0.2.1:5000", "203.0.113.1:53")
                    .reply("203.0.113.1:53", "198.51.100.1:" + std::to_string(1999 + zone))
                    .zone(zone, only);
            groups.add(Row(flow, Extras{}, around));
        }
        return shown(groups, nullptr, {"zone_reply", "ports", "used", "hosts"});
    };
    REQUIRE(used(Direction::original) == std::vector<std::string>{"- 8 100.00 8"});
    REQUIRE(used(Direction::reply).size() == 8);
    REQUIRE(used(Direction::reply).front() == "1 1 12.50 1");
}

TEST_CASE("the ports that there are, by a rule, as the user says, inferred", "[groups]") {
    Surroundings around;
    const auto rows = [&](std::uint16_t changed, std::optional<NatPorts> only = std::nullopt) {
        Groups groups(keys("gate,destination"), {true, false, PortPool{only}}, around);
        for (std::uint16_t port = 600; port < 604; ++port)
            groups.add(
                Row(MakeFlow("tcp", "192.0.2.1:5000", "203.0.113.1:80")
                        .reply("203.0.113.1:80", "198.51.100.1:" + std::to_string(changed + port)),
                    Extras{}, around));
        return shown(groups, nullptr, {"ports", "available", "used", "range_by"});
    };
    using Rows = std::vector<std::string>;
    CHECK(rows(0).empty()); // below 1024 the kernel takes none by itself
    CHECK(rows(4000) == Rows{"4 64512 0.00 kernel"});
    around.ports_ran_out = true;
    CHECK(rows(4000) == Rows{"4 4 100.00 inferred"});
    NatRules rules;
    rules.rules.push_back({Family::none, {}, {}, {}, {}, NatPorts{600, 607}});
    around.nat_rules = std::make_shared<const NatRules>(rules);
    CHECK(rows(0) == Rows{"4 8 50.00 rule"});
    CHECK(rows(4000, NatPorts{4600, 4601}) == Rows{"2 2 100.00 user"});
}

TEST_CASE("echo ids are ports of ICMP, all 65,536", "[groups]") {
    const Surroundings around;
    const Flow ping = MakeFlow("icmp", "192.0.2.1", "203.0.113.1")
                          .reply("203.0.113.1", "198.51.100.1")
                          .icmp(7, 8, 0, 7);
    Groups groups(keys("gate,destination"), {true, false, PortPool{}}, around);
    groups.add(Row(ping, Extras{}, around));
    REQUIRE(shown(groups, nullptr, {"gate", "destination", "ports", "available", "hosts"}) ==
            std::vector<std::string>{"198.51.100.1 203.0.113.1 1 65536 -"});
}

TEST_CASE("rates of followed flows are added", "[groups]") {
    const Surroundings around;
    const Flow flow = MakeFlow("udp", "192.0.2.1:1", "203.0.113.1:2");
    Groups groups(keys("src"), {}, around);
    Life life;
    groups.add(Row(flow, life, Extras{}, around));
    REQUIRE(shown(groups, nullptr, {"rate_up", "rate_down", "rate"}).front() == "- - -");
    life.rate_up = 100.5F;
    groups.add(Row(flow, life, Extras{}, around));
    REQUIRE(shown(groups, nullptr, {"rate_up", "rate_down", "rate"}).front() == "100 - -");
    life.rate_down = 10;
    groups.add(Row(flow, life, Extras{}, around));
    REQUIRE(shown(groups, nullptr, {"rate_up", "rate_down", "rate"}).front() == "201 10 211");
    groups.clear();
    REQUIRE(groups.size() == 0);
    groups.add(Row(flow, Extras{}, around));
    REQUIRE(shown(groups, nullptr, {"flows", "rate"}).front() == "1 -");
}

TEST_CASE("what no groups can be made by is said", "[groups]") {
    REQUIRE(error_of("sorce") == "unknown column 'sorce' (did you mean 'source'?)");
    REQUIRE(error_of("src,") == "unknown column '' (--list-columns lists them)");
    REQUIRE(error_of("bytes") == "'bytes' is what groups come to; they are made by other columns");
    REQUIRE(error_of("flows") == "'flows' is what groups come to; they are made by other columns");
    REQUIRE(error_of("ending") == "'ending' is of single steps (--events), not of flows");
    REQUIRE(error_of("age") == "'age' is another one every second; no groups can be made by it");
    REQUIRE(error_of("src,dst,src/24") == "'src' is there twice");
    REQUIRE(error_of("sport,src-port") == "'sport' is there twice");
    REQUIRE(error_of("state/24") == "'state' has no networks; src, gate and dst have");
    for (const std::string_view length :
         {"/", "/x", "/129", "/-1", "/24/", "/33/64", "/24/129", "/24/64/1", "/ 24"})
        REQUIRE(error_of("src" + std::string(length)) ==
                "'" + std::string(length) +
                    "' is no length of a network (/24 for IPv4, /64 for IPv6, /24/64 for both)");
}

TEST_CASE("every state has its phase", "[groups]") {
    std::map<Phase, std::string> phases;
    for (const std::string_view proto : {"tcp", "sctp", "dccp", "udp"})
        for (const ProtocolState& state : protocol_kind(*parse_protocol(proto)).states)
            phases[state.phase] += std::string(proto) + ":" + std::string(state.name) + " ";
    REQUIRE(phases[Phase::none] == "tcp:NONE sctp:NONE dccp:NONE dccp:IGNORE dccp:INVALID "
                                   "udp:UNREPLIED udp:REPLIED udp:ASSURED ");
    REQUIRE(phases[Phase::opening] ==
            "tcp:SYN_SENT tcp:SYN_RECV tcp:SYN_SENT2 sctp:COOKIE_WAIT sctp:COOKIE_ECHOED "
            "sctp:HEARTBEAT_SENT dccp:REQUEST dccp:RESPOND dccp:PARTOPEN ");
    REQUIRE(phases[Phase::established] ==
            "tcp:ESTABLISHED sctp:ESTABLISHED sctp:HEARTBEAT_ACKED dccp:OPEN ");
    REQUIRE(phase_of(protocol::tcp, 63) == Phase::none);
    REQUIRE(phase_of(protocol::udp, stateless::assured) == Phase::none);
}
