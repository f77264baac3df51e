// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// With systemd's driver a container is a scope (docker-ID.scope), with the other one a directory
// (/docker/ID).
#include "cgroup.hpp"

#include "natstat/model/utf8.hpp"

#include <algorithm>
#include <array>

namespace natstat {

namespace {

constexpr std::size_t id_length = 64;

bool is_id(std::string_view text) {
    return text.size() == id_length &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix))
        return false;
    text.remove_suffix(suffix.size());
    return true;
}

/// Within the name of a unit \x2d stands for a dash (systemd.unit(5)).
std::optional<Container> named(std::string_view name) {
    if (name.empty())
        return std::nullopt;
    return Container{Container::Kind::named, unescaped(name)};
}

/// A part of a path by itself.
std::optional<Container> by_itself(std::string_view part) {
    std::string_view name = part;
    if (take_prefix(name, "lxc.payload."))
        return named(name);
    if (take_prefix(name, "systemd-nspawn@") && take_suffix(name, ".service"))
        return named(name);
    name = part;
    if (take_prefix(name, "machine-") && take_suffix(name, ".scope"))
        return named(name);
    name = part;
    if (!take_suffix(name, ".scope"))
        return std::nullopt;
    for (const std::string_view runtime : {"docker-", "libpod-", "crio-", "cri-containerd-"})
        if (std::string_view id = name; take_prefix(id, runtime) && is_id(id))
            return Container{Container::Kind::hashed, std::string(id)};
    return std::nullopt;
}

/// A part that tells it together with the one before it.
std::optional<Container> below(std::string_view before, std::string_view part) {
    if (before == "lxc" || before == "lxc.payload")
        return named(part);
    for (const std::string_view runtime : {"libpod-", "crio-"})
        if (std::string_view id = part; take_prefix(id, runtime) && is_id(id))
            return Container{Container::Kind::hashed, std::string(id)};
    const bool holds = before == "docker" || before == "libpod_parent" ||
                       before.starts_with("pod") || before.starts_with("kubepods");
    return holds && is_id(part)
               ? std::optional(Container{Container::Kind::hashed, std::string(part)})
               : std::nullopt;
}

std::optional<Container> container_of(std::string_view path) {
    std::string_view before;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, end);
        path.remove_prefix(std::min(end + 1, path.size()));
        if (auto found = by_itself(part))
            return found;
        if (auto found = below(before, part))
            return found;
        before = part;
    }
    return std::nullopt;
}

} // namespace

std::optional<Container> container_in(std::string_view cgroups) {
    while (!cgroups.empty()) {
        const std::size_t end = std::min(cgroups.find('\n'), cgroups.size());
        const std::string_view line = cgroups.substr(0, end);
        cgroups.remove_prefix(std::min(end + 1, cgroups.size()));
        const std::size_t path = line.find(":/"); // behind the hierarchy and its controllers
        if (path == std::string_view::npos)
            continue;
        if (auto found = container_of(line.substr(path + 2)))
            return found;
    }
    return std::nullopt;
}

} // namespace natstat
