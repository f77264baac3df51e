// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Parts that are printed side by side make the same text as one after the other, however long each
// takes; what fails in one ends all.
#include "natstat/print/parts.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

#include <atomic>
#include <thread>

using namespace natstat;
using namespace natstat::test;

namespace {

constexpr std::size_t parts = 40;

/// Rows of a part: another number in each, told apart by their ids.
void print_rows(std::size_t part, Printer& printer) {
    Scene scene{MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2")};
    for (std::size_t i = 0; i <= part % 7 * 50; ++i) {
        scene.flow.set(Part::id);
        scene.flow.id = static_cast<std::uint32_t>(part * 1000 + i);
        printer.row(scene.row());
    }
}

struct Print {
    Format format;
    Layout layout = std::get<Layout>(parse_columns("id,src,dst", {}));
    PrintStyle style{};
    std::string text{};
    Output output{[this](std::string_view piece) { text += piece; }, 1000};

    std::unique_ptr<Printer> make(Output& to) { return make_printer(format, layout, style, to); }

    std::string one_after_the_other() {
        const auto printer = make(output);
        printer->begin();
        for (std::size_t part = 0; part < parts; ++part)
            print_rows(part, *printer);
        printer->end();
        output.flush();
        return std::exchange(text, {});
    }
    std::string side_by_side(const PrintPart& print) {
        const auto printer = make(output);
        printer->begin();
        print_parts(
            parts, [&] { return print; }, [this](Output& to) { return make(to); }, output);
        printer->go_on();
        printer->end();
        output.flush();
        return std::exchange(text, {});
    }
};

} // namespace

TEST_CASE("parts side by side make the same text", "[parts]") {
    for (const Format format : {Format::table, Format::json, Format::jsonl, Format::csv}) {
        Print print{format};
        const std::string expected = print.one_after_the_other();
        REQUIRE((print.side_by_side(print_rows) == expected));
    }
}

TEST_CASE("a part that is slow holds back those behind it and nothing else", "[parts]") {
    Print print{Format::csv};
    const std::string expected = print.one_after_the_other();
    std::atomic<std::size_t> done = 0;
    const bool several = std::thread::hardware_concurrency() > 1;
    const std::string text = print.side_by_side([&](std::size_t part, Printer& printer) {
        while (part == 0 && several && done == 0) // the second part is ready before the first
            std::this_thread::yield();
        print_rows(part, printer);
        ++done;
    });
    REQUIRE((text == expected));
}

TEST_CASE("what a part throws comes out, and the others end", "[parts]") {
    for (const std::size_t bad : {std::size_t{0}, std::size_t{1}, parts / 2, parts - 1}) {
        Print print{Format::csv};
        const auto run = [&] {
            print.side_by_side([&](std::size_t part, Printer& printer) {
                if (part == bad)
                    throw Failure("no");
                print_rows(part, printer);
            });
        };
        REQUIRE_THROWS_AS(run(), Failure);
    }
}

TEST_CASE("an output that takes no more ends the printing", "[parts]") {
    Print print{Format::csv};
    std::size_t taken = 0;
    Output broken(
        [&](std::string_view) {
            if (++taken == 3)
                throw ClosedPipe();
        },
        1000);
    REQUIRE_THROWS_AS(
        print_parts(
            parts, [] { return print_rows; }, [&](Output& to) { return print.make(to); }, broken),
        ClosedPipe);
}
