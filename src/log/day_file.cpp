// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Rows are put into statements that are made once. Each transaction is on the disk when it ends
// (synchronous=FULL): there is one a second.
#include "day_file.hpp"

#include "schema.hpp"

#include "natstat/model/nat.hpp"

namespace natstat::log {

namespace {

/// So many addresses are remembered with their numbers.
constexpr std::size_t most_addresses = std::size_t{1} << 16;

Database opened(const std::string& path) {
    Database database(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX);
    sqlite().busy_timeout(database.get(), 1000); // of who reads and settles what was left behind
    database.run("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536; "
                 "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
                 "PRAGMA wal_autocheckpoint = 8192; PRAGMA journal_size_limit = 33554432; "
                 "PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;");
    Statement about(database, "SELECT * FROM pragma_application_id, pragma_user_version");
    if (!about.next())
        throw Refused(SQLITE_CORRUPT, "it says nothing of itself");
    const auto made_by = about.number_at(0);
    const auto made_as = about.number_at(1);
    about.reset();
    if (made_by == 0 && made_as == 0)
        database.run((std::string("BEGIN;") + schema + "COMMIT;").c_str());
    else if (made_by != application || made_as != version)
        throw Refused(SQLITE_NOTADB, "it is no NAT log of this version");
    return database;
}

std::int64_t number(Time time) {
    return time.time_since_epoch().count();
}

std::optional<std::int64_t> number(const std::optional<Time>& time) {
    return time ? std::optional(number(*time)) : std::nullopt;
}

std::optional<std::int64_t> number(const std::optional<std::uint16_t>& port) {
    return port ? std::optional<std::int64_t>(*port) : std::nullopt;
}

std::optional<std::int64_t> unless_zero(std::uint16_t zone) {
    return zone != 0 ? std::optional<std::int64_t>(zone) : std::nullopt;
}

std::optional<std::int64_t> counter(const Flow& flow, Part part, std::uint64_t count) {
    return flow.has(part) ? std::optional(static_cast<std::int64_t>(count)) : std::nullopt;
}

Endpoint gateway(const Flow& flow) {
    return flow.end(gateway_end(nat_of(flow)));
}

} // namespace

DayFile::DayFile(const std::string& path)
    : database_(opened(path)), find_address_(database_, "SELECT id FROM address WHERE text = ?"),
      add_address_(database_, "INSERT INTO address (text) VALUES (?)"),
      add_open_(database_,
                "INSERT INTO open (gate, gport, id, began, how, proto, kind, src, sport, dst, "
                "dport, original_dst, original_dport, zone_orig, zone_reply, icmp, started) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      remove_open_(database_, "DELETE FROM open WHERE gate = ? AND gport = ? AND id = ?"),
      add_life_(database_,
                "INSERT INTO life (gate, gport, began, how, proto, kind, src, sport, dst, dport, "
                "original_dst, original_dport, zone_orig, zone_reply, icmp, started, ended, "
                "ending, packets_up, bytes_up, packets_down, bytes_down) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      add_mark_(database_,
                "INSERT INTO mark (time, kind, run, lost, filter) VALUES (?, ?, ?, ?, ?)"),
      set_until_(database_, "INSERT OR REPLACE INTO until (id, time) VALUES (1, ?)") {}

void DayFile::roll_back() {
    addresses_.clear(); // numbers of this transaction are among them
    if (database_.in_transaction())
        database_.run("ROLLBACK");
}

std::int64_t DayFile::number_of(const Address& address) {
    if (const auto known = addresses_.find(address); known != addresses_.end())
        return known->second;
    const std::string text = to_text(address);
    std::optional<std::int64_t> number;
    if (find_address_.text(text).next()) {
        number = find_address_.number_at(0);
        find_address_.reset();
    }
    if (!number) {
        add_address_.text(text).run();
        number = database_.last_row();
    }
    if (addresses_.size() == most_addresses)
        addresses_.clear();
    addresses_.emplace(address, *number);
    return *number;
}

void DayFile::bind_ends(Statement& row, const Flow& flow, const Begun& begun) {
    const Nat nat = nat_of(flow);
    const Endpoint source = flow.end(source_end);
    const Endpoint destination = flow.end(destination_end(nat));
    const Endpoint dialled = flow.end(End::original_destination);
    const bool both = nat == Nat::both;
    const auto icmp = flow.icmp(Direction::original);
    row.number(number(begun.time)).number(begun.how).number(flow.protocol);
    row.number(static_cast<std::int64_t>(nat));
    row.number(number_of(source.address)).number(number(source.port));
    row.number(number_of(destination.address)).number(number(destination.port));
    row.number(both ? std::optional(number_of(dialled.address)) : std::nullopt);
    row.number(both ? number(dialled.port) : std::nullopt);
    row.number(unless_zero(flow.zone_of(Direction::original)));
    row.number(unless_zero(flow.zone_of(Direction::reply)));
    row.number(icmp ? std::optional<std::int64_t>(icmp->type * 256 + icmp->code) : std::nullopt);
    row.number(flow.has(Part::start) ? std::optional<std::int64_t>(flow.start_ms) : std::nullopt);
}

void DayFile::add_open(const Flow& flow, const Begun& begun) {
    const Endpoint gate = gateway(flow);
    add_open_.number(number_of(gate.address)).number(number(gate.port).value_or(no_port));
    add_open_.number(begun.id);
    bind_ends(add_open_, flow, begun);
    add_open_.run();
}

void DayFile::remove_open(const Flow& flow, std::int64_t id) {
    const Endpoint gate = gateway(flow);
    remove_open_.number(number_of(gate.address)).number(number(gate.port).value_or(no_port));
    remove_open_.number(id).run();
}

void DayFile::add_life(const Step& end, const Begun& begun) {
    const Flow& flow = end.flow;
    const Endpoint gate = gateway(flow);
    add_life_.number(number_of(gate.address)).number(number(gate.port));
    bind_ends(add_life_, flow, begun);
    add_life_.number(number(end.time));
    add_life_.number(end.ending ? std::optional(static_cast<std::int64_t>(*end.ending))
                                : std::nullopt);
    add_life_.number(counter(flow, Part::counters_up, flow.packets_up));
    add_life_.number(counter(flow, Part::counters_up, flow.bytes_up));
    add_life_.number(counter(flow, Part::counters_down, flow.packets_down));
    add_life_.number(counter(flow, Part::counters_down, flow.bytes_down));
    add_life_.run();
}

void DayFile::add_mark(const Step& mark, std::string_view flows) {
    add_mark_.number(number(mark.time)).text(transition_name(mark.kind));
    add_mark_.number(mark.run == Time{} ? std::nullopt : std::optional(number(mark.run)));
    add_mark_.number(mark.lost == 0 ? std::nullopt
                                    : std::optional(static_cast<std::int64_t>(mark.lost)));
    add_mark_.text(flows).run();
}

void DayFile::set_until(Time time) {
    set_until_.number(number(time)).run();
}

void DayFile::give_up_open() const {
    database_.run("INSERT INTO life (gate, gport, began, how, proto, kind, src, sport, dst, dport, "
                  "original_dst, original_dport, zone_orig, zone_reply, icmp, started) "
                  "SELECT gate, nullif(gport, -1), began, how, proto, kind, src, sport, dst, "
                  "dport, original_dst, original_dport, zone_orig, zone_reply, icmp, started "
                  "FROM open ORDER BY id; DELETE FROM open");
}

void DayFile::carry_over(const std::string& path) const {
    Statement attach(database_, "ATTACH ? AS before");
    attach.text(path).run();
    database_.run(
        "BEGIN IMMEDIATE;"
        "DELETE FROM main.open;"
        "INSERT OR IGNORE INTO main.address (text) SELECT text FROM before.address WHERE id IN "
        "(SELECT gate FROM before.open UNION SELECT src FROM before.open UNION "
        "SELECT dst FROM before.open UNION SELECT original_dst FROM before.open);"
        "CREATE TEMP TABLE same AS SELECT b.id AS old, m.id AS new FROM before.address b "
        "JOIN main.address m ON m.text = b.text;"
        "CREATE INDEX temp.same_old ON same (old, new);"
        "INSERT INTO main.open SELECT g.new, o.gport, o.id, o.began, o.how, o.proto, o.kind, "
        "s.new, o.sport, d.new, o.dport, w.new, o.original_dport, o.zone_orig, o.zone_reply, "
        "o.icmp, o.started FROM before.open o JOIN same g ON g.old = o.gate "
        "JOIN same s ON s.old = o.src JOIN same d ON d.old = o.dst "
        "LEFT JOIN same w ON w.old = o.original_dst;"
        "INSERT INTO main.mark (time, kind, run, lost, filter) "
        "SELECT time, kind, run, lost, filter FROM before.mark WHERE id >= "
        "(SELECT max(id) FROM before.mark WHERE kind = 'started') ORDER BY id;"
        "DROP TABLE temp.same;"
        "COMMIT;"
        "DETACH before");
}

void DayFile::begin_anew(Time time, bool whole, std::string_view flows) {
    Step mark;
    mark.kind = TransitionKind::started;
    mark.time = time;
    in_transaction([&] {
        database_.run("DELETE FROM mark");
        Statement found(database_, "UPDATE open SET began = ?, how = how | ?");
        found.number(number(time)).number(found_at_beginning).run();
        add_mark(mark, flows);
        mark.kind = TransitionKind::whole;
        mark.run = time;
        if (whole)
            add_mark(mark, flows);
        set_until(time);
    });
}

Time DayFile::until() const {
    Statement row(database_, "SELECT time FROM until");
    return Time{std::chrono::nanoseconds{row.next() ? row.number_at(0).value_or(0) : 0}};
}

void DayFile::settle() const {
    try {
        database_.run("PRAGMA journal_mode = DELETE");
    } catch (const Refused&) { // somebody reads it; what is beside it belongs to it, then
    }
}

} // namespace natstat::log
