// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Of several databases that have a field the one that was made last is asked, and no other.
#include "databases.hpp"

#include "small_file.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// What is older has a word said of it: addresses change hands, some hundreds of networks a day.
constexpr std::chrono::hours old_age{24 * 180};

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

} // namespace

Databases::Databases(const std::vector<std::string>& directories, const Complain& complain) {
    std::size_t found = 0;
    for (const std::string& directory : directories)
        for (const std::string& path : files_in(directory, ".mmdb")) {
            ++found;
            open(path, complain);
        }
    if (found == 0)
        complain("owners and countries are not known: no database (*.mmdb) in " +
                 joined(directories));
    for (std::size_t field = 0; field < best_.size(); ++field)
        for (const auto& each : all_)
            if (each->has(static_cast<Database::Field>(field)) &&
                (best_[field] == nullptr || each->built() > best_[field]->built()))
                best_[field] = each.get();
    say_ages(complain);
}

void Databases::open(const std::string& path, const Complain& complain) {
    try {
        all_.push_back(std::make_unique<Database>(path));
    } catch (const Failure& failure) {
        complain("passed over: " + path + ": " + failure.what());
    }
}

void Databases::say_ages(const Complain& complain) const {
    const auto now = std::chrono::system_clock::now();
    for (const auto& each : all_) {
        const bool is_asked = std::find(best_.begin(), best_.end(), each.get()) != best_.end();
        const auto age = std::chrono::duration_cast<std::chrono::hours>(now - each->built());
        if (is_asked && age > old_age)
            complain("the database " + std::string(each->type()) + " is " +
                     std::to_string(age.count() / 24) +
                     " days old: owners and countries of addresses have changed since");
    }
}

std::vector<DatabaseDate> Databases::dates() const {
    std::vector<DatabaseDate> dates;
    for (const auto& each : all_)
        dates.push_back({std::string(each->type()), each->built()});
    return dates;
}

std::string_view Databases::text(Database::Field field, const Address& address) const {
    const Database* const database = best(field);
    return database == nullptr ? std::string_view{} : database->text(field, address);
}

std::optional<std::uint32_t> Databases::as_number(const Address& address) const {
    const Database* const database = best(Database::Field::as_number);
    return database == nullptr ? std::nullopt : database->as_number(address);
}

} // namespace natstat
