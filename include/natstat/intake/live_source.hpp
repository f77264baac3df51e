// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The running kernel, followed: its events as they come, and lists in between for what no event
// tells.
#pragma once

#include "natstat/intake/messages.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace natstat {

struct LiveSettings {
    /// Bytes that the kernel may keep for us, about 1,280 for an event; it takes them only while we
    /// are behind.
    std::size_t receive_buffer = std::size_t{128} << 20;
    /// The shortest time from the start of one list to the start of the next.
    std::chrono::nanoseconds period{std::chrono::seconds{1}};
    /// The share of the time that lists may take; a list that takes long comes more seldom. The
    /// consumer's work on them comes on top, so that all of it stays below a tenth of a core.
    double share = 0.05;
    /// Whether the kernel is to tell changes of flows, too. They are most of all events, and each
    /// costs the packet that brings it about; without them there are beginnings, ends and lists.
    bool changes = true;
    /// Otherwise the first one comes when it is asked for.
    bool lists_at_once = true;
    /// The file of the network namespace, where it is one that can be deleted (ip-netns(8)): the
    /// process that is in it keeps it alive, but then it is no longer anybody else's.
    std::string network_namespace{};
};

/// Events of the network namespace that the process is in, from the moment of its construction, and
/// a list at once and then periodically, because flows that began before anybody listened have no
/// events (nf_conntrack_events=2). Lost events are told, and followed by a list.
///
/// Between list_begin and list_end comes each entry after every event that had happened before the
/// kernel looked at it.
class LiveSource : public Source {
  public:
    /// Opens the sockets, the one for events first. `tap`, where there is one, outlives the source
    /// and sees the host's addresses at once. Throws Failure.
    explicit LiveSource(const LiveSettings& settings, Tap* tap = nullptr);
    ~LiveSource() override;

    [[nodiscard]] int fd() const override;
    Progress read(Batch& batch) override;

    /// A list as soon as there is none under way, in place of the next one by the clock; it is of
    /// everything.
    void request_list(const ListQuery& query) override;

    void request_flows(std::span<const Flow> flows) override;

    [[nodiscard]] const std::optional<std::vector<Address>>& local_addresses() const override;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace natstat
