// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// capabilities(7) that are still needed. What is given up never comes back, so that what takes the
// program over, by way of the bytes that it reads, has not more.
#pragma once

#include <cstdint>

namespace natstat {

/// What is still to be done that takes a privilege.
struct Duties {
    bool asks_kernel = false;  // the kernel looks at CAP_NET_ADMIN with every request
    bool opens_files = false;  // files that were named, and may be somebody else's
    bool reads_others = false; // what is of a namespace that may be another user's
    bool looks_into = false;   // other users' processes and network namespaces, for their sockets
    bool writes_later = false; // a file that is not named yet: see FileRights
};

/// Keeps of the calling thread's capabilities those that the duties take, empties the bounding set
/// where that is allowed, and lets no program that is started have more (no_new_privs). Threads
/// that are started afterwards have the same. Capabilities that were not there are not missed; a
/// kernel that keeps what is given up is: throws Failure.
void keep_privileges(const Duties& duties);

/// While it lives, the rights over files that Duties::writes_later has kept are in effect; at other
/// times they are not. It leaves errno as it is.
class FileRights {
  public:
    FileRights();
    ~FileRights();
    FileRights(const FileRights&) = delete;
    FileRights& operator=(const FileRights&) = delete;

  private:
    std::uint64_t before_;
};

} // namespace natstat
