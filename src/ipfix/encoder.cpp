// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Sections 3.1 to 3.4 of RFC 7011. All numbers are big-endian, and nothing is padded.
#include "natstat/ipfix/encoder.hpp"

#include "natstat/ipfix/elements.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

namespace natstat::ipfix {

namespace {

constexpr std::uint16_t version = 10;
constexpr std::uint16_t template_set = 2;
constexpr std::uint16_t options_template_set = 3;
constexpr std::size_t set_header_size = 4;
/// The exporter's own record, whose template has a scope; those of events come behind it.
constexpr std::uint16_t not_sent_template = 256;
constexpr std::uint16_t first_template = not_sent_template + 1;

constexpr std::uint16_t exporting_process_id = 144;
constexpr std::uint16_t not_sent_flow_total_count = 166;

void put_number(Bytes& out, std::uint64_t number, std::size_t size) {
    for (std::size_t left = size; left != 0; --left)
        out.push_back(static_cast<std::uint8_t>(number >> (8 * (left - 1))));
}

void put_at(Bytes& out, std::size_t place, std::uint64_t number, std::size_t size) {
    Bytes bytes;
    put_number(bytes, number, size);
    std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<std::ptrdiff_t>(place));
}

/// Whether there is something to say; then it has been put.
bool put_content(Bytes& out, const Content& content, std::size_t size) {
    if (const auto* number = std::get_if<std::uint64_t>(&content)) {
        put_number(out, *number, size);
        return true;
    }
    if (const auto* address = std::get_if<Address>(&content)) {
        const auto* begin = address->bytes.data();
        out.insert(out.end(), begin, begin + size);
        return true;
    }
    return false;
}

Message empty_message() {
    Message message;
    message.bytes.resize(header_size);
    return message;
}

void open_set(Bytes& out, std::uint16_t id) {
    put_number(out, id, 2);
    put_number(out, 0, 2); // its length, when it is known
}

void close_set(Bytes& out, std::size_t begin) {
    put_at(out, begin + 2, out.size() - begin, 2);
}

} // namespace

void stamp(Message& message, std::uint32_t domain, std::uint32_t sequence, Time now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
    Bytes header;
    put_number(header, version, 2);
    put_number(header, message.bytes.size(), 2);
    put_number(header, static_cast<std::uint64_t>(seconds.count()), 4);
    put_number(header, sequence, 4);
    put_number(header, domain, 4);
    std::copy(header.begin(), header.end(), message.bytes.begin());
}

std::optional<Message> Encoder::add(const Told& told) {
    record_.clear();
    Parts parts = 0;
    Parts bit = 1;
    for (const Element& element : elements()) {
        if (put_content(record_, element.of(told), element.size))
            parts |= bit;
        bit <<= 1;
    }
    return put(template_of(parts), record_);
}

std::optional<Message> Encoder::add_not_sent(std::uint64_t total) {
    record_.clear();
    put_number(record_, 1, 4); // the process, of which there is one
    put_number(record_, total, 8);
    return put(not_sent_template, record_);
}

std::optional<Message> Encoder::put(std::uint16_t number, std::span<const std::uint8_t> record) {
    std::optional<Message> whole;
    const std::size_t with_set = record.size() + (set_ == number ? 0 : set_header_size);
    if (!message_.bytes.empty() && message_.bytes.size() + with_set > limit_)
        whole = take();
    if (message_.bytes.empty())
        message_ = empty_message();
    if (set_ != number) {
        set_begin_ = message_.bytes.size();
        open_set(message_.bytes, set_ = number);
        auto& needed = message_.templates;
        if (std::find(needed.begin(), needed.end(), number) == needed.end())
            needed.push_back(number);
    }
    message_.bytes.insert(message_.bytes.end(), record.begin(), record.end());
    close_set(message_.bytes, set_begin_);
    ++message_.records;
    return whole;
}

std::optional<Message> Encoder::take() {
    set_ = 0;
    if (message_.bytes.empty())
        return std::nullopt;
    return std::exchange(message_, {});
}

std::uint16_t Encoder::template_of(Parts parts) {
    const auto [place, is_new] =
        numbers_.try_emplace(parts, static_cast<std::uint16_t>(first_template + templates_.size()));
    if (is_new)
        templates_.push_back(parts);
    return place->second;
}

Bytes Encoder::template_record(std::uint16_t number) const {
    Bytes out;
    put_number(out, number, 2);
    if (number == not_sent_template) {
        put_number(out, 2, 2); // fields, of which the first one is the scope
        put_number(out, 1, 2);
        put_number(out, exporting_process_id, 2);
        put_number(out, 4, 2);
        put_number(out, not_sent_flow_total_count, 2);
        put_number(out, 8, 2);
        return out;
    }
    assert(number >= first_template &&
           number - first_template < static_cast<int>(templates_.size()));
    const Parts parts = templates_[static_cast<std::size_t>(number - first_template)];
    put_number(out, static_cast<std::uint64_t>(std::popcount(parts)), 2);
    for (std::size_t row = 0; row < elements().size(); ++row) {
        if ((parts >> row & 1) == 0)
            continue;
        put_number(out, elements()[row].id, 2);
        put_number(out, elements()[row].size, 2);
    }
    return out;
}

std::vector<Message> Encoder::describe(std::span<const std::uint16_t> templates) const {
    std::vector<Message> messages;
    for (const std::uint16_t number : templates) {
        const Bytes record = template_record(number);
        const std::size_t size = set_header_size + record.size();
        if (messages.empty() || messages.back().bytes.size() + size > limit_)
            messages.push_back(empty_message());
        Bytes& out = messages.back().bytes;
        const std::size_t begin = out.size();
        open_set(out, number == not_sent_template ? options_template_set : template_set);
        out.insert(out.end(), record.begin(), record.end());
        close_set(out, begin);
    }
    return messages;
}

} // namespace natstat::ipfix
