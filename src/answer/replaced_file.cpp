// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// openat(2) and renameat(2) in the directory. One that was left behind half written (kill -9, a
// power cut) has the other name, and goes with the next writing.
#include "natstat/answer/replaced_file.hpp"

#include "natstat/guard/privileges.hpp"
#include "natstat/model/source.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace natstat {

namespace {

constexpr mode_t for_everybody = 0644; // less the umask

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

} // namespace

ReplacedFile::ReplacedFile(const std::string& path) : path_(path) {
    const std::size_t slash = path.rfind('/');
    name_ = slash == std::string::npos ? path : path.substr(slash + 1);
    new_name_ = name_ + ".new";
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const FileRights rights;
    directory_ = open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory_ < 0)
        throw Failure(failed(errno));
    struct stat about {};
    const bool is_there =
        fstatat(directory_, name_.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
    if (is_there && !S_ISREG(about.st_mode)) {
        close(directory_);
        throw Failure("cannot write " + path_ + ": it is no regular file, and is not replaced");
    }
}

ReplacedFile::~ReplacedFile() {
    close(directory_);
}

std::string ReplacedFile::failed(int error) const {
    return "cannot write " + path_ + ": " + std::strerror(error);
}

std::string ReplacedFile::replace(std::string_view text) const {
    const FileRights rights;
    const char* const name = new_name_.c_str();
    unlinkat(directory_, name, 0);
    const int file = openat(directory_, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                            for_everybody);
    if (file < 0)
        return failed(errno);
    bool good = write_all(file, text);
    int error = errno;
    if (close(file) != 0 && good) { // some file systems tell only now that there is no room
        good = false;
        error = errno;
    }
    if (good && renameat(directory_, name, directory_, name_.c_str()) == 0)
        return {};
    if (good)
        error = errno;
    unlinkat(directory_, name, 0);
    return failed(error);
}

} // namespace natstat
