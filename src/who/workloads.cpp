// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A process is asked for no more than its control groups and its name, which anybody may read.
#include "workloads.hpp"

#include "cgroup.hpp"
#include "small_file.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include <sys/stat.h>

namespace natstat {

namespace {

constexpr std::size_t most_of_process = std::size_t{64} << 10;
constexpr std::size_t most_of_leases = std::size_t{32} << 20;

std::optional<std::string> content(const std::string& path, std::size_t most) {
    auto read = read_small_file(path, most);
    auto* const text = std::get_if<std::string>(&read);
    return text != nullptr ? std::optional(std::move(*text)) : std::nullopt;
}

/// Names as container runtimes give them to namespaces that they make.
bool is_generated(std::string_view name) {
    return name.starts_with("cni-") || name.starts_with("netns-");
}

/// Of a container that runs some of the first of these processes.
std::string container_name(const std::vector<std::uint32_t>& processes, ContainerNames& names) {
    constexpr std::size_t most = 8;
    constexpr std::size_t short_id = 12; // as the runtimes show it
    std::string only_id;
    for (std::size_t i = 0; i < std::min(processes.size(), most); ++i) {
        const auto text =
            content("/proc/" + std::to_string(processes[i]) + "/cgroup", most_of_process);
        const auto container = text ? container_in(*text) : std::nullopt;
        if (!container)
            continue;
        if (container->kind == Container::Kind::named)
            return container->id;
        if (auto name = names.name_of(container->id))
            return *name;
        if (only_id.empty())
            only_id = container->id.substr(0, short_id);
    }
    return only_id;
}

/// What its first process is called.
std::string command_name(const std::vector<std::uint32_t>& processes) {
    for (const std::uint32_t process : processes)
        if (auto text = content("/proc/" + std::to_string(process) + "/comm", most_of_process)) {
            if (text->ends_with('\n'))
                text->pop_back();
            return *text;
        }
    return {};
}

std::string name_of(const Inhabited& each, ContainerNames& names) {
    if (!each.name.empty() && !is_generated(each.name))
        return each.name;
    std::string name = container_name(each.processes, names);
    if (name.empty())
        name = each.name;
    return name.empty() ? command_name(each.processes) : name;
}

/// A second one that is called otherwise is named behind the first.
void claim(Workloads& workloads, const Address& address, const std::string& name) {
    std::string& all = workloads[address];
    if (all.empty())
        all = name;
    else if (all != name)
        all += ", " + name;
}

void add_leases(const Machine& machine, const std::string& root, Workloads& workloads) {
    for (auto& [address, name] : read_leases(root))
        workloads.try_emplace(address, name);
    const auto text = content(root + "/etc/ethers", most_of_leases);
    const auto ethers = text ? parse_ethers(*text) : std::map<Mac, std::string>{};
    for (const auto& [address, mac] : machine.neighbours) {
        const auto known = ethers.find(mac);
        workloads.try_emplace(address, known == ethers.end() ? to_text(mac) : known->second);
    }
}

/// Where everybody can write, a file of root's alone is a server's.
bool is_roots(const std::string& path) {
    struct stat about {};
    return lstat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode) && about.st_uid == 0;
}

} // namespace

Workloads name_workloads(const Machine& machine, const std::string& root) {
    ContainerNames names(root);
    Workloads workloads;
    for (const auto& [id, each] : machine.linked)
        if (const std::string name = name_of(each, names); !name.empty())
            for (const Address& address : each.addresses)
                claim(workloads, address, name);
    add_leases(machine, root, workloads);
    return workloads;
}

LeasedNames read_leases(const std::string& root) {
    constexpr struct {
        const char* path;
        void (*take)(std::string_view text, LeasedNames& names);
    } files[] = {{"/var/lib/misc/dnsmasq.leases", take_dnsmasq_leases},
                 {"/var/lib/dnsmasq/dnsmasq.leases", take_dnsmasq_leases},
                 {"/tmp/dhcp.leases", take_dnsmasq_leases},
                 {"/var/lib/dhcp/dhcpd.leases", take_isc_leases},
                 {"/var/lib/dhcp/dhcpd6.leases", take_isc_leases},
                 {"/var/lib/dhcpd/dhcpd.leases", take_isc_leases},
                 {"/var/lib/dhcpd/dhcpd6.leases", take_isc_leases},
                 {"/var/lib/kea/kea-leases4.csv", take_kea_leases},
                 {"/var/lib/kea/kea-leases6.csv", take_kea_leases}};
    LeasedNames names;
    for (const auto& file : files) {
        const std::string path = root + file.path;
        if (std::string_view(file.path).starts_with("/tmp/") && !is_roots(path))
            continue;
        if (const auto text = content(path, most_of_leases))
            file.take(*text, names);
    }
    for (const std::string& path : files_in(root + "/var/lib/libvirt/dnsmasq", ".status"))
        if (const auto text = content(path, most_of_leases))
            take_libvirt_leases(*text, names);
    return names;
}

} // namespace natstat
