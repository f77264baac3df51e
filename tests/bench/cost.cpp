// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// natstat-cost: runs one command and says what it cost, as one line of JSON. The kernel counts the
// peak memory of a program from the process that started it: so this has to be a small one. It
// measures one run and judges nothing.

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>

namespace {

constexpr const char* usage_text = R"(usage: natstat-cost OUTPUT COMMAND [ARGUMENT...]
Runs COMMAND with its standard output to the file OUTPUT and prints wall, user and system seconds,
peak memory in KiB and the exit code (128 and the signal for one that was killed).
)";

int fail(const char* doing, const char* what, int error) {
    std::fprintf(stderr, "natstat-cost: %s %s: %s\n", doing, what, std::strerror(error));
    return 1;
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

int spawn(pid_t& child, int output, char** command) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    const int error = posix_spawnp(&child, command[0], &actions, nullptr, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int measure(int output, char** command) {
    pid_t child = 0;
    const auto start = std::chrono::steady_clock::now();
    if (const int error = spawn(child, output, command); error != 0)
        return fail("cannot run", command[0], error);
    int status = 0;
    rusage usage{};
    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR)
            return fail("cannot wait for", command[0], errno);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    std::printf("{\"wall\": %.6f, \"user\": %.6f, \"system\": %.6f, \"peak_kib\": %ld, "
                "\"exit\": %d}\n",
                wall.count(), seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss,
                WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fputs(usage_text, stderr);
        return 2;
    }
    const int output = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (output < 0)
        return fail("cannot open", argv[1], errno);
    return measure(output, argv + 2);
}
