#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --ipfix into PostgreSQL by pmacct, as docs/nat-log.md says: its table, its configuration and its question, as they
# stand there, beside the lines of -E of the same steps; of the demo recording, and of flows of the real kernel through
# the lab's NAT box. PostgreSQL has a directory and a network namespace of its own.
# usage: postgresql_test.sh NATSTAT

set -u

natstat=$(realpath "${1:?usage: postgresql_test.sh NATSTAT}")
here=$(dirname "$(realpath "$0")")
demo=$here/../../packaging/demo.pcap
page=$here/../../docs/nat-log.md
# shellcheck source=tests/kernel/judge.sh
. "$here/../kernel/judge.sh"
# shellcheck source=tests/lab/lab.sh
. "$here/../lab/lab.sh"

needs ip nft nsenter conntrack runuser
for tool in nfacctd psql createdb; do
    command -v $tool >/dev/null || skip_all "needs the command $tool"
done
# Debian and others keep what a server needs in a directory of its version.
servers=
for directory in /usr/lib/postgresql/*/bin /usr/bin; do
    [[ ! -x $directory/initdb ]] || servers=$directory
done
[[ -x $servers/initdb ]] && id postgres >/dev/null 2>&1 || skip_all "needs a server of PostgreSQL and its user"
nfacctd -V 2>&1 | grep -qx postgresql || skip_all "this nfacctd has no plugin for PostgreSQL"

export TZ=UTC
out=$(mktemp -d -t natstat-postgresql.XXXXXX) || exit 1
chmod 711 "$out"
followers=()
collector=
trap 'stop_database; kill "${followers[@]}" $collector 2>/dev/null; rm -rf "$out"; lab_down' EXIT
lab_up || { fail "the lab could not be raised"; finish; }
box=(nsenter "--net=/run/netns/$LAB_PREFIX-nat" --)
outside=(nsenter "--net=/run/netns/$LAB_PREFIX-out" --)
four=$(lab_at 4 outside)

# -- the page -------------------------------------------------------------------------------------

# block KIND WORDS: what stands in the page between the marks of this kind, of the block that has these words.
block() {
    awk -v kind="\`\`\`$1" -v words="$2" '
        $0 == kind { within = 1; text = ""; next }
        within && $0 == "```" { within = 0; if (index(text, words)) { printf "%s", text; exit } next }
        within { text = text $0 "\n" }' "$page"
}

# -- the database and the collector, in the namespace of the other side -----------------------------

export PGHOST=$out/run
as_postgres=("${outside[@]}" runuser -u postgres --)

# Who may come is what Debian has: by the socket who he is, by network who has the password.
start_database() {
    install -d -o postgres "$out/data" "$out/run"
    "${as_postgres[@]}" "$servers/initdb" -D "$out/data" --auth-local=peer --auth-host=scram-sha-256 --no-sync &&
        "${as_postgres[@]}" "$servers/pg_ctl" -D "$out/data" -w -l "$out/run/log" \
            -o "-c unix_socket_directories=$out/run -c listen_addresses=127.0.0.1 -c port=5432" start
}
# shellcheck disable=SC2317 # called by the trap
stop_database() { [[ ! -e $out/data/postmaster.pid ]] || "${as_postgres[@]}" "$servers/pg_ctl" -D "$out/data" -m immediate stop >/dev/null; }

ask() { "${as_postgres[@]}" psql -v ON_ERROR_STOP=1 -XAt -d nat "$@"; }

# start_collector: the page's, but for the address.
start_collector() {
    block ini 'plugins: pgsql' | sed "s/^nfacctd_ip: .*/nfacctd_ip: $four/" >"$out/nfacctd.conf"
    "${outside[@]}" nfacctd -f "$out/nfacctd.conf" >"$out/nfacctd.log" 2>&1 &
    collector=$!
    until_true 3 listens || fail "nfacctd does not begin" "$(<"$out/nfacctd.log")"
}
# shellcheck disable=SC2317 # called by until_true
listens() { "${outside[@]}" ss -Hlnu "sport = :4739" | grep -q .; }

# stop_collector EVENTS: when all of them are in the table, or never come.
stop_collector() {
    until_true 15 all_there "$1"
    kill -INT "$collector"
    wait "$collector" 2>/dev/null
    collector=
}
# shellcheck disable=SC2317 # called by until_true
all_there() { (($(ask -c 'SELECT count(*) FROM nat') >= $(grep -cE '"event":"(created|ended)".*"kind":"(snat|dnat|both)"' "$1"))); }

compare() {
    ask -c 'SELECT row_to_json(nat) FROM nat' >"$out/rows.json"
    count_checks "$python" -B "$here/collectors.py" postgresql "$1" "$out/rows.json"
}

succeeds "PostgreSQL begins" start_database
block sql 'CREATE TABLE nat' >"$out/nat.sql"
succeeds "a database is made" "${as_postgres[@]}" createdb nat
succeeds "and the table of the page" ask -f - <"$out/nat.sql"

# -- the demo recording ---------------------------------------------------------------------------

start_collector
"$natstat" -f "$demo" -E --json -C +reply >"$out/demo.events"
succeeds "nfacctd is sent a recording" "${outside[@]}" "$natstat" -f "$demo" --ipfix "$four:4739"
stop_collector "$out/demo.events"
compare "$out/demo.events"
succeeds "the page's question finds who had the port" \
    eval 'block sql "FROM nat" | ask -f - | grep -q "|4|192.0.2.10|43000|203.0.113.10|80"'
succeeds "by the index" \
    eval '{ echo "SET enable_seqscan = off; EXPLAIN"; block sql "FROM nat"; } | ask -f - | grep -q "Index Scan.*nat_post_nat"'
ask -c 'TRUNCATE nat' >/dev/null

# -- lives of the real kernel ---------------------------------------------------------------------

mark=42900
# Whether natstat tells of a flow that is made now, and that has a NAT side.
# shellcheck disable=SC2317 # called by until_true
told() {
    mark=$((mark + 1))
    lab_packet mark$mark udp in1 "$(lab_at 4 in1 $mark)" "$(lab_at 4 masquerade 53)"
    until_true 0.3 grep -q "\"src\":\"192.0.2.10\",\"sport\":$mark," "$out/lives.events"
}
# shellcheck disable=SC2317 # called by until_true
over() { grep -q "\"event\":\"ended\".*\"original_sport\":$mark," "$out/lives.events"; }

start_collector
"${box[@]}" "$natstat" -E --json -C +reply --ipfix "$four:4739" >"$out/lives.events" 2>"$out/lives.err" &
followers=($!)
until_true 10 told || fail "natstat does not tell of a flow" "$(<"$out/lives.err")"
lab_traffic || fail "the lab could not make its flows"
until_true 10 told
lab_in nat conntrack -F >/dev/null 2>&1
until_true 30 over || fail "the end of a flow is not told"
stop_followers
succeeds "nothing on standard error" test ! -s "$out/lives.err"
stop_collector "$out/lives.events"
compare "$out/lives.events"
succeeds "IPv6 was among it" eval 'ask -c "SELECT ip_src FROM nat" | grep -q "^2001:db8"'
succeeds "PostgreSQL refused nothing" eval '! grep ERROR "$out/run/log"'
finish
