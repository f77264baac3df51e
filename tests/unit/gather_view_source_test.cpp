// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A recording goes on elsewhere: what is told by then is what the file has up to that moment.
#include "natstat/gather/view_source.hpp"

#include "live_screen.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <unistd.h>

using namespace natstat;
using std::chrono::seconds;

namespace {

const std::string demo = (test::tests.parent_path() / "packaging" / "demo.pcap").string();
constexpr double crawling = 1e-6; // nothing comes by itself

void wait_for(int fd) {
    pollfd wanted{fd, POLLIN, 0};
    poll(&wanted, 1, 1000);
}

/// The moments of all that is due.
std::vector<Time> due(ViewSource& source) {
    std::vector<Time> times;
    Batch batch;
    do {
        batch.clear();
        if (!source.read(batch) && source.fd() >= 0)
            wait_for(source.fd());
        for (const Event& event : batch.events)
            times.push_back(event.time);
    } while (!source.is_caught_up());
    source.read(batch); // notes the end
    return times;
}

Time end_of(ViewSource& source) {
    Batch batch;
    while (source.end() == Time{}) {
        wait_for(source.measure_fd());
        source.read(batch);
    }
    return source.end();
}

ViewSource opened(const std::string& name) {
    return {Files{{name}}, Pace{}, crawling, "", [](std::string_view) {}};
}

} // namespace

TEST_CASE("a recording goes on and back, to its start and beyond its end", "[view source]") {
    ViewSource source = opened(demo);
    CHECK(source.seek(seconds{5}) == ViewSource::Sought::nowhere); // there is no moment yet
    const auto at_first = due(source);
    REQUIRE_FALSE(at_first.empty());
    const Time begin = source.first();
    const Time end = end_of(source);
    CHECK(end - begin > seconds{15});
    REQUIRE(source.seek(seconds{10}) == ViewSource::Sought::ahead);
    auto told = at_first;
    for (const Time each : due(source))
        told.push_back(each);
    CHECK(told.back() <= begin + seconds{11});
    CHECK(told.back() > begin + seconds{5});
    CHECK_FALSE(source.over());
    REQUIRE(source.seek(seconds{3600}) == ViewSource::Sought::ahead);
    for (const Time each : due(source))
        told.push_back(each);
    CHECK(source.over());
    CHECK(source.now() == end);
    REQUIRE(source.seek(std::nullopt) == ViewSource::Sought::anew);
    CHECK(due(source) == at_first);
    REQUIRE(source.seek(seconds{3600}) == ViewSource::Sought::ahead);
    CHECK(due(source).size() == told.size() - at_first.size());
    REQUIRE(source.seek(seconds{-5}) == ViewSource::Sought::anew);
    const auto again = due(source);
    CHECK(again.size() < told.size());
    CHECK(std::equal(again.begin(), again.end(), told.begin()));
    CHECK(end - again.back() > seconds{3});
    REQUIRE(source.seek(seconds{-3600}) == ViewSource::Sought::anew);
    CHECK(due(source) == at_first);
}

TEST_CASE("a pipe has no way back", "[view source]") {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const int file = open(demo.c_str(), O_RDONLY);
    std::array<char, 4096> bytes{};
    const ssize_t got = read(file, bytes.data(), bytes.size());
    REQUIRE(write(ends[1], bytes.data(), static_cast<std::size_t>(got)) == got);
    close(file);
    close(ends[1]);
    ViewSource source = opened("/proc/self/fd/" + std::to_string(ends[0]));
    REQUIRE_FALSE(due(source).empty());
    CHECK(source.end() == Time{});
    CHECK(source.seek(seconds{1}) == ViewSource::Sought::ahead);
    CHECK(source.seek(seconds{-1}) == ViewSource::Sought::nowhere);
    close(ends[0]);
}
