// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// recvfrom(2) and poll(2) in turns; how pieces get to the consumer is the ring's.
#include "pump.hpp"

#include "netlink.hpp"

#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/socket.h>

namespace natstat {

namespace {

/// Calls that fail so are made again. EINVAL: netlink_recvmsg goes on with a dump that it saw
/// running, but the end of that dump can already be on its way in the call that asked for it,
/// another thread's; netlink_dump then finds none running, and the socket has that for an error
/// (net/netlink/af_netlink.c). Nothing is lost by it.
bool is_passing(int error) {
    return error == EAGAIN || error == EINTR || error == EINVAL;
}

} // namespace

Pump::Pump(int socket) : socket_(socket), ring_("receive from the kernel") {
    ring_.start<&Pump::run>(this);
}

std::optional<Pump::Piece> Pump::take() {
    const Buffer* buffer = ring_.take();
    return buffer == nullptr
               ? std::nullopt
               : std::optional(Piece{{buffer->bytes.get(), buffer->size}, buffer->error});
}

int Pump::receive(Buffer& buffer) {
    if (!buffer.bytes) // not zeroed: what the kernel does not fill costs no memory
        buffer.bytes.reset(new std::uint8_t[buffer_size]);
    const Received received = receive_from(socket_, {buffer.bytes.get(), buffer_size});
    buffer.size = received.size;
    if (!received.foreign)
        return received.error;
    ++foreign_;
    return EAGAIN;
}

int Pump::wait_for_data() const {
    std::array<pollfd, 2> wanted{pollfd{socket_, POLLIN, 0}, pollfd{ring_.stop_event(), POLLIN, 0}};
    return poll(wanted.data(), wanted.size(), -1) < 0 ? errno : EAGAIN;
}

void Pump::run() {
    while (Buffer* const buffer = ring_.next()) {
        buffer->error = receive(*buffer);
        if (buffer->error == EAGAIN)
            buffer->error = wait_for_data();
        if (is_passing(buffer->error))
            continue;
        if (buffer->error != 0)
            buffer->size = 0;
        ring_.hand_over();
    }
}

} // namespace natstat
