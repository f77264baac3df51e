// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// /proc/PID/fd has a link socket:[INODE] for each socket that a process has open (proc(5)). Of
// several processes that share one it is the first.
#include "processes.hpp"

#include "small_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <utility>
#include <variant>

#include <unistd.h>

namespace natstat {

namespace {

std::string path_of(std::uint32_t process, const char* file) {
    return "/proc/" + std::to_string(process) + file;
}

std::string command_of(std::uint32_t process) {
    constexpr std::size_t most = 4096;
    auto read = read_small_file(path_of(process, "/comm"), most);
    auto* const text = std::get_if<std::string>(&read);
    if (text == nullptr)
        return {};
    if (text->ends_with('\n'))
        text->pop_back();
    return std::move(*text);
}

/// The inode in "socket:[INODE]"; absent where the link is another one.
std::optional<std::uint32_t> inode_in(std::string_view link) {
    constexpr std::string_view before = "socket:[";
    if (!link.starts_with(before) || !link.ends_with(']'))
        return std::nullopt;
    const char* const last = link.data() + link.size() - 1;
    std::uint32_t inode = 0;
    const auto [end, error] = std::from_chars(link.data() + before.size(), last, inode);
    return error == std::errc{} && end == last ? std::optional(inode) : std::nullopt;
}

template <typename Take>
void each_socket(std::uint32_t process, Take&& take) {
    std::error_code error;
    std::array<char, 64> link{};
    for (std::filesystem::directory_iterator file(path_of(process, "/fd"), error), end;
         !error && file != end; file.increment(error)) {
        const ssize_t size = readlink(file->path().c_str(), link.data(), link.size());
        if (size <= 0)
            continue;
        if (const auto inode = inode_in({link.data(), static_cast<std::size_t>(size)}))
            take(*inode);
    }
}

bool is_any(const Address& address) {
    return std::all_of(address.bytes.begin(), address.bytes.end(),
                       [](std::uint8_t byte) { return byte == 0; });
}

/// The file of the namespace, by the first of its processes that is still there and may be looked
/// into; empty: by none.
std::string file_of(const Inhabited& there) {
    for (const std::uint32_t process : there.processes)
        if (std::string path = path_of(process, "/ns/net"); access(path.c_str(), R_OK) == 0)
            return path;
    return {};
}

} // namespace

Processes::Processes(const Machine& machine) {
    std::vector<const Inhabited*> all{&machine.here};
    std::vector<std::string> files{""};
    for (const auto& [id, each] : machine.linked)
        if (std::string file = file_of(each); !file.empty()) {
            all.push_back(&each);
            files.push_back(std::move(file));
        }
    const auto sockets = sockets_in(files);
    Owners owners;
    for (const Inhabited* each : all)
        for (const std::uint32_t process : each->processes)
            each_socket(process, [&](std::uint32_t inode) {
                if (!owners.contains(inode))
                    owners.emplace(inode, Owner{process, command_of(process)});
            });
    for (std::size_t i = 0; i < sockets.size(); ++i)
        for (const OpenSocket& socket : sockets[i])
            add(socket, *all[i], owners);
}

Processes::Key Processes::key_of(std::uint8_t protocol, const Endpoint& local,
                                 const Endpoint& remote) {
    Key key(1, static_cast<char>(protocol));
    for (const Endpoint* end : {&local, &remote}) {
        key += static_cast<char>(end->address.family);
        key.append(reinterpret_cast<const char*>(end->address.bytes.data()),
                   end->address.bytes.size());
        const std::uint16_t port = end->port.value_or(0);
        key += {static_cast<char>(port >> 8), static_cast<char>(port & 0xFF)};
    }
    return key;
}

void Processes::add(const OpenSocket& socket, const Inhabited& there, const Owners& owners) {
    const auto owner = owners.find(socket.inode);
    if (owner == owners.end()) // one that may not be looked into, or the kernel itself
        return;
    const std::size_t number = owners_.size();
    owners_.push_back(owner->second);
    const bool is_connected = socket.remote.port.value_or(0) != 0;
    const Endpoint remote = is_connected ? socket.remote : Endpoint{};
    if (!is_any(socket.local.address)) {
        sockets_.try_emplace(key_of(socket.protocol, socket.local, remote), number);
        return;
    }
    const bool only_four = socket.local.address.family == Family::ipv4;
    for (const Address& address : there.addresses) // "::" is of both families, as a rule
        if (!only_four || address.family == Family::ipv4)
            sockets_.try_emplace(key_of(socket.protocol, {address, socket.local.port}, remote),
                                 number);
}

std::optional<Who::Process> Processes::find(std::uint8_t protocol, const Endpoint& local,
                                            const Endpoint& remote) const {
    auto found = sockets_.find(key_of(protocol, local, remote));
    if (found == sockets_.end())
        found = sockets_.find(key_of(protocol, local, {}));
    if (found == sockets_.end())
        return std::nullopt;
    const Owner& owner = owners_[found->second];
    return Who::Process{owner.name, owner.process};
}

} // namespace natstat
