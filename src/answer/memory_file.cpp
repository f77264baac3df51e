// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Links are not followed in the last place; whoever can change a directory above can only make
// another file of the same owner be read.
#include "natstat/answer/memory_file.hpp"

#include "natstat/guard/privileges.hpp"

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace natstat {

namespace {

constexpr std::size_t most = 64 * 1024; // bytes that are read

std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// The user who called sudo.
std::optional<uid_t> invoker() {
    const std::string text = variable("SUDO_UID");
    uid_t user = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), user);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return geteuid() == 0 && whole && user != 0 ? std::optional(user) : std::nullopt;
}

std::string home_of(std::optional<uid_t> user) {
    if (!user)
        return variable("HOME");
    const passwd* const entry = getpwuid(*user);
    return entry == nullptr ? "" : entry->pw_dir;
}

/// Why the file that is open is not trusted; empty: it is.
std::string doubt(int descriptor, const MemoryFile& file) {
    struct stat about {};
    if (fstat(descriptor, &about) != 0)
        return std::strerror(errno);
    if (!S_ISREG(about.st_mode))
        return "it is no file";
    if (about.st_uid != file.invoker.value_or(geteuid()))
        return "it is somebody else's";
    return (about.st_mode & (S_IWGRP | S_IWOTH)) != 0 ? "others can write it" : "";
}

std::string write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return std::strerror(errno);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

/// Into the file as it is, so that it stays its owner's: the view has given up to rename and to cut
/// off. What is shorter than before is followed by blank lines.
std::string write_over(const MemoryFile& file, std::string text) {
    const int make = file.invoker ? 0 : O_CREAT;
    const int descriptor =
        open(file.path.c_str(), O_RDWR | make | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return std::strerror(errno);
    std::string problem = doubt(descriptor, file);
    struct stat about {};
    if (problem.empty() && fstat(descriptor, &about) == 0 &&
        static_cast<std::size_t>(about.st_size) > text.size() &&
        static_cast<std::size_t>(about.st_size) <= most)
        text.resize(static_cast<std::size_t>(about.st_size), '\n');
    if (problem.empty())
        problem = write_all(descriptor, text);
    close(descriptor);
    return problem;
}

} // namespace

MemoryFile memory_file() {
    MemoryFile file;
    file.invoker = invoker();
    std::string folder = file.invoker ? "" : variable("XDG_CONFIG_HOME");
    if (!folder.starts_with('/')) { // as the XDG base directory specification has it
        const std::string home = home_of(file.invoker);
        folder = home.starts_with('/') ? home + "/.config" : "";
    }
    if (!folder.empty())
        file.path = folder + "/natstat/top";
    return file;
}

Memory read_memory(const MemoryFile& file) {
    const FileRights rights;
    const int descriptor =
        file.path.empty() ? -1
                          : open(file.path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return file.path.empty() || errno == ENOENT || errno == ENOTDIR
                   ? Memory{}
                   : Memory{{}, std::strerror(errno)};
    Memory memory{{}, doubt(descriptor, file)};
    if (memory.problem.empty()) {
        memory.text.resize(most);
        const ssize_t size = read(descriptor, memory.text.data(), memory.text.size());
        if (size < 0)
            memory.problem = std::strerror(errno);
        memory.text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    }
    close(descriptor);
    return memory;
}

std::string write_memory(const MemoryFile& file, const std::string& text) {
    const FileRights rights;
    if (file.path.empty())
        return "not remembered: HOME and XDG_CONFIG_HOME are not set";
    const std::string problem = write_over(file, text);
    if (problem.empty())
        return "remembered in " + file.path;
    const std::string folder = file.path.substr(0, file.path.rfind('/'));
    const bool missing = problem == std::strerror(ENOENT);
    return "not remembered: " + file.path + ": " + problem +
           (!missing       ? ""
            : file.invoker ? " (make it, as the user who owns it)"
                           : " (mkdir -p " + folder + ")");
}

} // namespace natstat
