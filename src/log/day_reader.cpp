// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The tables are those that natstat makes, word for word, or nothing is read of them; each value is
// looked at, and SQLite's machine runs for no more steps than a file of that size can need.
#include "day_reader.hpp"

#include "schema.hpp"

#include "natstat/model/life.hpp"
#include "natstat/model/nat.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace natstat::log {

namespace {

constexpr std::size_t most_addresses = std::size_t{1} << 16;

/// The columns of life, by their places in what is asked for.
enum Column : std::uint8_t {
    gate,
    gport,
    began,
    how,
    proto,
    kind,
    src,
    sport,
    dst,
    dport,
    original_dst,
    original_dport,
    zone_orig,
    zone_reply,
    icmp,
    started,
    ended,
    ending,
    packets_up,
    bytes_up,
    packets_down,
    bytes_down,
};
constexpr const char* select_life =
    "SELECT gate, gport, began, how, proto, kind, src, sport, dst, dport, original_dst, "
    "original_dport, zone_orig, zone_reply, icmp, started, ended, ending, packets_up, bytes_up, "
    "packets_down, bytes_down FROM life WHERE ";
constexpr const char* select_open =
    "SELECT gate, nullif(gport, -1), began, how, proto, kind, src, sport, dst, dport, "
    "original_dst, original_dport, zone_orig, zone_reply, icmp, started, NULL, NULL, NULL, NULL, "
    "NULL, NULL FROM open WHERE ";

[[noreturn]] void refuse(const std::string& why) {
    throw Refused(SQLITE_CORRUPT, why);
}

Time time_of(std::int64_t number) {
    if (number < 0)
        refuse("a time is before 1970");
    return Time{std::chrono::nanoseconds{number}};
}

/// The number in the column, which is one from 0 to `most`, or null.
template <typename Number>
std::optional<Number> number_in(const Statement& row, Column column,
                                std::int64_t most = std::numeric_limits<Number>::max()) {
    if (row.type(column) == SQLITE_NULL)
        return std::nullopt;
    const auto number = row.number_at(column);
    if (!number || *number < 0 || *number > most)
        refuse("a row has a value that it never has");
    return static_cast<Number>(*number);
}

template <typename Number>
Number sure_number(const Statement& row, Column column,
                   std::int64_t most = std::numeric_limits<Number>::max()) {
    const auto number = number_in<Number>(row, column, most);
    if (!number)
        refuse("a row lacks a value");
    return *number;
}

constexpr std::int64_t most_counted = std::numeric_limits<std::int64_t>::max();

void set_counters(Flow& flow, const Statement& row) {
    const auto up = number_in<std::uint64_t>(row, packets_up, most_counted);
    const auto down = number_in<std::uint64_t>(row, packets_down, most_counted);
    if (up) {
        flow.packets_up = *up;
        flow.bytes_up = sure_number<std::uint64_t>(row, bytes_up, most_counted);
        flow.set(Part::counters_up);
    }
    if (down) {
        flow.packets_down = *down;
        flow.bytes_down = sure_number<std::uint64_t>(row, bytes_down, most_counted);
        flow.set(Part::counters_down);
    }
}

void set_zones(Flow& flow, const Statement& row) {
    const auto original = number_in<std::uint16_t>(row, zone_orig).value_or(0);
    const auto reply = number_in<std::uint16_t>(row, zone_reply).value_or(0);
    if (original == reply)
        flow.set_zone(original);
    else if (reply == 0)
        flow.set_zone(original, Direction::original);
    else
        flow.set_zone(reply, Direction::reply);
}

int count_down(void* steps_left) {
    auto& left = *static_cast<std::uint64_t*>(steps_left);
    return left == 0 ? 1 : (--left, 0);
}

/// So many steps of the machine are one of steps_left.
constexpr int steps_at_once = 100'000;

/// A path within "file:...".
std::string uri_of(const std::string& path) {
    std::string uri = "file:";
    for (const char each : path)
        if (each == '%' || each == '?' || each == '#')
            uri += each == '%' ? "%25" : each == '?' ? "%3f" : "%23";
        else
            uri += each;
    return uri + "?mode=ro&readonly_shm=1";
}

/// Every table and index of the file that is read is natstat's own.
void check_schema(const Database& database) {
    constexpr std::size_t tables = 5;
    const std::string_view known = schema;
    std::size_t found = 0;
    Statement all(database, "SELECT type, sql FROM sqlite_master WHERE sql IS NOT NULL");
    while (all.next()) {
        const bool is_view = all.text_at(0) == "view";
        const std::string sql(all.text_at(1).value_or(""));
        if (is_view)
            continue; // it is not asked
        if (known.find(sql + ";") == std::string_view::npos)
            refuse("it has tables or indexes that are not natstat's");
        found += all.text_at(0) == "table" ? 1 : 0;
    }
    if (found != tables)
        throw Refused(SQLITE_NOTADB, "it is no NAT log of this version");
}

Database opened(const std::string& path) {
    Database database(uri_of(path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX);
    sqlite().configure(database.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite().busy_timeout(database.get(), 1000);
    database.run("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; "
                 "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cache_size = -8192; "
                 "BEGIN");
    check_schema(database);
    return database;
}

std::int64_t one_number(const Database& database, const char* sql) {
    Statement row(database, sql);
    return row.next() ? row.number_at(0).value_or(0) : 0;
}

/// What SQLite's machine may take for a file: rows are 20 bytes at least, and are asked for by
/// several statements.
std::uint64_t steps_for(const Database& database) {
    constexpr std::uint64_t of_small = 1000;
    constexpr std::uint64_t steps_a_byte = 40;
    const auto pages = one_number(database, "PRAGMA page_count");
    const auto size = one_number(database, "PRAGMA page_size");
    return of_small + static_cast<std::uint64_t>(pages * size) * steps_a_byte / steps_at_once;
}

/// The NAT's side that a condition names, as far as it says that it is one.
std::optional<Endpoint> gateway_of(const ListCondition& condition) {
    const auto& [original, reply] = std::pair(condition.original, condition.reply);
    const std::uint32_t nat = condition.status_mask & condition.status_value;
    if ((nat & status::src_nat) != 0 && reply.destination)
        return Endpoint{*reply.destination, reply.destination_port};
    if ((nat & status::dst_nat) != 0 && original.destination)
        return Endpoint{*original.destination, original.destination_port};
    return std::nullopt;
}

/// The same, where it is what was dialled of a flow with both translations.
std::optional<Endpoint> dialled_of(const ListCondition& condition) {
    const std::uint32_t nat = condition.status_mask & condition.status_value;
    if ((nat & status::dst_nat) == 0 || !condition.original.destination)
        return std::nullopt;
    return Endpoint{*condition.original.destination, condition.original.destination_port};
}

} // namespace

DayReader::DayReader(const std::string& path, Day day)
    : database_(opened(path)), begin_(day),
      find_text_(database_, "SELECT text FROM address WHERE id = ?"),
      find_number_(database_, "SELECT id FROM address WHERE text = ?") {
    until_ = time_of(one_number(database_, "SELECT time FROM until"));
    steps_left_ = std::make_unique<std::uint64_t>(steps_for(database_));
    sqlite().progress(database_.get(), steps_at_once, count_down, steps_left_.get());
}

std::optional<std::int64_t> DayReader::number_of(const Address& address) {
    std::optional<std::int64_t> number;
    const std::string text = to_text(address);
    if (find_number_.text(text).next()) {
        number = find_number_.number_at(0);
        find_number_.reset();
    }
    return number;
}

const Address& DayReader::address_of(std::int64_t number) {
    const auto key = static_cast<std::uint64_t>(number);
    if (const auto known = addresses_.find(key); known != addresses_.end())
        return known->second;
    std::optional<Address> address;
    if (find_text_.number(number).next()) {
        address = parse_address(find_text_.text_at(0).value_or(""));
        find_text_.reset();
    }
    if (!address)
        refuse("a row has an address that is none");
    if (addresses_.size() == most_addresses)
        addresses_.clear();
    return addresses_.emplace(key, *address).first->second;
}

void DayReader::add(What what, const std::string& sql, const Values& values) {
    Stream stream{what, Statement(database_, sql.c_str())};
    for (const std::int64_t value : values)
        stream.statement.number(value);
    advance(stream);
    streams_.push_back(std::move(stream));
}

/// Beginnings and ends of the flows for which all this holds, beside the window.
void DayReader::add_rows(const Wanted& wanted, const std::string& where, const Values& values) {
    // A plus, so that it is not the index by beginnings that is taken.
    const std::string own = values.empty() ? "" : "+";
    std::string begun = " AND " + own + "began IS NOT NULL";
    std::string living = begun;
    std::string lived;
    Values of_life = values;
    Values of_open = values;
    if (wanted.window) {
        const std::int64_t first = wanted.window->first.time_since_epoch().count();
        const std::int64_t last = wanted.window->last.time_since_epoch().count();
        constexpr std::int64_t nanoseconds = 1'000'000;
        const std::string by_then = " AND (began IS NULL OR began <= ? OR started <= ?)";
        lived = " AND (ended IS NULL OR ended >= ?)" + by_then;
        begun += lived;
        living += by_then;
        of_life.insert(of_life.end(), {first, last, last / nanoseconds});
        of_open.insert(of_open.end(), {last, last / nanoseconds});
    }
    add(What::begun, select_life + where + begun + " ORDER BY " + own + "began", of_life);
    add(What::begun, select_open + where + living + " ORDER BY began", of_open);
    add(What::ended,
        select_life + where + lived + " AND ended IS NOT NULL ORDER BY " +
            (wanted.window && !values.empty() ? "ended" : "id"), // as the index has them, or life
        of_life);
}

/// The NAT's side, or what was dialled, is what there is an index for; everything else is left to
/// who asked.
void DayReader::want(const Wanted& wanted) {
    carried_ = wanted.carried;
    add(What::mark, "SELECT time, kind, run, lost, filter FROM mark ORDER BY id", {});
    const bool by_index =
        std::all_of(wanted.query.begin(), wanted.query.end(), [](const ListCondition& each) {
            return gateway_of(each).has_value() || dialled_of(each).has_value();
        });
    if (!by_index)
        return add_rows(wanted, "1", {});
    // One condition, so that no flow comes twice.
    std::string where;
    Values values;
    for (const ListCondition& each : wanted.query) {
        if (const auto gateway = gateway_of(each))
            look_up(*gateway, "gate = ?", "gport = ?", where, values);
        if (const auto dialled = dialled_of(each))
            look_up(*dialled, "original_dst = ?", "original_dport = ?", where, values);
    }
    if (!where.empty())
        add_rows(wanted, "(" + where + ")", values);
}

void DayReader::look_up(const Endpoint& end, const std::string& address, const std::string& port,
                        std::string& where, Values& values) {
    const auto number = number_of(end.address);
    if (!number)
        return;
    where += (where.empty() ? "" : " OR ") + address;
    values.push_back(*number);
    if (!end.port)
        return;
    where += " AND " + port;
    values.push_back(*end.port);
}

void DayReader::advance(Stream& stream) const {
    stream.next.reset();
    Statement& row = stream.statement;
    while (row.next()) {
        const int column = stream.what == What::mark    ? 0
                           : stream.what == What::begun ? static_cast<int>(began)
                                                        : static_cast<int>(ended);
        const auto number = row.number_at(column);
        if (!number)
            refuse("a row lacks a time");
        const Time time = time_of(*number);
        if (carried_ && stream.what != What::ended && time < begin_)
            continue; // the day before has told it
        stream.next = time;
        return;
    }
}

std::size_t DayReader::first() const {
    // At one moment marks of a beginning come first, and other marks last: streams_ has them first.
    const auto rank = [](const Stream& stream) {
        const bool starts = stream.what == What::mark && stream.statement.text_at(1) == "started";
        return starts ? 0 : stream.what == What::begun ? 1 : stream.what == What::ended ? 2 : 3;
    };
    std::size_t best = streams_.size();
    for (std::size_t i = 0; i < streams_.size(); ++i) {
        const Stream& each = streams_[i];
        if (!each.next)
            continue;
        const bool is_earlier =
            best == streams_.size() || *each.next < *streams_[best].next ||
            (*each.next == *streams_[best].next && rank(each) < rank(streams_[best]));
        if (is_earlier)
            best = i;
    }
    return best;
}

bool DayReader::take(Batch& batch) {
    const std::size_t at = first();
    if (at == streams_.size())
        return false;
    Stream& stream = streams_[at];
    batch.events.push_back(stream.what == What::mark ? mark_of(stream, batch) : event_of(stream));
    advance(stream);
    return true;
}

Event DayReader::mark_of(const Stream& stream, Batch& batch) const {
    const Statement& row = stream.statement;
    const auto kinds = transition_names();
    const auto found = std::find(kinds.begin(), kinds.end(), row.text_at(1).value_or(""));
    const auto kind = static_cast<TransitionKind>(found - kinds.begin());
    Event mark;
    mark.time = *stream.next;
    mark.run = time_of(row.number_at(2).value_or(0));
    mark.count =
        static_cast<std::uint64_t>(std::max(row.number_at(3).value_or(0), std::int64_t{0}));
    Extras extras;
    extras.selection = row.text_at(4).value_or("");
    switch (kind) {
    case TransitionKind::started:
        mark.kind = EventKind::started;
        mark.run = Time{};
        break;
    case TransitionKind::whole:
        mark.kind = EventKind::list_end;
        mark.judgement.emplace().by_list = true;
        break;
    case TransitionKind::stopped:
        mark.kind = EventKind::stopped;
        break;
    case TransitionKind::lost:
        mark.kind = EventKind::lost;
        mark.run = Time{};
        return mark;
    default:
        refuse("a mark is none that there is");
    }
    mark.flow.extras = batch.extras.intern(extras);
    return mark;
}

Event DayReader::event_of(const Stream& stream) {
    const Statement& row = stream.statement;
    Event event;
    event.time = *stream.next;
    event.flow = flow_of(row);
    const auto bits = sure_number<std::uint8_t>(row, how);
    const auto has = [&](How bit) { return (bits & static_cast<unsigned>(bit)) != 0; };
    Judgement& judgement = event.judgement.emplace();
    if (stream.what == What::begun) {
        event.kind = has(How::was_there) ? EventKind::listed : EventKind::created;
        judgement.by_list = has(How::begun_by_list) && !has(How::was_there);
        return event;
    }
    event.kind = EventKind::destroyed;
    judgement.by_list = has(How::ended_by_list);
    set_counters(event.flow, row);
    const auto names = static_cast<std::int64_t>(ending_names().size());
    if (const auto how_ended = number_in<std::uint8_t>(row, ending, names - 1))
        judgement.ending = static_cast<Ending>(*how_ended);
    return event;
}

Flow DayReader::flow_of(const Statement& row) {
    const auto nat = static_cast<Nat>(sure_number<std::uint8_t>(row, kind, 3));
    const bool both = nat == Nat::both;
    const auto end = [&](Column address, Column port) {
        return Endpoint{address_of(sure_number<std::int64_t>(row, address)),
                        number_in<std::uint16_t>(row, port)};
    };
    const Endpoint source = end(src, sport);
    const Endpoint gateway = end(gate, gport);
    const Endpoint destination = end(dst, dport);
    const Endpoint dialled = both               ? end(original_dst, original_dport)
                             : nat == Nat::dnat ? gateway
                                                : destination;
    const Endpoint& answered = nat == Nat::dnat ? source : gateway;
    const std::array<const Endpoint*, 4> ends{&source, &dialled, &destination, &answered};
    Flow flow;
    flow.family = source.address.family;
    flow.protocol = sure_number<std::uint8_t>(row, proto);
    for (std::size_t i = 0; i < ends.size(); ++i) {
        if (nat == Nat::none || ends[i]->address.family != flow.family)
            refuse("a row is no translation");
        flow.address[i] = ends[i]->address.bytes;
        flow.port[i] = ends[i]->port.value_or(0);
        if (ends[i]->port)
            flow.set(i < 2 ? Part::original_ports : Part::reply_ports);
    }
    flow.set(Part::original);
    flow.set(Part::reply);
    if (const auto number = number_in<std::uint16_t>(row, icmp); number && flow.is_icmp()) {
        const auto type = static_cast<std::uint8_t>(*number >> 8);
        flow.port[1] = *number;
        flow.port[2] = static_cast<std::uint16_t>(
            icmp_answer(flow.protocol, type).value_or(type) << 8 | (*number & 0xFF));
        flow.set(Part::icmp);
    }
    set_zones(flow, row);
    if (const auto since = number_in<std::uint64_t>(row, started, latest_start))
        flow.set_start(std::chrono::milliseconds{*since});
    return flow;
}

} // namespace natstat::log
