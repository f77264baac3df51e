// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Steps for a log, and a log in a directory that goes with the test. It checks nothing.
#pragma once

#include "directory.hpp"
#include "log/days.hpp"
#include "make_flow.hpp"

#include <sys/stat.h>

namespace natstat::test {

inline const Time noon{std::chrono::sys_days{std::chrono::year{2026} / 3 / 3} +
                       std::chrono::hours{12}};

/// A translation of 198.51.100.1, a flow of its own for each port.
inline Flow snat(std::uint16_t port = 18927) {
    const auto source = std::to_string(port == 18927 ? 40000 : port);
    return MakeFlow("tcp", "10.0.0.5:" + source, "203.0.113.10:443")
        .reply("203.0.113.10:443", "198.51.100.1:" + std::to_string(port))
        .up(3, 300)
        .down(4, 4000);
}

inline log::Step step(TransitionKind kind, Time time, const Flow& flow = Flow{}) {
    log::Step made;
    made.kind = kind;
    made.time = time;
    made.flow = flow;
    if (kind == TransitionKind::ended)
        made.ending = Ending::closed;
    if (!is_of_flow(kind) && kind != TransitionKind::lost)
        made.run = noon;
    return made;
}

class Log {
  public:
    explicit Log(const Directory& directory, const log::Keep& keep = {}) {
        chmod(directory.path().c_str(), 0750);
        days_.emplace(log::Settings{directory.path(), "--snat", keep});
    }

    void write(const std::vector<log::Step>& steps) { days_->write(steps, steps.back().time); }
    log::Days& operator*() { return *days_; }

  private:
    std::optional<log::Days> days_;
};

} // namespace natstat::test
