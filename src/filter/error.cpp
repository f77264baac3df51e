// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// How the text of a filter is shown in a message: one terminal cell for each character, so that a
// caret stands where it should, and nothing that a terminal would act on.
#include "lexer.hpp"

#include "natstat/model/utf8.hpp"

#include <algorithm>

namespace natstat {

namespace {

constexpr std::size_t shown_cells = 76; // a line of a terminal, less a little
constexpr std::size_t quoted_cells = 40;

/// The text as cells of a line, and the cell of a byte offset. The second cell of a wide character
/// is empty.
struct Line {
    std::vector<std::string_view> cells;
    std::size_t marked = 0;

    Line(std::string_view text, std::size_t position) {
        Characters characters(text);
        std::size_t at = 0;
        while (const auto each = characters.next()) {
            if (at <= position && each->cells != 0)
                marked = cells.size();
            at += each->bytes.size();
            if (each->cells == 0) { // on the character before
                cells.back() = {cells.back().data(), cells.back().size() + each->bytes.size()};
                continue;
            }
            cells.push_back(each->code == U'\t' ? std::string_view(" ")
                            : each->shown       ? each->bytes
                                                : std::string_view("?"));
            cells.insert(cells.end(), each->cells - 1, each->bytes.substr(each->bytes.size()));
        }
        if (position >= text.size())
            marked = cells.size();
    }

    [[nodiscard]] std::string text(std::size_t from, std::size_t to) const {
        std::string result;
        for (std::size_t i = from; i < std::min(to, cells.size()); ++i)
            result += cells[i];
        return result;
    }
};

} // namespace

std::string FilterError::show(std::string_view text) const {
    const Line line(text, position);
    const std::size_t all = line.cells.size();
    std::size_t from = 0;
    if (all > shown_cells && line.marked > shown_cells / 2)
        from = std::min(line.marked - shown_cells / 2, all - shown_cells);
    const std::string before = from == 0 ? "" : "...";
    const std::string after = from + shown_cells < all ? "..." : "";
    return reason + '\n' + before + line.text(from, from + shown_cells) + after + '\n' +
           std::string(before.size() + line.marked - from, ' ') + '^';
}

std::string quoted(std::string_view text) {
    const Line line(text, 0);
    const std::string more = line.cells.size() > quoted_cells ? "..." : "";
    return '\'' + line.text(0, quoted_cells) + more + '\'';
}

} // namespace natstat
