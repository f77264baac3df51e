// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The room names at a command line, for the test in a network namespace. Addresses come in on
// standard input; what was learned goes out as lines, then the figures. Decides nothing by itself.
#include "natstat/names/host_names.hpp"
#include "natstat/names/service_names.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <poll.h>
#include <sys/resource.h>

namespace {

using namespace natstat;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

unsigned long number(const std::string& text) {
    unsigned long value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::vector<Address> read_addresses() {
    std::vector<Address> addresses;
    for (std::string line; std::getline(std::cin, line);)
        if (const auto address = parse_address(line))
            addresses.push_back(*address);
    return addresses;
}

/// `count` different addresses, 2001:db8::1 and up.
std::vector<Address> many_addresses(unsigned long count) {
    Address address = parse_address("2001:db8::").value_or(Address{});
    std::vector<Address> addresses;
    addresses.reserve(count);
    for (unsigned long i = 1; i <= count; ++i) {
        for (unsigned byte = 0; byte < 4; ++byte)
            address.bytes[15 - byte] = static_cast<std::uint8_t>(i >> (8 * byte));
        addresses.push_back(address);
    }
    return addresses;
}

long milliseconds_since(Clock::time_point start) {
    return std::chrono::duration_cast<milliseconds>(Clock::now() - start).count();
}

void print_figures(const HostNames& names, const std::vector<Address>& addresses, long elapsed) {
    const auto named = std::count_if(addresses.begin(), addresses.end(),
                                     [&](const Address& a) { return !names.name(a).empty(); });
    std::cout << "wanted=" << addresses.size() << " named=" << named
              << " unanswered=" << names.unanswered() << " elapsed_ms=" << elapsed
              << " trouble=" << names.trouble() << '\n';
}

/// As the listing does it: wants everything, twice, and waits once.
void listing(const std::vector<Address>& addresses, milliseconds deadline, bool show) {
    const auto start = Clock::now();
    HostNames names(deadline);
    for (int round = 0; round < 2; ++round)
        for (const Address& address : addresses)
            names.want(address);
    names.wait(deadline);
    const long elapsed = milliseconds_since(start);
    if (show)
        for (const Address& address : addresses)
            std::cout << to_text(address) << ' ' << names.name(address) << '\n';
    print_figures(names, addresses, elapsed);
}

/// How often this thread has given up the processor to wait for something.
long times_waited() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

/// As a view does it: polls the descriptor, wants some more now and then, and is never held up.
void live(const std::vector<Address>& addresses, milliseconds length) {
    const auto start = Clock::now();
    HostNames names(length);
    std::size_t next = 0;
    long steps = 0;
    long learned = 0;
    long waits = 0;
    while (Clock::now() - start < length && (next < addresses.size() || names.unanswered() != 0)) {
        for (int i = 0; i < 100 && next < addresses.size(); ++i)
            names.want(addresses[next++]);
        pollfd wanted{names.fd(), POLLIN, 0};
        poll(&wanted, 1, static_cast<int>(length.count()));
        const long before = times_waited();
        learned += names.step() ? 1 : 0;
        waits += times_waited() - before;
        ++steps;
    }
    print_figures(names, addresses, milliseconds_since(start));
    std::cout << "steps=" << steps << " learned=" << learned << " waits=" << waits << '\n';
}

void forward(const std::string& name, milliseconds deadline) {
    const auto start = Clock::now();
    for (const Address& address : resolve(name, deadline))
        std::cout << to_text(address) << '\n';
    std::cout << "elapsed_ms=" << milliseconds_since(start) << '\n';
}

void service(unsigned long port, unsigned long protocol) {
    const ServiceNames services;
    std::cout << services.name(static_cast<std::uint16_t>(port),
                               static_cast<std::uint8_t>(protocol))
              << '\n';
}

void ports(const std::string& name, unsigned long protocol) {
    const ServiceNames services;
    for (const std::uint16_t port : services.ports(name, static_cast<std::uint8_t>(protocol)))
        std::cout << port << '\n';
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 2 && words[0] == "hosts")
        listing(read_addresses(), milliseconds(number(words[1])), true);
    else if (words.size() == 3 && words[0] == "many")
        listing(many_addresses(number(words[1])), milliseconds(number(words[2])), false);
    else if (words.size() == 3 && words[0] == "live")
        live(many_addresses(number(words[1])), milliseconds(number(words[2])));
    else if (words.size() == 3 && words[0] == "resolve")
        forward(words[1], milliseconds(number(words[2])));
    else if (words.size() == 3 && words[0] == "service")
        service(number(words[1]), number(words[2]));
    else if (words.size() == 3 && words[0] == "ports")
        ports(words[1], number(words[2]));
    else {
        std::cerr << "usage: names_probe hosts MS | many COUNT MS | live COUNT MS | resolve NAME MS"
                     " | service PORT PROTOCOL | ports NAME PROTOCOL\n";
        return 2;
    }
    return 0;
}
