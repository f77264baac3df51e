// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A datagram a message (RFC 7011, section 10.3). Nobody tells what arrives; where nobody listens,
// the host of the collector may say so some time later (ICMP), and the socket keeps it.
#include "transports.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace natstat::ipfix {

namespace {

/// What all links carry (RFC 7011, section 10.3.3), and what none has to cut in pieces.
constexpr std::size_t smallest = 512;
constexpr std::size_t usual_mtu = 1500;
/// A collector that refuses again so long after it did is one more outage.
constexpr std::chrono::seconds quiet{60};

class Udp : public Transport {
  public:
    Udp(Destination to, Say say)
        : to_(std::move(to)), say_(std::move(say)), socket_(open_socket(to_, SOCK_DGRAM)) {
        const int error = socket_.get() < 0 ? errno : connect_to(socket_, to_);
        if (error != 0)
            throw Failure("cannot send to " + to_.text() + ": " + std::strerror(error));
    }

    void step() override {
        if (const int error = kept_error(socket_))
            note(error);
    }

    Sent send(std::span<const std::uint8_t> message) override {
        int error = try_to_send(message);
        if (error == ECONNREFUSED) { // of an earlier one; this one has not been sent
            note(error);
            error = try_to_send(message);
        }
        if (error == 0)
            return Sent::all;
        if (error == EAGAIN || error == EINTR)
            return Sent::not_yet;
        note(error);
        return Sent::lost;
    }

    [[nodiscard]] unsigned forgotten() const override { return 1 + troubles_; }
    [[nodiscard]] bool forgets() const override { return true; }
    [[nodiscard]] std::uint64_t refused() const override { return refused_; }

    [[nodiscard]] std::size_t message_limit() const override {
        const bool six = to_.address.family == Family::ipv6;
        const std::size_t headers = six ? 40 + 8 : 20 + 8;
        int mtu = 0;
        socklen_t size = sizeof mtu;
        if (getsockopt(socket_.get(), six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_MTU : IP_MTU,
                       &mtu, &size) != 0 ||
            mtu <= 0)
            return smallest;
        return std::clamp(static_cast<std::size_t>(mtu), smallest + headers, usual_mtu) - headers;
    }

    [[nodiscard]] pollfd wanted(bool more) const override {
        return {socket_.get(), static_cast<short>(more ? POLLOUT : 0), 0};
    }

  private:
    [[nodiscard]] int try_to_send(std::span<const std::uint8_t> message) const {
        const ssize_t sent = ::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL);
        return sent < 0 ? errno : 0;
    }

    /// A collector that begins again knows no templates, and nobody tells when it does.
    void note(int error) {
        ++troubles_;
        refused_ += error == ECONNREFUSED ? 1 : 0;
        const auto now = std::chrono::steady_clock::now();
        if (!last_trouble_ || now - *last_trouble_ > quiet)
            say_(to_.text() + ": " + std::strerror(error) +
                 "; UDP loses what is sent until the collector is there");
        last_trouble_ = now;
    }

    Destination to_;
    Say say_;
    Descriptor socket_;
    unsigned troubles_ = 0;
    std::uint64_t refused_ = 0;
    std::optional<SteadyTime> last_trouble_;
};

} // namespace

std::unique_ptr<Transport> open_udp(const Destination& destination, Say say) {
    return std::make_unique<Udp>(destination, std::move(say));
}

} // namespace natstat::ipfix
