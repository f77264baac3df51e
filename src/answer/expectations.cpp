// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// There are few of them (nf_conntrack_expect_max), so all are kept, in the order that is asked for.
#include "natstat/answer/expectations.hpp"

#include "natstat/answer/printing.hpp"
#include "natstat/gather/confine.hpp"
#include "natstat/gather/list_end.hpp"
#include "natstat/gather/reading.hpp"
#include "natstat/intake/expectations.hpp"

#include <algorithm>
#include <unistd.h>

namespace natstat {

namespace {

ListEnd list(std::vector<Expectation>& found) {
    return until_whole([&](bool) {
        ExpectationList read = list_expectations();
        found = std::move(read.expectations);
        ListEnd end;
        end.whole = read.whole;
        end.passed_over = {read.odd, read.foreign};
        return end;
    });
}

/// Those that the question is about, as rows.
std::vector<Row> rows_of(const std::vector<Expectation>& all, const Surroundings& around,
                         const Question& question) {
    std::vector<Row> rows;
    for (const Expectation& each : all)
        if (const Row row(each, around); question.filter.matches(row))
            rows.push_back(row);
    std::vector<std::size_t> places(rows.size());
    for (std::size_t i = 0; i < places.size(); ++i)
        places[i] = i;
    if (question.order)
        std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
            return question.order->before(rows[a], rows[b]);
        });
    std::vector<Row> ordered;
    for (std::size_t i = 0; i < std::min(places.size(), question.limit); ++i)
        ordered.push_back(rows[places[i]]);
    return ordered;
}

void print(const std::vector<Row>& rows, Layout& layout, Printing& printing) {
    if (TableNaming* const naming = printing.naming()) {
        for (const Row& row : rows)
            naming->want(layout, row);
        printing.wait_for_names();
    }
    if (printing.is_table())
        for (const Row& row : rows)
            printing.fit(layout, row);
    Output output(STDOUT_FILENO, "standard output");
    const auto printer = printing.printer(layout, output);
    printer->begin();
    for (const Row& row : rows)
        printer->row(row);
    printer->end();
    output.flush();
}

} // namespace

Answer expectations(ExpectationsRequest request, const Complain&) {
    confine();
    const Surroundings around = look_around({});
    std::vector<Expectation> all;
    const ListEnd end = list(all);
    Printing printing(request.look);
    const auto rows = rows_of(all, around, request.question);
    write_as_wanted([&] { print(rows, request.question.layout, printing); });
    Answer answer;
    answer.add(end.complaints());
    answer.add(printing.complaint());
    return answer;
}

} // namespace natstat
