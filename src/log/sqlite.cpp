// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The one SQLite of the program.
#include "sqlite.hpp"

NATSTAT_LOADS("log", "The NAT log is written and read", "recommended", "\\\"libsqlite3.so.0\\\"");

namespace natstat::log {

const Sqlite& sqlite() {
    static const Sqlite loaded;
    return loaded;
}

Database::Database(const std::string& path, int flags) {
    sqlite3* opened = nullptr;
    const int code = sqlite().open(path.c_str(), &opened, flags, nullptr);
    handle_.reset(opened); // also of one that could not be opened, for its message
    if (code != SQLITE_OK)
        refuse(handle_.get(), code);
}

void refuse(sqlite3* database, int code) {
    throw Refused(code, database != nullptr ? sqlite().message(database) : "out of memory");
}

void Database::run(const char* sql) const {
    if (const int code = sqlite().exec(handle_.get(), sql, nullptr, nullptr, nullptr);
        code != SQLITE_OK)
        refuse(handle_.get(), code);
}

bool Database::in_transaction() const {
    return sqlite().in_no_transaction(handle_.get()) == 0;
}

Statement::Statement(const Database& database, const char* sql) : database_(database.get()) {
    sqlite3_stmt* made = nullptr;
    if (const int code = sqlite().prepare(database.get(), sql, -1, &made, nullptr);
        code != SQLITE_OK)
        refuse(database_, code);
    handle_.reset(made);
}

void Statement::check(int code) const {
    if (code != SQLITE_OK)
        refuse(database_, code);
}

Statement& Statement::number(std::int64_t value) {
    check(sqlite().bind_number(get(), ++place_, value));
    return *this;
}

Statement& Statement::number(std::optional<std::int64_t> value) {
    if (value)
        return number(*value);
    check(sqlite().bind_null(get(), ++place_));
    return *this;
}

Statement& Statement::text(std::string_view value) {
    check(sqlite().bind_text(get(), ++place_, value.data(), static_cast<int>(value.size()),
                             SQLITE_STATIC));
    return *this;
}

void Statement::run() {
    while (next()) {
    }
}

bool Statement::next() {
    const int code = sqlite().step(get());
    if (code == SQLITE_ROW)
        return true;
    reset();
    if (code != SQLITE_DONE)
        refuse(database_, code);
    return false;
}

void Statement::reset() {
    place_ = 0;
    sqlite().reset(get()); // what was wrong with the last run has been told
}

std::optional<std::int64_t> Statement::number_at(int column) const {
    if (type(column) != SQLITE_INTEGER)
        return std::nullopt;
    return sqlite().column_number(get(), column);
}

std::optional<std::string_view> Statement::text_at(int column) const {
    if (type(column) != SQLITE_TEXT)
        return std::nullopt;
    const auto* const text = reinterpret_cast<const char*>(sqlite().column_text(get(), column));
    return std::string_view(text, static_cast<std::size_t>(sqlite().column_size(get(), column)));
}

} // namespace natstat::log
