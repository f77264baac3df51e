// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Messages on their way to a collector that the test plays: it goes away, comes back, takes nothing
// for a while, forgets templates.
#include "ipfix_reading.hpp"
#include "make_flow.hpp"
#include "natstat/ipfix/exporter.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <memory>
#include <numeric>

using namespace natstat;
using namespace natstat::ipfix;
using namespace natstat::test;

namespace {

/// What the collector has got, and how it is.
struct Collector {
    IpfixReader reader;
    std::vector<IpfixReader::Read> got;
    unsigned session = 1;
    unsigned forgotten = 1;
    bool forgets = false;
    bool takes = true;
    bool loses = false;
    std::size_t under_way = 0;
    std::size_t limit = 1400;

    [[nodiscard]] std::vector<int> ids() const { // of the flows that it was told of
        std::vector<int> all;
        for (const auto& read : got)
            for (const auto& record : read.records)
                if (record.elements.contains(148))
                    all.push_back(std::stoi(record.elements.at(148), nullptr, 16));
        return all;
    }
    [[nodiscard]] std::size_t described() const {
        std::size_t number = 0;
        for (const auto& read : got)
            number += read.templates.size();
        return number;
    }
    /// Connected anew.
    void begin_again() {
        ++session;
        forgotten = session;
        under_way = 0;
        reader.forget_templates();
        got.clear();
    }
};

class Played : public Transport {
  public:
    explicit Played(Collector& collector) : collector_(collector) {}
    Sent send(std::span<const std::uint8_t> message) override {
        if (!collector_.takes)
            return Sent::not_yet;
        if (collector_.loses)
            return Sent::lost;
        collector_.got.push_back(collector_.reader.message(message));
        return Sent::all;
    }
    [[nodiscard]] unsigned session() const override { return collector_.session; }
    [[nodiscard]] unsigned forgotten() const override { return collector_.forgotten; }
    [[nodiscard]] bool forgets() const override { return collector_.forgets; }
    std::size_t under_way() override { return collector_.under_way; }
    [[nodiscard]] std::size_t message_limit() const override { return collector_.limit; }

  private:
    Collector& collector_;
};

class Export {
  public:
    explicit Export(Collector& collector, ExportSettings settings = {})
        : exporter(std::make_unique<Played>(collector), settings,
                   [this](std::string_view text) { said.emplace_back(text); }) {}

    /// Tells of flows with these ids.
    void tell(int first, int last) {
        for (int id = first; id <= last; ++id) {
            Transition step;
            step.time = Time{std::chrono::seconds{1'700'000'000}};
            step.flow = MakeFlow("tcp", "192.0.2.10:40000", "203.0.113.10:443")
                            .reply("203.0.113.10:443", "198.51.100.1:1025")
                            .id(static_cast<std::uint32_t>(id));
            const Extras extras;
            const Surroundings around;
            const Row row(step, extras, around);
            exporter.add({NatEvent::created, step.time, row});
        }
    }

    std::vector<std::string> said;
    Exporter exporter;
};

std::vector<int> from_to(int first, int last) {
    std::vector<int> all(static_cast<std::size_t>(last - first + 1));
    std::iota(all.begin(), all.end(), first);
    return all;
}

bool never() {
    return false;
}

} // namespace

TEST_CASE("all arrives in order, counted, behind its template", "[ipfix]") {
    Collector collector;
    Export to(collector);
    to.tell(1, 500);
    to.exporter.push();
    CHECK(collector.ids() == from_to(1, 500));
    CHECK(collector.described() == 1);
    std::uint32_t before = 0;
    for (const auto& read : collector.got) {
        CHECK(read.sequence == before);
        before += static_cast<std::uint32_t>(read.records.size());
        CHECK(read.domain == 1);
    }
    to.exporter.finish(std::chrono::milliseconds{1}, never);
    CHECK(to.exporter.lost() == 0);
    CHECK(to.said.empty());
}

TEST_CASE("what may not have arrived is sent again on a new connection", "[ipfix]") {
    Collector collector;
    Export to(collector);
    to.tell(1, 10);
    to.exporter.push();
    to.tell(11, 20);
    collector.under_way = 1; // of the last message
    to.exporter.push();
    CHECK(collector.ids() == from_to(1, 20));

    collector.begin_again();
    collector.takes = false;
    to.tell(21, 30);
    to.exporter.push();
    CHECK(collector.got.empty());
    collector.takes = true;
    to.exporter.push();
    CHECK(collector.ids() == from_to(11, 30));
    CHECK(collector.described() == 1); // anew
    CHECK(collector.got.front().sequence == 0);
    CHECK(collector.got.back().sequence == 10);
    CHECK(to.exporter.lost() == 0);
}

TEST_CASE("what has no room is lost, and that is said to both", "[ipfix]") {
    Collector collector;
    collector.takes = false;
    ExportSettings settings;
    settings.room = 100 * 1024;
    Export to(collector, settings);
    int id = 1;
    for (; to.said.empty(); ++id) {
        to.tell(id, id);
        to.exporter.push();
        REQUIRE(id < 100'000);
    }
    const int first_lost = id - 1;
    to.tell(id, id + 9);
    to.exporter.push();
    CHECK(to.exporter.lost() == 11);
    collector.takes = true;
    to.exporter.push();
    to.tell(id + 10, id + 10);
    to.exporter.push();

    auto expected = from_to(1, first_lost - 1);
    expected.push_back(id + 10);
    CHECK(collector.ids() == expected);
    CHECK(to.said.size() == 2);
    const auto is_report = [](const IpfixReader::Record& record) {
        return record.elements.contains(166);
    };
    std::vector<IpfixReader::Record> reports;
    for (const auto& read : collector.got)
        std::copy_if(read.records.begin(), read.records.end(), std::back_inserter(reports),
                     is_report);
    REQUIRE(reports.size() == 1);
    CHECK(reports.front().elements.at(166) == "000000000000000b");
    CHECK(to.exporter.lost() == 11);
}

TEST_CASE("a collector that forgets templates gets them again", "[ipfix]") {
    Collector collector;
    collector.forgets = true;
    ExportSettings settings;
    settings.template_messages = 10;
    Export to(collector, settings);
    for (int id = 1; id <= 30; ++id) {
        to.tell(id, id);
        to.exporter.push();
    }
    CHECK(collector.ids() == from_to(1, 30));
    CHECK(collector.described() == 4); // with the one at the beginning, and its own message
    // Nobody answers any more, and then somebody who knows nothing.
    collector.reader.forget_templates();
    ++collector.forgotten;
    to.tell(31, 31);
    to.exporter.push();
    CHECK(collector.ids().back() == 31);
    CHECK(collector.got.back().sequence == 30); // the session is the same
}

TEST_CASE("templates are sent again after their time", "[ipfix]") {
    Collector collector;
    collector.forgets = true;
    ExportSettings settings;
    settings.template_age = std::chrono::seconds{0};
    Export to(collector, settings);
    for (int id = 1; id <= 3; ++id) {
        to.tell(id, id);
        to.exporter.push();
    }
    CHECK(collector.described() == 3);
}

TEST_CASE("what the system does not take is lost, and leaves a gap in the sequence", "[ipfix]") {
    Collector collector;
    Export to(collector);
    to.tell(1, 1);
    to.exporter.push();
    collector.loses = true;
    to.tell(2, 3);
    to.exporter.push();
    collector.loses = false;
    to.tell(4, 4);
    to.exporter.push();
    CHECK(to.exporter.lost() == 2);
    CHECK(collector.ids() == std::vector<int>{1, 4});
    CHECK(collector.got.back().sequence == 3);
}

TEST_CASE("at the end who takes nothing is waited for, and then it is lost", "[ipfix]") {
    Collector collector;
    collector.takes = false;
    Export to(collector);
    to.tell(1, 5);
    to.exporter.finish(std::chrono::milliseconds{1}, never);
    CHECK(to.exporter.lost() == 5);
}
