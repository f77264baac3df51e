// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Two sockets, one order. Whatever the kernel said goes as one message to the tap and to the
// reader, and so does what only this side knows: that events were lost, that a list broke off. What
// a message means is not known here.
//
// Each piece of a list is handed on only after the events that were there when it had been
// received: the kernel had looked at its entries before, so what had happened to them by then comes
// first.
#include "natstat/intake/live_source.hpp"

#include "natstat/model/descriptor.hpp"
#include "dump.hpp"
#include "event_socket.hpp"
#include "flow_request.hpp"
#include "list_schedule.hpp"
#include "natstat/intake/network_namespace.hpp"
#include "netlink.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/rtnetlink.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

namespace natstat {

namespace {

using Message = std::span<const std::uint8_t>;

/// How often one read() receives events; between two the consumer can look at them.
constexpr int receives_in_a_read = 128;

Time now() {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

/// A message without a flow, as the kernel would write it.
template <typename Payload>
std::array<std::uint8_t, NLMSG_HDRLEN + sizeof(Payload)>
make_message(std::uint16_t type, std::uint16_t flags, std::uint32_t sequence,
             const Payload& payload) {
    std::array<std::uint8_t, NLMSG_HDRLEN + sizeof(Payload)> bytes{};
    const nlmsghdr head{bytes.size(), type, flags, sequence, 0};
    std::memcpy(bytes.data(), &head, sizeof head);
    std::memcpy(bytes.data() + NLMSG_HDRLEN, &payload, sizeof payload);
    return bytes;
}

Descriptor checked(int descriptor) {
    if (descriptor < 0)
        fail("follow connections", errno);
    return Descriptor(descriptor);
}

} // namespace

struct LiveSource::State {
    State(const LiveSettings& settings, Tap* its_tap)
        : tap(its_tap), network_namespace(settings.network_namespace),
          events(settings.receive_buffer, settings.changes),
          schedule(settings.period, settings.share, settings.lists_at_once) {}

    Tap* tap;
    std::uint64_t foreign = 0; // messages of other processes, not told yet
    std::string network_namespace;
    MessageReader reader;
    NetlinkSocket addresses; // tells what changes; open before they are asked for, too
    EventSocket events;   // open before anything is asked for: what changes meanwhile is not missed
    bool overrun = false; // the kernel keeps on dropping until the queue has been read empty

    Dump dump;
    bool held = false; // a piece is received, but there are events to come before it
    ListSchedule schedule;

    NetlinkSocket flow_socket; // there from the first question for a flow on
    /// The sequence number of the last one. The reader tells answers by it, so it is none of a
    /// list.
    std::uint32_t asked = std::uint32_t{1} << 31;
    std::vector<std::uint8_t> answers; // the questions and what came, events are to come before

    Descriptor timer = checked(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
    Descriptor epoll = checked(epoll_create1(EPOLL_CLOEXEC));
    std::optional<ListSchedule::Instant> armed;

    void watch(int descriptor) const;
    /// Makes the timer tell the next list. What it had told is taken back.
    void set_timer();

    void tell(Time time, int family, Message message, Batch& batch);
    void tell_lost(std::uint64_t count, Batch& batch);
    /// Losses that the kernel counted and said nothing of.
    void tell_silent_losses(Batch& batch);
    /// recvfrom(2) until it is the kernel's.
    Received receive(const NetlinkSocket& socket, std::span<std::uint8_t> room);
    [[nodiscard]] std::uint64_t newly_foreign();
    void open_addresses();
    void ask_addresses();
    void take_addresses(Batch& batch);

    /// True when all that had happened has been told.
    bool take_events(Batch& batch);
    void ask_for(const Flow& flow);
    void take_answers(Batch& batch);
    /// Throws Failure when it has been deleted.
    void check_namespace() const;
    void start_list(Batch& batch);
    void take_list(Batch& batch);
    void take_list_end(Batch& batch);
};

LiveSource::LiveSource(const LiveSettings& settings, Tap* tap)
    : state_(std::make_unique<State>(settings, tap)) {
    state_->watch(state_->events.fd());
    state_->watch(state_->timer.get());
    state_->open_addresses();
    state_->ask_addresses();
    state_->set_timer();
}

LiveSource::~LiveSource() = default;

int LiveSource::fd() const {
    return state_->epoll.get();
}

void LiveSource::request_list(const ListQuery&) {
    state_->schedule.ask();
    state_->set_timer();
}

void LiveSource::request_flows(std::span<const Flow> flows) {
    for (const Flow& flow : flows)
        state_->ask_for(flow);
}

const std::optional<std::vector<Address>>& LiveSource::local_addresses() const {
    return state_->reader.local_addresses();
}

Progress LiveSource::read(Batch& batch) {
    State& state = *state_;
    batch.foreign += state.newly_foreign();
    state.take_addresses(batch);
    state.held = state.held || state.dump.receive();
    if (!state.take_events(batch))
        return Progress::more;
    state.take_answers(batch);
    const bool received = std::exchange(state.held, false);
    if (received)
        state.take_list(batch);
    const auto due = state.schedule.due();
    if (due && *due <= std::chrono::steady_clock::now())
        state.start_list(batch);
    state.set_timer();
    return received ? Progress::more : Progress::idle;
}

// -- what wakes -----------------------------------------------------------------------------------

void LiveSource::State::watch(int descriptor) const {
    epoll_event event{};
    event.events = EPOLLIN;
    if (epoll_ctl(epoll.get(), EPOLL_CTL_ADD, descriptor, &event) != 0)
        fail("follow connections", errno);
}

void LiveSource::State::set_timer() {
    const auto due = schedule.due();
    if (due == armed)
        return;
    armed = due;
    itimerspec when{}; // zero: never
    if (due) {
        // steady_clock is CLOCK_MONOTONIC. The first moment of all would mean never, too.
        const auto since = std::max(due->time_since_epoch(), std::chrono::nanoseconds{1});
        const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
        when.it_value.tv_sec = seconds.count();
        when.it_value.tv_nsec = (since - seconds).count();
    }
    if (timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &when, nullptr) != 0)
        fail("follow connections", errno);
}

// -- what is told ---------------------------------------------------------------------------------

void LiveSource::State::tell(Time time, int family, Message message, Batch& batch) {
    if (tap != nullptr)
        tap->message(time, family, message);
    reader.take(time, family, message, batch);
}

void LiveSource::State::tell_lost(std::uint64_t count, Batch& batch) {
    tell(now(), NETLINK_NETFILTER, make_message(NLMSG_OVERRUN, 0, 0, count), batch);
    schedule.repair();
}

void LiveSource::State::tell_silent_losses(Batch& batch) {
    if (const std::uint64_t lost = events.newly_lost(); lost != 0)
        tell_lost(lost, batch);
}

Received LiveSource::State::receive(const NetlinkSocket& socket, std::span<std::uint8_t> room) {
    Received received = receive_from(socket, room);
    for (; received.foreign; received = receive_from(socket, room))
        ++foreign;
    return received;
}

std::uint64_t LiveSource::State::newly_foreign() {
    return std::exchange(foreign, 0) + events.newly_foreign() + dump.newly_foreign();
}

void LiveSource::State::open_addresses() {
    constexpr const char* following = "follow this host's addresses";
    addresses = open_netlink(NETLINK_ROUTE, SOCK_NONBLOCK, following);
    for (int group : {RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR})
        if (mnl_socket_setsockopt(addresses.get(), NETLINK_ADD_MEMBERSHIP, &group, sizeof group) <
            0)
            fail(following, errno);
    watch(mnl_socket_get_fd(addresses.get()));
}

void LiveSource::State::take_addresses(Batch& batch) {
    std::array<std::uint8_t, 8192> room; // NOLINT: filled by the call
    for (int i = 0; i < receives_in_a_read; ++i) {
        const Received received = receive(addresses, room);
        if (received.error == EAGAIN)
            return;
        if (received.error == ENOBUFS || received.error == ENOMEM || received.error == ENOSPC)
            ask_addresses(); // some changes were lost
        else if (received.error != 0 && received.error != EINTR)
            fail("follow this host's addresses", received.error);
        const Time time = now();
        auto bytes = std::span<const std::uint8_t>(room).first(received.size);
        while (const auto message = next_message(bytes))
            tell(time, NETLINK_ROUTE, *message, batch);
    }
}

void LiveSource::State::ask_addresses() {
    constexpr const char* asking = "list this host's addresses";
    const NetlinkSocket socket = open_netlink(NETLINK_ROUTE, 0, asking);
    Batch batch; // addresses are no events
    constexpr std::uint32_t list = 1;
    const auto request = make_message(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, list,
                                      ifaddrmsg{AF_UNSPEC, 0, 0, 0, 0});
    if (mnl_socket_sendto(socket.get(), request.data(), request.size()) < 0)
        fail(asking, errno);
    tell(now(), NETLINK_ROUTE, request, batch);
    std::vector<std::uint8_t> room(std::size_t{64} * 1024);
    for (bool done = false; !done;) {
        const Received received = receive(socket, room);
        if (received.error != 0)
            fail(asking, received.error);
        const Time time = now();
        Message bytes(room.data(), received.size);
        while (const auto message = next_message(bytes)) {
            if (header_of(*message).nlmsg_seq != list)
                continue;
            const int type = header_of(*message).nlmsg_type;
            if (type == NLMSG_ERROR)
                fail(asking, error_in(*message).value_or(EPROTO));
            tell(time, NETLINK_ROUTE, *message, batch);
            done = done || type == NLMSG_DONE;
        }
    }
}

// -- events ---------------------------------------------------------------------------------------

bool LiveSource::State::take_events(Batch& batch) {
    for (int i = 0; i < receives_in_a_read; ++i) {
        const EventSocket::Outcome outcome = events.receive();
        if (outcome == EventSocket::Outcome::overrun) {
            overrun = true;
            tell_lost(events.newly_lost(), batch);
            continue;
        }
        const Time time = now();
        for (std::size_t each = 0; each < events.size(); ++each) {
            Message bytes = events[each];
            while (const auto message = next_message(bytes))
                tell(time, NETLINK_NETFILTER, *message, batch);
            batch.odd += bytes.empty() ? 0 : 1;
        }
        if (outcome == EventSocket::Outcome::all) {
            if (std::exchange(overrun, false))
                tell_silent_losses(batch);
            return true;
        }
    }
    return false;
}

// -- single flows ---------------------------------------------------------------------------------

/// The kernel answers within the call that asks. Its answers take much more of the receive buffer
/// than their size, so they are taken out one by one.
void LiveSource::State::ask_for(const Flow& flow) {
    constexpr const char* asking = "look up a connection";
    if (!flow_socket)
        flow_socket = open_netlink(NETLINK_NETFILTER, SOCK_NONBLOCK, asking);
    const auto request = make_flow_request(IPCTNL_MSG_CT_GET, 0, flow, ++asked);
    if (!request) // lists tell of it
        return;
    if (mnl_socket_sendto(flow_socket.get(), request->data(), request->size()) < 0) {
        if (errno == ENOBUFS || errno == ENOMEM)
            return;
        fail(asking, errno);
    }
    constexpr std::size_t room = 8192;
    answers.insert(answers.end(), request->begin(), request->end());
    const std::size_t before = answers.size();
    answers.resize(before + room);
    const Received received = receive(flow_socket, std::span(answers).subspan(before));
    answers.resize(before + received.size);
}

/// What had happened before the kernel looked has been told by now. An error says that the flow is
/// not there, and means nothing to the reader.
void LiveSource::State::take_answers(Batch& batch) {
    const Time time = now();
    Message bytes(answers);
    while (const auto message = next_message(bytes))
        tell(time, NETLINK_NETFILTER, *message, batch);
    answers.clear();
}

// -- lists ----------------------------------------------------------------------------------------

void LiveSource::State::check_namespace() const {
    if (!network_namespace.empty() && !is_in_network_namespace(network_namespace))
        throw Failure("the network namespace " + network_namespace + " has been deleted");
}

void LiveSource::State::start_list(Batch& batch) {
    check_namespace();
    schedule.started(std::chrono::steady_clock::now());
    if (dump.open())
        watch(dump.fd());
    tell(now(), NETLINK_NETFILTER, dump.start({}), batch);
    take_list_end(batch); // there was no room for the request
}

void LiveSource::State::take_list(Batch& batch) {
    const Time time = now();
    while (const auto message = dump.next())
        tell(time, NETLINK_NETFILTER, *message, batch);
    batch.odd += dump.newly_odd();
    take_list_end(batch);
}

void LiveSource::State::take_list_end(Batch& batch) {
    const auto end = dump.end();
    if (!end)
        return;
    tell_silent_losses(batch);
    tell(now(), NETLINK_NETFILTER, end->message, batch);
    schedule.ended(std::chrono::steady_clock::now());
    if (end->broken_off)
        schedule.repair();
}

} // namespace natstat
