// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The lines above the view: how the table fares, of what it is made where there is room for that,
// and which part of it one looks at.
#include "line.hpp"
#include "panels.hpp"

#include "natstat/live/screen_columns.hpp"
#include "natstat/table/shorten.hpp"

#include <algorithm>

namespace natstat {

namespace {

TextStyle clock_style() {
    return {nullptr, false, true, false};
}

/// "12:04:31".
std::string time_of_day(Time time) {
    return to_text(Instant{time}, clock_style()).substr(0, sizeof "12:04:31" - 1);
}

/// "0.6 %", "31 %"; what is there is never 0.
std::string percent_text(std::uint64_t part, std::uint64_t whole) {
    const std::uint64_t tenths = 1000 * part / whole;
    if (tenths >= 100)
        return std::to_string(tenths / 10) + " %";
    if (tenths == 0 && part != 0)
        return "<0.1 %";
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

void draw_fullness(Line& line, const Picture& picture, bool wide) {
    if (!picture.count || picture.limit.value_or(0) == 0)
        return line.put("  " + grouped_digits(picture.mix.flows) + " flows");
    const std::uint64_t percent = *picture.count * 100 / *picture.limit;
    const Role role = percent >= near_full_percent ? Role::failed : Role::plain;
    line.put("  " + short_count(*picture.count) + "/" + short_count(*picture.limit) + " ", role);
    if (wide)
        line.put(bar(percent, 12) + " ", role);
    line.put(percent_text(*picture.count, *picture.limit), role);
}

/// " 12s of 27s ": how far a recording has come.
std::string played_text(const Picture& picture) {
    const auto since_begin = [&picture](Time time) {
        return to_text(
            Duration{std::chrono::floor<std::chrono::seconds>(time - picture.file_begin)},
            clock_style());
    };
    const bool known = picture.file_end != Time{};
    return " " + since_begin(std::max(picture.around.now, picture.file_begin)) +
           (known ? " of " + since_begin(picture.file_end) : "") + " ";
}

unsigned last(const std::deque<unsigned>& numbers) {
    return numbers.empty() ? 0U : numbers.back();
}

void draw_pace(Line& line, const Picture& picture, const Ui& ui, bool wide) {
    const auto change = [&](char sign, const std::deque<unsigned>& numbers) {
        line.put(" " + std::string(1, sign) + grouped_digits(last(numbers)) + "/s");
        if (wide && !ui.plain && !numbers.empty())
            line.put(" " + plot(numbers, 20).front(), Role::dim);
    };
    line.put(" ");
    change('+', picture.created);
    change('-', picture.ended);
    if (!picture.counters)
        return line.put("  no counters (" + picture.within +
                            "sysctl -w net.netfilter.nf_conntrack_acct=1)",
                        Role::dim);
    if (!picture.mix.rates && picture.mix.uncounted == 0)
        return;
    // What is not counted makes the sums a part of the whole.
    const std::string least = picture.mix.uncounted != 0 ? "≥" : "";
    line.put("  ↓" + least + speed_text(picture.mix.rate_down, ui.bits));
    line.put(" ↑" + least + speed_text(picture.mix.rate_up, ui.bits));
    if (picture.mix.uncounted != 0)
        line.put(" (" + grouped_digits(picture.mix.uncounted) + " flows not counted)",
                 Role::failed);
}

void draw_failures(Line& line, const Picture& picture) {
    for (const auto& [name, counter] :
         {std::pair{"insert_failed", &picture.insert_failed}, {"drop", &picture.dropped}}) {
        if (counter->since == 0)
            continue;
        const bool rises = counter->rate != 0;
        line.put("  " + std::string(name) + " " + grouped_digits(counter->since) +
                     (rises ? " +" + grouped_digits(counter->rate) + "/s" : ""),
                 rises ? Role::failed : Role::dim);
    }
    if (picture.lost != 0)
        line.put("  lost events " + grouped_digits(picture.lost), Role::alarm);
    if (!picture.events)
        line.put("  no events (" + picture.within +
                     "sysctl -w net.netfilter.nf_conntrack_events=1)",
                 Role::dim);
}

void draw_table_line(Frame& frame, const Picture& picture, const Ui& ui) {
    Line line(frame, 0);
    const bool wide = frame.size().columns >= 140;
    line.put(" natstat ", Role::title);
    draw_states(line, picture, ui);
    line.put(" " + picture.from);
    draw_fullness(line, picture, frame.size().columns >= 100 && !ui.plain);
    draw_failures(line, picture);
    draw_pace(line, picture, ui, wide);
    if (picture.around.now != Time{})
        line.put_last(" " + time_of_day(picture.around.now) + " ");
}

void draw_mix_line(Frame& frame, std::size_t row, const Mix& mix) {
    Line line(frame, row);
    const auto put = [&line](std::string_view name, std::size_t count) {
        line.put(" " + std::string(name) + " " + grouped_digits(count), Role::dim);
    };
    put("snat", mix.snat);
    put("dnat", mix.dnat);
    if (mix.both != 0)
        put("both", mix.both);
    put("local", mix.local);
    put("routed", mix.routed);
    line.put("   ");
    put("tcp", mix.tcp);
    line.put(" (opening " + grouped_digits(mix.opening) + "  established " +
                 grouped_digits(mix.established) + "  closing " + grouped_digits(mix.closing) + ")",
             Role::dim);
    put(" udp", mix.udp);
    put(" icmp", mix.icmp);
    put(" other", mix.other);
}

void draw_prompt(Line& line, const Prompt& prompt) {
    line.put(prompt.what == Prompt::For::filter ? " filter: " : " write to file: ", Role::key);
    constexpr std::size_t least = 10;
    const std::size_t around =
        std::min(std::max(width_of(prompt.problem), width_of(prompt.hint)) + 3, line.room());
    // The end of what is typed, so that the cursor is seen.
    line.put(last_cells(prompt.text, std::max(line.room() - around, least)));
    line.put("_", Role::selected);
    if (!prompt.problem.empty())
        line.put_cut("  " + prompt.problem, Role::alarm);
    else if (!prompt.hint.empty())
        line.put_cut("  " + prompt.hint, Role::dim);
    else if (prompt.what == Prompt::For::file)
        line.put_cut("  (.json, .jsonl, .csv; any other is a table)", Role::dim);
}

/// ": all, failed": what of a view was chosen, where that is not the usual.
std::string choices_text(const Picture& picture, const Ui& ui) {
    std::string text;
    const auto add = [&text](std::string_view word) {
        text += (text.empty() ? ": " : ", ") + std::string(word);
    };
    if (ui.view != View::health && ui.view != View::problems && ui.kinds != flow_choices[0].kinds) {
        const auto* const named =
            std::find_if(std::begin(flow_choices), std::end(flow_choices),
                         [&](const FlowChoice& each) { return each.kinds == ui.kinds; });
        add(named == std::end(flow_choices) ? ui.kinds : named->name);
    }
    if (ui.view == View::changes) {
        add("the last " + to_text(Duration{ui.span}, clock_style()));
        if (picture.changes_since - (picture.around.now - ui.span) > std::chrono::seconds{1})
            add("known since " + time_of_day(picture.changes_since));
    }
    if (ui.view == View::problems && picture.diagnosis)
        add("of all flows, at " + time_of_day(picture.diagnosis->time));
    if (ui.view == View::events && ui.steps != StepChoice::all)
        add(ui.steps == StepChoice::ends ? "new and ended" : "failed");
    return text;
}

/// "48 of 1,507": what the options and the filter let through.
std::string shown_count(const Picture& picture, const Ui& ui) {
    const std::size_t shown = picture.matched - std::min(picture.matched, picture.lingering);
    if (!ui.has_rows() || picture.kind != ui.rows())
        return {};
    if (ui.rows() != Rows::flows)
        return "   " + grouped_digits(shown);
    return "   " + grouped_digits(shown) + " of " + grouped_digits(picture.mix.flows);
}

/// How many columns are beside those on the screen.
void draw_hidden(Line& line, const ScreenColumns& columns) {
    if (columns.hidden_right != 0)
        line.put_last(" +" + std::to_string(columns.hidden_right) + " ▸ ", Role::key);
    if (columns.hidden_left != 0)
        line.put_last(" ◂ " + std::to_string(columns.hidden_left), Role::key);
}

std::string order_text(const Ui& ui) {
    const Position& place = ui.position();
    if (!ui.has_rows() || place.sort == nullptr)
        return {};
    return "   by " + screen_title(*place.sort, ui.bits) + (place.descending ? " ▼" : " ▲");
}

} // namespace

void draw_states(Line& line, const Picture& picture, const Ui& ui) {
    if (picture.stale)
        line.put(" STALE ", Role::alarm);
    if (ui.paused)
        line.put(" PAUSED ", Role::alarm);
    if (picture.over)
        line.put(" END ", Role::alarm);
    if (const std::string worst = worst_problem(picture); !worst.empty())
        line.put(" " + worst + " ", Role::failed);
    if (picture.file_begin != Time{})
        line.put(played_text(picture), Role::key);
    if (!picture.complete && !picture.replay)
        line.put(" reading the table ", Role::alarm);
    if (const std::size_t marks = ui.marked.size() + ui.marked_groups.size(); marks != 0)
        line.put(" " + grouped_digits(marks) + " marked ", Role::key);
    if (ui.view == View::events && ui.step != 0)
        line.put(" FROZEN, " + grouped_digits(ui.unseen) + " new ", Role::alarm);
    if (ui.following && ui.has_rows())
        line.put(" FOLLOW ", Role::key);
}

void draw_status(Line& line, const Picture& picture, const Ui& ui, std::size_t columns) {
    if (ui.prompt && ui.prompt->what != Prompt::For::menu)
        return draw_prompt(line, *ui.prompt);
    if (!ui.message.empty())
        return line.put_cut(" " + ui.message, Role::key);
    if (ui.has_rows())
        draw_hidden(line, row_columns(ui, columns));
    std::string where = " ";
    for (const Ui::Step& step : ui.trail)
        where += step.label + " › ";
    where += ui.by.empty() || ui.view != View::flows ? std::string(kind_of(ui.view).name)
                                                     : "by " + ui.by;
    line.put_cut(where + choices_text(picture, ui), Role::strong);
    const std::string count = shown_count(picture, ui), order = order_text(ui);
    if (!ui.filter.empty()) { // before all else, for it is what hides flows
        const std::size_t rest = width_of(count) + width_of(order) + 2;
        const std::size_t room =
            std::max<std::size_t>(line.room() - std::min(line.room(), rest), 8);
        line.put("  " + shortened_middle(ui.filter, room), Role::key);
    }
    line.put(count);
    line.put(order, Role::dim);
}

std::size_t head_rows(Size size) {
    constexpr std::size_t roomy = 30;
    return size.rows <= 6 ? 0 : size.rows < roomy ? 2 : 3;
}

void draw_header(Frame& frame, const Picture& picture, const Ui& ui) {
    const std::size_t rows = head_rows(frame.size());
    if (rows == 0)
        return;
    draw_table_line(frame, picture, ui);
    if (rows > 2)
        draw_mix_line(frame, 1, picture.mix);
    Line line(frame, rows - 1);
    draw_status(line, picture, ui, frame.size().columns);
}

} // namespace natstat
