// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a file is and how large is asked of what was opened, not of its name.
#include "small_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace natstat {

namespace {

constexpr std::size_t mebi = std::size_t{1} << 20;
constexpr std::size_t most_at_once = std::size_t{64} << 10;

struct CloseFile {
    using pointer = std::FILE*;
    void operator()(std::FILE* file) const { std::fclose(file); }
};

Unread last_error() {
    return {std::strerror(errno)};
}

constexpr int to_read = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

/// Closes the descriptor.
std::variant<std::string, Unread> read_open(int descriptor, std::size_t most,
                                            bool only_regular = false) {
    if (descriptor < 0)
        return last_error();
    const std::unique_ptr<std::FILE, CloseFile> file(fdopen(descriptor, "r"));
    if (!file)
        return last_error();
    struct stat about {};
    if (fstat(descriptor, &about) != 0)
        return last_error();
    if (S_ISDIR(about.st_mode))
        return Unread{std::strerror(EISDIR)};
    if (only_regular && !S_ISREG(about.st_mode))
        return Unread{"it is no regular file"};
    fcntl(descriptor, F_SETFL, 0); // a pipe that somebody writes into is waited for
    std::string text;
    std::string piece(std::min<std::size_t>(most, most_at_once), '\0');
    while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), file.get())) {
        if (got > most - text.size())
            return Unread{"it is larger than " + std::to_string(most / mebi) + " MiB"};
        text.append(piece, 0, got);
    }
    return std::ferror(file.get()) != 0 ? std::variant<std::string, Unread>(last_error())
                                        : std::move(text);
}

} // namespace

std::variant<std::string, Unread> read_small_file(const std::string& path, std::size_t most) {
    return read_open(open(path.c_str(), to_read), most);
}

std::variant<std::string, Unread> read_beneath(const std::string& directory, std::string_view path,
                                               std::size_t most) {
    int place = open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    while (place >= 0) {
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string part(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
        const int flags = path.empty() ? to_read : O_PATH | O_DIRECTORY | O_CLOEXEC;
        const int next =
            part.empty() || part == ".." ? -1 : openat(place, part.c_str(), flags | O_NOFOLLOW);
        const int error = errno;
        close(place);
        errno = error;
        if (path.empty())
            return read_open(next, most, true);
        place = next;
    }
    return last_error();
}

std::vector<std::string> files_in(const std::string& directory, const std::string& ending) {
    std::vector<std::string> paths;
    std::error_code error;
    for (std::filesystem::directory_iterator file(directory, error), end; !error && file != end;
         file.increment(error)) {
        const std::string name = file->path().filename().string();
        if (file->is_regular_file(error) && name.ends_with(ending) && !name.starts_with('.'))
            paths.push_back(file->path().string());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

} // namespace natstat
