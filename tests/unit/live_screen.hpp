// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A screen without a terminal, on the recording of the lab, that keys are pressed on.
#pragma once

#include "natstat/intake/recording.hpp"
#include "natstat/live/departures.hpp"
#include "natstat/live/render.hpp"
#include "natstat/live/window.hpp"

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sstream>

namespace natstat::test {

inline const std::filesystem::path tests =
    std::filesystem::path(__FILE__).parent_path().parent_path();

/// tests/frames/NAME.txt, which NATSTAT_WRITE_FRAMES=1 writes anew.
inline std::string expected_frame(const std::string& name, const std::string& text) {
    const auto path = tests / "frames" / (name + ".txt");
    if (std::getenv("NATSTAT_WRITE_FRAMES") != nullptr)
        std::ofstream(path) << text;
    std::ostringstream expected;
    expected << std::ifstream(path).rdbuf();
    return expected.str();
}

/// The recording up to some moment, as the program's loop would have it.
struct Replay {
    Tracker tracker;
    Surroundings around;
    std::deque<ShownStep> steps;
    FirstSeen known;
    Departures departures;

    explicit Replay(std::chrono::seconds length) {
        const auto source = open_file((tests.parent_path() / "packaging" / "demo.pcap").string());
        std::optional<Time> end;
        Batch batch;
        for (Progress progress = Progress::more; progress != Progress::ended;) {
            batch.clear();
            progress = source->read(batch);
            for (const Event& event : batch.events) {
                if (!end)
                    end = event.time + length;
                if (event.time <= *end)
                    take(event, batch.extras);
            }
            if (progress == Progress::idle) {
                pollfd wanted{source->fd(), POLLIN, 0};
                poll(&wanted, 1, 1000);
            }
        }
        if (const auto& addresses = source->local_addresses())
            around.local_addresses = AddressSet(addresses->begin(), addresses->end());
        around.now = end.value_or(Time{});
    }

    void take(const Event& event, const ExtrasPool& extras) {
        if (event.kind == EventKind::listed && !tracker.complete())
            known.take(event.flow, Time{});
        tracker.apply(event, extras, [this](const Transition& step) {
            steps.push_back({step, tracker.extras()[step.flow.extras]});
            if (step.kind == TransitionKind::created)
                known.take(step.flow, step.time);
            if (step.kind == TransitionKind::ended)
                departures.take(step, tracker.extras(), step.time);
        });
        around.counted_later = tracker.complete();
    }
};

/// A screen that keys are pressed on.
struct Screen {
    const Replay& replay;
    Size size;
    Ui ui{};
    Picture picture{};

    void look() {
        const auto filter = std::get<Filter>(chosen_filter(ui));
        const Position& position = ui.position();
        const Order order({{position.sort, position.descending}, {find_column("source"), false}});
        const Filter all;
        ChangesSince changes;
        if (ui.rows() == Rows::changes)
            changes = {&replay.departures, replay.around.now - ui.span};
        Ranking ranking(replay.tracker, all, filter, order, replay.around,
                        grouping_of(ui.rows(), ui.by, position), changes);
        while (!ranking.advance(10))
            ;
        picture.kind = ui.rows();
        picture.by = ui.by;
        picture.mix = ranking.mix();
        if (const Group* total = ranking.total())
            picture.total = *total;
        picture.matched = ranking.size();
        picture.around = replay.around;
        picture.steps = replay.steps;
        picture.steps_told = replay.steps.size();
        picture.rows.clear();
        for (const std::size_t number : ranking.window(0, ranking.size()))
            picture.rows.push_back(shown_row(ranking[number]));
        picture.changes_since = changes.since;
        mark_new(picture, replay.known);
        settle(ui, picture, size);
    }
    Effect press(Key key) {
        const Effect effect = update(ui, key, picture, size);
        look();
        return effect;
    }
    /// So often a key that only moves: the picture stays, and is looked at once.
    void move(Key key, std::size_t times) {
        for (std::size_t i = 0; i < times; ++i)
            update(ui, key, picture, size);
        look();
    }
    std::string text() const { return render(picture, ui, size).text(); }
};

inline Screen screen(const Replay& replay, Size size) {
    Screen result{replay, size};
    result.picture.from = "nat-1";
    result.picture.count = 99;
    result.picture.limit = 262'144;
    result.picture.complete = true;
    result.picture.created = {0, 3, 9, 5, 0, 5};
    result.picture.ended = {0, 0, 1, 2, 0, 2};
    result.look();
    return result;
}

inline const Replay& half_way() {
    setenv("TZ", "UTC", 1);
    tzset();
    static const Replay replay{std::chrono::seconds{12}};
    return replay;
}

} // namespace natstat::test
