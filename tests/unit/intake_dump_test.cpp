// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The conversation of a list with a kernel of the test's own, which says what it is told to: what
// becomes of the list after each thing that can go wrong, wherever in the conversation it happens.
#include "intake/dump.hpp"

#include "intake/netlink.hpp"

#include "tests/catch.hpp"

#include <cerrno>
#include <cstring>
#include <deque>
#include <string>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

using namespace natstat;

namespace {

using Bytes = std::vector<std::uint8_t>;

struct Received {
    Bytes bytes;
    int error = 0;
};

/// What the test's kernel will say, and what it was asked.
struct Script {
    std::deque<int> sends;       // what the next requests come to; 0 when there are no more
    std::deque<Received> pieces; // what comes next
    std::vector<Bytes> requests; // that it got
    int opened = 0;              // channels
    [[nodiscard]] std::uint32_t sequence() const { return header_of(requests.back()).nlmsg_seq; }
};

class ScriptedChannel final : public DumpChannel {
  public:
    explicit ScriptedChannel(Script& script) : script_(script) {}
    [[nodiscard]] int send(std::span<const std::uint8_t> request) override {
        script_.requests.emplace_back(request.begin(), request.end());
        if (script_.sends.empty())
            return 0;
        const int error = script_.sends.front();
        script_.sends.pop_front();
        return error;
    }
    [[nodiscard]] int fd() const override { return script_.opened; }
    [[nodiscard]] std::optional<Pump::Piece> take() override {
        if (script_.pieces.empty())
            return std::nullopt;
        last_ = script_.pieces.front();
        script_.pieces.pop_front();
        return Pump::Piece{last_.bytes, last_.error};
    }

    [[nodiscard]] std::uint64_t newly_foreign() override { return 0; }

  private:
    Script& script_;
    Received last_;
};

/// A message whose payload is a number.
Bytes message(std::uint16_t type, std::uint32_t sequence, int number = 0, int flags = 0) {
    Bytes bytes(NLMSG_LENGTH(sizeof number));
    const nlmsghdr head{static_cast<std::uint32_t>(bytes.size()), type,
                        static_cast<std::uint16_t>(NLM_F_MULTI | flags), sequence, 0};
    std::memcpy(bytes.data(), &head, sizeof head);
    std::memcpy(bytes.data() + NLMSG_HDRLEN, &number, sizeof number);
    return bytes;
}

constexpr std::uint16_t entry = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;

Bytes operator+(Bytes left, const Bytes& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

/// What came of a list.
struct Outcome {
    int entries = 0;
    std::optional<Dump::End> end;
    std::string failure;
};

struct Conversation {
    Script script;
    Dump dump{[this] {
        ++script.opened;
        return std::make_unique<ScriptedChannel>(script);
    }};

    /// Reads what there is.
    Outcome read() {
        Outcome outcome;
        try {
            outcome.end = dump.end();
            while (!outcome.end && dump.receive()) {
                while (dump.next())
                    ++outcome.entries;
                outcome.end = dump.end();
            }
        } catch (const Failure& failure) {
            outcome.failure = failure.what();
        }
        return outcome;
    }

    void say(const Bytes& bytes) { script.pieces.push_back({bytes}); }
    void say_entry(int flags = 0) { say(message(entry, script.sequence(), 0, flags)); }
    void say_done() { say(message(NLMSG_DONE, script.sequence())); }

    /// The next list is a whole one, and on a channel that takes requests.
    void goes_on(int channels) {
        dump.start({});
        CHECK(script.opened == channels);
        say_entry();
        say_done();
        const Outcome next = read();
        CHECK(next.entries == 1);
        REQUIRE(next.end);
        CHECK(next.end->whole);
    }
};

/// Where in a conversation an error can come.
enum class Place { request, receive, answer, done };

Outcome list_with(Conversation& talk, Place place, int error, const ListCondition& condition) {
    if (place == Place::request)
        talk.script.sends = {error};
    try {
        talk.dump.start(condition);
    } catch (const Failure& failure) {
        return {0, {}, failure.what()};
    }
    const std::uint32_t sequence = talk.script.sequence();
    if (place == Place::receive) {
        talk.say_entry();
        talk.script.pieces.push_back({{}, error});
    } else if (place == Place::answer) {
        talk.say(message(NLMSG_ERROR, sequence, -error));
    } else if (place == Place::done) {
        talk.say(message(entry, sequence) + message(NLMSG_DONE, sequence, -error));
    }
    return talk.read();
}

} // namespace

TEST_CASE("dump: entries, and an end that is the kernel's", "[dump]") {
    Conversation talk;
    const auto request = talk.dump.start({});
    CHECK(request == talk.script.requests.back());
    const std::uint32_t sequence = talk.script.sequence();
    talk.say(message(entry, sequence) + message(entry, sequence));
    talk.say(message(entry, sequence) + message(NLMSG_DONE, sequence));
    const Outcome outcome = talk.read();
    CHECK(outcome.entries == 3);
    REQUIRE(outcome.end);
    CHECK(outcome.end->whole);
    CHECK_FALSE(outcome.end->broken_off);
    CHECK(outcome.end->message == message(NLMSG_DONE, sequence));
    CHECK_FALSE(talk.dump.end()); // once
    talk.goes_on(1);
}

TEST_CASE("dump: no memory or a lost answer ends the list, wherever it happens", "[dump]") {
    for (const int error : {ENOBUFS, ENOMEM, ENOSPC})
        for (const Place place : {Place::request, Place::receive, Place::answer, Place::done}) {
            CAPTURE(error, place);
            Conversation talk;
            const Outcome outcome = list_with(talk, place, error, {});
            CHECK(outcome.failure.empty());
            REQUIRE(outcome.end);
            CHECK_FALSE(outcome.end->whole);
            CHECK(outcome.end->broken_off);
            const nlmsghdr head = header_of(outcome.end->message);
            CHECK(head.nlmsg_type == NLMSG_DONE);
            CHECK((head.nlmsg_flags & NLM_F_DUMP_INTR) != 0);
            CHECK(head.nlmsg_seq == talk.script.sequence());
            CHECK(head.nlmsg_len == outcome.end->message.size());
            CHECK(talk.dump.fd() < 0);
            talk.goes_on(2);
        }
}

TEST_CASE("dump: refused filters are left out", "[dump]") {
    ListCondition condition;
    condition.family = Family::ipv4;
    condition.zone = 7;
    for (const int error : {EINVAL, EOPNOTSUPP}) {
        CAPTURE(error);
        Conversation talk;
        CHECK(list_with(talk, Place::answer, error, condition).failure.empty());
        REQUIRE(talk.script.requests.size() == 2);
        CHECK(talk.script.requests[1].size() < talk.script.requests[0].size());
        talk.say(message(entry, talk.script.sequence() - 1)); // of the first request
        talk.say_entry();
        talk.say_done();
        const Outcome outcome = talk.read();
        CHECK(outcome.entries == 1);
        REQUIRE(outcome.end);
        CHECK(outcome.end->whole);
    }
}

TEST_CASE("dump: what can not go on says why", "[dump]") {
    ListCondition condition;
    condition.zone = 7;
    for (const Place place : {Place::request, Place::receive, Place::answer, Place::done}) {
        CAPTURE(place);
        Conversation talk;
        CHECK(list_with(talk, place, EPERM, condition).failure ==
              "cannot list connections: Operation not permitted (needs CAP_NET_ADMIN; try sudo)");
    }
    Conversation talk; // there is nothing to leave out
    CHECK_FALSE(list_with(talk, Place::answer, EINVAL, {}).failure.empty());
    Conversation end; // filters are refused before the first entry
    CHECK_FALSE(list_with(end, Place::done, EINVAL, condition).failure.empty());
}

TEST_CASE("dump: a list that the table changed under is not whole", "[dump]") {
    Conversation talk;
    talk.dump.start({});
    talk.say_entry(NLM_F_DUMP_INTR);
    talk.say_entry();
    talk.say_done();
    const Outcome outcome = talk.read();
    CHECK(outcome.entries == 2);
    REQUIRE(outcome.end);
    CHECK_FALSE(outcome.end->whole);
    CHECK_FALSE(outcome.end->broken_off);
    CHECK((header_of(outcome.end->message).nlmsg_flags & NLM_F_DUMP_INTR) != 0);
    talk.goes_on(1);
}

TEST_CASE("dump: only answers to what was asked count", "[dump]") {
    Conversation talk;
    talk.dump.start({});
    const std::uint32_t sequence = talk.script.sequence();
    talk.say(message(entry, sequence + 1) + message(NLMSG_ERROR, sequence + 1, -EPERM) +
             message(NLMSG_DONE, 0) + message(NLMSG_ERROR, sequence, 0) +
             message(entry, sequence - 1, 0, NLM_F_DUMP_INTR));
    talk.say_entry();
    talk.say_done();
    const Outcome outcome = talk.read();
    CHECK(outcome.failure.empty());
    CHECK(outcome.entries == 1);
    REQUIRE(outcome.end);
    CHECK(outcome.end->whole);
    talk.say(message(entry, sequence)); // after the end
    CHECK(talk.read().entries == 0);
}

TEST_CASE("dump: a message without an end breaks the list off", "[dump]") {
    Conversation talk;
    talk.dump.start({});
    Bytes bytes = message(entry, talk.script.sequence()) + message(entry, talk.script.sequence());
    bytes.pop_back();
    talk.say(bytes);
    const Outcome outcome = talk.read();
    CHECK(outcome.entries == 1);
    REQUIRE(outcome.end);
    CHECK(outcome.end->broken_off);
    CHECK(talk.dump.newly_odd() == 1);
    CHECK(talk.dump.newly_odd() == 0);
    talk.goes_on(2);
}
