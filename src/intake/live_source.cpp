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

#include "descriptor.hpp"
#include "event_socket.hpp"
#include "flow_request.hpp"
#include "list_request.hpp"
#include "list_schedule.hpp"
#include "natstat/intake/host.hpp"
#include "netlink.hpp"
#include "pump.hpp"

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

constexpr const char* doing = "list connections";

Time now() {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

/// No memory for an answer, or a message that did not fit: the next list may fare better.
bool passes(int error) {
    return error == ENOBUFS || error == ENOMEM || error == ENOSPC;
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
        : tap(its_tap), events(settings.receive_buffer), schedule(settings.period, settings.share) {
    }

    Tap* tap;
    MessageReader reader;
    EventSocket events;   // open before anything is asked for: what changes meanwhile is not missed
    bool overrun = false; // the kernel keeps on dropping until the queue has been read empty

    NetlinkSocket list_socket; // these two are there from one list on until one breaks off
    std::optional<Pump> pump;
    std::optional<Pump::Piece> held; // received, but there are events to come before it
    ListSchedule schedule;
    std::uint32_t sequence = 0; // of the last request
    std::optional<std::uint64_t> buckets;

    NetlinkSocket flow_socket;         // there from the first question for a flow on
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
    void ask_addresses();

    /// True when all that had happened has been told.
    bool take_events(Batch& batch);
    void ask_for(const Flow& flow);
    void take_answers(Batch& batch);
    void open_list_socket();
    void start_list(Batch& batch);
    void take_list(const Pump::Piece& piece, Batch& batch);
    void end_list(Message done, Batch& batch);
    /// Ends a list whose rest will not come. Its socket takes no other request (see KernelSource),
    /// so the next list has a new one.
    void give_up(Batch& batch);
};

LiveSource::LiveSource(const LiveSettings& settings, Tap* tap)
    : state_(std::make_unique<State>(settings, tap)) {
    state_->watch(state_->events.fd());
    state_->watch(state_->timer.get());
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
    if (!state.held && state.pump)
        state.held = state.pump->take();
    if (!state.take_events(batch))
        return Progress::more;
    state.take_answers(batch);
    const auto piece = std::exchange(state.held, std::nullopt);
    if (piece)
        state.take_list(*piece, batch);
    const auto due = state.schedule.due();
    if (due && *due <= std::chrono::steady_clock::now())
        state.start_list(batch);
    state.set_timer();
    return piece ? Progress::more : Progress::idle;
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

void LiveSource::State::ask_addresses() {
    constexpr const char* asking = "list this host's addresses";
    const NetlinkSocket socket = open_netlink(NETLINK_ROUTE, 0, asking);
    Batch batch; // addresses are no events
    const auto request =
        make_message(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, 1, ifaddrmsg{AF_UNSPEC, 0, 0, 0, 0});
    if (mnl_socket_sendto(socket.get(), request.data(), request.size()) < 0)
        fail(asking, errno);
    tell(now(), NETLINK_ROUTE, request, batch);
    std::vector<std::uint8_t> room(std::size_t{64} * 1024);
    for (bool done = false; !done;) {
        const ssize_t size = mnl_socket_recvfrom(socket.get(), room.data(), room.size());
        if (size < 0)
            fail(asking, errno);
        const Time time = now();
        Message bytes(room.data(), static_cast<std::size_t>(size));
        while (const auto message = next_message(bytes)) {
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
    const auto request = make_flow_request(IPCTNL_MSG_CT_GET, 0, flow, ++sequence);
    if (mnl_socket_sendto(flow_socket.get(), request.data(), request.size()) < 0) {
        if (passes(errno))
            return;
        fail(asking, errno);
    }
    constexpr std::size_t room = 8192;
    answers.insert(answers.end(), request.begin(), request.end());
    const std::size_t before = answers.size();
    answers.resize(before + room);
    const ssize_t size = mnl_socket_recvfrom(flow_socket.get(), answers.data() + before, room);
    answers.resize(before + static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
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

void LiveSource::State::open_list_socket() {
    list_socket = open_netlink(NETLINK_NETFILTER, SOCK_NONBLOCK, doing);
    pump.emplace(mnl_socket_get_fd(list_socket.get()));
    watch(pump->fd());
}

void LiveSource::State::start_list(Batch& batch) {
    schedule.started(std::chrono::steady_clock::now());
    if (!pump)
        open_list_socket();
    buckets = conntrack_setting("nf_conntrack_buckets");
    const auto request = make_list_request({}, ++sequence);
    tell(now(), NETLINK_NETFILTER, request, batch);
    if (mnl_socket_sendto(list_socket.get(), request.data(), request.size()) >= 0)
        return;
    if (!passes(errno))
        fail(doing, errno);
    give_up(batch);
}

void LiveSource::State::take_list(const Pump::Piece& piece, Batch& batch) {
    if (passes(piece.error))
        return give_up(batch);
    if (piece.error != 0)
        fail(doing, piece.error);
    const Time time = now();
    Message bytes = piece.bytes;
    while (const auto message = next_message(bytes)) {
        const int type = header_of(*message).nlmsg_type;
        if (type != NLMSG_ERROR && type != NLMSG_DONE) {
            tell(time, NETLINK_NETFILTER, *message, batch);
            continue;
        }
        const int error = error_in(*message).value_or(type == NLMSG_DONE ? 0 : EPROTO);
        if (passes(error))
            return give_up(batch);
        if (error != 0)
            fail(doing, error);
        if (type == NLMSG_DONE)
            end_list(*message, batch);
    }
    if (!bytes.empty()) { // what comes next can not be found, nor whether it was the end
        ++batch.odd;
        give_up(batch);
    }
}

void LiveSource::State::end_list(Message done, Batch& batch) {
    tell_silent_losses(batch);
    std::vector<std::uint8_t> bytes(done.begin(), done.end());
    if (buckets != conntrack_setting("nf_conntrack_buckets")) {
        nlmsghdr head = header_of(bytes);
        head.nlmsg_flags |= NLM_F_DUMP_INTR;
        std::memcpy(bytes.data(), &head, sizeof head);
    }
    tell(now(), NETLINK_NETFILTER, bytes, batch);
    schedule.ended(std::chrono::steady_clock::now());
}

void LiveSource::State::give_up(Batch& batch) {
    if (schedule.under_way()) {
        const auto done = make_message(NLMSG_DONE, NLM_F_MULTI | NLM_F_DUMP_INTR, sequence, int{0});
        end_list(done, batch);
        schedule.repair();
    }
    pump.reset(); // before its socket
    list_socket.reset();
}

} // namespace natstat
