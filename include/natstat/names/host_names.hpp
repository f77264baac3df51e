// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Host names of addresses, and addresses of host names, by way of the hosts file and the DNS. All
// look-ups go out at once, each address is asked once, and nothing here waits longer than it was
// told to. Names are a convenience: whatever fails, the caller shows numbers.
#pragma once

#include "natstat/model/address.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace natstat {

/// How long a listing waits for names when it was not told.
inline constexpr std::chrono::milliseconds default_name_deadline{2000};

/// The names of addresses, asked for in the background of one thread. Either call wait() once all
/// addresses are wanted, or poll fd() and call step() when it is readable.
class HostNames {
  public:
    /// Reads the hosts file and the resolver's configuration. `patience` is how long a single
    /// look-up is worth waiting for: a lost packet is asked again after a fifth of it, and once
    /// more after three fifths. Never fails: see trouble().
    explicit HostNames(std::chrono::milliseconds patience = default_name_deadline);
    ~HostNames();
    HostNames(const HostNames&) = delete;
    HostNames& operator=(const HostNames&) = delete;

    /// Asks for the name of an address; only the first time, so calling it for every row is cheap.
    /// Sends nothing yet: that is for wait() and step().
    void want(const Address& address);

    /// Looks up all that is wanted; returns when everything is answered or `deadline` has passed.
    /// What is not answered by then is given up for good.
    void wait(std::chrono::milliseconds deadline);

    /// A descriptor that is readable when step() has something to do, or -1 where there is no
    /// resolver (poll(2) passes over that). Owned by this object; only poll it.
    [[nodiscard]] int fd() const;

    /// Sends what is wanted and takes what was answered, without blocking; a call does a bounded
    /// amount of work. True when a name was learned, so that a view has something new to show.
    bool step();

    /// The name of an address; empty when it has none, or none is known yet. Lives as long as this
    /// object.
    [[nodiscard]] std::string_view name(const Address& address) const;

    /// How many of the wanted addresses have no answer, be it a name or that there is none: not
    /// asked yet, under way, given up, or refused by the name servers.
    [[nodiscard]] std::size_t unanswered() const;

    /// Why there are no names at all from the DNS, for a message; empty when there are answers or
    /// nothing was asked yet.
    [[nodiscard]] std::string trouble() const;

  private:
    class Lookups;
    std::unique_ptr<Lookups> lookups_;
};

/// The addresses of a host name in both families, ascending: those of the hosts file, else those of
/// the DNS; an address in text is its own answer. Returns within `deadline` with what is known by
/// then; empty when there is no such name or no answer.
[[nodiscard]] std::vector<Address>
resolve(std::string_view name, std::chrono::milliseconds deadline = default_name_deadline);

} // namespace natstat
