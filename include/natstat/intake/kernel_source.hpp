// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Flows from the running kernel, over ctnetlink.
#pragma once

#include "natstat/model/source.hpp"

#include <memory>

namespace natstat {

/// Lists the conntrack table of the network namespace that the process is in.
class KernelSource : public Source {
  public:
    /// Opens the socket; nothing is asked yet. Throws Failure when there is no such socket.
    KernelSource();
    ~KernelSource() override;

    [[nodiscard]] int fd() const override;
    Progress read(Batch& batch) override;

    /// One dump for each condition, one after the other. What the kernel can not check it is not
    /// asked for; read() leaves out what an earlier condition has brought already.
    void request_list(const ListQuery& query) override;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace natstat
