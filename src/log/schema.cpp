// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A flow that has ended is a row of `life`, which is only ever added to: in the order of the ends,
// so its pages are full, and a day that is over is not written any more. What lives is in `open`,
// goes from day to day, and stays in each as it was at that day's end. So each day says by itself
// who had what. Addresses are words that come again and again.
#include "schema.hpp"

namespace natstat::log {

#define NATSTAT_ENDS                                                                               \
    "began INTEGER, how INTEGER NOT NULL, proto INTEGER NOT NULL, kind INTEGER NOT NULL, "         \
    "src INTEGER NOT NULL, sport INTEGER, dst INTEGER NOT NULL, dport INTEGER, "                   \
    "original_dst INTEGER, original_dport INTEGER, zone_orig INTEGER, zone_reply INTEGER, "        \
    "icmp INTEGER, started INTEGER"

#define NATSTAT_SHOWN(ended, gport, ending, counters, table)                                       \
    "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', t.began / 1000000000, 'unixepoch') AS began_utc,\n"     \
    "  strftime('%Y-%m-%dT%H:%M:%SZ', " ended " / 1000000000, 'unixepoch') AS ended_utc,\n"        \
    "  t.proto AS proto,\n"                                                                        \
    "  CASE t.kind WHEN 1 THEN 'snat' WHEN 2 THEN 'dnat' ELSE 'both' END AS kind,\n"               \
    "  s.text AS src, t.sport AS sport, g.text AS gate, " gport " AS gport,\n"                     \
    "  d.text AS dst, t.dport AS dport, o.text AS original_dst,\n"                                 \
    "  t.original_dport AS original_dport,\n"                                                      \
    "  ifnull(t.zone_orig, 0) AS zone_orig, ifnull(t.zone_reply, 0) AS zone_reply,\n"              \
    "  t.icmp / 256 AS icmp_type, t.icmp % 256 AS icmp_code,\n"                                    \
    "  " ending " AS ending,\n"                                                                    \
    "  " counters ",\n"                                                                            \
    "  CASE WHEN t.how & 2 THEN 'before' WHEN t.how & 1 THEN 'list' ELSE 'event' END AS told,\n"   \
    "  t.started AS started, t.began AS began, " ended " AS ended\n"                               \
    "FROM " table " t JOIN address s ON s.id = t.src JOIN address g ON g.id = t.gate\n"            \
    "  JOIN address d ON d.id = t.dst LEFT JOIN address o ON o.id = t.original_dst\n"

const char* const schema =
    "PRAGMA application_id = 1851880563;"
    "PRAGMA user_version = 1;"
    "CREATE TABLE address (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"
    "CREATE TABLE mark (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, "
    "run INTEGER, lost INTEGER, filter TEXT);"
    "CREATE TABLE until (id INTEGER PRIMARY KEY, time INTEGER NOT NULL);"
    "CREATE TABLE life (id INTEGER PRIMARY KEY, gate INTEGER NOT NULL, gport INTEGER, " NATSTAT_ENDS
    ", ended INTEGER, ending INTEGER, packets_up INTEGER, bytes_up INTEGER, "
    "packets_down INTEGER, bytes_down INTEGER);"
    "CREATE INDEX life_gate ON life (gate, gport, ended);"
    "CREATE INDEX life_original_dst ON life (original_dst, original_dport, ended) "
    "WHERE original_dst IS NOT NULL;"
    "CREATE INDEX life_began ON life (began);"
    "CREATE TABLE open (gate INTEGER NOT NULL, gport INTEGER NOT NULL, id INTEGER NOT "
    "NULL, " NATSTAT_ENDS ", PRIMARY KEY (gate, gport, id)) WITHOUT ROWID;"
    "CREATE INDEX open_original_dst ON open (original_dst, original_dport) "
    "WHERE original_dst IS NOT NULL;"
    "CREATE VIEW translation AS\n" NATSTAT_SHOWN(
        "t.ended", "t.gport",
        "CASE t.ending WHEN 0 THEN 'closed' WHEN 1 THEN 'reset' WHEN 2 THEN 'no_reply' "
        "WHEN 3 THEN 'expired' WHEN 4 THEN 'deleted' WHEN 5 THEN 'unknown' END",
        "t.packets_up AS packets_up, t.bytes_up AS bytes_up, "
        "t.packets_down AS packets_down, t.bytes_down AS bytes_down",
        "life") "UNION ALL\n" NATSTAT_SHOWN("NULL", "nullif(t.gport, -1)", "NULL",
                                            "NULL, NULL, NULL, NULL", "open") ";";

} // namespace natstat::log
