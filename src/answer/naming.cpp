// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Only what is shown is looked up.
#include "natstat/answer/naming.hpp"

#include "natstat/intake/label_names.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

namespace natstat {

void TableNaming::want(const Layout& layout, const Row& row) {
    for (const ShownColumn& shown : layout) {
        if (shown.column->kind != Kind::endpoint && shown.column->kind != Kind::address &&
            shown.column->kind != Kind::holders)
            continue;
        const Value value = shown.column->get(row);
        if (const auto* place = std::get_if<Place>(&value))
            hosts_.want(place->endpoint.address);
        else if (const auto* address = std::get_if<Address>(&value))
            hosts_.want(*address);
        else if (const auto* holders = std::get_if<Holders>(&value))
            for (const Holder& each : holders->all->biggest())
                if (each.workload.empty())
                    hosts_.want(each.address);
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

WrittenNames written_names(std::chrono::milliseconds deadline) {
    using Clock = std::chrono::steady_clock;
    struct Asked {
        std::optional<Clock::time_point> end; // of all questions together; from the first one on
        std::map<std::string, std::vector<Address>, std::less<>> answers;
        ServiceNames services;
    };
    const auto asked = std::make_shared<Asked>();
    const auto known = [asked](std::string_view name) {
        const auto found = asked->answers.find(name);
        return found == asked->answers.end() ? std::vector<Address>{} : found->second;
    };
    const auto host = [deadline, asked](std::string_view name) {
        const auto found = asked->answers.find(name);
        if (found != asked->answers.end())
            return found->second;
        if (!asked->end)
            asked->end = Clock::now() + deadline;
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(*asked->end - Clock::now());
        return asked->answers[std::string(name)] = resolve(name, std::max(left, left.zero()));
    };
    const auto service = [asked](std::string_view name, std::uint8_t protocol) {
        return asked->services.ports(name, protocol);
    };
    const LabelNames labels = label_names();
    return {{host, service, labels}, {known, service, labels}};
}

} // namespace natstat
