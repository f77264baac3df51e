// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Only what is shown is looked up.
#include "naming.hpp"

#include <memory>

namespace natstat {

void TableNaming::want(const Layout& layout, const Row& row) {
    for (const ShownColumn& shown : layout) {
        if (shown.column->kind != Kind::endpoint && shown.column->kind != Kind::address)
            continue;
        const Value value = shown.column->get(row);
        if (const auto* place = std::get_if<Place>(&value))
            hosts_.want(place->endpoint.address);
        else if (const auto* address = std::get_if<Address>(&value))
            hosts_.want(*address);
    }
}

std::string TableNaming::complaint() const {
    const std::string trouble = hosts_.trouble();
    if (!trouble.empty())
        return "no host names: " + trouble + " (-n shows addresses at once)";
    const std::size_t missing = hosts_.unanswered();
    return missing == 0 ? std::string()
                        : "no answer in time for " + std::to_string(missing) +
                              " addresses, shown as numbers (--name-timeout waits longer)";
}

FilterNames filter_names(std::chrono::milliseconds deadline) {
    const auto services = std::make_shared<ServiceNames>();
    return {[deadline](std::string_view name) { return resolve(name, deadline); },
            [services](std::string_view name, std::uint8_t protocol) {
                return services->ports(name, protocol);
            }};
}

} // namespace natstat
