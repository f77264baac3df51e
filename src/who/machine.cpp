// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// /proc has the processes, /run/netns the names; which namespace each is of the kernel tells.
#include "machine.hpp"

#include "natstat/intake/host.hpp"
#include "natstat/intake/network_namespace.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

namespace natstat {

namespace {

std::vector<std::uint32_t> all_processes() {
    std::vector<std::uint32_t> processes;
    std::error_code error;
    for (std::filesystem::directory_iterator file("/proc", error), end; !error && file != end;
         file.increment(error)) {
        const std::string name = file->path().filename().string();
        std::uint32_t process = 0;
        const auto [last, wrong] = std::from_chars(name.data(), name.data() + name.size(), process);
        if (wrong == std::errc{} && last == name.data() + name.size())
            processes.push_back(process);
    }
    std::sort(processes.begin(), processes.end());
    return processes;
}

void add_processes(LinkedNamespaces& linked, Machine& machine) {
    const std::vector<std::uint32_t> processes = all_processes();
    const auto ids = linked.of_processes(processes);
    for (std::size_t i = 0; i < processes.size(); ++i)
        (ids[i] ? machine.linked[*ids[i]] : machine.here).processes.push_back(processes[i]);
}

void add_names(LinkedNamespaces& linked, Machine& machine) {
    for (const std::string& name : network_namespace_names()) {
        const int file = open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (file < 0)
            continue;
        const auto id = linked.of_file(file);
        close(file);
        if (id && machine.linked[*id].name.empty())
            machine.linked[*id].name = name;
    }
}

} // namespace

Machine look_at_machine() {
    LinkedNamespaces linked;
    Machine machine;
    add_processes(linked, machine);
    add_names(linked, machine);
    machine.here.addresses = local_addresses();
    for (auto& [id, each] : machine.linked)
        each.addresses = linked.addresses(id);
    machine.neighbours = linked.neighbours();
    return machine;
}

} // namespace natstat
