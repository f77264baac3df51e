// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A directory that goes with the test. It checks nothing.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace natstat::test {

class Directory {
  public:
    Directory() {
        std::string name = std::filesystem::temp_directory_path() / "natstat-unit-XXXXXX";
        path_ = mkdtemp(name.data());
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    ~Directory() { std::filesystem::remove_all(path_); }

    /// With the directories above it; gives its path.
    std::string write(const std::string& name, const std::string& bytes) const {
        const std::filesystem::path path = path_ / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }
    [[nodiscard]] std::string path() const { return path_; }

  private:
    std::filesystem::path path_;
};

} // namespace natstat::test
