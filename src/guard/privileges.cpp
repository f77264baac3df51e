// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// capset(2) and prctl(2) by themselves: the libraries over them have all of the sets and files in
// view, and this is three of the sets.
#include "natstat/guard/privileges.hpp"

#include "natstat/model/source.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace natstat {

namespace {

/// A bit for each capability, as in /proc/PID/status.
using Capabilities = std::uint64_t;

constexpr Capabilities bit(int capability) {
    return Capabilities{1} << capability;
}

struct Sets {
    Capabilities effective = 0;
    Capabilities permitted = 0;

    bool operator==(const Sets&) const = default;
};

/// The kernel's form: the lower and the upper 32 capabilities.
using Words = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

Capabilities join(std::uint32_t lower, std::uint32_t upper) {
    return lower | Capabilities{upper} << 32;
}

Sets get() {
    __user_cap_header_struct of_this_thread{_LINUX_CAPABILITY_VERSION_3, 0};
    Words words{};
    if (syscall(SYS_capget, &of_this_thread, words.data()) != 0)
        return {};
    return {join(words[0].effective, words[1].effective),
            join(words[0].permitted, words[1].permitted)};
}

/// The inheritable set becomes empty, and with it the ambient one. 0 or an error number.
int set(const Sets& sets) {
    __user_cap_header_struct of_this_thread{_LINUX_CAPABILITY_VERSION_3, 0};
    Words words{};
    words[0].effective = static_cast<std::uint32_t>(sets.effective);
    words[0].permitted = static_cast<std::uint32_t>(sets.permitted);
    words[1].effective = static_cast<std::uint32_t>(sets.effective >> 32U);
    words[1].permitted = static_cast<std::uint32_t>(sets.permitted >> 32U);
    return syscall(SYS_capset, &of_this_thread, words.data()) == 0 ? 0 : errno;
}

/// What a named file may take: to read and write what is others', and to go to it through /proc.
constexpr Capabilities for_files =
    bit(CAP_DAC_OVERRIDE) | bit(CAP_DAC_READ_SEARCH) | bit(CAP_SYS_PTRACE);
/// To list the descriptors of a process, and to enter a network namespace.
constexpr Capabilities to_look_into =
    bit(CAP_SYS_PTRACE) | bit(CAP_DAC_READ_SEARCH) | bit(CAP_SYS_ADMIN);
/// A new file, in a directory that is somebody else's, such as the home of who called sudo.
constexpr Capabilities for_new_file = bit(CAP_DAC_OVERRIDE);

void empty_bounding_set() {
    for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; ++capability)
        if (prctl(PR_CAPBSET_DROP, capability) != 0) // needs CAP_SETPCAP
            return;
}

} // namespace

void keep_privileges(const Duties& duties) {
    empty_bounding_set(); // while CAP_SETPCAP is there
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const Sets had = get();
    Sets kept;
    if (duties.asks_kernel)
        kept.effective |= bit(CAP_NET_ADMIN);
    if (duties.opens_files)
        kept.effective |= for_files;
    if (duties.reads_others)
        kept.effective |= bit(CAP_DAC_READ_SEARCH);
    if (duties.looks_into)
        kept.effective |= to_look_into;
    kept.permitted = kept.effective | (duties.writes_later ? for_new_file : 0);
    kept.effective &= had.permitted;
    kept.permitted &= had.permitted;
    if (kept == had) // a sandbox that left no more may deny the call as well
        return;
    if (const int error = set(kept))
        throw Failure(std::string("cannot give up privileges: ") + std::strerror(error));
}

FileRights::FileRights() : before_(get().effective) {
    const Capabilities permitted = get().permitted;
    if ((permitted & for_new_file & ~before_) != 0) // a sandbox may deny the call as well
        set({before_ | (permitted & for_new_file), permitted});
}

FileRights::~FileRights() {
    const int error = errno; // of what was done with them
    if (get().effective != before_)
        set({before_, get().permitted});
    errno = error;
}

} // namespace natstat
