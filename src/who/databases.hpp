// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The databases of this machine, of which each answers what it knows best.
#pragma once

#include "database.hpp"

#include "natstat/model/health.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace natstat {

class Databases {
  public:
    using Complain = std::function<void(std::string_view)>;

    /// All that lie in these directories. `complain` hears what is missing, broken or old.
    Databases(const std::vector<std::string>& directories, const Complain& complain);

    /// Of all that could be opened, in the order of directories and names.
    [[nodiscard]] std::vector<DatabaseDate> dates() const;

    /// Empty where nothing is known. It lives as long as this.
    [[nodiscard]] std::string_view text(Database::Field field, const Address& address) const;
    [[nodiscard]] std::optional<std::uint32_t> as_number(const Address& address) const;

  private:
    void open(const std::string& path, const Complain& complain);
    void say_ages(const Complain& complain) const;
    [[nodiscard]] const Database* best(Database::Field field) const {
        return best_[static_cast<std::size_t>(field)];
    }

    std::vector<std::unique_ptr<Database>> all_;
    std::array<const Database*, Database::fields> best_{}; // null: none has the field
};

} // namespace natstat
