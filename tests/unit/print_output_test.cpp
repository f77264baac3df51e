// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Writing to a descriptor: all of it, in order, however the descriptor behaves, and errors noticed.
#include "natstat/print/output.hpp"

#include "natstat/model/source.hpp"

#include "capture.hpp"

#include "tests/catch.hpp"

#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <thread>

using namespace natstat;
using namespace natstat::test;

namespace {

struct Pipe {
    int ends[2] = {-1, -1};
    Pipe() { REQUIRE(pipe2(ends, O_CLOEXEC) == 0); }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        close_end(0);
        close_end(1);
    }
    void close_end(int end) {
        if (ends[end] >= 0)
            close(ends[end]);
        ends[end] = -1;
    }
};

/// SIGPIPE ignored for as long as this lives, as main has it.
struct NoSigpipe {
    void (*before)(int) = std::signal(SIGPIPE, SIG_IGN);
    NoSigpipe() = default;
    NoSigpipe(const NoSigpipe&) = delete;
    NoSigpipe& operator=(const NoSigpipe&) = delete;
    ~NoSigpipe() { std::signal(SIGPIPE, before); }
};

/// Text in which a lost, doubled or moved piece shows.
std::string counted_text(std::size_t lines) {
    std::string text;
    for (std::size_t i = 0; i < lines; ++i)
        text += std::to_string(i) + "\n";
    return text;
}

std::string read_all(int descriptor) {
    std::string all;
    char piece[3000];
    for (ssize_t got = 0; (got = read(descriptor, piece, sizeof piece)) > 0;)
        all.append(piece, static_cast<std::size_t>(got));
    return all;
}

} // namespace

TEST_CASE("nothing is written before a flush, everything after it", "[output]") {
    MemoryFile file;
    Output output(file.fd(), "memory");
    output.put("one ");
    output.put('2');
    REQUIRE(file.text().empty());
    output.flush();
    REQUIRE(file.text() == "one 2");
    output.flush();
    output.put("!");
    output.flush();
    REQUIRE(file.text() == "one 2!");
}

TEST_CASE("an empty text is nothing", "[output]") {
    MemoryFile file;
    Output output(file.fd(), "memory");
    output.put(std::string_view{});
    output.put("");
    output.flush();
    REQUIRE(file.text().empty());
}

TEST_CASE("a million short pieces come out in order", "[output]") {
    const std::string text = counted_text(150'000);
    MemoryFile file;
    Output output(file.fd(), "memory");
    for (const char c : text)
        output.put(c);
    output.flush();
    REQUIRE((file.text() == text));
}

TEST_CASE("a piece larger than the buffer is written whole", "[output]") {
    const std::string text = counted_text(300'000);
    REQUIRE(text.size() > 1'000'000);
    MemoryFile file;
    Output output(file.fd(), "memory");
    output.put("before ");
    output.put(text);
    output.put(" after");
    output.put(text);
    output.flush();
    REQUIRE((file.text() == "before " + text + " after" + text));
}

TEST_CASE("room that was reserved and only partly used is not written", "[output]") {
    MemoryFile file;
    Output output(file.fd(), "memory");
    for (int i = 0; i < 5'000; ++i) {
        char* at = output.reserve(1'000);
        std::memcpy(at, "ab", 2);
        output.commit(at + 2);
    }
    char* at = output.reserve(3'000'000);
    std::memset(at, 'z', 3'000'000);
    output.commit(at + 1);
    output.flush();
    const std::string text = file.text();
    REQUIRE(text.size() == 10'001);
    REQUIRE(text.substr(9'996) == "ababz");
}

TEST_CASE("a full non-blocking pipe is waited for", "[output]") {
    Pipe pipe;
    REQUIRE(fcntl(pipe.ends[1], F_SETFL, O_NONBLOCK) == 0);
    (void)fcntl(pipe.ends[1], F_SETPIPE_SZ, 4096);
    const std::string filler(1'000'000, 'f');
    const ssize_t filled =
        write(pipe.ends[1], filler.data(), filler.size()); // so that the first write gets EAGAIN
    REQUIRE(filled > 0);
    const std::string text = counted_text(100'000);
    std::string got;
    std::thread reader([&] { got = read_all(pipe.ends[0]); });
    Output output(pipe.ends[1], "pipe");
    output.put(text);
    output.flush();
    pipe.close_end(1);
    reader.join();
    REQUIRE((got == filler.substr(0, static_cast<std::size_t>(filled)) + text));
}

TEST_CASE("a reader that has gone is no failure", "[output]") {
    const NoSigpipe ignored;
    Pipe pipe;
    pipe.close_end(0);
    Output output(pipe.ends[1], "pipe");
    output.put("nobody reads this");
    REQUIRE_THROWS_AS(output.flush(), ClosedPipe);
    // What could not be written is not tried again, so that a later flush is quiet.
    REQUIRE_NOTHROW(output.flush());
}

TEST_CASE("a reader that has gone is noticed while filling, too", "[output]") {
    const NoSigpipe ignored;
    Pipe pipe;
    pipe.close_end(0);
    Output output(pipe.ends[1], "pipe");
    const auto fill = [&] {
        for (int i = 0; i < 2'000'000; ++i)
            output.put('x');
    };
    REQUIRE_THROWS_AS(fill(), ClosedPipe);
}

TEST_CASE("a full disk is a failure that names what was written to", "[output]") {
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (full < 0) {
        WARN("skipped: /dev/full can not be opened");
        return;
    }
    Output output(full, "standard output");
    output.put("text");
    std::string message;
    try {
        output.flush();
    } catch (const Failure& failure) {
        message = failure.what();
    }
    close(full);
    REQUIRE(message == "cannot write to standard output: No space left on device");
}

TEST_CASE("a descriptor that can not be written is a failure", "[output]") {
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    REQUIRE(nothing >= 0);
    Output output(nothing, "null");
    output.put("text");
    REQUIRE_THROWS_AS(output.flush(), Failure);
    REQUIRE_NOTHROW(output.flush());
    close(nothing);
}

TEST_CASE("formats are known by name", "[print]") {
    for (const std::string_view name : format_names())
        REQUIRE(parse_format(name));
    REQUIRE(parse_format("jsonl") == Format::jsonl);
    for (const auto* word : {"", "JSON", "xml", "table "})
        REQUIRE_FALSE(parse_format(word));
}

TEST_CASE("a format knows the ending of its files, and what streams in its place", "[output]") {
    REQUIRE(format_of_file("flows.json") == Format::json);
    REQUIRE(format_of_file("flows.jsonl") == Format::jsonl);
    REQUIRE(format_of_file("a.json/flows.csv") == Format::csv);
    REQUIRE(format_of_file("flows") == Format::table);
    for (const std::string_view name : format_names()) {
        const Format format = *parse_format(name);
        REQUIRE(streamed(streamed(format)) == streamed(format));
        REQUIRE((streamed(format) == Format::jsonl) == name.starts_with("json"));
        REQUIRE(is_for_people(format) == (format == Format::table));
    }
}
