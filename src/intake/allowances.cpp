// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The statistics that a driver has of its interface, through the ethtool ioctl. An interface that
// does not answer, or whose answers do not fit each other, has no allowances.
#include "natstat/model/descriptor.hpp"

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

/// A message of ethtool's: its head with `size` bytes behind it, zeros at first. The head is copied
/// in and out.
template <typename Head>
class Message {
  public:
    Message(const Head& head, std::size_t size) : bytes_(sizeof head + size) {
        std::memcpy(bytes_.data(), &head, sizeof head);
    }

    /// Lets the driver fill it in, and gives what the head is then. False when it does not.
    bool ask(Driver& driver, Head& head) {
        const bool answered = driver.ask(bytes_.data());
        std::memcpy(&head, bytes_.data(), sizeof head);
        return answered;
    }
    [[nodiscard]] const char* data() const { return bytes_.data() + sizeof(Head); }

  private:
    std::vector<char> bytes_;
};

std::uint32_t count_statistics(Driver& driver) {
    ethtool_sset_info head{};
    head.cmd = ETHTOOL_GSSET_INFO;
    head.sset_mask = std::uint64_t{1} << ETH_SS_STATS;
    Message message(head, sizeof(std::uint32_t));
    if (!message.ask(driver, head) || head.sset_mask == 0)
        return 0;
    std::uint32_t count = 0;
    std::memcpy(&count, message.data(), sizeof count);
    return count;
}

/// What a message for `count` items has behind its head: nothing when the driver tells of another
/// number. The kernel writes as many as there are by then, whatever room was told; a driver has
/// more when its number of queues grows meanwhile.
template <typename Head>
std::optional<std::string> items_of(Driver& driver, Head head, std::uint32_t Head::*number,
                                    std::size_t item_size) {
    const std::uint32_t count = head.*number;
    Message message(head, (std::size_t{2} * count + 1024) * item_size);
    if (!message.ask(driver, head) || head.*number != count)
        return std::nullopt;
    return std::string(message.data(), count * item_size);
}

std::optional<Allowances> ask_driver(int socket, const char* interface) {
    Driver driver(socket, interface);
    constexpr std::uint32_t most = 65536; // more is no driver's idea
    const std::uint32_t count = count_statistics(driver);
    if (count == 0 || count > most)
        return std::nullopt;
    ethtool_gstrings names_head{};
    names_head.cmd = ETHTOOL_GSTRINGS;
    names_head.string_set = ETH_SS_STATS;
    names_head.len = count;
    ethtool_stats values_head{};
    values_head.cmd = ETHTOOL_GSTATS;
    values_head.n_stats = count;
    const auto names = items_of(driver, names_head, &ethtool_gstrings::len, name_size);
    const auto values =
        items_of(driver, values_head, &ethtool_stats::n_stats, sizeof(std::uint64_t));
    if (!names || !values)
        return std::nullopt;
    std::vector<std::uint64_t> numbers(count);
    std::memcpy(numbers.data(), values->data(), values->size());
    return find_allowances(interface, *names, numbers);
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
