// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The room names, in the terms of the room table: names for what a view is about to show.
#pragma once

#include "natstat/ask/request.hpp"
#include "natstat/names/host_names.hpp"
#include "natstat/names/service_names.hpp"
#include "natstat/table/layout.hpp"

namespace natstat {

class TableNaming : public Naming {
  public:
    explicit TableNaming(std::chrono::milliseconds patience) : hosts_(patience) {}

    /// Asks for the names of all addresses that this row shows in this layout.
    void want(const Layout& layout, const Row& row);

    /// Waits for what was asked, at most that long.
    void wait(std::chrono::milliseconds deadline) { hosts_.wait(deadline); }

    /// For a view that goes on: see HostNames.
    [[nodiscard]] int fd() const { return hosts_.fd(); }
    bool step() { return hosts_.step(); }

    /// What there is to say about names that did not come; empty for nothing.
    [[nodiscard]] std::string complaint() const;

    [[nodiscard]] std::string_view host(const Address& address) const override {
        return hosts_.name(address);
    }
    [[nodiscard]] std::string_view service(std::uint16_t port,
                                           std::uint8_t protocol) const override {
        return services_.name(port, protocol);
    }

  private:
    HostNames hosts_;
    ServiceNames services_;
};

/// Look-ups for names that the user wrote, in filters and options: each name once, `deadline` for
/// all hosts together. Of services all are known.
[[nodiscard]] WrittenNames written_names(std::chrono::milliseconds deadline);

} // namespace natstat
