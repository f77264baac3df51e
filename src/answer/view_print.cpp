// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is on the screen is a window; a file gets the rows above and below it, too, and columns that
// the screen had no room for. The printers of listings do the rest.
#include "natstat/answer/view_print.hpp"

#include "natstat/live/render.hpp"
#include "natstat/print/printer.hpp"

#include <cstddef>

namespace natstat {

namespace {

using Visit = std::function<void(const Row&)>;

Layout layout_of(const Ui& ui) {
    Layout layout;
    if (ui.view == View::events)
        for (const std::string_view name : step_columns())
            layout.push_back(shown(column(name)));
    else
        for (const Column* each : ui.position().columns)
            layout.push_back(shown(*each));
    return layout;
}

/// `for_each` visits all rows, as often as it is called.
void print_rows(Output& output, std::string_view path, const Ui& ui, const Picture& picture,
                const std::function<void(const Visit&)>& for_each) {
    const Format format = format_of_file(path);
    Layout layout = layout_of(ui);
    PrintStyle style;
    if (is_for_people(format)) {
        style.text.naming = ui.names ? picture.naming : nullptr;
        style.text.ascii = picture.ascii;
        for_each([&](const Row& row) { fit(layout, row, style.text); });
    }
    const auto printer = make_printer(format, layout, style, output);
    printer->begin();
    for_each([&](const Row& row) { printer->row(row); });
    printer->end();
}

} // namespace

void print_view(Output& output, std::string_view path, const Ui& ui, const Picture& picture,
                const Surroundings& around, const std::function<Ranking()>& ranking) {
    if (ui.view == View::events)
        return print_rows(output, path, ui, picture, [&](const Visit& visit) {
            for (const auto& [step, extras] : picture.steps)
                visit(Row(step, extras, around));
        });
    constexpr std::size_t slice = 65536;
    Ranking all = ranking();
    while (!all.advance(slice))
        ;
    const auto numbers = all.window(0, all.size());
    print_rows(output, path, ui, picture, [&](const Visit& visit) {
        for (const std::size_t number : numbers)
            visit(all[number]);
    });
}

} // namespace natstat
