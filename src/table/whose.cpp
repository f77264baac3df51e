// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which end is outside follows from the flow alone, so that all columns speak of the same one. What
// the flow's own source tells comes before what is known now.
#include "whose.hpp"

#include "natstat/table/who.hpp"
#include "times.hpp"

#include <algorithm>
#include <charconv>

namespace natstat::whose {

namespace {

/// Networks that are nobody's on the internet: a host itself, links, private and shared ones.
/// RFC 1122 3.2.1.3, RFC 3927, RFC 1918, RFC 6598; RFC 4291 2.5.3 and 2.5.6, RFC 4193.
constexpr std::uint8_t four[][5]{{127, 0, 0, 0, 8},   {169, 254, 0, 0, 16}, {10, 0, 0, 0, 8},
                                 {172, 16, 0, 0, 12}, {192, 168, 0, 0, 16}, {100, 64, 0, 0, 10}};

bool is_private_six(const Address& address) {
    const auto& bytes = address.bytes;
    const bool is_loopback =
        std::all_of(bytes.begin(), bytes.end() - 1, [](std::uint8_t byte) { return byte == 0; }) &&
        bytes.back() == 1;
    const bool is_link = bytes[0] == 0xFE && (bytes[1] & 0xC0U) == 0x80;
    return is_loopback || is_link || (bytes[0] & 0xFEU) == 0xFC;
}

bool is_private(const Address& address) {
    if (address.family == Family::ipv6)
        return is_private_six(address);
    return std::any_of(std::begin(four), std::end(four), [&](const std::uint8_t(&network)[5]) {
        return Network{make_address(Family::ipv4, network), network[4]}.contains(address);
    });
}

bool is_near(const Row& row, End end) {
    const Address address = row.flow.end(end).address;
    const auto& own = row.around.local_addresses;
    return (own && own->contains(address)) || is_private(address);
}

/// Of a flow that is translated at one end, the other one. Where that does not tell them apart it
/// is the destination, unless that is this host or private and the source is neither.
End outside_end(const Row& row) {
    const End destination = destination_end(row.nat);
    if (row.nat == Nat::snat)
        return destination;
    if (row.nat == Nat::dnat)
        return source_end;
    return is_near(row, destination) && !is_near(row, source_end) ? source_end : destination;
}

End other_end(const Row& row, End end) {
    return end == source_end ? destination_end(row.nat) : source_end;
}

bool is_said(const Row& row, End end) {
    const bool original = end == End::original_source || end == End::original_destination;
    return row.flow.has(original ? Part::original : Part::reply);
}

Value text(std::string_view text) {
    return text.empty() ? Value{Absent{}} : Text{text};
}

/// A text that the flow's own source tells, else what `ask` finds out.
template <typename Ask>
Value text_of(const Row& row, Extras::Known what, Ask&& ask) {
    const std::string* told = row.extras.known_of(what);
    return told != nullptr ? Value{Text{*told}} : ask();
}

template <typename Ask>
Value number_of(const Row& row, Extras::Known what, Ask&& ask) {
    const std::string* told = row.extras.known_of(what);
    if (told == nullptr)
        return ask();
    std::uint64_t number = 0;
    std::from_chars(told->data(), told->data() + told->size(), number);
    return Count{number};
}

/// What `get` makes of what is known of the end's address.
template <typename Get>
Value of_end(const Row& row, End end, Get&& get) {
    if (row.around.who == nullptr || !is_said(row, end))
        return Absent{};
    return get(*row.around.who, row.flow.end(end).address);
}

using Known = Extras::Known;

/// Where NAT does not tell the ends apart, who is known is inside.
Value find_workload(const Row& row) {
    const auto began = times::began(row);
    const auto of = [&](End end) {
        return of_end(row, end, [&](const Who& who, const Address& address) {
            return text(who.workload(address, began));
        });
    };
    const End outside = outside_end(row);
    Value found = of(other_end(row, outside));
    const bool is_told_apart = row.nat == Nat::snat || row.nat == Nat::dnat;
    return is_absent(found) && !is_told_apart ? of(outside) : found;
}

/// By the tuple that the end itself sees.
std::optional<Who::Process> process_at(const Row& row, End end) {
    const Flow& flow = row.flow;
    if (row.around.who == nullptr || !is_said(row, end))
        return std::nullopt;
    const bool is_source = end == source_end;
    const bool has_reply = flow.has(Part::reply);
    const End local = is_source ? end : has_reply ? End::reply_source : end;
    const End remote = is_source   ? End::original_destination
                       : has_reply ? End::reply_destination
                                   : End::original_source;
    return row.around.who->process(flow.protocol, flow.end(local), flow.end(remote));
}

/// Where NAT does not tell the ends apart, it is the end whose process is known.
std::optional<Who::Process> process_of(const Row& row) {
    const End outside = outside_end(row);
    const auto found = process_at(row, other_end(row, outside));
    const bool is_told_apart = row.nat == Nat::snat || row.nat == Nat::dnat;
    return found || is_told_apart ? found : process_at(row, outside);
}

Value network_of(const Row& row, End end) {
    return of_end(row, end, [](const Who& who, const Address& address) {
        return text(who.network(address));
    });
}

} // namespace

Value service(const Row& row) {
    return text_of(row, Known::service, [&] {
        return of_end(row, outside_end(row), [](const Who& who, const Address& address) {
            return text(who.range(address).service);
        });
    });
}

Value region(const Row& row) {
    return text_of(row, Known::region, [&] {
        return of_end(row, outside_end(row), [](const Who& who, const Address& address) {
            return text(who.range(address).region);
        });
    });
}

Value owner(const Row& row) {
    return text_of(row, Known::owner, [&] {
        return of_end(row, outside_end(row), [](const Who& who, const Address& address) {
            return text(who.owner(address));
        });
    });
}

Value as_number(const Row& row) {
    return number_of(row, Known::as_number, [&] {
        return of_end(row, outside_end(row), [](const Who& who, const Address& address) {
            const auto number = who.as_number(address);
            return number ? Value{Count{*number}} : Absent{};
        });
    });
}

Value country(const Row& row) {
    return text_of(row, Known::country, [&] {
        return of_end(row, outside_end(row), [](const Who& who, const Address& address) {
            return text(who.country(address));
        });
    });
}

Value workload(const Row& row) {
    return text_of(row, Known::workload, [&] { return find_workload(row); });
}

/// What a log tells of the end inside may, of a flow that is translated at both ends, be of either.
Value source_workload(const Row& row) {
    const auto ask = [&] {
        return of_end(row, source_end, [&](const Who& who, const Address& address) {
            const auto began = row.group == nullptr ? times::began(row) : std::nullopt;
            return text(who.workload(address, began));
        });
    };
    return text_of(row, Known::source_workload, [&] {
        return row.nat == Nat::snat ? text_of(row, Known::workload, ask) : ask();
    });
}

Value process(const Row& row) {
    return text_of(row, Known::process, [&] {
        const auto found = process_of(row);
        return found ? text(found->name) : Absent{};
    });
}

Value process_id(const Row& row) {
    return number_of(row, Known::process_id, [&] {
        const auto found = process_of(row);
        return found ? Value{Count{found->id}} : Absent{};
    });
}

Value source_network(const Row& row) {
    return text_of(row, Known::source_network, [&] { return network_of(row, source_end); });
}

Value destination_network(const Row& row) {
    return text_of(row, Known::destination_network,
                   [&] { return network_of(row, destination_end(row.nat)); });
}

} // namespace natstat::whose
