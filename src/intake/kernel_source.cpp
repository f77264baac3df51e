// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The list, condition by condition; the conversation is the dump's, and what comes twice is left
// out (repeats.hpp).
#include "natstat/intake/kernel_source.hpp"

#include "dump.hpp"
#include "natstat/intake/decoder.hpp"
#include "natstat/intake/host.hpp"
#include "netlink.hpp"
#include "repeats.hpp"

#include <algorithm>
#include <utility>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

namespace natstat {

namespace {

using Message = std::span<const std::uint8_t>;

} // namespace

struct KernelSource::State {
    Dump dump;
    ListQuery query;
    std::size_t current = 0; // condition that is being listed
    bool whole = true;
    bool asks_for_nothing = false; // a list of nothing has an end, too
    Repeats repeats;

    void start_condition();
    void take_flow(Message message, Batch& batch);
    /// Whether the condition that is being listed is the first one that admits the flow: each flow
    /// has its turn once, also where the kernel told more than it was asked.
    [[nodiscard]] bool is_turn_of(const Flow& flow) const;
    void take_end(const Dump::End& end, Batch& batch);
};

KernelSource::KernelSource() : state_(std::make_unique<State>()) {
    state_->dump.open();
}
KernelSource::~KernelSource() = default;

int KernelSource::fd() const {
    return state_->dump.fd();
}

void KernelSource::request_list(const ListQuery& query) {
    state_->query = has_ipvs() ? without_nat_status(query) : query;
    state_->current = 0;
    state_->whole = true;
    state_->asks_for_nothing = query.empty();
    if (!query.empty())
        state_->start_condition();
}

Progress KernelSource::read(Batch& batch) {
    if (std::exchange(state_->asks_for_nothing, false)) {
        batch.events.emplace_back().kind = EventKind::list_end;
        return Progress::more;
    }
    const bool received = state_->dump.receive();
    const std::size_t first = batch.events.size();
    while (const auto message = state_->dump.next())
        state_->take_flow(*message, batch);
    state_->repeats.drop(batch, first);
    batch.odd += state_->dump.newly_odd();
    batch.foreign += state_->dump.newly_foreign();
    const auto end = state_->dump.end();
    if (end)
        state_->take_end(*end, batch);
    return received || end ? Progress::more : Progress::idle;
}

void KernelSource::State::start_condition() {
    repeats.clear();
    dump.start(query[current]);
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

void KernelSource::State::take_end(const Dump::End& end, Batch& batch) {
    whole = whole && end.whole;
    if (!end.broken_off && ++current < query.size())
        return start_condition();
    Event& event = batch.events.emplace_back();
    event.kind = EventKind::list_end;
    event.whole = whole;
}

} // namespace natstat
