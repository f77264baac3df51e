// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which container or machine a process is of, by the names that runtimes give to control groups.
// Reads texts, and no file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace natstat {

struct Container {
    enum class Kind : std::uint8_t {
        hashed, // docker, podman, containerd, CRI-O: an id of 64 digits
        named,  // LXC, systemd-nspawn, libvirt: its name
    };
    Kind kind = Kind::hashed;
    std::string id; // or the name
};

/// Of the text of /proc/PID/cgroup (cgroups(7)), either version. The outermost one counts: what is
/// below can have been made by somebody within.
[[nodiscard]] std::optional<Container> container_in(std::string_view cgroups);

} // namespace natstat
