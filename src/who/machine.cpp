// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// /proc has the processes, /run/netns the names; which namespace each is of the kernel tells.
#include "machine.hpp"

#include "natstat/intake/network_namespace.hpp"
#include "natstat/model/descriptor.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <span>
#include <utility>

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

/// Some at a time, for a process has no more than 1,024 files open as a rule.
void add_names(LinkedNamespaces& linked, std::span<const std::string> names, Machine& machine) {
    std::vector<Descriptor> files;
    std::vector<std::uint32_t> numbers;
    std::vector<const std::string*> of_numbers;
    for (const std::string& name : names) {
        Descriptor file(open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
        if (file.get() < 0)
            continue;
        numbers.push_back(static_cast<std::uint32_t>(file.get()));
        of_numbers.push_back(&name);
        files.push_back(std::move(file));
    }
    const auto ids = linked.of_files(numbers);
    for (std::size_t i = 0; i < ids.size(); ++i)
        if (ids[i] && machine.linked[*ids[i]].name.empty())
            machine.linked[*ids[i]].name = *of_numbers[i];
}

void add_names(LinkedNamespaces& linked, Machine& machine) {
    constexpr std::size_t at_once = 64;
    const std::vector<std::string> names = network_namespace_names();
    std::span<const std::string> left = names;
    while (!left.empty()) {
        const auto some = left.first(std::min(at_once, left.size()));
        add_names(linked, some, machine);
        left = left.subspan(some.size());
    }
}

} // namespace

Machine look_at_machine() {
    LinkedNamespaces linked;
    Machine machine;
    add_processes(linked, machine);
    add_names(linked, machine);
    machine.here.addresses = linked.own_addresses();
    for (auto& [id, each] : machine.linked)
        each.addresses = linked.addresses(id);
    machine.neighbours = linked.neighbours();
    return machine;
}

} // namespace natstat
