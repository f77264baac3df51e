// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The end of flows that the user of the live view chose and confirmed: some at a time, so that keys
// are answered meanwhile.
#pragma once

#include "natstat/model/flow.hpp"

#include <functional>
#include <string>
#include <vector>

namespace natstat {

class Removing {
  public:
    /// Deletes a flow; the kernel's error number, or 0.
    using Remove = std::function<int(const Flow&)>;
    explicit Removing(Remove remove) : remove_(std::move(remove)) {}

    [[nodiscard]] bool is_busy() const { return next_ < flows_.size(); }
    /// These are next, once those before them are through.
    void start(std::vector<Flow> flows);
    /// Deletes some more, and says how it went so far; empty where there was nothing to do.
    std::string step();

  private:
    void remove(const Flow& flow);
    [[nodiscard]] std::string told() const;

    Remove remove_;
    std::vector<Flow> flows_;
    std::size_t next_ = 0;
    std::size_t deleted_ = 0, ended_ = 0, nameless_ = 0;
    int error_ = 0; // the one that stopped it
};

} // namespace natstat
