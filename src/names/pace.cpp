// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Counting of look-ups on their way, by the epoch in which they were sent.
#include "natstat/names/pace.hpp"

#include <cassert>

namespace natstat {

void LookUpPace::advance(Time now) {
    const Epoch epoch = now.time_since_epoch() / epoch_length;
    if (epoch <= now_)
        return;
    // The slot that the new epoch takes over belonged to one that is now too old to count.
    young(epoch) = 0;
    if (epoch > now_ + 1)
        young(epoch - 1) = 0;
    now_ = epoch;
}

bool LookUpPace::room() const {
    return all_ < all_max && young_[0] + young_[1] < young_max;
}

LookUpPace::Epoch LookUpPace::sent() {
    ++all_;
    ++young(now_);
    return now_;
}

void LookUpPace::finished(Epoch epoch) {
    assert(all_ > 0);
    --all_;
    if (epoch + 1 >= now_)
        --young(epoch);
}

std::size_t& LookUpPace::young(Epoch epoch) {
    return young_[static_cast<std::size_t>(epoch) % young_.size()];
}

} // namespace natstat
