// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// fork(2) gives the child the flows as they are at that moment. The threads of its parent are not
// there, and nothing that it does needs them. It leaves with _exit(2), so that it undoes nothing of
// its parent's.
#include "natstat/answer/file_writer.hpp"

#include "natstat/guard/privileges.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace natstat {

namespace {

std::string why(int error) {
    return std::strerror(error);
}

/// A new one, whoever the directory belongs to, and for who made it alone to read: it tells who
/// talked with whom. A link is never followed. A descriptor, or -1 and errno.
int make_file(const std::string& path) {
    const FileRights rights;
    return open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

void take_away(const std::string& path) {
    const FileRights rights;
    unlink(path.c_str());
}

/// The child's descriptors beside the standard ones: these two. The queue of a socket for events
/// would stay otherwise, and fill, as long as the file takes.
void keep_only(int a, int b) {
    constexpr unsigned first = STDERR_FILENO + 1;
    const auto [low, high] = std::minmax({static_cast<unsigned>(a), static_cast<unsigned>(b)});
    const auto close_between = [](unsigned from, unsigned to) {
        if (from < to)
            close_range(from, to - 1, 0);
    };
    close_between(first, low);
    close_between(low + 1, high);
    close_between(high + 1, ~0U);
}

/// What went wrong; empty if nothing did.
std::string fill(int file, const std::string& path, const std::function<void(Output&)>& write) {
    try {
        Output output(file, path);
        write(output);
        output.flush();
    } catch (const std::exception& failure) {
        return failure.what();
    }
    // Some file systems tell only now that there is no room.
    return close(file) == 0 ? std::string() : "cannot write " + path + ": " + why(errno);
}

} // namespace

FileWriter::~FileWriter() {
    if (pipe_ >= 0)
        close(pipe_); // the child goes on, and finishes its file
}

void FileWriter::start(const std::string& path, const std::function<void(Output&)>& write) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw Failure("cannot write " + path + ": " + why(errno));
    const int file = make_file(path);
    const int error = errno;
    const pid_t child = file < 0 ? -1 : fork();
    if (child == 0) {
        setsid(); // ^C and ^Z are meant for the view: the file becomes whole all the same
        keep_only(file, ends[1]);
        sigprocmask(SIG_SETMASK, &mask_, nullptr);
        const std::string problem = fill(file, path, write);
        if (!problem.empty())
            take_away(path);
        [[maybe_unused]] const ssize_t told = ::write(ends[1], problem.data(), problem.size());
        _exit(0);
    }
    const int reason = file < 0 ? error : errno;
    if (file >= 0)
        close(file);
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        if (file >= 0)
            take_away(path);
        throw Failure("cannot write " + path + ": " + why(reason));
    }
    path_ = path;
    pipe_ = ends[0];
    child_ = child;
}

std::optional<std::string> FileWriter::result() {
    std::array<char, 1024> room{};
    const ssize_t size = read(pipe_, room.data(), room.size());
    if (size < 0 && errno == EINTR)
        return std::nullopt;
    close(std::exchange(pipe_, -1));
    int status = 0;
    while (waitpid(child_, &status, 0) < 0 && errno == EINTR)
        ;
    if (size > 0)
        return std::string(room.data(), static_cast<std::size_t>(size));
    if (!WIFEXITED(status)) { // it could not say more; a part is not to pass for the whole
        take_away(path_);
        return "cannot write " + path_ + ": it was killed";
    }
    return "written to " + path_;
}

} // namespace natstat
