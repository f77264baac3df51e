// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A log that is stopped, killed and begun again, while flows begin, end and are translated anew
// whether somebody looks or not: 500 random histories, and the question who was there at every step
// of them. The test knows the truth, reads the log itself to see what can be known out of it, and
// wants that answered without a word, and the rest right or with one. NATSTAT_SEED=N begins at
// another seed.
#include "make_flow.hpp"
#include "natstat/answer/step_stream.hpp"
#include "natstat/gather/past.hpp"
#include "natstat/intake/text_source.hpp"
#include "tests/catch.hpp"

#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include <sys/mman.h>
#include <unistd.h>

using namespace natstat;
using namespace std::chrono_literals;

namespace {

using Answered = std::set<std::string>;

constexpr Time far{std::chrono::nanoseconds::max()};
constexpr Time beginning = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22};

/// Who tells nothing else: a kernel of which the test says what it told.
struct Silence final : Source {
    [[nodiscard]] int fd() const override { return -1; }
    Progress read(Batch&) override { return Progress::ended; }
    void request_list(const ListQuery&) override {}
};

/// A flow of the world, from when to when by a clock that nobody sets.
struct Lived {
    Flow flow;
    Time from;
    Time to = far;

    [[nodiscard]] bool at(Time time) const { return from <= time && time < to; }
};

std::string name_of(const Flow& flow) {
    return to_text(flow.tuple(Direction::original).source) + " by " +
           to_text(flow.tuple(Direction::reply).destination);
}

/// One who writes the log.
class Writer {
  public:
    Writer() : output_([this](std::string_view text) { written_ += text; }, 4096) {
        steps_.printed.emplace().format = Format::jsonl;
        for (const Column& each : columns())
            if (each.in_full == Full::steps || each.in_full == Full::both)
                steps_.question.layout.push_back(shown(each));
        stream_.emplace(steps_, From{}, output_, nullptr, complain_);
    }
    void say(EventKind kind, Time time, const Flow& flow = Flow{}) {
        Event& event = batch_.events.emplace_back();
        event.kind = kind;
        event.time = time;
        event.flow = flow;
    }
    void hand_over() {
        stream_->take(batch_, silence_);
        batch_.clear();
    }
    void stop() {
        Answer answer;
        stream_->finish(answer);
    }
    [[nodiscard]] const std::string& written() const { return written_; }

  private:
    FollowRequest::Steps steps_;
    std::string written_;
    Output output_;
    Complain complain_ = [](std::string_view) {};
    std::optional<StepStream> stream_;
    Batch batch_;
    Silence silence_;
};

class History {
  public:
    explicit History(std::uint64_t seed) : random_(seed), ids_(chance(80)), sets_back_(chance(15)) {
        const std::size_t steps = 20 + below(60);
        for (std::size_t i = 0; i < steps; ++i)
            step();
        if (writer_)
            end_run();
    }

    [[nodiscard]] const std::string& log() const { return log_; }
    /// A moment after each step, as the clock showed it.
    [[nodiscard]] const std::vector<Time>& moments() const { return moments_; }

    /// All that was there when the clock showed that, once for each time when it did.
    [[nodiscard]] std::vector<Answered> truths(Time shown) const {
        std::vector<Answered> all;
        for (auto span = clock_.begin(); span != clock_.end(); ++span) {
            const Time time = shown - span->second;
            const auto next = std::next(span);
            if (time < span->first || (next != clock_.end() && time >= next->first))
                continue;
            Answered& names = all.emplace_back();
            for (const Lived& each : lived_)
                if (each.at(time))
                    names.insert(name_of(each.flow));
        }
        return all;
    }

  private:
    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
    }
    bool chance(std::size_t percent) { return below(100) < percent; }
    [[nodiscard]] Time shown() const { return now_ + clock_.rbegin()->second; }

    void step() {
        now_ += std::chrono::milliseconds{1000 + below(4000)};
        if (sets_back_ && chance(8))
            clock_[now_] = clock_.rbegin()->second - std::chrono::seconds{2 + below(20)};
        if (!writer_ ? chance(40) : chance(12))
            writer_ ? end_run() : begin_run();
        lost_ = writer_ && chance(4);
        if (lost_)
            writer_->say(EventKind::lost, shown());
        for (std::size_t i = below(4); i-- > 0;)
            happen();
        if (writer_)
            list();
        moments_.push_back(shown() + 300ms);
    }

    void happen() {
        std::vector<Lived*> there;
        for (Lived& each : lived_)
            if (each.at(now_))
                there.push_back(&each);
        if (there.empty() || chance(45))
            return come();
        Lived& one = *there[below(there.size())];
        if (chance(60)) {
            one.to = now_;
            return tell(EventKind::destroyed, one.flow);
        }
        one.flow.status = status::seen_reply | status::assured;
        tell(EventKind::updated, one.flow);
    }

    /// One of few tuples and NAT ports, so that they come again; none that is taken.
    void come() {
        const bool six = chance(30);
        const std::string host = (six ? "[2001:db8:1::" : "192.0.2.") +
                                 std::to_string(1 + below(3)) + (six ? "]:" : ":") +
                                 std::to_string(1000 + below(2));
        const std::string gate =
            (six ? "[2001:db8:ff::1]:" : "198.51.100.1:") + std::to_string(2000 + below(4));
        const std::string_view there = six ? "[2001:db8:2::9]:53" : "203.0.113.9:53";
        Flow flow = test::MakeFlow("udp", host, there).reply(there, gate);
        flow.status = 0;
        flow.set(Part::status);
        for (const Lived& each : lived_)
            if (each.at(now_) &&
                (same_connection(each.flow, flow) ||
                 (each.flow.port[3] == flow.port[3] && each.flow.family == flow.family)))
                return;
        if (ids_) { // one in a while comes where one of the same tuple was
            flow.id = chance(5) ? 7 : 100 + static_cast<std::uint32_t>(lived_.size());
            flow.set(Part::id);
        }
        lived_.push_back({flow, now_});
        tell(EventKind::created, flow);
    }

    void tell(EventKind kind, const Flow& flow) {
        if (writer_ && !lost_)
            writer_->say(kind, shown(), flow);
    }

    /// The kernel's list: all that had happened before it looked has been told.
    void list() {
        if (listing_ && chance(50)) {
            for (const Lived& each : lived_)
                if (each.at(now_))
                    writer_->say(EventKind::listed, shown(), each.flow);
            writer_->say(EventKind::list_end, shown());
            listing_ = false;
        } else if (!listing_ && (lost_ || chance(25))) {
            begin_list();
        }
        writer_->hand_over();
    }
    void begin_list() {
        writer_->say(EventKind::list_begin, shown());
        listing_ = true;
    }

    void begin_run() {
        writer_.emplace();
        begin_list();
    }
    void end_run() {
        if (chance(50)) {
            writer_->stop();
            log_ += writer_->written();
        } else { // killed: what it had not written yet is not there, to the middle of a line
            const std::string& text = writer_->written();
            log_ += text.substr(0, text.size() - std::min(text.size(), below(2) * below(900)));
        }
        writer_.reset();
    }

    std::mt19937_64 random_;
    bool ids_;
    bool sets_back_;
    bool lost_ = false;
    bool listing_ = false;
    Time now_ = beginning;
    std::map<Time, std::chrono::nanoseconds> clock_{
        {Time{}, 0s}}; // from when on, what it shows more
    std::vector<Lived> lived_;
    std::vector<Time> moments_;
    std::optional<Writer> writer_;
    std::string log_;
};

/// Between when and when all is known, by the log's own words.
class Known {
  public:
    explicit Known(std::string_view log) {
        while (!log.empty()) {
            const auto end = log.find('\n');
            const auto line = log.substr(0, end);
            const auto begin = line.rfind(R"({"time":")");
            if (end == std::string_view::npos || begin == std::string_view::npos ||
                !line.ends_with('}'))
                since_.reset(); // cut off
            else
                take(line.substr(begin), begin != 0);
            log.remove_prefix(end == std::string_view::npos ? log.size() : end + 1);
        }
    }
    [[nodiscard]] bool at(Time time) const {
        return std::any_of(spans_.begin(), spans_.end(), [&](const auto& span) {
            return span.first <= time && time < span.second;
        });
    }

  private:
    void take(std::string_view line, bool glued) {
        const auto word = [line](std::string_view name) {
            const auto at = line.find(name) + name.size();
            return line.substr(at, line.find('"', at) - at);
        };
        const Time time = parse_utc_moment(word(R"("time":")")).value();
        const auto event = word(R"("event":")");
        if (glued || event == "started" || event == "lost")
            since_.reset();
        if (event == "whole" && !glued && !since_)
            since_ = time;
        if (since_)
            spans_.emplace_back(*since_, time);
    }
    std::optional<Time> since_;
    std::vector<std::pair<Time, Time>> spans_;
};

struct Reply {
    Answered names;
    bool warned = false;
};

/// What natstat says of the moment.
Reply ask(const std::string& log, Time moment, const std::string& filter) {
    const int descriptor = ::memfd_create("natstat-test", MFD_CLOEXEC);
    REQUIRE(::write(descriptor, log.data(), log.size()) == static_cast<ssize_t>(log.size()));
    ::lseek(descriptor, 0, SEEK_SET);
    TextSource source(descriptor, "log", {}, TextFormat::json);
    Question question;
    question.filter = std::get<Filter>(Filter::parse(filter, {}));
    Surroundings around;
    Reply reply;
    try {
        const ListEnd end =
            read_file_at(source, {moment, moment}, question, "log", around,
                         [&](const Row& row) { reply.names.insert(name_of(row.flow)); });
        reply.warned = !end.others.empty();
    } catch (const Failure&) {
        reply.warned = true;
    }
    return reply;
}

Answered having(const Answered& all, std::string_view end) {
    Answered some;
    for (const std::string& name : all)
        if (end.empty() || name.ends_with(" by " + std::string(end)))
            some.insert(name);
    return some;
}

/// What was asked, of how much an answer had to be certain.
struct Tally {
    std::size_t all = 0;
    std::size_t certain = 0;
};

std::string told_of(const Answered& names) {
    return Catch::StringMaker<Answered>::convert(names);
}

/// The words are made for the failure alone: they are long.
void judge(const History& history, const Known& known, Time moment, std::string_view gate,
           Tally& asked) {
    const auto truths = history.truths(moment);
    const bool certain = truths.size() == 1 && known.at(moment);
    ++asked.all;
    asked.certain += certain ? 1 : 0;
    const Reply reply = ask(history.log(), moment, gate.empty() ? "" : "nat " + std::string(gate));
    const bool right = std::any_of(truths.begin(), truths.end(), [&](const Answered& all) {
        return having(all, gate) == reply.names;
    });
    if (right ? !certain || !reply.warned : !certain && reply.warned)
        return;
    UNSCOPED_INFO(history.log());
    for (const Answered& truth : truths)
        UNSCOPED_INFO("in truth " << told_of(truth));
    FAIL(to_text(Value{Instant{moment}})
         << " nat " << gate << ": " << told_of(reply.names) << (reply.warned ? ", warned" : "")
         << (certain ? ", and could be certain" : ""));
}

} // namespace

TEST_CASE("who was there, out of logs that were begun again", "[log][histories]") {
    const char* const chosen = std::getenv("NATSTAT_SEED");
    const std::uint64_t first = chosen == nullptr ? 20261122 : std::strtoull(chosen, nullptr, 10);
    constexpr std::uint64_t histories = 200;
    Tally asked;
    for (std::uint64_t seed = first; seed < first + histories; ++seed) {
        INFO("NATSTAT_SEED=" << seed);
        const History history(seed);
        if (history.log().empty())
            continue;
        const Known known(history.log());
        // Some moments of each, and one NAT port at each of them.
        constexpr std::string_view gates[] = {"", "198.51.100.1:2001", "[2001:db8:ff::1]:2002"};
        for (std::size_t i = seed % 8; i < history.moments().size(); i += 8)
            for (const std::string_view gate : {gates[0], gates[1 + seed % 2]})
                judge(history, known, history.moments()[i], gate, asked);
    }
    CHECK(asked.all > 4 * histories);
    // The judge is no use if he finds nothing certain, or everything.
    CHECK(asked.certain > asked.all / 10);
    CHECK(asked.certain < asked.all / 4 * 3);
}
