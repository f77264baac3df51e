// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One database of addresses (https://maxmind.github.io/MaxMind-DB/), and what of it is of use here.
// MaxMind, DB-IP, IPinfo and others spell the fields of their records differently.
#pragma once

#include "maxmind.hpp"

#include "natstat/model/address.hpp"
#include "natstat/model/source.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace natstat {

class Database {
  public:
    enum class Field : std::uint8_t { owner, as_number, country };
    static constexpr std::size_t fields = 3;

    /// Reads it whole, so that nothing that becomes of the file later is of consequence. Throws
    /// Failure with the reason alone.
    explicit Database(const std::string& path);

    /// Whether its records have the field, by some of them.
    [[nodiscard]] bool has(Field field) const;
    /// When it was made; the epoch where it does not say it.
    [[nodiscard]] Time built() const;
    /// "GeoLite2-ASN", as it calls itself.
    [[nodiscard]] std::string_view type() const;

    /// Empty where there is none. It lives as long as the database.
    [[nodiscard]] std::string_view text(Field field, const Address& address) const;
    /// The same of Field::as_number, which is a number or a text as AS64496.
    [[nodiscard]] std::optional<std::uint32_t> as_number(const Address& address) const;

  private:
    struct Close {
        void operator()(MMDB_s* database) const;
    };
    using Path = const char* const*;

    [[nodiscard]] std::optional<MMDB_entry_data_s> value(Field field, const Address& address) const;
    [[nodiscard]] std::optional<MMDB_entry_data_s> value(Path path, MMDB_entry_s entry) const;
    void look_at_records();
    void look_at_record(MMDB_entry_s entry);

    std::unique_ptr<MMDB_s, Close> database_;
    std::array<Path, fields> paths_{}; // null: it has no such field
};

} // namespace natstat
