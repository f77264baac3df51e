// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One table. That what it says is so is tested for each mode and each option.
#include "natstat/ask/mode.hpp"

#include <iterator>

namespace natstat {

namespace {

constexpr Of which_flows = Of::snat | Of::other_kinds | Of::all | Of::flows;
constexpr Of rows = Of::header | Of::columns | Of::extended | Of::networks;
constexpr Of formats = Of::format | Of::json;
constexpr Of listing = which_flows | rows | Of::numeric | Of::name_timeout | Of::sort | Of::limit |
                       formats | Of::color | Of::read;

constexpr Of of_collector = Of::ipfix | Of::ipfix_way | Of::port_range;

constexpr Of of_log = Of::log | Of::log_way;

constexpr std::string_view holds_everything =
    "a recording holds everything; use {} when reading it";

constexpr ModeRow table[] = {
    // As with other programs these answer whatever else stands on the line.
    {.mode = Mode::help,
     .option = "help",
     .shown = "--help",
     .takes = Of::nothing,
     .holds = Of::anything},
    {.mode = Mode::version,
     .option = "version",
     .shown = "--version",
     .takes = Of::nothing,
     .holds = Of::anything},
    {.mode = Mode::columns,
     .option = "list-columns",
     .shown = "--list-columns",
     .takes = Of::nothing,
     .holds = Of::anything},
    {.mode = Mode::health,
     .option = "health",
     .shown = "--health",
     .takes = formats,
     .of_kernel = Of::health | Of::netns,
     .holds = Of::all | Of::numeric | Of::color,
     .refusal = "--health is of the whole table; it takes no {}"},
    {.mode = Mode::expectations,
     .option = "expectations",
     .shown = "--expectations",
     .takes = Of::flows | Of::header | Of::columns | Of::extended | Of::numeric | Of::name_timeout |
              Of::sort | Of::limit | formats | Of::color,
     .of_kernel = Of::expectations | Of::netns,
     .holds = Of::all, // they are not translated yet
     .refusal = "--expectations are of connections that have not come yet; it takes no {}"},
    {.mode = Mode::diagnose,
     .option = "diagnose",
     .shown = "--diagnose",
     .takes = Of::diagnose | Of::flows | Of::networks | Of::name_timeout | formats | Of::color |
              Of::read,
     .of_kernel = Of::who | Of::interval | Of::receive_buffer | Of::netns,
     .of_file = Of::at | Of::span,
     .holds = Of::all | Of::numeric, // of what is wrong with flows of every kind
     .refusal = "--diagnose looks at flows of every kind, and tells findings; it takes no {}",
     .who = Knowledge::workloads},
    {.mode = Mode::metrics,
     .option = "metrics",
     .shown = "--metrics",
     .takes = Of::metrics | Of::metrics_by | Of::diagnose | Of::networks | Of::limit |
              Of::port_range | Of::format | Of::read,
     .of_kernel = Of::interval | Of::receive_buffer | Of::write | Of::netns,
     .holds = Of::all | Of::numeric | Of::color,
     .refusal = "--metrics is of the whole table, in formats of its own; it takes no {}"},
    {.mode = Mode::top,
     .option = "top",
     .shown = "--top",
     .takes = Of::top | which_flows | Of::columns | Of::who | Of::networks | Of::sort |
              Of::name_timeout | Of::color | Of::interval | Of::by | Of::ports | Of::port_range |
              Of::read,
     .of_kernel = Of::receive_buffer | Of::netns,
     .of_file = Of::speed,
     .holds =
         Of::numeric | Of::nat_host, // it shows the NAT side, and names when a key asks for them
     .refusal = "--top is a screen: it takes no {}"},
    {.mode = Mode::wait,
     .option = "wait",
     .shown = "--wait",
     .takes = Of::wait | which_flows | Of::networks | Of::name_timeout | formats,
     .of_kernel = Of::interval | Of::receive_buffer | Of::netns,
     .holds = Of::numeric | Of::color,
     .refusal = "{} is for {modes}; --wait says how many flows are left",
     .refusal_of_mode = "--wait and {} are two questions"},
    {.mode = Mode::record,
     .option = "write",
     .shown = "--write",
     .takes = Of::nothing,
     .of_kernel = Of::write | Of::interval | Of::receive_buffer | Of::netns,
     .holds = Of::all | Of::numeric | Of::color,
     .refusal = holds_everything,
     .refusal_of_mode = holds_everything},
    {.mode = Mode::ipfix,
     .option = "ipfix",
     .shown = "--ipfix",
     .takes = of_collector | of_log | Of::snat | Of::other_kinds | Of::flows | Of::networks |
              Of::name_timeout | Of::read,
     .of_kernel = Of::interval | Of::receive_buffer | Of::write | Of::netns,
     .of_file = Of::span,
     .holds = Of::numeric | Of::color,
     .refusal = "{} is for {modes}; --ipfix tells a collector of translations",
     .refusal_of_mode = "--ipfix and {} are two questions"},
    {.mode = Mode::log,
     .option = "log",
     .shown = "--log",
     .takes = of_log | Of::snat | Of::other_kinds | Of::flows | Of::networks | Of::name_timeout |
              Of::read,
     .of_kernel = Of::interval | Of::receive_buffer | Of::write | Of::netns,
     .of_file = Of::span,
     .holds = Of::numeric | Of::color,
     .refusal = "{} is for {modes}; --log keeps translations",
     .refusal_of_mode = "--log and {} are two questions"},
    {.mode = Mode::events,
     .option = "events",
     .shown = "--events",
     .takes = Of::events | which_flows | rows | Of::nat_host | Of::who | Of::name_timeout |
              formats | Of::color | Of::read | of_collector | of_log,
     .of_kernel = Of::interval | Of::receive_buffer | Of::write | Of::netns,
     .of_file = Of::span,
     .holds = Of::numeric,
     .refusal = "{} is for {modes}; --events come as they happen",
     .refusal_of_mode = "{} is for lists; --events come as they happen"},
    {.mode = Mode::ports,
     .option = "ports",
     .shown = "--ports",
     .takes = Of::ports | Of::flows | rows | Of::who | Of::numeric | Of::name_timeout | Of::sort |
              Of::limit | formats | Of::color | Of::port_range | Of::warn | Of::read,
     .of_kernel = Of::interval | Of::receive_buffer | Of::netns,
     .of_file = Of::at | Of::span,
     .holds = Of::snat,
     .refusal = "--ports is of source NAT, destination by destination; it takes no {}",
     .who = Knowledge::workloads},
    {.mode = Mode::groups,
     .option = "by",
     .shown = "--by",
     .takes = Of::by | listing,
     .of_kernel = Of::interval | Of::receive_buffer | Of::netns,
     .of_file = Of::at | Of::span},
    {.mode = Mode::list,
     .option = "",
     .shown = "lists",
     .takes = listing | Of::nat_host | Of::who,
     .of_kernel = Of::netns,
     .of_file = Of::at | Of::span},
};

} // namespace

std::span<const ModeRow> mode_table() {
    return table;
}

const ModeRow& mode_row(Mode mode) {
    return table[static_cast<std::size_t>(mode)];
}

} // namespace natstat
