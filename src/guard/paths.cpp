// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Documentation/userspace-api/landlock.rst. The C library has no functions for the three calls. A
// right that a ruleset handles is denied but below the paths that its rules name; the rights that a
// kernel knows follow from the version of its interface.
#include "natstat/guard/paths.hpp"

#include "natstat/guard/calls.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace natstat {

namespace {

using Rights = std::uint64_t;

constexpr Rights reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
/// Those that came later than some of the headers natstat is built with (versions 2 and 3).
constexpr Rights refer = Rights{1} << 13;
constexpr Rights truncate = Rights{1} << 14;
/// A terminal and /dev/null are opened to be written, too.
constexpr Rights to_write_device = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE;
/// A new file, and taken away again when it could not be written.
constexpr Rights to_make_file =
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE;

/// What a kernel of this version can deny: all but reading.
Rights changing(int version) {
    constexpr Rights first = (Rights{LANDLOCK_ACCESS_FS_MAKE_SYM} << 1) - 1; // of version 1
    return (first & ~reading) | (version >= 2 ? refer : 0) | (version >= 3 ? truncate : 0);
}

/// Names of hosts, services (resolv.conf(5), nsswitch.conf(5)) and labels, times, locales,
/// terminals (terminfo(5)), modules of the C library.
constexpr const char* readable[] = {"/etc/hosts",       "/etc/host.conf", "/etc/nsswitch.conf",
                                    "/etc/resolv.conf", "/etc/services",  "/etc/gai.conf",
                                    "/etc/xtables",     "/etc/localtime", "/etc/terminfo",
                                    "/etc/ld.so.cache", "/usr/share",     "/usr/lib",
                                    "/usr/lib64",       "/lib",           "/lib64",
                                    "/dev/urandom"};
/// Names of namespaces, files of container runtimes, leases.
constexpr const char* of_workloads[] = {"/run/netns",
                                        "/etc/docker",
                                        "/var/lib/docker/containers",
                                        "/var/lib/containers/storage",
                                        "/var/log/containers",
                                        "/run/containerd/io.containerd.runtime.v2.task",
                                        "/etc/ethers",
                                        "/var/lib/misc",
                                        "/var/lib/dnsmasq",
                                        "/var/lib/dhcp",
                                        "/var/lib/dhcpd",
                                        "/var/lib/kea",
                                        "/var/lib/libvirt/dnsmasq",
                                        "/tmp/dhcp.leases"};
constexpr const char* devices[] = {"/dev/tty", "/dev/null"};
/// Lists of further directories, with colons between.
constexpr const char* variables[] = {"TERMINFO", "TERMINFO_DIRS", "LOCPATH"};

class Ruleset {
  public:
    explicit Ruleset(Rights handled) : handled_(handled) {
        landlock_ruleset_attr attributes{};
        attributes.handled_access_fs = handled;
        descriptor_ = static_cast<int>(
            syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0));
    }
    ~Ruleset() {
        if (descriptor_ >= 0)
            close(descriptor_);
    }
    Ruleset(const Ruleset&) = delete;
    Ruleset& operator=(const Ruleset&) = delete;

    /// Below a directory, or of a file; one that is not there needs nothing.
    void allow(const char* path, Rights rights) const {
        const int place = open(path, O_PATH | O_CLOEXEC);
        struct stat about {};
        if (place < 0 || fstat(place, &about) != 0)
            return;
        if (!S_ISDIR(about.st_mode)) // a rule for a file takes no rights of directories
            rights &= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | truncate;
        landlock_path_beneath_attr rule{};
        rule.allowed_access = rights & handled_;
        rule.parent_fd = place;
        if (rule.allowed_access != 0)
            syscall(SYS_landlock_add_rule, descriptor_, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
        close(place);
    }

    void obey() const { syscall(SYS_landlock_restrict_self, descriptor_, 0); }

  private:
    Rights handled_;
    int descriptor_;
};

void allow_reading(const Ruleset& rules) {
    for (const char* path : readable)
        rules.allow(path, reading);
    for (const char* variable : variables) {
        const char* value = std::getenv(variable);
        std::string_view left = value != nullptr ? value : "";
        while (!left.empty()) {
            const std::size_t end = std::min(left.find(':'), left.size());
            rules.allow(std::string(left.substr(0, end)).c_str(), reading);
            left.remove_prefix(std::min(end + 1, left.size()));
        }
    }
    if (const char* home = std::getenv("HOME"))
        rules.allow((std::string(home) + "/.terminfo").c_str(), reading);
}

} // namespace

void limit_paths(const Paths& paths) {
    if (sanitized)
        return;
    const long version =
        syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return;
    tzset(); // a file that TZ names is read now, or could not be
    const Ruleset rules(changing(static_cast<int>(version)) | reading);
    for (const char* device : devices)
        rules.allow(device, to_write_device);
    allow_reading(rules);
    if (paths.reads_proc)
        rules.allow("/proc", reading);
    if (paths.reads_workloads)
        for (const char* path : of_workloads)
            rules.allow(path, reading);
    if (paths.makes_files)
        rules.allow("/", to_make_file);
    if (!paths.replaces_in.empty())
        rules.allow(paths.replaces_in.c_str(), to_make_file | truncate);
    if (!paths.keeps_in.empty())
        rules.allow(paths.keeps_in.c_str(), reading | to_make_file | truncate);
    rules.obey();
}

} // namespace natstat
