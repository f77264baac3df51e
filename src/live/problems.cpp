// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Findings, a line each, the worst first. The one of the cursor is open: what was seen, who causes
// it, what it means and what to do stand below it.
#include "actions.hpp"
#include "line.hpp"
#include "panels.hpp"

#include "natstat/table/shorten.hpp"

#include <algorithm>

namespace natstat {

namespace {

constexpr std::size_t grade_at = 1, text_at = 7; // cells

Role role_of(Grade grade) {
    return grade == Grade::note ? Role::plain : grade == Grade::warn ? Role::opening : Role::failed;
}

/// A command is cut for the shell, so that no part of it can pass for the whole.
void add_said(Lines& lines, const FindingPart& said, const Picture& picture, std::size_t width) {
    constexpr std::size_t label_width = 8, least = 16, mark = 2; // " \"
    const std::size_t indent = width > 2 * (text_at + label_width) ? text_at : 1;
    const std::size_t taken = indent + label_width + (said.is_command ? mark : 0);
    const auto parts = wrapped(said.is_command ? picture.within + said.text : said.text,
                               std::max(width - std::min(width, taken), least));
    for (std::size_t i = 0; i < parts.size(); ++i) {
        std::string line(indent, ' ');
        line += i == 0 ? std::string(said.label) : "";
        line.resize(indent + label_width, ' ');
        line += parts[i];
        line += said.is_command && i + 1 != parts.size() ? " \\" : "";
        lines.emplace_back(std::move(line), said.is_command ? Role::key : Role::plain);
    }
}

/// What stands behind all findings: how the table is, and what could not be told.
Lines closing_lines(const Diagnosis& diagnosis, std::size_t width) {
    Lines lines;
    const std::size_t room = std::max<std::size_t>(width - std::min(width, text_at), 1);
    const auto add = [&](std::string_view mark, std::string_view text, Role role) {
        for (const std::string& part : wrapped(text, room)) {
            std::string line(grade_at, ' ');
            line += lines.empty() || !mark.empty() ? std::string(mark) : "";
            mark = {};
            line.resize(text_at, ' ');
            lines.emplace_back(line + part, role);
        }
    };
    const bool well = diagnosis.found.empty();
    if (well || !diagnosis.state.empty())
        add(well ? "ok" : "", diagnosis.state.empty() ? "nothing found" : diagnosis.state,
            Role::plain);
    for (const Untold& each : diagnosis.untold)
        add("?", each.what + (each.remedy.empty() ? "" : ": " + std::string(each.remedy)),
            Role::dim);
    return lines;
}

/// All lines of the view. Those of a finding that is not open are made when they are drawn.
struct ProblemLines {
    const Diagnosis& diagnosis;
    std::size_t cursor;
    Lines open;
    Lines closing;

    [[nodiscard]] std::size_t size() const {
        return diagnosis.found.size() + open.size() + closing.size();
    }
    /// The first one on a screen of so many that has the open finding.
    [[nodiscard]] std::size_t first(std::size_t rows) const {
        const bool last = cursor + 1 >= diagnosis.found.size();
        const std::size_t end = last ? size() : cursor + 1 + open.size();
        return end <= rows ? 0 : std::min(cursor, end - rows);
    }
};

ProblemLines lines_of(const Picture& picture, const Ui& ui, std::size_t width) {
    const Diagnosis& diagnosis = *picture.diagnosis;
    ProblemLines lines{diagnosis, ui.problem, {}, closing_lines(diagnosis, width)};
    if (ui.problem < diagnosis.found.size())
        for (const FindingPart& each : said_of(diagnosis.found[ui.problem]))
            add_said(lines.open, each, picture, width);
    return lines;
}

/// On a wide screen what was seen stands beside it.
void draw_finding(Frame& frame, std::size_t row, const Ailment& ailment, bool selected) {
    constexpr std::size_t wide = 120, seen_at = 70;
    if (selected)
        frame.paint(row, Role::selected);
    const auto role = [&](Role other) { return selected ? Role::selected : other; };
    const std::size_t width = frame.size().columns;
    frame.put(row, grade_at, grade_name(ailment.grade), role(role_of(ailment.grade)));
    const bool beside = width >= wide;
    const std::size_t end = beside ? seen_at - 1 : width;
    frame.put(row, text_at, shortened_end(ailment.what, end - std::min(end, text_at)),
              role(Role::plain));
    if (beside)
        frame.put(row, seen_at, shortened_end(ailment.seen, width - seen_at), role(Role::dim));
}

} // namespace

void draw_problems(Frame& frame, Area area, const Picture& picture, const Ui& ui) {
    if (!picture.diagnosis) {
        frame.put(area.top, 1, "watching; the first word comes after some seconds", Role::dim);
        return;
    }
    const ProblemLines lines = lines_of(picture, ui, frame.size().columns);
    const std::size_t first = lines.first(area.rows);
    const auto& found = lines.diagnosis.found;
    const std::size_t open_end = lines.cursor + 1 + lines.open.size();
    for (std::size_t i = first; i < lines.size() && i - first < area.rows; ++i) {
        const std::size_t row = area.top + i - first;
        const bool is_open = i > lines.cursor && i < open_end;
        const std::size_t number = i < open_end ? i : i - lines.open.size();
        if (!is_open && number < found.size()) {
            draw_finding(frame, row, found[number], number == lines.cursor);
            continue;
        }
        const auto& [text, role] =
            is_open ? lines.open[i - lines.cursor - 1] : lines.closing[number - found.size()];
        frame.put(row, 0, text, role);
    }
}

std::string worst_problem(const Picture& picture) {
    if (!picture.diagnosis)
        return {};
    const auto& found = picture.diagnosis->found;
    const auto wrong = std::count_if(found.begin(), found.end(),
                                     [](const Ailment& each) { return each.grade != Grade::note; });
    if (wrong == 0)
        return {};
    std::string text(grade_name(found.front().grade));
    text += " " + std::string(found.front().kind->name);
    std::replace(text.begin(), text.end(), '_', ' ');
    return text + (wrong > 1 ? " and " + std::to_string(wrong - 1) + " more" : "");
}

Effect move_problem(Ui& ui, const Picture& picture, std::ptrdiff_t by) {
    const std::size_t count = picture.diagnosis ? picture.diagnosis->found.size() : 0;
    if (count == 0)
        return Effect::none;
    const auto place = static_cast<std::ptrdiff_t>(ui.problem) + by;
    ui.problem = static_cast<std::size_t>(
        std::clamp<std::ptrdiff_t>(place, 0, static_cast<std::ptrdiff_t>(count) - 1));
    ui.problem_what = picture.diagnosis->found[ui.problem].what;
    return Effect::none;
}

void settle_problem(Ui& ui, const Picture& picture) {
    if (!picture.diagnosis)
        return;
    const auto& found = picture.diagnosis->found;
    const auto same = std::find_if(found.begin(), found.end(), [&](const Ailment& each) {
        return each.what == ui.problem_what;
    });
    if (same != found.end())
        ui.problem = static_cast<std::size_t>(same - found.begin());
    ui.problem = std::min(ui.problem, found.size() - std::min<std::size_t>(found.size(), 1));
    if (ui.problem == 0) // the worst one, whichever that is
        ui.problem_what.clear();
}

const Ailment* problem_at_cursor(const Ui& ui, const Picture& picture) {
    const bool there = ui.view == View::problems && picture.diagnosis &&
                       ui.problem < picture.diagnosis->found.size();
    return there ? &picture.diagnosis->found[ui.problem] : nullptr;
}

Effect open_problem(Ui& ui, const Picture& picture) {
    const Ailment* const problem = problem_at_cursor(ui, picture);
    if (problem == nullptr)
        return Effect::none;
    if (problem->filter.empty()) {
        ui.message = "it is of no flows by which one could know it (y copies the command)";
        return Effect::none;
    }
    take_step(ui, "problems › " + problem->what);
    ui.filter = problem->filter;
    ui.kinds.clear(); // also those that are not translated
    ui.by.clear();
    ui.view = View::flows;
    ui.position().cursor = ui.position().first = 0;
    ui.position().chosen.reset();
    return Effect::rank;
}

} // namespace natstat
