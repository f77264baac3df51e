// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A collector for tests, that knows of IPFIX what RFC 7011 says and nothing of natstat: it reads
// messages by the templates that came before, and refuses what is not as it has to be. What it has
// read is texts, "8=c0000201" for the element 8 with these bytes.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace natstat::test {

class IpfixReader {
  public:
    struct Record {
        std::uint16_t number; // of its template
        std::map<int, std::string> elements;
    };
    struct Read {
        std::uint32_t sequence = 0;
        std::uint32_t domain = 0;
        std::uint32_t exported = 0; // seconds since 1970
        std::vector<Record> records;
        std::vector<int> templates; // that it describes
    };

    /// A message as a whole. Throws std::runtime_error.
    Read message(std::span<const std::uint8_t> bytes) {
        Read read;
        require(bytes.size() >= 16, "a header");
        require(number(bytes, 0, 2) == 10, "version 10");
        require(number(bytes, 2, 2) == bytes.size(), "its own length");
        read.exported = number(bytes, 4, 4);
        read.sequence = number(bytes, 8, 4);
        read.domain = number(bytes, 12, 4);
        std::size_t at = 16;
        while (at < bytes.size()) {
            require(bytes.size() - at >= 4, "a set header");
            const std::uint32_t id = number(bytes, at, 2);
            const std::uint32_t length = number(bytes, at + 2, 2);
            require(length > 4 && length <= bytes.size() - at, "a set within the message");
            const auto inside = bytes.subspan(at + 4, length - 4);
            if (id == 2 || id == 3)
                describe(inside, id == 3, read);
            else
                data(inside, static_cast<std::uint16_t>(id), read);
            at += length;
        }
        return read;
    }

    /// Messages one behind the other, as a file or a connection has them.
    std::vector<Read> stream(std::span<const std::uint8_t> bytes) {
        std::vector<Read> all;
        while (!bytes.empty()) {
            require(bytes.size() >= 16, "a header");
            const std::uint32_t length = number(bytes, 2, 2);
            require(length <= bytes.size(), "a whole message");
            all.push_back(message(bytes.subspan(0, length)));
            bytes = bytes.subspan(length);
        }
        return all;
    }

    void forget_templates() { templates_.clear(); }

    /// Element ids and sizes.
    [[nodiscard]] const std::vector<std::pair<int, int>>& fields(std::uint16_t number) const {
        return templates_.at(number);
    }

  private:
    static void require(bool good, const char* what) {
        if (!good)
            throw std::runtime_error(std::string("no IPFIX: ") + what + " is missing");
    }
    static std::uint32_t number(std::span<const std::uint8_t> bytes, std::size_t at,
                                std::size_t size) {
        require(at + size <= bytes.size(), "a number");
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < size; ++i)
            value = value << 8 | bytes[at + i];
        return value;
    }

    void describe(std::span<const std::uint8_t> bytes, bool has_scope, Read& read) {
        std::size_t at = 0;
        while (at < bytes.size()) {
            const auto id = static_cast<std::uint16_t>(number(bytes, at, 2));
            const std::uint32_t count = number(bytes, at + 2, 2);
            require(id >= 256 && count != 0, "a template");
            at += 4;
            if (has_scope) {
                require(number(bytes, at, 2) >= 1, "a scope");
                at += 2;
            }
            std::vector<std::pair<int, int>> fields;
            for (std::uint32_t i = 0; i < count; ++i, at += 4)
                fields.emplace_back(number(bytes, at, 2), number(bytes, at + 2, 2));
            const auto known = templates_.find(id);
            require(known == templates_.end() || known->second == fields, "the same template");
            templates_[id] = fields;
            read.templates.push_back(id);
        }
    }

    void data(std::span<const std::uint8_t> bytes, std::uint16_t id, Read& read) {
        const auto found = templates_.find(id);
        require(found != templates_.end(), "the template of a set");
        std::size_t size = 0;
        for (const auto& [element, length] : found->second)
            size += static_cast<std::size_t>(length);
        require(bytes.size() % size == 0, "whole records");
        for (std::size_t at = 0; at < bytes.size();) {
            Record record{id, {}};
            for (const auto& [element, length] : found->second) {
                std::string text;
                for (int i = 0; i < length; ++i) {
                    constexpr const char* digits = "0123456789abcdef";
                    const std::uint8_t byte = bytes[at++];
                    text += digits[byte >> 4];
                    text += digits[byte & 15];
                }
                require(record.elements.emplace(element, text).second, "one of each element");
            }
            read.records.push_back(std::move(record));
        }
    }

    std::map<std::uint16_t, std::vector<std::pair<int, int>>> templates_;
};

} // namespace natstat::test
