// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A file is written beside the live view, by a process of its own: it has all that there was at
// that moment, and holds nothing up. It keeps nothing of its parent's but that: no blocked signals,
// no sockets, not the terminal's signals.
#pragma once

#include "natstat/print/output.hpp"

#include <csignal>
#include <functional>
#include <optional>
#include <string>

#include <sys/types.h>

namespace natstat {

class FileWriter {
  public:
    /// `mask`: the signals that are blocked while a file is written.
    explicit FileWriter(const sigset_t& mask) : mask_(mask) {}
    ~FileWriter();
    FileWriter(const FileWriter&) = delete;
    FileWriter& operator=(const FileWriter&) = delete;

    [[nodiscard]] bool is_busy() const { return pipe_ >= 0; }

    /// Makes the file, which must not be there yet, and lets `write` fill it. It says later how
    /// that went. Throws Failure when it can not begin.
    void start(const std::string& path, const std::function<void(Output&)>& write);

    /// Readable when it has come to an end; negative when there is nothing to wait for.
    [[nodiscard]] int fd() const { return pipe_; }

    /// How it went, once it has come to an end: a sentence.
    std::optional<std::string> result();

  private:
    sigset_t mask_;
    std::string path_;
    int pipe_ = -1;
    pid_t child_ = -1;
};

} // namespace natstat
