// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A list of what is denied, not of what is allowed: the C library, ncurses and c-ares make other
// calls from version to version, and none of these is among them. libseccomp knows the numbers on
// each machine, and writes the program for the kernel.
#include "natstat/guard/calls.hpp"

#include <array>
#include <cerrno>
#include <memory>

#include <seccomp.h>
#include <sys/socket.h>

namespace natstat {

namespace {

/// By name, because libseccomp and the C library know more of them from version to version.
constexpr std::array denied{
    // Other programs and processes.
    "execve", "execveat", "uselib", "ptrace", "process_vm_readv", "process_vm_writev", "kcmp",
    "pidfd_getfd", "process_madvise", "process_mrelease",
    // Mounts, roots and namespaces; those that are to be entered have been.
    "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen",
    "fsconfig", "fsmount", "fspick", "mount_setattr", "unshare", "open_by_handle_at",
    // Code and keys in the kernel, and ways into it that natstat has no use for.
    "init_module", "finit_module", "create_module", "delete_module", "kexec_load",
    "kexec_file_load", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "add_key", "request_key", "keyctl", "lookup_dcookie", "nfsservctl",
    "syslog", "ioperm", "iopl", "modify_ldt", "vm86", "vm86old",
    // Users and the owners, rights and kinds of files.
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid",
    "setgroups", "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchown",
    "fchownat", "setxattr", "lsetxattr", "fsetxattr", "mknod", "mknodat", "link", "linkat",
    "symlink", "symlinkat", "rename", "mkdir", "mkdirat", "rmdir",
    // The system.
    "reboot", "swapon", "swapoff", "sethostname", "setdomainname", "settimeofday", "stime",
    "clock_settime", "clock_settime64", "clock_adjtime", "clock_adjtime64", "adjtimex", "acct",
    "quotactl", "quotactl_fd", "vhangup",
    // natstat serves nobody.
    "listen", "accept", "accept4"};

/// AF_UNIX for the C library's look-ups, AF_INET and AF_INET6 for name servers and interfaces.
constexpr std::array families{AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
constexpr int highest_family = AF_NETLINK;

struct Release {
    void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Release>;

void deny(const Filter& filter, const char* name) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number != __NR_SCMP_ERROR) // one that this libseccomp does not know
        seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), number, 0);
}

void deny_other_families(const Filter& filter) {
    const auto deny_socket = [&](scmp_compare comparison, int family) {
        const scmp_arg_cmp argument{0, comparison, static_cast<scmp_datum_t>(family), 0};
        seccomp_rule_add_array(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1, &argument);
    };
    for (int family = 0; family < highest_family; ++family) {
        bool used = false;
        for (const int each : families)
            used = used || each == family;
        if (!used)
            deny_socket(SCMP_CMP_EQ, family);
    }
    deny_socket(SCMP_CMP_GT, highest_family);
}

} // namespace

void deny_calls(const StillCalled& still) {
    if (sanitized)
        return;
    const Filter filter(seccomp_init(SCMP_ACT_ALLOW));
    if (!filter)
        return;
    for (const char* name : denied)
        deny(filter, name);
    if (!still.replaces_files)
        for (const char* name : {"renameat", "renameat2"}) // the same to the C library
            deny(filter, name);
    if (!still.enters_namespaces)
        deny(filter, "setns");
    deny_other_families(filter);
    seccomp_load(filter.get());
}

} // namespace natstat
