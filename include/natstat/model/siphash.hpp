// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// SipHash (Aumasson and Bernstein 2012): a hash whose key others do not know. Who sends packets
// chooses addresses and ports, and with them could choose what an unkeyed hash gives; a table of
// flows would then become a list. So everything that is kept by its hash is kept by this one.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace natstat {

struct HashKey {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
};

/// The secret of this run, which the kernel's random numbers give (getrandom(2)); the same one at
/// each call. Throws Failure where there are none.
[[nodiscard]] const HashKey& run_key();

/// SipHash-c-d, for a text of whole words and an end. Tables take 1-3, as those of Python and Rust.
template <int per_word = 1, int at_end = 3>
class SipHash {
  public:
    explicit SipHash(const HashKey& key)
        : a_(key.first ^ 0x736F6D6570736575U), b_(key.second ^ 0x646F72616E646F6DU),
          c_(key.first ^ 0x6C7967656E657261U), d_(key.second ^ 0x7465646279746573U) {}

    /// Eight bytes of the text, the first one lowest.
    SipHash& word(std::uint64_t word) {
        d_ ^= word;
        rounds(per_word);
        a_ ^= word;
        return *this;
    }

    /// The hash. `rest`: up to seven bytes after the words, the first one lowest; `size`: bytes of
    /// the whole text.
    [[nodiscard]] std::uint64_t end(std::uint64_t rest, std::size_t size) {
        word(std::uint64_t{size} << 56 | rest);
        c_ ^= 0xFF;
        rounds(at_end);
        return a_ ^ b_ ^ c_ ^ d_;
    }

  private:
    void rounds(int count) {
        for (int i = 0; i < count; ++i) {
            a_ += b_, c_ += d_;
            b_ = std::rotl(b_, 13) ^ a_, d_ = std::rotl(d_, 16) ^ c_;
            a_ = std::rotl(a_, 32);
            c_ += b_, a_ += d_;
            b_ = std::rotl(b_, 17) ^ c_, d_ = std::rotl(d_, 21) ^ a_;
            c_ = std::rotl(c_, 32);
        }
    }

    std::uint64_t a_, b_, c_, d_;
};

/// Eight bytes as a number, the first one lowest.
[[nodiscard]] inline std::uint64_t load_word(const char* from) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    if constexpr (std::endian::native == std::endian::big)
        word = __builtin_bswap64(word);
    return word;
}

/// The hash of these bytes.
template <int per_word = 1, int at_end = 3>
[[nodiscard]] std::uint64_t siphash(const HashKey& key, std::string_view bytes) {
    constexpr std::size_t size = sizeof(std::uint64_t);
    SipHash<per_word, at_end> hash(key);
    const char* from = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= size; left -= size, from += size)
        hash.word(load_word(from));
    std::uint64_t rest = 0;
    if (left != 0 && bytes.size() >= size) // the last eight bytes, without those that were there
        rest = load_word(from + left - size) >> 8 * (size - left);
    else
        for (std::size_t i = left; i-- > 0;)
            rest = rest << 8 | static_cast<std::uint8_t>(from[i]);
    return hash.end(rest, bytes.size());
}

/// For the standard library's tables of numbers.
struct NumberHash {
    HashKey key = run_key();

    [[nodiscard]] std::size_t operator()(std::uint64_t number) const {
        return SipHash(key).word(number).end(0, sizeof number);
    }
};

} // namespace natstat
