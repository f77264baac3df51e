// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The tables of the manual page as mdoc(7), out of the program's own: options by group, columns,
// keys, the closed lists of the filter language. Each stands between two lines that name it;
// man_test.py compares them with those in the page, or puts them there.
#include "natstat/ask/options.hpp"
#include "natstat/filter/vocabulary.hpp"
#include "natstat/live/ui.hpp"

#include <algorithm>
#include <iostream>
#include <string>

namespace {

using namespace natstat;

/// Literal text for roff: nothing in it is a request, an escape or a quotation mark.
std::string literal(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '\\':
            out += "\\e";
            break;
        case '-':
            out += "\\-";
            break;
        case '^':
            out += "\\(ha";
            break;
        case '~':
            out += "\\(ti";
            break;
        case '\'':
            out += "\\(aq";
            break;
        default:
            out += c;
        }
    }
    return out;
}

/// Prose: a dash is a hyphen, and a line does not begin with a control character.
std::string prose(std::string_view text) {
    std::string out = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
    for (const char c : text)
        out += c == '-' ? std::string("-") : literal({&c, 1});
    return out;
}

void open_block(std::string_view name) {
    std::cout << ".\\\" begin " << name << '\n';
}

void close_block() {
    std::cout << ".El\n.\\\" end\n";
}

void print_options() {
    const auto table = option_table();
    for (std::size_t i = 0; i < table.size(); ++i) {
        const Option& row = table[i];
        if (!row.group.empty()) {
            if (i != 0)
                close_block();
            open_block("options: " + std::string(row.group));
            std::cout << ".Bl -tag -width \"-d, --destination LIST\" -compact\n";
        }
        if (row.long_name.empty())
            continue;
        std::cout << ".It";
        if (row.short_name != 0)
            std::cout << " Fl " << row.short_name << " ,";
        for (std::size_t j = i + 1; j < table.size() && table[j].long_name.empty(); ++j)
            std::cout << " Fl " << table[j].short_name << " ,";
        std::cout << " Fl Fl " << literal(row.long_name);
        if (!row.argument.empty())
            std::cout << " Ar " << literal(row.argument);
        std::cout << '\n' << prose(row.help) << '\n';
    }
    close_block();
}

void print_columns() {
    open_block("columns");
    std::cout << ".Bl -tag -width \"packets_down\" -compact\n";
    for (const Column& column : columns())
        std::cout << ".It Cm " << column.name << '\n' << prose(column.help) << '\n';
    close_block();
}

/// What a value of this kind is in JSON (src/print/json.cpp); a member is null where there is none.
std::string_view json_type(Kind kind) {
    switch (kind) {
    case Kind::count:
    case Kind::bytes:
    case Kind::rate:
    case Kind::hex:
    case Kind::port:
        return "whole number";
    case Kind::duration:
    case Kind::percent:
        return "number";
    case Kind::flags:
        return "array of strings";
    case Kind::endpoint:
    case Kind::tuple:
        return "members";
    default:
        return "string";
    }
}

/// The names of the columns of each type, and of the two or four members that an end or a tuple
/// becomes.
void print_json() {
    open_block("json");
    std::cout << ".Bl -tag -width Ds -compact\n";
    for (const std::string_view type :
         {"string", "whole number", "number", "array of strings", "members"}) {
        std::string names;
        for (const Column& column : columns())
            if (json_type(column.kind) == type)
                names += (names.empty() ? "\\%" : ",\n\\%") + std::string(column.name);
        std::cout << ".It " << type << '\n' << names << '\n';
    }
    close_block();
}

void print_keys() {
    open_block("keys");
    std::cout << ".Bl -tag -width \"Home g\" -compact\n";
    for (const KeyBinding& binding : key_table())
        std::cout << ".It Ic \"\\&" << literal(binding.shown) << "\"\n"
                  << prose(binding.help) << '\n';
    close_block();
}

void print_values() {
    open_block("values");
    std::cout << ".Bl -tag -width \"family\" -compact\n";
    for (const std::string_view name : filter_columns()) {
        const auto values = filter_values(column(name));
        if (values.empty() || name == "was") // its values are those of state
            continue;
        std::cout << ".It Cm " << name << '\n'; // \% keeps a word in one piece
        for (std::size_t i = 0; i < values.size(); ++i)
            std::cout << "\\%" << literal(values[i]) << (i + 1 < values.size() ? ",\n" : "\n");
    }
    close_block();
}

} // namespace

int main() {
    print_options();
    print_columns();
    print_json();
    print_keys();
    print_values();
    return std::cout.flush() ? 0 : 1;
}
