// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Rows are copied into the picture, so that they stay when their flows end.
#include "natstat/live/window.hpp"

#include <algorithm>
#include <utility>

namespace natstat {

namespace {

/// How many rows the cursor can be on: one at least, also where none is shown.
std::size_t page_of(const Ui& ui, Size size) {
    return std::max<std::size_t>(list_rows(ui, size), 1);
}

} // namespace

void hold_cursor(Position& place, std::size_t matched, std::size_t fitting) {
    place.cursor = std::min(place.cursor, matched == 0 ? 0 : matched - 1);
    place.first = std::min(place.first, place.cursor);
    if (place.cursor >= place.first + fitting)
        place.first = place.cursor - fitting + 1;
}

std::span<const ShownRow> rows_on_screen(const Picture& picture, const Ui& ui,
                                         std::size_t fitting) {
    const std::size_t first = ui.position().first;
    const std::size_t skipped =
        std::min(first - std::min(first, picture.first), picture.rows.size());
    return std::span(picture.rows)
        .subspan(skipped, std::min(fitting, picture.rows.size() - skipped));
}

void mark_new(Picture& picture, const FirstSeen& known) {
    const auto is_new = [&picture](const std::optional<Time>& since) {
        return since && *since != Time{} && *since >= picture.changes_since;
    };
    for (ShownRow& shown : picture.rows) {
        shown.new_source = is_new(known.source(shown.flow));
        shown.new_destination = is_new(known.destination(shown.flow));
    }
}

void Window::look(Ranking& ranked, const Filter& selection, const Filter& filter, Size size) {
    const std::size_t rows = page_of(ui_, size);
    Position& place = ui_.position();
    picture_.matched = ranked.size();
    picture_.lingering = 0;
    hold_cursor(place, picture_.matched, rows);
    picture_.first = place.first - std::min(place.first, rows);
    const std::vector<ShownRow> before = std::exchange(picture_.rows, {});
    for (const std::size_t number : ranked.window(picture_.first, 3 * rows))
        picture_.rows.push_back(shown_row(ranked[number]));
    if (picture_.kind == Rows::flows)
        keep_ended(before, selection, filter);
    if (picture_.kind == Rows::changes)
        mark_new(picture_, known_);
    if (const Group* total = ranked.total())
        picture_.total = *total;
    histories_.put_into(picture_);
    recent_.watch(picture_.rows, ui_.opened);
    settle(ui_, picture_, size);
}

bool Window::sees_cursor(Size size) const {
    const std::size_t rows = page_of(ui_, size);
    const std::size_t end = picture_.first + picture_.rows.size();
    const std::size_t cursor = ui_.position().cursor;
    const std::size_t above = cursor - std::min(cursor, rows);
    return above >= picture_.first && (cursor + rows <= end || end >= picture_.matched);
}

void Window::keep_ended(const std::vector<ShownRow>& before, const Filter& selection,
                        const Filter& filter) {
    // What has ended moves nothing: in an order by rates it comes behind all that do.
    const bool below = ui_.position().sort->kind == Kind::rate;
    if (below && picture_.first + picture_.rows.size() < picture_.matched)
        return;
    for (std::size_t place = 0; place < before.size(); ++place) {
        if (before[place].group)
            continue;
        const Transition* end = recent_.end_of(before[place].flow);
        if (end == nullptr || tracker_.find(before[place].flow))
            continue;
        ShownRow gone = before[place];
        gone.flow = end->flow;
        gone.end = *end;
        const Row row = gone.row(around_);
        if (!selection.matches(row) || !filter.matches(row))
            continue;
        const std::size_t at = below ? picture_.rows.size() : std::min(place, picture_.rows.size());
        picture_.rows.insert(picture_.rows.begin() + static_cast<std::ptrdiff_t>(at), gone);
        ++picture_.matched;
        ++picture_.lingering;
    }
}

void Window::refresh() {
    for (ShownRow& shown : picture_.rows)
        refresh(shown);
    if (ui_.opened)
        refresh(*ui_.opened);
}

void Window::refresh(ShownRow& shown) const {
    if (shown.group || shown.end)
        return;
    if (const auto number = tracker_.find(shown.flow)) {
        shown.flow = tracker_[*number].flow;
        shown.life = tracker_[*number].life;
    } else if (const Transition* end = recent_.end_of(shown.flow)) {
        shown.flow = end->flow;
        shown.life = end->life;
        shown.end = *end;
    }
}

std::vector<Flow> Window::older_than(Time fresh, Size size) const {
    std::vector<Flow> flows;
    for (const ShownRow& shown : rows_on_screen(picture_, ui_, list_rows(ui_, size)))
        if (!shown.end && shown.life.timeout_at < fresh)
            flows.push_back(shown.flow);
    return flows;
}

} // namespace natstat
