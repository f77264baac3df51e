// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The way forward: the addresses of one name, as a filter or an option needs them.
#include "natstat/names/host_names.hpp"

#include "channel.hpp"

#include "natstat/model/socket_address.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>

namespace natstat {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t name_max = 255;

constexpr int tries = 3;
constexpr std::chrono::milliseconds careful_start{50};

struct Answer {
    std::vector<Address> addresses;
    int open_questions = 0;
};

void receive(void* self, int status, int, ares_addrinfo* found) noexcept {
    Answer& answer = *static_cast<Answer*>(self);
    --answer.open_questions;
    if (status != ARES_SUCCESS || found == nullptr)
        return;
    for (const ares_addrinfo_node* node = found->nodes; node != nullptr; node = node->ai_next)
        if (const auto address = address_of(node->ai_addr))
            answer.addresses.push_back(*address);
    ares_freeaddrinfo(found);
}

void ask(Channel& channel, const std::string& name, int family, Answer& answer) {
    ares_addrinfo_hints hints{};
    hints.ai_flags = ARES_AI_NOSORT; // sorting would open a socket for each address
    hints.ai_family = family;
    ++answer.open_questions;
    ares_getaddrinfo(channel.get(), name.c_str(), nullptr, &hints, receive, &answer);
}

std::vector<Address> ask_hosts_file(const std::string& name) {
    Answer answer; // before the channel, whose end may still call receive()
    Channel channel(default_name_deadline, 1, Sources::hosts_file);
    if (channel.get() != nullptr)
        ask(channel, name, AF_UNSPEC, answer);
    return std::move(answer.addresses);
}

void wait_for(Channel& channel, const Answer& answer, Clock::time_point end) {
    while (answer.open_questions != 0 && channel.poll_until(end))
        channel.process();
}

std::vector<Address> ask_dns(const std::string& name, std::chrono::milliseconds deadline) {
    const auto end = Clock::now() + deadline;
    Answer answer;
    Channel channel(deadline / 5, tries);
    if (channel.get() == nullptr)
        return {};
    channel.set(Channel::Alarm::ticking);
    // Two questions: with one for both, silence about one family would cost the answer for the
    // other. And not at once: a refusal that comes back while another one is sent is lost.
    ask(channel, name, AF_INET, answer);
    wait_for(channel, answer, std::min(end, Clock::now() + careful_start));
    ask(channel, name, AF_INET6, answer);
    wait_for(channel, answer, end);
    return std::move(answer.addresses);
}

} // namespace

std::vector<Address> resolve(std::string_view name, std::chrono::milliseconds deadline) {
    if (const auto address = parse_address(name))
        return {*address};
    // A zero byte would end the name early and so ask for another one.
    if (name.empty() || name.size() > name_max || name.find('\0') != std::string_view::npos)
        return {};
    const std::string text(name);
    std::vector<Address> addresses = ask_hosts_file(text);
    if (addresses.empty())
        addresses = ask_dns(text, deadline);
    std::sort(addresses.begin(), addresses.end());
    addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
    return addresses;
}

} // namespace natstat
