// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is packed in a file, unpacked on a thread of its own, because libarchive waits for the rest
// of a block and whoever shows what is there must not. A compressed file becomes the reading end of
// a pipe at once; of an archive the members that may be about connections become files in memory.
// What is in them is not known here. Who closes the pipe has judged it by its first bytes, which
// damage makes into anything: so it is unpacked on for a little, to see whether it is damaged.
// Private to the room intake.
#pragma once

#include "archive_library.hpp"
#include "natstat/model/descriptor.hpp"

#include <array>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace natstat {

class ArchiveReader {
  public:
    struct Member {
        std::string name; // empty: it is all that the file holds
        Descriptor descriptor;
    };
    struct Found {
        std::vector<Member> members;
        bool ended = false;  // there are no more
        std::string failure; // why it ended before the file did
        bool early = false;  // and that was in the first of its bytes, unpacked
    };

    /// Takes over `packed`. `begin` are bytes that were read from it already. Throws Failure when
    /// the system has no room for a thread or a descriptor.
    ArchiveReader(const ArchiveLibrary& library, Descriptor packed, std::string begin);
    ~ArchiveReader();
    ArchiveReader(const ArchiveReader&) = delete;
    ArchiveReader& operator=(const ArchiveReader&) = delete;

    /// Readable when take() would give something new.
    [[nodiscard]] int fd() const { return found_event_.get(); }

    /// What was found since the last call, and how it stands.
    [[nodiscard]] Found take();

  private:
    void run();
    [[nodiscard]] std::string unpack();
    [[nodiscard]] std::string unpack_member(archive* reading, const std::string& name);
    [[nodiscard]] std::string stream(archive* reading);
    /// What is in the member, to `out`; bytes at most.
    [[nodiscard]] std::string copy(archive* reading, int out, std::uint64_t most);
    [[nodiscard]] int pass_on(int out, std::string_view bytes) const;
    void tell(Member member);
    static ssize_t read(archive* reading, void* reader, const void** bytes);
    ssize_t read(archive* reading, const void** bytes);
    [[nodiscard]] bool wait_for(int descriptor, short what) const;

    const ArchiveLibrary& library_;
    Descriptor packed_;
    std::string begin_;
    std::vector<char> buffer_;
    std::uint64_t unpacked_ = 0; // bytes of all that was wanted
    Descriptor found_event_;
    Descriptor stop_event_;
    std::mutex mutex_; // guards found_
    Found found_;
    std::thread thread_; // the last one
};

} // namespace natstat
