// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

#include "natstat/answer/removing.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace natstat {

void Removing::start(std::vector<Flow> flows) {
    if (!is_busy()) {
        flows_ = std::move(flows);
        next_ = deleted_ = ended_ = nameless_ = 0;
        error_ = 0;
        return;
    }
    flows_.insert(flows_.end(), flows.begin(), flows.end());
}

std::string Removing::step() {
    constexpr std::size_t at_once = 64; // some milliseconds
    if (!is_busy())
        return {};
    const std::size_t end = std::min(flows_.size(), next_ + at_once);
    while (next_ < end)
        remove(flows_[next_++]);
    return told();
}

/// What stands in the way of one flow alone stops nothing.
void Removing::remove(const Flow& flow) {
    const int error = remove_(flow);
    deleted_ += error == 0 ? 1 : 0;
    ended_ += error == ENOENT ? 1 : 0;
    nameless_ += error == EPROTONOSUPPORT ? 1 : 0;
    if (error == 0 || error == ENOENT || error == EPROTONOSUPPORT)
        return;
    error_ = error;
    next_ = flows_.size();
}

std::string Removing::told() const {
    constexpr const char* nameless = "this libnetfilter_conntrack can not name";
    const std::string failed = error_ == 0 ? "" : std::string(": ") + std::strerror(error_);
    if (flows_.size() == 1) {
        std::string text = deleted_ != 0 ? "deleted" : "not deleted";
        if (ended_ != 0)
            text += ": it has ended already";
        if (nameless_ != 0)
            text.append(": ").append(nameless).append(" flows of the protocol");
        return text + failed;
    }
    std::string text =
        "deleted " + std::to_string(deleted_) + " of " + std::to_string(flows_.size());
    if (ended_ != 0)
        text += ", " + std::to_string(ended_) + " had ended already";
    if (nameless_ != 0)
        text += ", " + std::to_string(nameless_) + " " + nameless;
    return text + failed;
}

} // namespace natstat
