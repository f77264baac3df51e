// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The child that writes a view's file tells in that file what it has of its parent's.
#include "natstat/answer/file_writer.hpp"

#include "tests/catch.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

using namespace natstat;

namespace {

/// A folder of its own, which goes with it.
struct Folder {
    std::filesystem::path path;
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "natstat-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path); }
};

/// What the writer says when its file has come to an end.
std::string result_of(FileWriter& writer) {
    for (;;) {
        pollfd wanted{writer.fd(), POLLIN, 0};
        poll(&wanted, 1, -1);
        if (auto result = writer.result())
            return *result;
    }
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Blocks SIGUSR2 for its life, and knows what was blocked before.
struct Blocked {
    sigset_t before{};
    Blocked() {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGUSR2);
        sigprocmask(SIG_BLOCK, &set, &before);
    }
    Blocked(const Blocked&) = delete;
    Blocked& operator=(const Blocked&) = delete;
    ~Blocked() { sigprocmask(SIG_SETMASK, &before, nullptr); }
};

} // namespace

TEST_CASE("a view's file is written without the parent's descriptors and signals", "[writer]") {
    const Folder folder;
    const Blocked blocked;
    const int socket = open("/dev/null", O_RDONLY); // in the place of one for events
    REQUIRE(socket > STDERR_FILENO);
    FileWriter writer(blocked.before);
    const std::string path = folder.path / "a";
    writer.start(path, [&](Output& output) {
        sigset_t now;
        sigprocmask(SIG_SETMASK, nullptr, &now);
        output.put(sigismember(&now, SIGUSR2) != 0 ? "blocked" : "free");
        output.put(fcntl(socket, F_GETFD) == -1 ? " closed" : " open");
        output.put(getsid(0) == getpid() ? " apart" : " together");
    });
    CHECK(result_of(writer) == "written to " + path);
    CHECK(text_of(path) == "free closed apart");
    close(socket);
}

TEST_CASE("a part of a view's file does not pass for the whole", "[writer]") {
    const Folder folder;
    const Blocked blocked;
    FileWriter writer(blocked.before);
    const std::string path = folder.path / "a";
    writer.start(path, [](Output& output) {
        output.put("the first half");
        output.flush();
        raise(SIGKILL);
    });
    CHECK(result_of(writer) == "cannot write " + path + ": it was killed");
    CHECK_FALSE(std::filesystem::exists(path));
    writer.start(path, [](Output&) { throw Failure("no room"); });
    CHECK(result_of(writer) == "no room");
    CHECK_FALSE(std::filesystem::exists(path));
}
