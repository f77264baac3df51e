// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The list: requests, answers, what can go wrong between them. A dump is not atomic: the kernel
// walks the hash table bucket by bucket between our reads. Three things follow. NLM_F_DUMP_INTR and
// a change of the number of buckets make the list not whole. When the entry at which the kernel
// stopped is gone, it walks that bucket again and entries come twice, right after a read; those are
// left out here.
#include "natstat/intake/kernel_source.hpp"

#include "list_request.hpp"
#include "natstat/intake/decoder.hpp"
#include "natstat/intake/host.hpp"
#include "netlink.hpp"
#include "pump.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/socket.h>

namespace natstat {

namespace {

/// As many entries of one bucket as may come twice. Chains are a few entries long by design.
constexpr std::size_t remembered_flows = 64;

using Message = std::span<const std::uint8_t>;

constexpr const char* doing = "list connections";

NetlinkSocket open_socket() {
    return open_netlink(NETLINK_NETFILTER, SOCK_NONBLOCK, doing);
}

} // namespace

struct KernelSource::State {
    NetlinkSocket socket = open_socket();
    std::optional<Pump> pump{std::in_place, mnl_socket_get_fd(socket.get())};

    ListQuery query;
    std::size_t current = 0; // condition that is being listed; query.size(): none
    std::uint32_t sequence = 0;
    bool refused = false; // the kernel did not take this condition's filters
    bool whole = true;
    bool asks_for_nothing = false; // a list of nothing has an end, too
    std::optional<std::uint64_t> buckets;
    std::vector<Flow> remembered; // the last flows of the read before

    [[nodiscard]] bool listing() const { return current < query.size(); }

    void send_request();
    /// Ends a list whose rest will not come. The kernel goes on with a dump only while it is read
    /// without a fault, and takes no other request on its socket, so there is a new one.
    void give_up(Batch& batch);
    void take_messages(std::span<const std::uint8_t> bytes, Batch& batch);
    void take_flow(Message message, Batch& batch);
    /// Whether the condition that is being listed is the first one that admits the flow: each flow
    /// has its turn once, also where the kernel told more than it was asked.
    [[nodiscard]] bool is_turn_of(const Flow& flow) const;
    void take_error(Message message, Batch& batch);
    void take_done(Message message, Batch& batch);
    void next_condition(Batch& batch);
    void drop_repeated(Batch& batch, std::size_t first);
};

KernelSource::KernelSource() : state_(std::make_unique<State>()) {}
KernelSource::~KernelSource() = default;

int KernelSource::fd() const {
    return state_->pump->fd();
}

void KernelSource::request_list(const ListQuery& query) {
    state_->query = has_ipvs() ? without_nat_status(query) : query;
    state_->current = 0;
    state_->whole = true;
    state_->refused = false;
    state_->buckets = conntrack_setting("nf_conntrack_buckets");
    state_->asks_for_nothing = query.empty();
    if (state_->listing())
        state_->send_request();
}

Progress KernelSource::read(Batch& batch) {
    if (std::exchange(state_->asks_for_nothing, false)) {
        batch.events.emplace_back().kind = EventKind::list_end;
        return Progress::more;
    }
    const auto piece = state_->pump->take();
    if (!piece)
        return Progress::idle;
    switch (piece->error) {
    case 0: {
        const std::size_t first = batch.events.size();
        state_->take_messages(piece->bytes, batch);
        state_->drop_repeated(batch, first);
        return Progress::more;
    }
    case ENOBUFS: // the kernel had no memory for an answer, or dropped one
    case ENOSPC:  // a message did not fit
        state_->give_up(batch);
        return Progress::more;
    default:
        fail(doing, piece->error);
    }
}

void KernelSource::State::give_up(Batch& batch) {
    const bool was_listing = listing();
    pump.reset();
    socket = open_socket();
    pump.emplace(mnl_socket_get_fd(socket.get()));
    current = query.size();
    if (!was_listing)
        return;
    Event& event = batch.events.emplace_back();
    event.kind = EventKind::list_end;
    event.whole = false;
}

void KernelSource::State::send_request() {
    remembered.clear();
    const ListCondition& condition = query[current];
    const auto request =
        make_list_request(refused ? without_filters(condition) : condition, ++sequence);
    if (mnl_socket_sendto(socket.get(), request.data(), request.size()) < 0)
        fail(doing, errno);
}

void KernelSource::State::take_messages(std::span<const std::uint8_t> bytes, Batch& batch) {
    while (const auto message = next_message(bytes)) {
        const nlmsghdr head = header_of(*message);
        // Others are answers to a request that was given up.
        if (!listing() || head.nlmsg_seq != sequence)
            continue;
        whole = whole && (head.nlmsg_flags & NLM_F_DUMP_INTR) == 0;
        if (head.nlmsg_type == NLMSG_ERROR)
            take_error(*message, batch);
        else if (head.nlmsg_type == NLMSG_DONE)
            take_done(*message, batch);
        else
            take_flow(*message, batch);
    }
    if (!bytes.empty()) { // what comes next can not be found, nor whether it was the end
        ++batch.odd;
        give_up(batch);
    }
}

void KernelSource::State::take_flow(Message message, Batch& batch) {
    if (header_of(message).nlmsg_type != (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW)) {
        ++batch.odd;
        return;
    }
    Event& event = batch.events.emplace_back();
    if (!decode_flow(message.subspan(NLMSG_HDRLEN), event.flow, batch.extras)) {
        batch.events.pop_back();
        ++batch.odd;
        return;
    }
    if (!is_turn_of(event.flow))
        batch.events.pop_back();
}

bool KernelSource::State::is_turn_of(const Flow& flow) const {
    if (query.size() == 1) // whatever else came with it is for the filter to find
        return true;
    const auto now = query.begin() + static_cast<std::ptrdiff_t>(current);
    return admits(*now, flow) && std::none_of(query.begin(), now, [&](const ListCondition& before) {
               return admits(before, flow);
           });
}

void KernelSource::State::take_error(Message message, Batch& batch) {
    const int error = error_in(message).value_or(EPROTO);
    const bool filtered = query[current] != without_filters(query[current]) && !refused;
    if (filtered && (error == EINVAL || error == EOPNOTSUPP)) {
        refused = true;
        return send_request();
    }
    if (error != 0)
        fail(doing, error);
    next_condition(batch);
}

void KernelSource::State::take_done(Message message, Batch& batch) {
    const int error = error_in(message).value_or(0);
    if (error != 0) // the dump ended before the table did
        fail(doing, error);
    next_condition(batch);
}

void KernelSource::State::next_condition(Batch& batch) {
    refused = false;
    ++current;
    if (listing())
        return send_request();
    whole = whole && buckets == conntrack_setting("nf_conntrack_buckets");
    Event& event = batch.events.emplace_back();
    event.kind = EventKind::list_end;
    event.whole = whole;
}

void KernelSource::State::drop_repeated(Batch& batch, std::size_t first) {
    const auto begin = batch.events.begin() + static_cast<std::ptrdiff_t>(first);
    const auto head_end =
        begin + std::min<std::ptrdiff_t>(batch.events.end() - begin, remembered_flows);
    const auto came_before = [this](const Event& event) {
        return event.kind == EventKind::listed &&
               std::any_of(remembered.begin(), remembered.end(), [&](const Flow& flow) {
                   return flow.id == event.flow.id && same_connection(flow, event.flow);
               });
    };
    batch.events.erase(std::remove_if(begin, head_end, came_before), head_end);
    remembered.clear();
    const std::size_t fresh = batch.events.size() - first;
    for (std::size_t i = fresh - std::min(fresh, remembered_flows); i < fresh; ++i)
        remembered.push_back(batch.events[first + i].flow);
}

} // namespace natstat
