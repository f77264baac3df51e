// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Names of many addresses at once: what is wanted waits in a queue, goes out as the pace allows,
// and is given up when the time is over.
#include "natstat/names/host_names.hpp"

#include "channel.hpp"
#include "natstat/names/hosts_file.hpp"
#include "natstat/names/pace.hpp"

#include <deque>
#include <fstream>
#include <sstream>
#include <unordered_map>

#include <netdb.h>
#include <sys/socket.h>

namespace natstat {
namespace {

using Clock = std::chrono::steady_clock;

// c-ares reads this file anew for each address, which 100,000 addresses would notice.
constexpr const char* hosts_path = "/etc/hosts";

// So many look-ups were turned down by the network and no name server was heard of: the rest would
// go the same way.
constexpr std::size_t hopeless = 8;

// Until a name server is heard of, look-ups go out one by one, but not longer than this. A refusal
// that comes back while others are being sent is lost on them, and costs a timeout in its place.
constexpr std::chrono::milliseconds careful_start{50};

// More than may ever be young, so that a step is short even when every look-up fails on the spot.
constexpr std::size_t step_max = 2 * LookUpPace::young_max;

constexpr int tries = 3;
constexpr int dns_class_internet = 1; // RFC 1035 section 3.2.4
constexpr int dns_type_ptr = 12;      // and 3.2.2

HostsTable read_hosts() {
    std::ifstream file(hosts_path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return parse_hosts(text.view());
}

/// What the end of a look-up says about its address.
enum class Verdict { answered, late, failed };

Verdict judge(int status) {
    switch (status) {
    case ARES_SUCCESS:
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
        return Verdict::answered;
    case ARES_ETIMEOUT:
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
        return Verdict::late;
    default:
        return Verdict::failed;
    }
}

/// The name in a name server's answer, if it is fit to show.
std::string name_in(const Address& address, const unsigned char* packet, int size) {
    hostent* host = nullptr;
    const int length = static_cast<int>(address_size(address.family));
    const int family = address.family == Family::ipv4 ? AF_INET : AF_INET6;
    if (ares_parse_ptr_reply(packet, size, address.bytes.data(), length, family, &host) !=
        ARES_SUCCESS)
        return {};
    std::string name;
    if (host->h_name != nullptr)
        name = clean_host_name(host->h_name);
    ares_free_hostent(host);
    return name;
}

} // namespace

class HostNames::Lookups {
  public:
    explicit Lookups(std::chrono::milliseconds patience)
        : hosts_(read_hosts()), channel_(patience / 5, tries) {}

    void want(const Address& address);
    void wait(Clock::time_point end);
    bool step();
    [[nodiscard]] int fd() const { return channel_.fd(); }
    [[nodiscard]] std::string_view name(const Address& address) const;
    [[nodiscard]] std::size_t unanswered() const { return known_.size() - answered_; }
    [[nodiscard]] std::string trouble() const;

  private:
    struct Lookup {
        Lookups* owner = nullptr;
        std::string name;
        LookUpPace::Epoch sent = 0;
    };
    using Known = std::unordered_map<Address, Lookup, AddressHash>;
    using Entry = Known::value_type; // stays in place for as long as the table lives

    void send_some();
    void send(Entry& entry);
    static void receive(void* entry, int status, int timeouts, unsigned char* packet,
                        int size) noexcept;
    [[nodiscard]] bool finish(const Lookup& lookup, int status);
    void fail(Verdict verdict, int status);
    [[nodiscard]] bool may_send() const;
    void set_alarm();
    void give_up();

    HostsTable hosts_;
    Known known_;
    std::deque<Entry*> waiting_;
    LookUpPace pace_;
    std::size_t answered_ = 0;    // also by the hosts file
    std::size_t turned_down_ = 0; // by the network, before a name server was heard of
    Clock::time_point now_;
    Clock::time_point start_;    // of the careful start
    int failure_ = ARES_SUCCESS; // the last one
    bool sending_ = false;
    bool heard_ = false; // of a name server, be it to say that it failed
    bool dns_answered_ = false;
    bool learned_ = false;
    Channel channel_; // last: its end calls receive() for what is still open
};

void HostNames::Lookups::want(const Address& address) {
    if (address.family == Family::none)
        return;
    const auto [entry, is_new] = known_.try_emplace(address);
    if (!is_new)
        return;
    entry->second.owner = this;
    if (const auto host = hosts_.find(address); host != hosts_.end()) {
        entry->second.name = host->second;
        ++answered_;
    } else if (channel_.get() != nullptr) {
        waiting_.push_back(&*entry);
        channel_.set(Channel::Alarm::at_once);
    }
}

void HostNames::Lookups::wait(Clock::time_point end) {
    do
        step();
    while (!(waiting_.empty() && pace_.under_way() == 0) && channel_.poll_until(end));
    give_up();
}

bool HostNames::Lookups::step() {
    if (channel_.get() == nullptr)
        return false;
    learned_ = false;
    now_ = Clock::now();
    channel_.process();
    send_some();
    if (turned_down_ >= hopeless)
        give_up();
    set_alarm();
    return learned_;
}

bool HostNames::Lookups::may_send() const {
    const bool careful = !heard_ && now_ < start_ + careful_start;
    return !waiting_.empty() && turned_down_ < hopeless && pace_.room() &&
           (!careful || pace_.under_way() == 0);
}

void HostNames::Lookups::send_some() {
    pace_.advance(now_);
    if (start_ == Clock::time_point{} && !waiting_.empty())
        start_ = now_;
    for (std::size_t i = 0; i < step_max && may_send(); ++i) {
        Entry& entry = *waiting_.front();
        waiting_.pop_front();
        send(entry);
    }
}

void HostNames::Lookups::send(Entry& entry) {
    entry.second.sent = pace_.sent();
    sending_ = true;
    ares_query(channel_.get(), reverse_name(entry.first).c_str(), dns_class_internet, dns_type_ptr,
               receive, &entry);
    sending_ = false;
}

void HostNames::Lookups::receive(void* entry, int status, int, unsigned char* packet,
                                 int size) noexcept {
    auto& [address, lookup] = *static_cast<Entry*>(entry);
    if (!lookup.owner->finish(lookup, status) || status != ARES_SUCCESS)
        return;
    lookup.name = name_in(address, packet, size);
    lookup.owner->learned_ |= !lookup.name.empty();
}

/// Keeps the books when a look-up is over; true when it was answered.
bool HostNames::Lookups::finish(const Lookup& lookup, int status) {
    pace_.finished(lookup.sent);
    const Verdict verdict = judge(status);
    if (verdict != Verdict::answered) {
        fail(verdict, status);
        return false;
    }
    ++answered_;
    heard_ = dns_answered_ = true;
    return true;
}

void HostNames::Lookups::fail(Verdict verdict, int status) {
    failure_ = status;
    if (verdict != Verdict::failed || heard_)
        return;
    // c-ares has one status for a server that failed and for none that could be reached, so that
    // the status does not tell.
    if (sending_ || channel_.in_error())
        ++turned_down_;
    else
        heard_ = true;
}

void HostNames::Lookups::set_alarm() {
    if (may_send())
        channel_.set(Channel::Alarm::at_once);
    else if (!waiting_.empty() || pace_.under_way() != 0)
        channel_.set(Channel::Alarm::ticking);
    else
        channel_.set(Channel::Alarm::off);
}

void HostNames::Lookups::give_up() {
    waiting_.clear();
    if (channel_.get() != nullptr)
        ares_cancel(channel_.get());
    turned_down_ = 0;
    start_ = {};
    set_alarm();
}

std::string_view HostNames::Lookups::name(const Address& address) const {
    const auto found = known_.find(address);
    return found == known_.end() ? std::string_view{} : found->second.name;
}

std::string HostNames::Lookups::trouble() const {
    if (!channel_.trouble().empty())
        return channel_.trouble();
    if (dns_answered_ || failure_ == ARES_SUCCESS)
        return {};
    if (judge(failure_) == Verdict::late)
        return "no name server answered in time";
    return std::string("no name server gave an answer: ") + ares_strerror(failure_);
}

HostNames::HostNames(std::chrono::milliseconds patience)
    : lookups_(std::make_unique<Lookups>(patience)) {}

HostNames::~HostNames() = default;

void HostNames::want(const Address& address) {
    lookups_->want(address);
}

void HostNames::wait(std::chrono::milliseconds deadline) {
    lookups_->wait(Clock::now() + deadline);
}

int HostNames::fd() const {
    return lookups_->fd();
}

bool HostNames::step() {
    return lookups_->step();
}

std::string_view HostNames::name(const Address& address) const {
    return lookups_->name(address);
}

std::size_t HostNames::unanswered() const {
    return lookups_->unanswered();
}

std::string HostNames::trouble() const {
    return lookups_->trouble();
}

} // namespace natstat
