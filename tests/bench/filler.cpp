// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A batch is one buffer of many netlink messages and one system call. The kernel works through all
// of it before the call returns, and answers only what it refuses: so a full table costs one short
// look at an empty receive queue for each batch.

#include "filler.hpp"
#include "request.hpp"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <array>
#include <cerrno>

namespace natstat::bench {
namespace {

// The kernel copies a batch into one piece of memory; more than this gains nothing.
constexpr std::size_t batch_bytes = std::size_t{64} * 1024;

int note_size(const nlattr* attribute, void* data) {
    auto* size = static_cast<TableSize*>(data);
    const std::uint16_t type = mnl_attr_get_type(attribute);
    if (mnl_attr_get_payload_len(attribute) < sizeof(std::uint32_t))
        return MNL_CB_OK;
    if (type == CTA_STATS_GLOBAL_ENTRIES)
        size->entries = ntohl(mnl_attr_get_u32(attribute));
    if (type == CTA_STATS_GLOBAL_MAX_ENTRIES)
        size->limit = ntohl(mnl_attr_get_u32(attribute));
    return MNL_CB_OK;
}

int read_size(const nlmsghdr* message, void* data) {
    return mnl_attr_parse(message, sizeof(nfgenmsg), note_size, data);
}

} // namespace

void Filler::Close::operator()(mnl_socket* socket) const {
    mnl_socket_close(socket);
}

Filler::Filler(mnl_socket* socket) : socket_(socket), buffer_(batch_bytes) {}

std::optional<Filler> Filler::open() {
    mnl_socket* socket = mnl_socket_open(NETLINK_NETFILTER);
    if (socket == nullptr)
        return {};
    Filler filler(socket);
    int on = 1;
    const int receive_bytes = 1 << 20;
    // A refusal without the refused request: those of a whole batch fit the receive buffer.
    mnl_socket_setsockopt(socket, NETLINK_CAP_ACK, &on, sizeof on);
    setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVBUFFORCE, &receive_bytes,
               sizeof receive_bytes);
    if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) != 0)
        return {};
    return filler;
}

bool Filler::add(const BenchFlow& flow, std::uint32_t sequence) {
    used_ += put_request(buffer_.data() + used_, flow, sequence);
    return used_ + max_request_bytes <= batch_bytes || flush();
}

bool Filler::flush() {
    if (used_ == 0)
        return true;
    const bool sent = mnl_socket_sendto(socket_.get(), buffer_.data(), used_) >= 0;
    used_ = 0;
    return sent && read_refusals();
}

bool Filler::read_refusals() {
    std::array<char, 32768> answer{};
    while (true) {
        const ssize_t got =
            recv(mnl_socket_get_fd(socket_.get()), answer.data(), answer.size(), MSG_DONTWAIT);
        if (got < 0)
            return errno == EAGAIN;
        note_refusals(answer.data(), static_cast<std::size_t>(got));
    }
}

void Filler::note_refusals(const char* data, std::size_t size) {
    int left = static_cast<int>(size);
    for (auto* message = reinterpret_cast<const nlmsghdr*>(data); mnl_nlmsg_ok(message, left);
         message = mnl_nlmsg_next(message, &left)) {
        if (message->nlmsg_type != NLMSG_ERROR)
            continue;
        const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message));
        if (error->error != 0)
            ++refused_[-error->error];
    }
}

std::optional<TableSize> Filler::ask_size() {
    std::array<char, 8192> buffer{};
    nlmsghdr* message = mnl_nlmsg_put_header(buffer.data());
    message->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET_STATS;
    message->nlmsg_flags = NLM_F_REQUEST;
    mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg));
    if (mnl_socket_sendto(socket_.get(), message, message->nlmsg_len) < 0)
        return {};
    const ssize_t got = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
    if (got < 0)
        return {};
    TableSize size;
    const auto length = static_cast<std::size_t>(got);
    if (mnl_cb_run(buffer.data(), length, 0, 0, read_size, &size) < 0)
        return {};
    return size;
}

} // namespace natstat::bench
