// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Messages of IPFIX (RFC 7011): records of what is told, in sets by their templates. A template is
// what a record happens to have, so nothing that is not known is in it. Pure: it sends nothing and
// reads no clock; what hangs on the collector is put into a message when it is sent (stamp).
#pragma once

#include "natstat/ipfix/told.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace natstat::ipfix {

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::size_t header_size = 16;

struct Message {
    Bytes bytes; // room for the header first
    std::uint32_t records = 0;
    std::vector<std::uint16_t> templates; // that its records are read by
};

/// Writes the header (RFC 7011, section 3.1). `sequence`: the records that the collector was sent
/// before.
void stamp(Message& message, std::uint32_t domain, std::uint32_t sequence, Time now);

class Encoder {
  public:
    /// `limit`: bytes of a message at most.
    explicit Encoder(std::size_t limit) : limit_(limit) {}

    /// Puts a record into the message that is being made. A message that has no room for it is
    /// whole, and given.
    [[nodiscard]] std::optional<Message> add(const Told& told);

    /// A record of the exporter itself: so many records were not sent so far (RFC 7011, section
    /// 4.3).
    [[nodiscard]] std::optional<Message> add_not_sent(std::uint64_t total);

    /// The message that is being made, if there is something in it.
    [[nodiscard]] std::optional<Message> take();

    /// Messages of these templates.
    [[nodiscard]] std::vector<Message> describe(std::span<const std::uint16_t> templates) const;

    void set_limit(std::size_t limit) { limit_ = limit; }

  private:
    using Parts = std::uint64_t; // a bit for each row of the table of elements

    std::optional<Message> put(std::uint16_t number, std::span<const std::uint8_t> record);
    [[nodiscard]] std::uint16_t template_of(Parts parts);
    [[nodiscard]] Bytes template_record(std::uint16_t number) const;

    std::size_t limit_;
    std::map<Parts, std::uint16_t> numbers_;
    std::vector<Parts> templates_; // from first_template on
    Bytes record_;                 // room for one
    Message message_;
    std::uint16_t set_ = 0;     // the template of the set that is open
    std::size_t set_begin_ = 0; // where it is in the message
};

} // namespace natstat::ipfix
