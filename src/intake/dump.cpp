// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// netlink_dump (net/netlink/af_netlink.c) and ctnetlink_dump_table
// (net/netfilter/nf_conntrack_netlink.c) from the other side.
#include "dump.hpp"

#include "list_request.hpp"
#include "natstat/intake/host.hpp"
#include "netlink.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/socket.h>

namespace natstat {

namespace {

class KernelChannel final : public DumpChannel {
  public:
    explicit KernelChannel(const DumpOf& what)
        : socket_(open_netlink(NETLINK_NETFILTER, SOCK_NONBLOCK, what.doing)) {}

    [[nodiscard]] int send(std::span<const std::uint8_t> request) override {
        ssize_t sent = 0;
        do
            sent = mnl_socket_sendto(socket_.get(), request.data(), request.size());
        while (sent < 0 && errno == EINTR);
        return sent < 0 ? errno : 0;
    }
    [[nodiscard]] int fd() const override { return pump_.fd(); }
    [[nodiscard]] std::optional<Pump::Piece> take() override { return pump_.take(); }
    [[nodiscard]] std::uint64_t newly_foreign() override { return pump_.newly_foreign(); }

  private:
    NetlinkSocket socket_;
    Pump pump_{mnl_socket_get_fd(socket_.get())}; // goes before its socket
};

/// No memory for an answer, one that was dropped, or one that did not fit: the next list may fare
/// better.
bool breaks_off(int error) {
    return error == ENOBUFS || error == ENOMEM || error == ENOSPC;
}

bool refuses_filters(int error) {
    return error == EINVAL || error == EOPNOTSUPP;
}

std::optional<std::uint64_t> number_of_buckets() {
    return conntrack_setting("nf_conntrack_buckets");
}

void mark_not_whole(std::vector<std::uint8_t>& message) {
    nlmsghdr head = header_of(message);
    head.nlmsg_flags |= NLM_F_DUMP_INTR;
    std::memcpy(message.data(), &head, sizeof head);
}

/// The end of a list that the kernel did not end.
std::vector<std::uint8_t> make_done(std::uint32_t sequence) {
    std::vector<std::uint8_t> bytes(NLMSG_LENGTH(sizeof(int))); // the error number: 0
    const nlmsghdr head{static_cast<std::uint32_t>(bytes.size()), NLMSG_DONE,
                        NLM_F_MULTI | NLM_F_DUMP_INTR, sequence, 0};
    std::memcpy(bytes.data(), &head, sizeof head);
    return bytes;
}

} // namespace

const DumpOf& dump_of_connections() {
    static constexpr DumpOf what{"list connections", make_list_request};
    return what;
}

const DumpOf& dump_of_expectations() {
    static constexpr DumpOf what{"list expectations", make_expectation_request};
    return what;
}

std::unique_ptr<DumpChannel> open_kernel_channel(const DumpOf& what) {
    return std::make_unique<KernelChannel>(what);
}

bool Dump::open() {
    if (channel_)
        return false;
    channel_ = open_channel_();
    return true;
}

std::vector<std::uint8_t> Dump::start(const ListCondition& condition) {
    open();
    under_way_ = true;
    whole_ = true;
    buckets_ = number_of_buckets();
    return ask(condition);
}

std::vector<std::uint8_t> Dump::ask(const ListCondition& condition) {
    condition_ = condition;
    auto request = what_->request(condition, ++sequence_);
    if (const int error = channel_->send(request); breaks_off(error))
        break_off();
    else if (error != 0)
        fail(what_->doing, error);
    return request;
}

bool Dump::receive() {
    const auto piece = channel_ ? channel_->take() : std::nullopt;
    if (!piece)
        return false;
    piece_ = piece->bytes;
    if (breaks_off(piece->error))
        break_off();
    else if (piece->error != 0)
        fail(what_->doing, piece->error);
    return true;
}

std::optional<std::span<const std::uint8_t>> Dump::next() {
    while (const auto message = next_message(piece_)) {
        const nlmsghdr head = header_of(*message);
        if (!under_way_ || head.nlmsg_seq != sequence_) // no answer to what was asked
            continue;
        whole_ = whole_ && (head.nlmsg_flags & NLM_F_DUMP_INTR) == 0;
        if (head.nlmsg_type == NLMSG_ERROR)
            take_error(error_in(*message).value_or(EPROTO));
        else if (head.nlmsg_type == NLMSG_DONE)
            take_done(*message);
        else
            return message;
    }
    if (!piece_.empty()) { // what comes next can not be found, nor whether it was the end
        ++odd_;
        break_off();
    }
    return std::nullopt;
}

void Dump::take_error(int error) {
    if (error == 0) // an acknowledgement
        return;
    const ListCondition wider = without_filters(condition_);
    if (breaks_off(error))
        break_off();
    else if (refuses_filters(error) && condition_ != wider)
        ask(wider);
    else
        fail(what_->doing, error);
}

void Dump::take_done(std::span<const std::uint8_t> message) {
    const int error = error_in(message).value_or(0); // the dump ended before the table did
    if (breaks_off(error))
        return break_off();
    if (error != 0)
        fail(what_->doing, error);
    under_way_ = false;
    whole_ = whole_ && buckets_ == number_of_buckets();
    end_ = End{whole_, false, {message.begin(), message.end()}};
    if (!whole_)
        mark_not_whole(end_->message);
}

void Dump::break_off() {
    foreign_ = newly_foreign();
    channel_.reset();
    piece_ = {};
    if (std::exchange(under_way_, false))
        end_ = End{false, true, make_done(sequence_)};
}

std::optional<Dump::End> Dump::end() {
    return std::exchange(end_, std::nullopt);
}

std::uint64_t Dump::newly_foreign() {
    return std::exchange(foreign_, 0) + (channel_ ? channel_->newly_foreign() : 0);
}

std::uint64_t Dump::newly_odd() {
    return std::exchange(odd_, 0);
}

} // namespace natstat
