// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A file is written beside the live view, by a process of its own: it has all that there was at
// that moment, and holds nothing up.
#pragma once

#include "natstat/print/output.hpp"

#include <functional>
#include <optional>
#include <string>

#include <sys/types.h>

namespace natstat {

class FileWriter {
  public:
    FileWriter() = default;
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
    std::string path_;
    int pipe_ = -1;
    pid_t child_ = -1;
};

} // namespace natstat
