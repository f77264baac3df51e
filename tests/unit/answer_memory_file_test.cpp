// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The file is trusted only where its owner alone can have written it.
#include "natstat/answer/memory_file.hpp"

#include "tests/catch.hpp"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

using namespace natstat;
namespace fs = std::filesystem;

namespace {

/// A directory of its own, and the file in it.
struct Folder {
    fs::path path = fs::temp_directory_path() / ("natstat-memory-" + std::to_string(getpid()));
    MemoryFile file{(path / "natstat" / "top").string(), std::nullopt};

    Folder() {
        fs::remove_all(path);
        fs::create_directories(path / "natstat");
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { fs::remove_all(path); }

    void put(const std::string& text, mode_t mode = 0600) const {
        std::ofstream(file.path) << text;
        chmod(file.path.c_str(), mode);
    }
};

} // namespace

TEST_CASE("what is remembered is read again, and replaced", "[memory]") {
    const Folder folder;
    CHECK(read_memory(folder.file).text.empty()); // there is none
    CHECK(read_memory(folder.file).problem.empty());
    CHECK(write_memory(folder.file, "interval 500\n") == "remembered in " + folder.file.path);
    CHECK(read_memory(folder.file).text == "interval 500\n");
    CHECK(write_memory(folder.file, "x\n") == "remembered in " + folder.file.path);
    const std::string text = read_memory(folder.file).text;
    CHECK(text.find_last_not_of('\n') == 0); // "x", and blank lines to the old end
    CHECK(std::distance(fs::directory_iterator(folder.path / "natstat"), {}) == 1);
}

TEST_CASE("a file that others can write is not read, nor a link, nor what is no file", "[memory]") {
    const Folder folder;
    folder.put("interval 500\n", 0620);
    CHECK(read_memory(folder.file).problem == "others can write it");
    CHECK(read_memory(folder.file).text.empty());
    folder.put("interval 500\n", 0644);
    CHECK(read_memory(folder.file).problem.empty());
    fs::rename(folder.file.path, folder.file.path + "-moved");
    fs::create_symlink(folder.file.path + "-moved", folder.file.path);
    CHECK_FALSE(read_memory(folder.file).problem.empty());
    CHECK(write_memory(folder.file, "x\n").starts_with("not remembered: "));
    fs::remove(folder.file.path);
    mkfifo(folder.file.path.c_str(), 0600); // which nobody writes to
    CHECK(read_memory(folder.file).problem == "it is no file");
}

TEST_CASE("under sudo the file is its user's, and is never made", "[memory]") {
    const Folder folder;
    MemoryFile theirs = folder.file;
    theirs.invoker = geteuid() + 1; // somebody else
    CHECK(write_memory(theirs, "interval 500\n").starts_with("not remembered: "));
    CHECK_FALSE(fs::exists(theirs.path));
    folder.put("interval 700\n");
    CHECK(read_memory(theirs).problem == "it is somebody else's");
    CHECK(write_memory(theirs, "interval 500\n").starts_with("not remembered: "));
    theirs.invoker = geteuid();
    CHECK(read_memory(theirs).text == "interval 700\n");
    CHECK(write_memory(theirs, "short\n") == "remembered in " + theirs.path);
    CHECK(read_memory(theirs).text.starts_with("short\n\n")); // blank lines to the old end
}

TEST_CASE("a directory that is not there is told with what helps", "[memory]") {
    const Folder folder;
    fs::remove_all(folder.path / "natstat");
    CHECK(write_memory(folder.file, "x\n") == "not remembered: " + folder.file.path +
                                                  ": No such file or directory (mkdir -p " +
                                                  (folder.path / "natstat").string() + ")");
    CHECK(write_memory({}, "x\n") == "not remembered: HOME and XDG_CONFIG_HOME are not set");
}

TEST_CASE("the file is below XDG_CONFIG_HOME, or ~/.config", "[memory]") {
    const char* const names[] = {"XDG_CONFIG_HOME", "HOME", "SUDO_UID"};
    std::optional<std::string> before[3];
    for (int i = 0; i < 3; ++i)
        if (const char* value = std::getenv(names[i]))
            before[i] = value;
    unsetenv("SUDO_UID");
    setenv("HOME", "/home/some", 1);
    setenv("XDG_CONFIG_HOME", "/else/where", 1);
    CHECK(memory_file().path == "/else/where/natstat/top");
    setenv("XDG_CONFIG_HOME", "relative", 1); // which the specification has ignored
    CHECK(memory_file().path == "/home/some/.config/natstat/top");
    unsetenv("HOME");
    CHECK(memory_file().path.empty());
    for (int i = 0; i < 3; ++i)
        before[i] ? setenv(names[i], before[i]->c_str(), 1) : unsetenv(names[i]);
}
