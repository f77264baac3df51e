// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is left of a process behind the guard's rooms, each time in a child of its own. It is built
// without sanitizers, with which the guard would do nothing. Needs no privilege; as root it sees
// more.
#include "natstat/guard/calls.hpp"
#include "natstat/guard/paths.hpp"
#include "natstat/guard/privileges.hpp"
#include "tests/catch.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace natstat;

namespace {

/// What `body` gives, run in a child: a small number.
int in_child(const std::function<int()>& body) {
    const pid_t child = fork();
    if (child == 0)
        _exit(body());
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// errno of a call, or 0.
template <typename Result>
int error_of(Result result) {
    return result < 0 ? errno : 0;
}

int error_with_denied_calls(const std::function<int()>& call) {
    return in_child([&] {
        deny_calls({});
        return call();
    });
}

int open_and_close(const char* path, int flags) {
    const int file = open(path, flags | O_CLOEXEC, 0600);
    const int error = error_of(file);
    if (file >= 0)
        close(file);
    return error;
}

std::uint64_t set_of_status(const std::string& name) {
    std::ifstream status("/proc/thread-self/status");
    for (std::string word; status >> word;)
        if (word == name + ":") {
            status >> word;
            return std::stoull(word, nullptr, 16);
        }
    return ~std::uint64_t{0};
}

constexpr std::uint64_t net_admin = std::uint64_t{1} << CAP_NET_ADMIN;
constexpr std::uint64_t dac_override = std::uint64_t{1} << CAP_DAC_OVERRIDE;
constexpr std::uint64_t dac_read_search = std::uint64_t{1} << CAP_DAC_READ_SEARCH;

bool has_landlock() {
    return syscall(SYS_landlock_create_ruleset, nullptr, 0, 1U) > 0;
}

/// A directory with a file in it, outside of what may be read.
struct Place {
    std::string directory = "/tmp/natstat-guard.XXXXXX";
    std::string file;
    std::string other;

    Place() {
        REQUIRE(mkdtemp(directory.data()) != nullptr);
        file = directory + "/file";
        other = directory + "/other";
        std::ofstream(file) << "something";
    }
    ~Place() {
        unlink(other.c_str());
        unlink(file.c_str());
        rmdir(directory.c_str());
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
};

/// The error of opening after limit_paths().
int error_of_opening(const Paths& paths, const std::string& path, int flags) {
    return in_child([&] {
        keep_privileges({});
        limit_paths(paths);
        return open_and_close(path.c_str(), flags);
    });
}

} // namespace

TEST_CASE("this test is built without sanitizers", "[guard]") {
    CHECK_FALSE(sanitized);
}

TEST_CASE("no program can be started", "[guard]") {
    CHECK(error_with_denied_calls([] {
              char word[] = "true";
              char* words[] = {word, nullptr};
              return error_of(execve("/bin/true", words, environ));
          }) == EPERM);
    CHECK(error_with_denied_calls([] {
              char word[] = "true";
              char* words[] = {word, nullptr};
              return error_of(syscall(SYS_execveat, AT_FDCWD, "/bin/true", words, environ, 0));
          }) == EPERM);
}

TEST_CASE("what natstat never does is denied", "[guard]") {
    const auto call = [](long number) {
        return error_with_denied_calls([number] { return error_of(syscall(number, 0, 0, 0, 0)); });
    };
    CHECK(call(SYS_ptrace) == EPERM); // PTRACE_TRACEME, which anybody may ask for otherwise
    for (const long number :
         {SYS_mount,         SYS_umount2,         SYS_unshare,        SYS_setns,
          SYS_chroot,        SYS_init_module,     SYS_finit_module,   SYS_delete_module,
          SYS_bpf,           SYS_perf_event_open, SYS_io_uring_setup, SYS_process_vm_readv,
          SYS_kexec_load,    SYS_keyctl,          SYS_setuid,         SYS_fchmod,
          SYS_fchown,        SYS_symlinkat,       SYS_linkat,         SYS_mknodat,
          SYS_clock_settime, SYS_listen,          SYS_accept4}) {
        CAPTURE(number);
        CHECK(call(number) == EPERM);
    }
}

TEST_CASE("sockets are of natstat's families alone", "[guard]") {
    const auto open_socket = [](int family, int type) {
        return error_with_denied_calls([=] { return error_of(socket(family, type, 0)); });
    };
    for (const int family : {AF_PACKET, AF_VSOCK, AF_ALG, AF_BLUETOOTH, AF_XDP})
        CHECK(open_socket(family, SOCK_RAW) == EPERM);
    CHECK(open_socket(AF_NETLINK, SOCK_RAW) == 0);
    CHECK(open_socket(AF_UNIX, SOCK_STREAM) == 0);
    CHECK(open_socket(AF_INET, SOCK_DGRAM) == 0);
}

TEST_CASE("what natstat does goes on behind the filter", "[guard]") {
    CHECK(
        error_with_denied_calls([] {
            int seen = 1;
            std::thread([&] { seen = error_of(syscall(SYS_unshare, 0)) == EPERM ? 0 : 2; }).join();
            return seen;
        }) == 0);
    CHECK(error_with_denied_calls([] { return in_child([] { return 0; }); }) == 0);
    const Place place;
    CHECK(error_with_denied_calls([&] {
              return open_and_close(place.other.c_str(), O_WRONLY | O_CREAT | O_EXCL);
          }) == 0);
    CHECK(error_with_denied_calls([&] { return error_of(unlink(place.other.c_str())); }) == 0);
    CHECK(error_with_denied_calls([] { return error_of(kill(0, 0)); }) == 0);
}

TEST_CASE("network namespaces can be entered where that was asked for", "[guard]") {
    constexpr int not_here = 255; // no errno
    const auto enters = [](bool asked) {
        return in_child([&] {
            const int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
            if (own < 0 || setns(own, CLONE_NEWNET) != 0)
                return not_here;
            deny_calls({.enters_namespaces = asked});
            return setns(own, CLONE_NEWNET) == 0 ? 0 : errno;
        });
    };
    if (enters(true) == not_here) {
        WARN("no namespace can be entered here");
        return;
    }
    CHECK(enters(true) == 0);
    CHECK(enters(false) == EPERM);
}

TEST_CASE("of the capabilities those stay that duties take", "[guard]") {
    const std::uint64_t had = set_of_status("CapPrm");
    const auto kept = [](const Duties& duties, std::uint64_t effective, std::uint64_t permitted) {
        return in_child([&] {
            keep_privileges(duties);
            return set_of_status("CapEff") == effective && set_of_status("CapPrm") == permitted &&
                           set_of_status("CapInh") == 0 && set_of_status("CapAmb") == 0 &&
                           set_of_status("NoNewPrivs") == 1
                       ? 0
                       : 1;
        });
    };
    CHECK(kept({}, 0, 0) == 0);
    CHECK(kept({.asks_kernel = true}, had & net_admin, had & net_admin) == 0);
    CHECK(kept({.asks_kernel = true, .reads_others = true}, had & (net_admin | dac_read_search),
               had & (net_admin | dac_read_search)) == 0);
    constexpr std::uint64_t to_look =
        std::uint64_t{1} << CAP_SYS_PTRACE | std::uint64_t{1} << CAP_SYS_ADMIN | dac_read_search;
    CHECK(kept({.asks_kernel = true, .looks_into = true}, had & (net_admin | to_look),
               had & (net_admin | to_look)) == 0);
    CHECK(kept({.asks_kernel = true, .writes_later = true}, had & net_admin,
               had & (net_admin | dac_override)) == 0);
    CHECK(in_child([&] {
              keep_privileges({.asks_kernel = true});
              const bool allowed = (had & std::uint64_t{1} << CAP_SETPCAP) != 0;
              return !allowed || set_of_status("CapBnd") == 0 ? 0 : 1;
          }) == 0);
}

TEST_CASE("what was given up does not come back", "[guard]") {
    const std::uint64_t had = set_of_status("CapPrm");
    CHECK(in_child([&] {
              keep_privileges({.asks_kernel = true});
              keep_privileges({.asks_kernel = true, .opens_files = true, .writes_later = true});
              return set_of_status("CapPrm") == (had & net_admin) ? 0 : 1;
          }) == 0);
}

TEST_CASE("rights over files are in effect while they are asked for", "[guard]") {
    const std::uint64_t had = set_of_status("CapPrm");
    CHECK(in_child([&] {
              keep_privileges({.asks_kernel = true, .writes_later = true});
              {
                  const FileRights rights;
                  if (set_of_status("CapEff") != (had & (net_admin | dac_override)))
                      return 1;
              }
              return set_of_status("CapEff") == (had & net_admin) ? 0 : 2;
          }) == 0);
    CHECK(in_child([&] {
              keep_privileges({.asks_kernel = true});
              const FileRights none;
              return set_of_status("CapEff") == (had & net_admin) ? 0 : 1;
          }) == 0);
}

TEST_CASE("files: nothing is written, and read is what looking up and drawing takes", "[guard]") {
    const Place place;
    CHECK(error_of_opening({.reads_proc = true}, "/proc/stat", O_RDONLY) == 0);
    CHECK(error_of_opening({}, "/etc/hosts", O_RDONLY) == error_of(access("/etc/hosts", R_OK)));
    CHECK(error_of_opening({}, "/dev/null", O_RDWR) == 0);
    CHECK(error_of_opening({.makes_files = true}, place.other, O_WRONLY | O_CREAT | O_EXCL) == 0);
    if (!has_landlock()) {
        WARN("this kernel has no Landlock: what it denies is not looked at");
        return;
    }
    unlink(place.other.c_str());
    CHECK(error_of_opening({}, place.file, O_RDONLY) == EACCES);
    CHECK(error_of_opening({.makes_files = true}, place.file, O_RDONLY) == EACCES);
    CHECK(error_of_opening({.reads_proc = true}, place.file, O_RDONLY) == EACCES);
    CHECK(error_of_opening({}, "/proc/stat", O_RDONLY) == EACCES);
    CHECK(error_of_opening({.reads_proc = true}, place.file, O_WRONLY) == EACCES);
    CHECK(error_of_opening({.reads_proc = true}, place.other, O_WRONLY | O_CREAT) == EACCES);
    CHECK(in_child([&] {
              keep_privileges({});
              limit_paths({.reads_proc = true, .makes_files = true});
              return error_of(mkdir(place.other.c_str(), 0700));
          }) == EACCES);
    CHECK(in_child([&] {
              const int file = open(place.file.c_str(), O_RDONLY | O_CLOEXEC);
              keep_privileges({});
              limit_paths({});
              char byte = 0;
              return read(file, &byte, 1) == 1 ? 0 : 1; // what is open stays so
          }) == 0);
}

TEST_CASE("files: directories that the environment names can be read", "[guard]") {
    const Place place;
    CHECK(in_child([&] {
              setenv("TERMINFO_DIRS", ("/nonexistent:" + place.directory).c_str(), 1);
              keep_privileges({});
              limit_paths({});
              return open_and_close(place.file.c_str(), O_RDONLY);
          }) == 0);
}
