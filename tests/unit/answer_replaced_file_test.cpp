// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A file that is replaced: whole whenever it is read, wherever somebody lays a link.
#include "natstat/answer/replaced_file.hpp"

#include "natstat/model/source.hpp"

#include "tests/catch.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <sys/stat.h>

using namespace natstat;
namespace fs = std::filesystem;

namespace {

class Directory {
  public:
    Directory() {
        std::string name = (fs::temp_directory_path() / "natstat-XXXXXX").string();
        path_ = mkdtemp(name.data());
    }
    ~Directory() { fs::remove_all(path_); }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    [[nodiscard]] std::string operator/(const std::string& name) const { return path_ / name; }

  private:
    fs::path path_;
};

std::string read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void put(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
}

} // namespace

TEST_CASE("a file is made and replaced, and nothing else is left", "[replaced]") {
    const Directory directory;
    const ReplacedFile file(directory / "a.prom");
    REQUIRE(file.replace("one").empty());
    REQUIRE(read(directory / "a.prom") == "one");
    put(directory / "a.prom.new", "left behind");
    REQUIRE(file.replace("two").empty());
    REQUIRE(read(directory / "a.prom") == "two");
    REQUIRE_FALSE(fs::exists(directory / "a.prom.new"));
    struct stat about {};
    REQUIRE(stat((directory / "a.prom").c_str(), &about) == 0);
    const mode_t mask = umask(0);
    umask(mask);
    REQUIRE((about.st_mode & 0777U) == (0644U & ~mask));
}

TEST_CASE("no link is followed, at neither name", "[replaced]") {
    const Directory directory;
    const std::string victim = directory / "victim";
    put(victim, "precious");
    const ReplacedFile file(directory / "a.prom");
    for (const char* name : {"a.prom", "a.prom.new"}) {
        for (const bool hard : {false, true}) {
            hard ? fs::create_hard_link(victim, directory / name)
                 : fs::create_symlink(victim, directory / name);
            REQUIRE(file.replace("text").empty());
            CHECK(read(victim) == "precious");
            CHECK_FALSE(fs::is_symlink(directory / "a.prom"));
            CHECK(read(directory / "a.prom") == "text");
            fs::remove(directory / "a.prom");
        }
    }
    fs::create_symlink(victim, directory / "link");
    REQUIRE_THROWS_AS(ReplacedFile(directory / "link"), Failure);
    REQUIRE_THROWS_AS(ReplacedFile("/dev/null"), Failure);
    REQUIRE_THROWS_AS(ReplacedFile("/dev/stdout"), Failure);
    REQUIRE_THROWS_AS(ReplacedFile(directory / "nowhere/file"), Failure);
    REQUIRE(fs::is_symlink("/dev/stdout"));
}

TEST_CASE("the directory is the one that was there at first", "[replaced]") {
    const Directory directory;
    fs::create_directory(directory / "own");
    fs::create_directory(directory / "other");
    const ReplacedFile file(directory / "own/a.prom");
    fs::rename(directory / "own", directory / "moved");
    fs::create_directory_symlink(directory / "other", directory / "own");
    REQUIRE(file.replace("text").empty());
    REQUIRE(fs::is_empty(directory / "other"));
    REQUIRE(read(directory / "moved/a.prom") == "text");
}

TEST_CASE("what can not be replaced is said, and the old one stays", "[replaced]") {
    const Directory directory;
    const ReplacedFile file(directory / "a.prom");
    REQUIRE(file.replace("old").empty());
    fs::create_directory(directory / "a.prom.new");
    put(directory / "a.prom.new/in", "the way");
    REQUIRE(file.replace("new").starts_with("cannot write " + (directory / "a.prom")));
    REQUIRE(read(directory / "a.prom") == "old");
    fs::remove_all(directory / "a.prom.new");
    REQUIRE(file.replace("new").empty());
}

TEST_CASE("10,000 times, and whoever reads meanwhile reads a whole one", "[replaced]") {
    const Directory directory;
    const ReplacedFile file(directory / "a.prom");
    const auto text_of = [](int number) {
        return std::string(static_cast<std::size_t>(5000 + number % 700),
                           static_cast<char>('a' + number % 26)) +
               "$";
    };
    REQUIRE(file.replace(text_of(0)).empty());
    std::atomic<bool> over = false;
    std::atomic<int> read_times = 0;
    std::atomic<int> broken = 0;
    std::thread reader([&] {
        while (!over) {
            const std::string text = read(directory / "a.prom");
            const bool whole = text.size() > 5000 && text.back() == '$' &&
                               text.find_first_not_of(text.front()) == text.size() - 1;
            broken += whole ? 0 : 1;
            ++read_times;
        }
    });
    bool good = true;
    for (int number = 1; number < 10'000 || read_times < 10; ++number)
        good = good && file.replace(text_of(number)).empty();
    over = true;
    reader.join();
    REQUIRE(good);
    REQUIRE(broken == 0);
}
