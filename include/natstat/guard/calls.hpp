// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// System calls that natstat never makes, and what takes it over would.
#pragma once

namespace natstat {

/// Whether sanitizers are built in. They make calls of their own (ptrace(2), execve(2), files for
/// their reports), so such a build takes neither deny_calls() nor limit_paths().
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif
#else
inline constexpr bool sanitized = false;
#endif

/// Calls that some answers make all the same.
struct StillCalled {
    bool replaces_files = false;    // files get the names of others (renameat(2))
    bool enters_namespaces = false; // of the network (setns(2))
};

/// From now on these calls fail with EPERM (seccomp(2)): to start a program, to look into another
/// process, to change mounts, namespaces, users, modules, clocks or the system, to open sockets of
/// other families than natstat's or to listen at one. Threads that are started afterwards have the
/// same. Where the kernel or a container's own filter does not allow it, it is left out.
/// What `still` names is left.
void deny_calls(const StillCalled& still);

} // namespace natstat
