// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Compressed files that are damaged, no text of connections, or both. They are gzip of blocks that
// are stored, so that nothing has to be compressed here.
#include "natstat/intake/recording.hpp"

#include "directory.hpp"
#include "tests/catch.hpp"

#include <csignal>

#include <poll.h>

using namespace natstat;
using namespace natstat::test;

namespace {

constexpr std::size_t block_size = 0xFFFF;

void append_number(std::string& bytes, std::uint64_t number, int size) {
    for (int at = 0; at < size; ++at)
        bytes += static_cast<char>(number >> (8 * at) & 0xFF);
}

/// RFC 1952 and 1951, without the end that a sum and a length are.
std::string stored(std::string_view text, bool ends = true) {
    std::string bytes("\x1F\x8B\x08\0\0\0\0\0\0\x03", 10);
    for (std::size_t at = 0; at < text.size(); at += block_size) {
        const std::string_view block = text.substr(at, block_size);
        append_number(bytes, ends && at + block.size() == text.size() ? 1 : 0, 1);
        append_number(bytes, block.size(), 2);
        append_number(bytes, block.size() ^ 0xFFFF, 2);
        bytes += block;
    }
    return bytes;
}

/// With a block behind it of a kind that there is not.
std::string damaged(std::string_view text) {
    return stored(text, false) + "\x07 and something behind it";
}

/// What is said of the file in the end. A pipe that nobody reads any more kills nobody, as main has
/// it.
std::string failure_of(const std::string& path) {
    std::signal(SIGPIPE, SIG_IGN);
    const auto source = open_file(path);
    Batch batch;
    try {
        while (true) {
            const Progress progress = source->read(batch);
            if (progress == Progress::ended)
                return {};
            pollfd wanted{source->fd(), POLLIN, 0};
            if (progress == Progress::idle)
                REQUIRE(poll(&wanted, 1, 10'000) == 1); // a bound for what must not hang
        }
    } catch (const Failure& failure) {
        return failure.what();
    }
}

/// So many bytes of it at least.
std::string repeated(std::string_view line, std::size_t size) {
    std::string text;
    while (text.size() < size)
        text += line;
    return text;
}

constexpr std::string_view noise("\x93\x01\xFE\0\x8C nothing\n", 14);

} // namespace

TEST_CASE("what is damaged is said to be that, whatever it holds") {
    const Directory directory;
    for (const std::string_view line :
         {noise, std::string_view("no connections\n"), std::string_view("{\"what\": \"else\"}\n")})
        for (const std::size_t size : {1U, 1'000U, 60'000U, 300'000U, 3'000'000U}) {
            const std::string path = directory.write("x.gz", damaged(repeated(line, size)));
            for (int time = 0; time < 40; ++time) {
                const std::string failure = failure_of(path);
                INFO(failure << ", " << size << " bytes of " << line);
                REQUIRE(failure.starts_with("cannot read " + path + ": "));
                REQUIRE(failure.find("decompression failed") != std::string::npos);
            }
        }
}

TEST_CASE("what holds no text is said to hold none, however it ends") {
    const Directory directory;
    // All would be said to be cut off, if anybody had read so far.
    const std::string path =
        directory.write("x.gz", stored(repeated(noise, std::size_t{20} << 20)));
    for (int time = 0; time < 10; ++time)
        REQUIRE(failure_of(path).find("not conntrack text (line 1: binary data)") !=
                std::string::npos);
}
