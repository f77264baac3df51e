// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The part of SQLite that is used, loaded with the first log; a database, and a statement of it.
// Private to the room log.
#pragma once

#include "natstat/load/library.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sqlite3.h>

namespace natstat::log {

class Sqlite {
    Library library_{"libsqlite3.so.0"};

  public:
    decltype(&sqlite3_open_v2) open = library_["sqlite3_open_v2"];
    decltype(&sqlite3_close_v2) close = library_["sqlite3_close_v2"];
    decltype(&sqlite3_exec) exec = library_["sqlite3_exec"];
    decltype(&sqlite3_prepare_v2) prepare = library_["sqlite3_prepare_v2"];
    decltype(&sqlite3_finalize) finalize = library_["sqlite3_finalize"];
    decltype(&sqlite3_step) step = library_["sqlite3_step"];
    decltype(&sqlite3_reset) reset = library_["sqlite3_reset"];
    decltype(&sqlite3_bind_int64) bind_number = library_["sqlite3_bind_int64"];
    decltype(&sqlite3_bind_text) bind_text = library_["sqlite3_bind_text"];
    decltype(&sqlite3_bind_null) bind_null = library_["sqlite3_bind_null"];
    decltype(&sqlite3_column_type) column_type = library_["sqlite3_column_type"];
    decltype(&sqlite3_column_int64) column_number = library_["sqlite3_column_int64"];
    decltype(&sqlite3_column_text) column_text = library_["sqlite3_column_text"];
    decltype(&sqlite3_column_bytes) column_size = library_["sqlite3_column_bytes"];
    decltype(&sqlite3_last_insert_rowid) last_row = library_["sqlite3_last_insert_rowid"];
    decltype(&sqlite3_errmsg) message = library_["sqlite3_errmsg"];
    decltype(&sqlite3_busy_timeout) busy_timeout = library_["sqlite3_busy_timeout"];
    decltype(&sqlite3_db_config) configure = library_["sqlite3_db_config"];
    decltype(&sqlite3_progress_handler) progress = library_["sqlite3_progress_handler"];
    decltype(&sqlite3_get_autocommit) in_no_transaction = library_["sqlite3_get_autocommit"];
};

/// Throws Failure, with the reason alone, when the library is not there.
[[nodiscard]] const Sqlite& sqlite();

/// What SQLite did not do, and why.
class Refused : public std::runtime_error {
  public:
    Refused(int code, const std::string& why) : std::runtime_error(why), code_(code & 0xFF) {}

    /// The bytes are no database, or one that does not hold together.
    [[nodiscard]] bool is_damage() const {
        return code_ == SQLITE_CORRUPT || code_ == SQLITE_NOTADB;
    }
    /// It may go well another time: no room, an error of the disk, somebody else's lock.
    [[nodiscard]] bool may_pass() const {
        return code_ == SQLITE_FULL || code_ == SQLITE_IOERR || code_ == SQLITE_BUSY ||
               code_ == SQLITE_LOCKED || code_ == SQLITE_READONLY || code_ == SQLITE_CANTOPEN;
    }

  private:
    int code_;
};

struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite().close(database); }
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite().finalize(statement); }
};

/// Throws what the database says of its last error.
[[noreturn]] void refuse(sqlite3* database, int code);

class Database {
  public:
    /// `flags`: SQLITE_OPEN_... Throws Refused, as everything below.
    Database(const std::string& path, int flags);

    /// One or more statements that give no rows.
    void run(const char* sql) const;
    [[nodiscard]] bool in_transaction() const;
    [[nodiscard]] std::int64_t last_row() const { return sqlite().last_row(handle_.get()); }
    [[nodiscard]] sqlite3* get() const { return handle_.get(); }

  private:
    std::unique_ptr<sqlite3, CloseDatabase> handle_;
};

/// A statement that is made once and run again and again. Places and columns are counted from 0.
class Statement {
  public:
    /// The database is not closed before it.
    Statement(const Database& database, const char* sql);

    Statement& number(std::int64_t value);
    Statement& number(std::optional<std::int64_t> value);
    /// Outlives the run.
    Statement& text(std::string_view value);

    /// Runs what gives no rows, with what was put into it.
    void run();
    /// The next row; false: there is none any more, and it can be run again.
    [[nodiscard]] bool next();
    void reset();

    [[nodiscard]] int type(int column) const { return sqlite().column_type(get(), column); }
    /// Absent where it is no whole number.
    [[nodiscard]] std::optional<std::int64_t> number_at(int column) const;
    /// Until the next row; absent where it is no text.
    [[nodiscard]] std::optional<std::string_view> text_at(int column) const;

  private:
    [[nodiscard]] sqlite3_stmt* get() const { return handle_.get(); }
    void check(int code) const;

    sqlite3* database_;
    std::unique_ptr<sqlite3_stmt, FinalizeStatement> handle_;
    int place_ = 0; // that is filled next
};

} // namespace natstat::log
