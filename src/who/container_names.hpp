// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The names of containers by their ids, out of the files of their runtimes: Docker, podman, CRI-O,
// containerd and the kubelet. No runtime is asked. A container chooses neither the paths nor, but
// for its annotations, what is in the files; no symbolic link below the runtimes' directories is
// followed, and of no file more than a few megabytes is read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace natstat {

class ContainerNames {
  public:
    /// `root`: what the paths begin with; empty but in tests. Reads what has all containers in one.
    explicit ContainerNames(std::string root = {});

    /// "shop-api", and of a pod "namespace/pod"; absent where no file tells it.
    [[nodiscard]] std::optional<std::string> name_of(const std::string& id);

  private:
    void read_pod_logs();
    void read_storage(const char* path);
    void read_docker_directory();
    [[nodiscard]] std::optional<std::string> docker_name(const std::string& id) const;
    [[nodiscard]] std::optional<std::string> sandbox_name(const std::string& id) const;

    std::string root_;
    std::string docker_; // its directory of containers
    std::map<std::string, std::string, std::less<>> names_;
};

/// "k8s_CONTAINER_POD_NAMESPACE_UID_0" is "NAMESPACE/POD"; any other name is what it is.
[[nodiscard]] std::string shown_container_name(std::string_view name);

} // namespace natstat
