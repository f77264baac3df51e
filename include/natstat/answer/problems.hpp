// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What --diagnose would find, for the metrics: at each list the findings of the time since the one
// before, or of a single look.
#pragma once

#include "natstat/diagnose/ailment.hpp"
#include "natstat/model/source.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace natstat {

class Problems {
  public:
    /// `around` outlives it, and is kept up to date by who has it.
    Problems(const Surroundings& around, bool of_kernel) : around_(around), of_kernel_(of_kernel) {}

    /// From now on beginnings and ends are told, so that it is known what waits since when.
    void watch();
    /// An event that is none of a list.
    void take(const Event& event, const Extras& extras);

    /// A list begins anew.
    void clear() { watch_->clear_list(); }
    /// A flow of the list.
    void add(const Row& row) { watch_->add(row, true); }
    /// The list has ended: what there is to be found. Where it watches, that is what the last watch
    /// found that was long enough, and then it begins to watch anew; before the first one it is
    /// what one look tells.
    [[nodiscard]] std::vector<AilmentCount> count();

    /// A watch lasts so long at least, longer than an answer may take.
    static constexpr std::chrono::seconds shortest{5};

  private:
    [[nodiscard]] std::vector<AilmentCount> look(std::chrono::duration<double> length);

    const Surroundings& around_;
    bool of_kernel_;
    std::optional<Watch> watch_{around_};
    std::optional<Health> before_;                                // the watch
    std::vector<AilmentCount> last_;                              // of a watch
    std::optional<std::chrono::steady_clock::time_point> opened_; // absent: nothing is watched
};

} // namespace natstat
