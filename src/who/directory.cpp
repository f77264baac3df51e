// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What each question about an address is answered by.
#include "natstat/who/directory.hpp"

#include "databases.hpp"
#include "network_lists.hpp"
#include "small_file.hpp"
#include "workload_history.hpp"
#include "workload_watch.hpp"

#include "natstat/model/source.hpp"

#include <cstdlib>
#include <optional>
#include <utility>

#include <unistd.h>

namespace natstat {

namespace {

using Complain = std::function<void(std::string_view)>;

constexpr std::size_t most_of_list = std::size_t{64} << 20;

class Directory final : public Who {
  public:
    Directory(Knowledge wanted, const Places& places, const Complain& complain) {
        if (has(wanted, Knowledge::networks))
            read_lists(places, complain);
        if (has(wanted, Knowledge::owners))
            databases_.emplace(places.database_directories, complain);
        if (has(wanted, of_machine)) {
            looks_for_ = wanted;
            if (has(wanted, Knowledge::processes) && access("/proc/1/fd", R_OK) != 0)
                complain("processes of other users are not known: they are root's to see");
            take(look_around_here(wanted));
        }
    }

    [[nodiscard]] Range range(const Address& address) const override {
        return lists_.range(address);
    }
    [[nodiscard]] std::string_view network(const Address& address) const override {
        return lists_.name(address);
    }
    [[nodiscard]] std::string_view owner(const Address& address) const override {
        return text(Database::Field::owner, address);
    }
    [[nodiscard]] std::optional<std::uint32_t> as_number(const Address& address) const override {
        return databases_ ? databases_->as_number(address) : std::nullopt;
    }
    [[nodiscard]] std::string_view country(const Address& address) const override {
        return text(Database::Field::country, address);
    }
    [[nodiscard]] std::string_view workload(const Address& address,
                                            std::optional<Time> began) const override {
        return workloads_.name(address, began);
    }

    [[nodiscard]] std::optional<Process> process(std::uint8_t protocol, const Endpoint& local,
                                                 const Endpoint& remote) const override {
        return processes_.find(protocol, local, remote);
    }

    void refresh() override {
        if (looks_for_ == Knowledge::nothing)
            return;
        if (!watch_)
            watch_.emplace(looks_for_);
        if (auto found = watch_->take())
            take(std::move(*found));
    }

  private:
    void take(WorkloadWatch::Found found) {
        workloads_.update(found.workloads, found.looked);
        processes_ = std::move(found.processes);
    }

    void read_lists(const Places& places, const Complain& complain) {
        std::size_t lists = places.lists.size();
        for (const std::string& directory : places.list_directories)
            for (const std::string& path : files_in(directory, "")) {
                ++lists;
                const auto text = read_small_file(path, most_of_list);
                if (const auto* unread = std::get_if<Unread>(&text))
                    complain("passed over: " + path + ": " + unread->why);
                else
                    take(path, std::get<std::string>(text), complain);
            }
        for (const std::string& path : places.lists) {
            const auto text = read_small_file(path, most_of_list);
            if (const auto* unread = std::get_if<Unread>(&text))
                throw Failure("cannot read networks from " + path + ": " + unread->why);
            take(path, std::get<std::string>(text), complain);
        }
        if (lists == 0)
            complain("networks and services are not known: there is no list of them "
                     "(--networks FILE, or a file in /etc/natstat/networks.d)");
        lists_.finish();
    }

    void take(const std::string& path, const std::string& text, const Complain& complain) {
        if (const std::string wrong = lists_.take(text); !wrong.empty())
            complain("of " + path + " not all is taken: " + wrong);
    }

    [[nodiscard]] std::string_view text(Database::Field field, const Address& address) const {
        return databases_ ? databases_->text(field, address) : std::string_view{};
    }

    NetworkLists lists_;
    std::optional<Databases> databases_;
    WorkloadHistory workloads_;
    Processes processes_;
    Knowledge looks_for_ = Knowledge::nothing;
    std::optional<WorkloadWatch> watch_; // from the first refresh() on
};

} // namespace

std::vector<std::string> database_directories() {
    std::vector<std::string> places{"/usr/share/GeoIP", "/usr/local/share/GeoIP", "/var/lib/GeoIP"};
    const char* const data = std::getenv("XDG_DATA_HOME");
    const char* const home = std::getenv("HOME");
    if (data != nullptr && *data == '/')
        places.push_back(std::string(data) + "/GeoIP");
    else if (home != nullptr && *home == '/')
        places.push_back(std::string(home) + "/.local/share/GeoIP");
    return places;
}

std::vector<DatabaseDate> database_dates(const std::vector<std::string>& directories) {
    return Databases(directories, [](std::string_view) {}).dates();
}

std::unique_ptr<Who> open_directory(Knowledge wanted, const Places& places,
                                    const Complain& complain) {
    return std::make_unique<Directory>(wanted, places, complain);
}

} // namespace natstat
