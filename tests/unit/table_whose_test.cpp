// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which end of a flow is outside, and that questions look at no more than they have to.
#include "natstat/ask/question.hpp"
#include "natstat/table/column.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::test;

namespace {

/// Says the address itself.
class Echo : public OneWho {
  public:
    [[nodiscard]] std::string_view network(const Address& address) const override {
        return text_ = to_text(address);
    }
    [[nodiscard]] std::string_view owner(const Address& address) const override {
        return text_ = to_text(address);
    }

  private:
    mutable std::string text_;
};

struct Seen {
    std::string outside, source, destination;
};

Seen seen(const Flow& flow, std::initializer_list<std::string_view> own = {}) {
    const Echo who;
    Scene scene;
    scene.flow = flow;
    scene.around.who = &who;
    scene.around.local_addresses.emplace();
    for (const std::string_view text : own)
        scene.around.local_addresses->insert(address(text));
    return {scene.text("owner"), scene.text("src_net"), scene.text("dst_net")};
}

Knowledge knowledge(const std::vector<std::string>& words) {
    auto parsed = parse_options(words);
    REQUIRE(std::holds_alternative<Options>(parsed));
    auto question = make_question(std::get<Options>(parsed), {});
    REQUIRE(std::holds_alternative<Question>(question));
    return std::get<Question>(question).knowledge;
}

} // namespace

TEST_CASE("who: the end outside of a flow that is translated is the other one", "[who]") {
    const Seen snat = seen(MakeFlow("tcp", "192.0.2.1:1000", "203.0.113.1:80")
                               .reply("203.0.113.1:80", "198.51.100.1:1000"));
    CHECK(snat.outside == "203.0.113.1");
    CHECK(snat.source == "192.0.2.1");
    CHECK(snat.destination == "203.0.113.1");
    const Seen dnat = seen(MakeFlow("tcp", "203.0.113.1:1000", "198.51.100.1:80")
                               .reply("192.0.2.1:80", "203.0.113.1:1000"));
    CHECK(dnat.outside == "203.0.113.1");
    CHECK(dnat.destination == "192.0.2.1");
}

TEST_CASE("who: where NAT does not tell the ends apart, private and own addresses are inside",
          "[who]") {
    const MakeFlow in("tcp", "203.0.113.1:1000", "198.51.100.1:22");
    CHECK(seen(in).outside == "198.51.100.1");
    CHECK(seen(in, {"198.51.100.1"}).outside == "203.0.113.1");
    CHECK(seen(in, {"203.0.113.1"}).outside == "198.51.100.1");
    CHECK(seen(in, {"203.0.113.1", "198.51.100.1"}).outside == "198.51.100.1");
    for (const std::string_view inside :
         {"127.0.0.1", "169.254.1.1", "10.0.0.1", "172.31.0.1", "192.168.0.1", "100.64.0.1"})
        CHECK(seen(MakeFlow("icmp", "203.0.113.1", inside)).outside == "203.0.113.1");
    for (const std::string_view inside : {"::1", "fe80::1", "fd00::1", "fc00::1"})
        CHECK(seen(MakeFlow("udp", "[2001:db8::1]:1", "[" + std::string(inside) + "]:2")).outside ==
              "2001:db8::1");
    for (const std::string_view outside : {"172.32.0.1", "100.128.0.1", "11.0.0.1"})
        CHECK(seen(MakeFlow("icmp", "203.0.113.1", outside)).outside == outside);
    CHECK(seen(MakeFlow("tcp", "203.0.113.9:1", "203.0.113.2:2").reply("10.1.2.3:2", "10.1.2.1:1"))
              .outside == "203.0.113.9");
}

TEST_CASE("who: what nobody looks at is not to be known", "[who]") {
    CHECK(knowledge({"-n"}) == Knowledge::nothing);
    CHECK(knowledge({"--json"}) == Knowledge::nothing);
    CHECK(knowledge({"-C", "+owner"}) == Knowledge::owners);
    CHECK(knowledge({"-r", "service"}) == Knowledge::networks);
    CHECK(knowledge({"-b", "src_net"}) == Knowledge::networks);
    CHECK(knowledge({"-b", "asn,region"}) == (Knowledge::networks | Knowledge::owners));
    CHECK(knowledge({"country=DE", "or", "src_net=site"}) ==
          (Knowledge::networks | Knowledge::owners));
    CHECK(knowledge({"-t", "country=DE"}) == Knowledge::owners);
    CHECK(knowledge({"-P"}) == Knowledge::nothing);
    CHECK(knowledge({"-P", "--who"}) == Knowledge::workloads);
    CHECK(knowledge({"-P", "-r", "holders"}) == Knowledge::workloads);
    CHECK(knowledge({"--who"}) == (of_machine | Knowledge::owners));
    CHECK(knowledge({"--who", "-C", "src,dst"}) == Knowledge::nothing);
    CHECK(knowledge({"--diagnose"}) == Knowledge::nothing);
    CHECK(knowledge({"--diagnose", "--who"}) == Knowledge::workloads);
    CHECK(knowledge({"--diagnose", "workload=shop-api"}) == Knowledge::workloads);
    CHECK(knowledge({"-t"}) == Knowledge::nothing);
    for (const auto& words : {std::vector<std::string>{"-t", "--who"},
                              {"-t", "--who", "-P"},
                              {"-t", "--who", "-b", "dst", "-C", "+flows"}})
        CHECK(knowledge(words) == (of_machine | Knowledge::owners));
}

TEST_CASE("who: what may be asked is known before it is", "[who]") {
    const auto may_ask = [](const std::vector<std::string>& words, Knowledge what) {
        const auto parsed = parse_options(words);
        REQUIRE(std::holds_alternative<Options>(parsed));
        return std::get<Options>(parsed).may_ask(what);
    };
    CHECK_FALSE(may_ask({"-n"}, of_machine));
    CHECK_FALSE(may_ask({"-b", "owner"}, of_machine));
    CHECK(may_ask({"-P", "-C", "+holders"}, Knowledge::workloads));
    CHECK(may_ask({"-C", "src,src_workload"}, Knowledge::workloads));
    CHECK(may_ask({"-r", "pid"}, Knowledge::processes));
    CHECK(may_ask({"--who"}, Knowledge::processes));
    CHECK(may_ask({"-P", "--who"}, Knowledge::workloads));
    CHECK_FALSE(may_ask({"-P", "--who"}, Knowledge::processes));
    CHECK(may_ask({"--diagnose", "--who"}, Knowledge::workloads));
    CHECK_FALSE(may_ask({"--diagnose", "--who"}, Knowledge::processes));
}

namespace {

/// Who has an address, by when a flow began.
class Moved : public OneWho {
  public:
    [[nodiscard]] std::string_view workload(const Address& address,
                                            std::optional<Time> began) const override {
        if (to_text(address) != "192.0.2.1")
            return {};
        return began && *began < Time{std::chrono::seconds{100}} ? "before" : "now";
    }
};

} // namespace

TEST_CASE("who: the source's workload, of a flow as it began, of a host as it is", "[who]") {
    const Moved who;
    Scene scene;
    scene.around.who = &who;
    scene.around.now = Time{std::chrono::seconds{200}};
    scene.flow = MakeFlow("tcp", "192.0.2.1:1", "203.0.113.1:2").start_ms(50'000);
    CHECK(scene.text("src_workload") == "before");
    const Group group;
    const Row host(scene.flow, group, scene.extras, scene.around);
    CHECK(to_text(column("src_workload").get(host)) == "now");
    scene.flow =
        MakeFlow("tcp", "203.0.113.1:1", "198.51.100.1:2").reply("192.0.2.1:2", "203.0.113.1:1");
    CHECK(scene.text("workload") == "now");
    CHECK(scene.text("src_workload") == "-"); // the source is outside
    scene.extras.known = {{Extras::Known::workload, "told"}};
    CHECK(scene.text("src_workload") == "-");
    scene.extras.known.emplace_back(Extras::Known::source_workload, "told, too");
    CHECK(scene.text("src_workload") == "told, too");
}

TEST_CASE("who: groups show what follows from what they are made by", "[who]") {
    const auto error = [](const std::vector<std::string>& words) {
        auto parsed = parse_options(words);
        REQUIRE(std::holds_alternative<Options>(parsed));
        const auto question = make_question(std::get<Options>(parsed), {});
        const auto* wrong = std::get_if<UsageError>(&question);
        return wrong == nullptr ? std::string() : wrong->message;
    };
    CHECK(error({"-b", "src", "-C", "+src_workload,src_net"}).empty());
    CHECK(error({"-b", "source", "-C", "+src_workload"}).empty());
    CHECK(error({"-b", "dst,dport", "-C", "+dst_net"}).empty());
    CHECK(error({"-b", "src/24", "-C", "+src_net"}) ==
          "--columns: 'src_net' can differ in a group: it has to be in --by");
    CHECK_FALSE(error({"-b", "dst", "-C", "+src_workload"}).empty());
    CHECK_FALSE(error({"-b", "src", "-C", "+workload"}).empty());
}

TEST_CASE("who: what a log tells of a flow comes before what is known now", "[who]") {
    const Echo who;
    Scene scene;
    scene.flow = MakeFlow("tcp", "192.0.2.1:1000", "203.0.113.1:80");
    scene.around.who = &who;
    CHECK(scene.text("owner") == "203.0.113.1");
    scene.extras.known = {{Extras::Known::owner, "EXAMPLE-AS"},
                          {Extras::Known::process_id, "4242"}};
    CHECK(scene.text("owner") == "EXAMPLE-AS");
    CHECK(scene.text("pid") == "4242");
    CHECK(scene.text("dst_net") == "203.0.113.1"); // of which the log says nothing
    scene.around.who = nullptr;
    CHECK(scene.text("owner") == "EXAMPLE-AS");
}
