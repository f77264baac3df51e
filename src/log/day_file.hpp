// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The file of a day that is being written: its rows, one transaction after another. What is there
// when a transaction ends is there whatever happens then. Private to the room log.
#pragma once

#include "sqlite.hpp"

#include "natstat/log/step.hpp"

#include <functional>
#include <unordered_map>

namespace natstat::log {

/// A flow that lives: what is known of its beginning.
struct Begun {
    std::int64_t id = 0;      // in `open`
    std::optional<Time> time; // absent: before anybody looked, or not told
    std::uint8_t how = 0;     // bits of How
};

class DayFile {
  public:
    /// Opens it, or makes it. Throws Refused, as everything below.
    explicit DayFile(const std::string& path);

    void begin() const { database_.run("BEGIN IMMEDIATE"); }
    void commit() const { database_.run("COMMIT"); }
    /// Nothing of the transaction has been.
    void roll_back();
    /// What is done by `write` is done whole, or has not been.
    template <typename Write>
    void in_transaction(Write&& write) {
        try {
            begin();
            write();
            commit();
        } catch (const Refused&) {
            roll_back();
            throw;
        }
    }

    void add_open(const Flow& flow, const Begun& begun);
    void remove_open(const Flow& flow, std::int64_t id);
    void add_life(const Step& end, const Begun& begun);
    void add_mark(const Step& mark, std::string_view flows);
    void set_until(Time time);

    /// What is open here was seen by somebody who looks no more: how it ended is not known.
    void give_up_open() const;
    /// Takes over what is open in another day's file, under the same numbers.
    void carry_over(const std::string& path) const;
    /// What is open is taken as found at this moment by somebody who begins to look then. `whole`:
    /// it is all that there is.
    void begin_anew(Time time, bool whole, std::string_view flows);
    /// The last moment that was looked at; Time{}: none.
    [[nodiscard]] Time until() const;
    /// Closes it as one that needs nothing beside it.
    void settle() const;

  private:
    std::int64_t number_of(const Address& address);
    void bind_ends(Statement& row, const Flow& flow, const Begun& begun);

    Database database_;
    Statement find_address_;
    Statement add_address_;
    Statement add_open_;
    Statement remove_open_;
    Statement add_life_;
    Statement add_mark_;
    Statement set_until_;
    std::unordered_map<Address, std::int64_t, AddressHash> addresses_; // some of them
};

} // namespace natstat::log
