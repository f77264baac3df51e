// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A file that others read while it is written anew again and again: they see the old one or the
// new one, each whole, and never a part. It is written under another name first. No link is
// followed, wherever somebody lays one: the directory is opened once, in it a name is taken that
// nobody else has, and what stands under the name of the file is replaced, not opened.
#pragma once

#include <string>
#include <string_view>

namespace natstat {

class ReplacedFile {
  public:
    /// Throws Failure when there is no such directory, and when the file is there and is none: a
    /// link, a device, a directory.
    explicit ReplacedFile(const std::string& path);
    ~ReplacedFile();
    ReplacedFile(const ReplacedFile&) = delete;
    ReplacedFile& operator=(const ReplacedFile&) = delete;

    /// Why it could not be replaced, as a sentence; then the old one is still there. Empty: it is
    /// the text now, for everybody to read as far as the umask lets them.
    [[nodiscard]] std::string replace(std::string_view text) const;

  private:
    [[nodiscard]] std::string failed(int error) const;

    std::string path_;
    std::string name_;
    std::string new_name_;
    int directory_;
};

} // namespace natstat
