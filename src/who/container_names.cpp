// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Where the runtimes keep their files is written in each one's documentation; data-root of Docker's
// daemon.json is heeded.
#include "container_names.hpp"

#include "json_texts.hpp"
#include "small_file.hpp"

#include <array>
#include <filesystem>
#include <variant>
#include <vector>

namespace natstat {

namespace {

constexpr std::size_t most_of_one = std::size_t{4} << 20;
constexpr std::size_t most_of_all = std::size_t{32} << 20;
constexpr std::size_t id_length = 64;

bool is_path(std::span<const std::string> names, std::initializer_list<std::string_view> path) {
    return std::equal(names.begin(), names.end(), path.begin(), path.end());
}

std::optional<std::string> content(std::variant<std::string, Unread> read) {
    auto* const text = std::get_if<std::string>(&read);
    return text != nullptr ? std::optional(std::move(*text)) : std::nullopt;
}

/// The values of these members; those that are not there are empty.
template <std::size_t count>
std::array<std::string, count>
members(std::string_view json,
        const std::array<std::initializer_list<std::string_view>, count>& paths) {
    std::array<std::string, count> found;
    for_each_text(json,
                  [&](std::span<const std::string> names, std::size_t, std::string_view value) {
                      for (std::size_t i = 0; i < count; ++i)
                          if (is_path(names, paths[i]) && found[i].empty())
                              found[i] = value;
                  });
    return found;
}

} // namespace

std::string shown_container_name(std::string_view name) {
    if (!name.starts_with("k8s_"))
        return std::string(name);
    std::vector<std::string_view> parts;
    for (std::string_view left = name;;) {
        const std::size_t end = left.find('_');
        parts.push_back(left.substr(0, end));
        if (end == std::string_view::npos)
            break;
        left.remove_prefix(end + 1);
    }
    constexpr std::size_t pod = 2, space = 3, least = 5;
    if (parts.size() < least || parts[pod].empty() || parts[space].empty())
        return std::string(name);
    return std::string(parts[space]) + "/" + std::string(parts[pod]);
}

ContainerNames::ContainerNames(std::string root) : root_(std::move(root)) {
    read_docker_directory();
    read_storage("/var/lib/containers/storage/overlay-containers/containers.json");
    read_storage("/var/lib/containers/storage/vfs-containers/containers.json");
    read_pod_logs();
}

void ContainerNames::read_docker_directory() {
    docker_ = root_ + "/var/lib/docker";
    if (const auto text =
            content(read_small_file(root_ + "/etc/docker/daemon.json", most_of_one))) {
        const auto [data_root] = members<1>(*text, {{{"data-root"}}});
        if (data_root.starts_with('/'))
            docker_ = root_ + data_root;
    }
    docker_ += "/containers";
}

/// POD_NAMESPACE_CONTAINER-ID.log, links of the kubelet to logs.
void ContainerNames::read_pod_logs() {
    std::error_code error;
    constexpr std::string_view ending = ".log";
    for (std::filesystem::directory_iterator file(root_ + "/var/log/containers", error), end;
         !error && file != end; file.increment(error)) {
        const std::string name = file->path().filename().string();
        const std::size_t tail = id_length + ending.size() + 1;
        const std::size_t pod = name.find('_');
        const std::size_t space = name.find('_', pod + 1);
        if (!name.ends_with(ending) || name.size() <= tail || name[name.size() - tail] != '-' ||
            pod == std::string::npos || space >= name.size() - tail)
            continue;
        names_[name.substr(name.size() - tail + 1, id_length)] =
            name.substr(pod + 1, space - pod - 1) + "/" + name.substr(0, pod);
    }
}

/// podman and CRI-O: an array of objects with an id and names.
void ContainerNames::read_storage(const char* path) {
    const auto text = content(read_small_file(root_ + path, most_of_all));
    if (!text)
        return;
    struct Entry {
        std::string id, name;
    };
    std::vector<Entry> entries;
    for_each_text(*text, [&](std::span<const std::string> names, std::size_t element,
                             std::string_view value) {
        entries.resize(std::max(entries.size(), element + 1));
        if (is_path(names, {"id"}))
            entries[element].id = value;
        if (is_path(names, {"names"}) && entries[element].name.empty())
            entries[element].name = value;
    });
    for (Entry& entry : entries)
        if (!entry.id.empty() && !entry.name.empty())
            names_[entry.id] = shown_container_name(entry.name);
}

std::optional<std::string> ContainerNames::docker_name(const std::string& id) const {
    const auto text = content(read_beneath(docker_, id + "/config.v2.json", most_of_one));
    if (!text)
        return std::nullopt;
    const auto [name] = members<1>(*text, {{{"Name"}}});
    const std::string_view bare = std::string_view(name).substr(name.starts_with('/') ? 1 : 0);
    return bare.empty() ? std::nullopt : std::optional(shown_container_name(bare));
}

std::optional<std::string> ContainerNames::sandbox_name(const std::string& id) const {
    const auto text =
        content(read_beneath(root_ + "/run/containerd/io.containerd.runtime.v2.task/k8s.io",
                             id + "/config.json", most_of_one));
    if (!text)
        return std::nullopt;
    const auto [pod, space] =
        members<2>(*text, {{{"annotations", "io.kubernetes.cri.sandbox-name"},
                            {"annotations", "io.kubernetes.cri.sandbox-namespace"}}});
    return pod.empty() || space.empty() ? std::nullopt : std::optional(space + "/" + pod);
}

std::optional<std::string> ContainerNames::name_of(const std::string& id) {
    if (const auto known = names_.find(id); known != names_.end())
        return known->second;
    auto name = docker_name(id);
    if (!name)
        name = sandbox_name(id);
    if (name)
        names_[id] = *name;
    return name;
}

} // namespace natstat
