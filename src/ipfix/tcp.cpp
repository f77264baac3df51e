// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A connection that is made anew whenever it is lost (RFC 7011, section 10.4). The kernel tells how
// much of it the other side's kernel has acknowledged; that its process has read it, nobody tells.
#include "transports.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <netinet/tcp.h>
#include <sys/ioctl.h>

namespace natstat::ipfix {

namespace {

constexpr std::chrono::seconds between_tries{1};
/// What is not acknowledged for so long will not be: another connection is tried.
constexpr unsigned patience_ms = 30'000;

class Tcp : public Transport {
  public:
    Tcp(Destination to, Say say) : to_(std::move(to)), say_(std::move(say)) {}

    void step() override {
        if (socket_.get() < 0 && std::chrono::steady_clock::now() >= next_try_)
            begin();
        if (is_connecting_)
            look_at_beginning();
        if (is_open()) {
            look_at_other_side();
            push_rest();
        }
    }

    Sent send(std::span<const std::uint8_t> message) override {
        if (!is_open() || !rest_.empty())
            return Sent::not_yet;
        const ssize_t sent = ::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            lose(errno);
        if (sent <= 0)
            return Sent::not_yet;
        rest_.assign(message.begin() + sent, message.end());
        return Sent::all;
    }

    [[nodiscard]] unsigned session() const override { return session_; }

    std::size_t under_way() override {
        int waiting = 0; // tcp(7) has this call as SIOCOUTQ
        if (is_open() && ioctl(socket_.get(), TIOCOUTQ, &waiting) == 0)
            under_way_ = static_cast<std::size_t>(waiting) + rest_.size();
        return under_way_;
    }

    [[nodiscard]] std::size_t message_limit() const override { return 16 * 1024; }

    [[nodiscard]] pollfd wanted(bool more) const override {
        const bool out = is_connecting_ || more || !rest_.empty();
        return {socket_.get(), static_cast<short>(POLLIN | (out ? POLLOUT : 0)), 0};
    }

    [[nodiscard]] std::optional<SteadyTime> due() const override {
        return socket_.get() < 0 ? std::optional(next_try_) : std::nullopt;
    }

  private:
    [[nodiscard]] bool is_open() const { return socket_.get() >= 0 && !is_connecting_; }

    void begin() {
        socket_ = open_socket(to_, SOCK_STREAM);
        if (socket_.get() < 0)
            return lose(errno);
        setsockopt(socket_.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms, sizeof patience_ms);
        const int error = connect_to(socket_, to_);
        if (error != 0 && error != EINPROGRESS)
            return lose(error);
        is_connecting_ = true;
    }

    void look_at_beginning() {
        pollfd wanted{socket_.get(), POLLOUT, 0};
        if (poll(&wanted, 1, 0) <= 0)
            return;
        if (const int error = kept_error(socket_))
            return lose(error);
        is_connecting_ = false;
        ++session_;
        under_way_ = 0;
        if (std::exchange(is_lost_, false))
            say_(to_.text() + ": the collector is there");
    }

    /// A collector says nothing; that it has gone is what is read.
    void look_at_other_side() {
        std::array<std::uint8_t, 512> nothing{};
        const ssize_t got = recv(socket_.get(), nothing.data(), nothing.size(), MSG_DONTWAIT);
        if (got == 0)
            lose(0);
        else if (got < 0 && errno != EAGAIN && errno != EINTR)
            lose(errno);
    }

    void push_rest() {
        if (rest_.empty() || !is_open())
            return;
        const ssize_t sent = ::send(socket_.get(), rest_.data(), rest_.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return lose(errno);
        if (sent > 0)
            rest_.erase(rest_.begin(), rest_.begin() + sent);
    }

    /// `error`: 0 where the collector has closed the connection.
    void lose(int error) {
        under_way(); // for the last time
        socket_ = Descriptor();
        is_connecting_ = false;
        rest_.clear();
        next_try_ = std::chrono::steady_clock::now() + between_tries;
        if (std::exchange(is_lost_, true))
            return;
        const std::string why = error == 0 ? "the collector has gone" : std::strerror(error);
        say_(to_.text() + ": " + why + "; it is tried again, and what is to be sent is kept");
    }

    Destination to_;
    Say say_;
    Descriptor socket_;
    std::vector<std::uint8_t> rest_; // of the message that was taken last
    bool is_connecting_ = false;
    bool is_lost_ = false;
    unsigned session_ = 0;
    std::size_t under_way_ = 0;
    SteadyTime next_try_{};
};

} // namespace

std::unique_ptr<Transport> open_tcp(const Destination& destination, Say say) {
    return std::make_unique<Tcp>(destination, std::move(say));
}

} // namespace natstat::ipfix
