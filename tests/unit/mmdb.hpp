// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Small databases of addresses for tests, written as https://maxmind.github.io/MaxMind-DB/ has it:
// a tree of IPv6 with IPv4 in ::/96, records of 24 bits. It checks nothing.
#pragma once

#include "natstat/model/address.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace natstat::test::mmdb {

inline std::string head(unsigned type, std::size_t size) {
    const bool is_long = size >= 29; // up to 284
    std::string bytes(1, static_cast<char>((type > 7 ? 0 : type) << 5 | (is_long ? 29 : size)));
    if (type > 7)
        bytes += static_cast<char>(type - 7);
    if (is_long)
        bytes += static_cast<char>(size - 29);
    return bytes;
}

inline std::string text(std::string_view text) {
    return head(2, text.size()) + std::string(text);
}

inline std::string number(unsigned type, std::uint64_t value) {
    std::string bytes;
    for (; value != 0; value >>= 8)
        bytes.insert(bytes.begin(), static_cast<char>(value & 0xFF));
    return head(type, bytes.size()) + bytes;
}
inline std::string uint16(std::uint16_t value) {
    return number(5, value);
}
inline std::string uint32(std::uint32_t value) {
    return number(6, value);
}
inline std::string uint64(std::uint64_t value) {
    return number(9, value);
}

using Members = std::vector<std::pair<std::string_view, std::string>>;

inline std::string map(const Members& members) {
    std::string bytes = head(7, members.size());
    for (const auto& [name, value] : members)
        bytes += text(name) + value;
    return bytes;
}

class Writer {
  public:
    /// `data` is a value as above.
    void add(std::string_view network, const std::string& data) {
        const Network parsed = parse_network(network).value();
        const bool is_four = parsed.base.family == Family::ipv4;
        const unsigned length = parsed.prefix + (is_four ? 96 : 0);
        std::array<std::uint8_t, 16> bytes{};
        const std::size_t size = address_size(parsed.base.family);
        std::copy(parsed.base.bytes.begin(), parsed.base.bytes.begin() + size, bytes.end() - size);
        std::size_t node = 0;
        for (unsigned bit = 0; bit < length; ++bit) {
            const std::size_t side = bytes[bit / 8] >> (7 - bit % 8) & 1U;
            if (bit + 1 == length) {
                nodes_[node][side] = {Record::data, data_.size()};
                break;
            }
            if (nodes_[node][side].kind != Record::node) {
                nodes_[node][side] = {Record::node, nodes_.size()};
                nodes_.emplace_back();
            }
            node = nodes_[node][side].value;
        }
        data_ += data;
    }

    /// The whole file.
    [[nodiscard]] std::string bytes(std::string_view type, std::uint64_t built) const {
        std::string file;
        for (const auto& node : nodes_)
            for (const Record& record : node)
                put(file, record);
        file += std::string(16, '\0') + data_ + "\xAB\xCD\xEFMaxMind.com";
        return file + map({{"node_count", uint32(static_cast<std::uint32_t>(nodes_.size()))},
                           {"record_size", uint16(24)},
                           {"ip_version", uint16(6)},
                           {"database_type", text(type)},
                           {"languages", head(11, 0)},
                           {"binary_format_major_version", uint16(2)},
                           {"binary_format_minor_version", uint16(0)},
                           {"build_epoch", uint64(built)},
                           {"description", map({})}});
    }

  private:
    struct Record {
        enum Kind : std::uint8_t { empty, node, data } kind = empty;
        std::size_t value = 0;
    };

    void put(std::string& file, const Record& record) const {
        const std::size_t value = record.kind == Record::node   ? record.value
                                  : record.kind == Record::data ? nodes_.size() + 16 + record.value
                                                                : nodes_.size();
        for (const unsigned shift : {16U, 8U, 0U})
            file += static_cast<char>(value >> shift & 0xFF);
    }

    std::vector<std::array<Record, 2>> nodes_{1};
    std::string data_;
};

} // namespace natstat::test::mmdb
