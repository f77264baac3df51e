// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The statistics that a driver has of its interface, through the ethtool ioctl. An interface that
// does not answer, or whose answers do not fit each other, has no allowances.
#include "descriptor.hpp"

#include "natstat/intake/health.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace natstat {

namespace {

static_assert(name_size == ETH_GSTRING_LEN);

/// One interface that is asked.
class Driver {
  public:
    Driver(int socket, const char* interface) : socket_(socket) {
        std::strncpy(request_.ifr_name, interface, sizeof request_.ifr_name - 1);
    }

    /// Fills `message`, whose first word is the command.
    bool ask(void* message) {
        request_.ifr_data = static_cast<char*>(message);
        return ioctl(socket_, SIOCETHTOOL, &request_) == 0;
    }

  private:
    int socket_;
    ifreq request_{};
};

/// A message of ethtool's with `size` bytes behind its head, zeros at first, aligned for numbers.
template <typename Head>
class Message {
  public:
    explicit Message(std::uint32_t command, std::size_t size)
        : words_((sizeof(Head) + size) / sizeof(std::uint64_t) + 1) {
        head().cmd = command;
    }
    Head& head() { return *reinterpret_cast<Head*>(words_.data()); }
    const char* data() { return reinterpret_cast<const char*>(words_.data()) + sizeof(Head); }

  private:
    std::vector<std::uint64_t> words_;
};

std::uint32_t count_statistics(Driver& driver) {
    Message<ethtool_sset_info> message(ETHTOOL_GSSET_INFO, sizeof(std::uint32_t));
    message.head().sset_mask = std::uint64_t{1} << ETH_SS_STATS;
    if (!driver.ask(&message.head()) || message.head().sset_mask == 0)
        return 0;
    std::uint32_t count = 0;
    std::memcpy(&count, message.data(), sizeof count);
    return count;
}

std::optional<Allowances> ask_driver(int socket, const char* interface) {
    Driver driver(socket, interface);
    constexpr std::uint32_t most = 65536; // more is no driver's idea
    const std::uint32_t count = count_statistics(driver);
    if (count == 0 || count > most)
        return std::nullopt;
    // The kernel writes as many as there are by then, whatever room was told; a driver has more
    // when its number of queues grows meanwhile.
    const std::size_t room = std::size_t{2} * count + 1024;
    Message<ethtool_gstrings> names(ETHTOOL_GSTRINGS, room * name_size);
    names.head().string_set = ETH_SS_STATS;
    names.head().len = count;
    Message<ethtool_stats> values(ETHTOOL_GSTATS, room * sizeof(std::uint64_t));
    values.head().n_stats = count;
    if (!driver.ask(&names.head()) || !driver.ask(&values.head()) || names.head().len != count ||
        values.head().n_stats != count)
        return std::nullopt;
    std::vector<std::uint64_t> numbers(count);
    std::memcpy(numbers.data(), values.data(), count * sizeof(std::uint64_t));
    return find_allowances(interface, {names.data(), count * name_size}, numbers);
}

} // namespace

std::optional<Allowances> find_allowances(std::string_view interface, std::string_view names,
                                          std::span<const std::uint64_t> values) {
    Allowances found;
    bool any = false;
    for (std::size_t i = 0; i < values.size() && (i + 1) * name_size <= names.size(); ++i) {
        std::string_view name = names.substr(i * name_size, name_size);
        name = name.substr(0, name.find('\0'));
        const auto* const known = std::find(allowance_names.begin(), allowance_names.end(), name);
        if (known == allowance_names.end())
            continue;
        auto& value = found.values[static_cast<std::size_t>(known - allowance_names.begin())];
        value = value.value_or(values[i]);
        any = true;
    }
    if (!any)
        return std::nullopt;
    found.interface = interface;
    return found;
}

std::vector<Allowances> read_allowances() {
    std::vector<Allowances> list;
    const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const std::unique_ptr<struct if_nameindex, decltype(&if_freenameindex)> interfaces(
        if_nameindex(), &if_freenameindex);
    if (socket.get() < 0 || !interfaces)
        return list;
    for (const auto* each = interfaces.get(); each->if_name != nullptr; ++each)
        if (auto found = ask_driver(socket.get(), each->if_name))
            list.push_back(std::move(*found));
    return list;
}

} // namespace natstat
