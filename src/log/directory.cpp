// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is written there tells who talked with whom: it is made in no place where somebody else
// could lay a file before it is, or take it away. The lock is on the directory itself and goes with
// the process.
#include "directory.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace natstat::log {

namespace {

/// What SQLite has beside a database.
constexpr std::array<const char*, 4> endings{"", "-wal", "-shm", "-journal"};

std::string failed(const std::string& name, const std::string& why) {
    return "cannot write the log in " + name + ": " + why;
}

struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
};

std::string real_path(const std::string& name) {
    const std::unique_ptr<char, decltype(&std::free)> path(realpath(name.c_str(), nullptr),
                                                           std::free);
    if (!path)
        throw Failure(
            failed(name, std::strerror(errno) +
                             std::string(errno == ENOENT ? " (mkdir -m 750 makes it)" : "")));
    return path.get();
}

std::optional<Volume> volume_named(const char* name) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    Volume volume;
    if (std::sscanf(name, "nat-%4d-%2u-%2u.%9u", &year, &month, &day, &volume.number) < 3)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                           std::chrono::day{day}};
    volume.day = date;
    return date.ok() && file_name_of(volume) == name ? std::optional(volume) : std::nullopt;
}

} // namespace

std::string file_name_of(const Volume& volume) {
    const std::chrono::year_month_day date{volume.day};
    std::array<char, 60> name{};
    std::snprintf(name.data(), name.size(), "nat-%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return name.data() +
           (volume.number == 1 ? std::string() : "." + std::to_string(volume.number)) + ".db";
}

std::vector<Volume> volumes_in(const std::string& directory) {
    const std::unique_ptr<DIR, CloseDirectory> opened(opendir(directory.c_str()));
    if (!opened)
        throw Failure("cannot read " + directory + ": " + std::strerror(errno));
    std::vector<Volume> volumes;
    while (const dirent* entry = readdir(opened.get()))
        if (const auto volume = volume_named(entry->d_name))
            volumes.push_back(*volume);
    std::sort(volumes.begin(), volumes.end());
    return volumes;
}

OwnDirectory::OwnDirectory(const std::string& name)
    : path_(real_path(name)),
      descriptor_(open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) {
    const int error = errno;
    const bool is_open = descriptor_.get() >= 0;
    // Root without CAP_DAC_OVERRIDE is told no more of another's than anybody else.
    struct stat about {};
    if ((is_open ? fstat(descriptor_.get(), &about) : stat(path_.c_str(), &about)) != 0)
        throw Failure(failed(name, std::strerror(errno)));
    if (about.st_uid != geteuid())
        throw Failure(failed(name, "the directory belongs to another user"));
    if (!is_open)
        throw Failure(failed(name, std::strerror(error)));
    if ((about.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        throw Failure(failed(name, "others can write into the directory (chmod go-w)"));
    umask(umask(077) | 027); // for a group that may read
    if (flock(descriptor_.get(), LOCK_EX | LOCK_NB) != 0)
        throw Failure(failed(name, errno == EWOULDBLOCK ? "another natstat writes there"
                                                        : std::string(std::strerror(errno))));
}

std::uint64_t OwnDirectory::size_of(const Volume& volume) const {
    std::uint64_t size = 0;
    for (const char* ending : endings) {
        struct stat about {};
        if (fstatat(descriptor_.get(), (file_name_of(volume) + ending).c_str(), &about,
                    AT_SYMLINK_NOFOLLOW) == 0)
            size += static_cast<std::uint64_t>(about.st_size);
    }
    return size;
}

std::vector<std::string> OwnDirectory::remove(const Volume& volume) const {
    std::vector<std::string> sentences;
    for (const char* ending : endings)
        if (unlinkat(descriptor_.get(), (file_name_of(volume) + ending).c_str(), 0) != 0 &&
            errno != ENOENT)
            sentences.push_back("cannot remove " + path_of(volume) + ending + ": " +
                                std::strerror(errno));
    return sentences;
}

std::string OwnDirectory::set_aside(const Volume& volume) const {
    const std::string name = file_name_of(volume);
    const std::string new_name = name + ".damaged-" + std::to_string(std::time(nullptr));
    for (const char* ending : endings)
        if (renameat(descriptor_.get(), (name + ending).c_str(), descriptor_.get(),
                     (new_name + ending).c_str()) != 0 &&
            errno != ENOENT)
            throw Failure(failed(path_, "cannot set aside " + name + ": " + std::strerror(errno)));
    return new_name;
}

} // namespace natstat::log
