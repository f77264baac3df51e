// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The flows that existed at a moment of a recording or an event log (--at), or at some time of a
// longer time (--from, --to): who had it then. What had happened by then goes through a tracker,
// whose flows are the picture. What happened later is read for the flows that are mentioned only
// then, although they were there before: those that began before the file, and of which no list had
// told yet.
#include "natstat/gather/past.hpp"

#include "natstat/gather/extent.hpp"
#include "natstat/gather/gaps.hpp"
#include "natstat/gather/loop.hpp"
#include "natstat/gather/owners.hpp"

#include "natstat/model/protocol.hpp"
#include "natstat/model/tracker.hpp"

#include <algorithm>

namespace natstat {

namespace {

std::string text_of(Time time) {
    return to_text(Value{Instant{time}});
}

/// A flow as it was, apart from the tracker's.
struct Kept {
    Flow flow;
    Life life;
    Extras extras;
    bool sure = true;
    bool ended = false; // at the moment itself, so it was there
};

enum class WasThere : std::uint8_t { no, yes, perhaps };

/// Puts a state back; that of a protocol that has none of its own is in the flags.
void set_state(Flow& flow, StateNumber state) {
    if (has_states(flow.protocol)) {
        flow.state = state & (state_limit - 1);
        flow.set(Part::state);
        return;
    }
    flow.status = state == stateless::unreplied ? 0
                  : state == stateless::replied ? status::seen_reply
                                                : status::seen_reply | status::assured;
    flow.set(Part::status);
}

/// The flow without what changes from one moment to the next.
Flow without_present(Flow flow) {
    for (const Part part :
         {Part::status, Part::state, Part::timeout, Part::counters_up, Part::counters_down})
        flow.parts &= static_cast<std::uint16_t>(~static_cast<unsigned>(part));
    flow.status = 0;
    return flow;
}

/// When the flow of an event began, at the earliest and at the latest.
struct Beginning {
    Time first, last;
};

/// Of an event with a start, which the kernel tells in nanoseconds and a flow keeps in
/// milliseconds; a text has whole seconds, and natstat's own log the age in those. Nothing is told
/// of before it began.
Beginning beginning_of(const Event& event) {
    using namespace std::chrono_literals;
    const Time start{std::chrono::milliseconds{event.flow.start_ms}};
    const bool by_age = event.judgement.has_value();
    const auto cut = !by_age && event.flow.start_ms % 1000 == 0 ? 1s : 1ms;
    return {by_age ? start - 1s : start, std::min(start + cut - 1ns, event.time)};
}

class Past {
  public:
    explicit Past(const Moment& moment) : moment_(moment), extent_(moment), gaps_(moment) {}

    void take(const Event& event, const ExtrasPool& extras) {
        extent_.take(event);
        tells_beginnings_ = tells_beginnings_ || event.kind == EventKind::created ||
                            event.kind == EventKind::listed;
        gaps_.take(event);
        marked_ = marked_ || event.kind == EventKind::started || event.run != Time{};
        event.time <= moment_.last ? take_before(event, extras) : take_later(event, extras);
    }

    [[nodiscard]] const Extent& extent() const { return extent_; }

    /// What the answer may lack. `counts`: how many flows there were is the answer; `empty`: there
    /// was none; `doubtful`: so many more may have been.
    [[nodiscard]] Complaints gaps(const std::string& file, bool counts, bool empty,
                                  std::size_t doubtful) const {
        const std::string name = file_name(file);
        Complaints all = extent_.complaints(name);
        for (std::string& sentence : gaps_.sentences())
            all.push_back(std::move(sentence));
        if (lost_at_)
            all.push_back("events were lost at " + text_of(*lost_at_) +
                          ", and no whole list followed before the time asked for: flows may be "
                          "missing, or shown although they had ended");
        else if (doubtful != 0 && !tells_beginnings_)
            all.push_back(name + " tells how flows end and not when they began: " +
                          std::to_string(doubtful) + " of them may have been there");
        else if (doubtful != 0)
            all.push_back(std::to_string(doubtful) +
                          (doubtful == 1 ? " more flow" : " more flows") +
                          " may have been there: " + why_doubtful());
        if ((counts || empty) && !before_.complete())
            all.push_back(no_list_in(file));
        const auto [first, last] = extent_.covered();
        if (counts && last - first >= std::chrono::seconds{1})
            all.push_back("all flows are counted that were there at some time from " +
                          text_of(first) + " to " + text_of(last) +
                          ", also those that followed each other");
        return all;
    }

    [[nodiscard]] Time now() const { return extent_.covered().last; }

    /// What happened until the moment.
    [[nodiscard]] const Tracker& before() const { return before_; }

    template <typename Visit>
    void for_each(const Owners& owners, Visit&& visit) const {
        for (std::size_t i = 0; i < before_.size(); ++i)
            if (owners.has_its_place(i))
                visit(before_[i].flow, before_[i].life, before_.extras()[before_[i].flow.extras],
                      true);
        for (const Kept& kept : kept_)
            visit(kept.flow, kept.life, kept.extras,
                  kept.sure && (kept.ended || tells_beginnings_));
    }

  private:
    [[nodiscard]] std::string why_doubtful() const {
        if (begun_later_ && (!lost_later_ || *begun_later_ < *lost_later_))
            return "mentioned only after somebody began to look anew at " + text_of(*begun_later_);
        if (lost_later_)
            return "mentioned only after events were lost at " + text_of(*lost_later_);
        return "beginnings are told in whole milliseconds or seconds";
    }

    void take_before(const Event& event, const ExtrasPool& extras) {
        before_.apply(event, extras, [this](const Transition& step) {
            // What a list does not name any more had ended before.
            const bool in_it =
                step.by_list ? step.time > moment_.first : step.time >= moment_.first;
            if (step.kind == TransitionKind::ended && in_it)
                kept_.push_back(
                    {step.flow, step.life, before_.extras()[step.flow.extras], true, true});
        });
        if (event.kind == EventKind::lost)
            lost_at_ = event.time;
        else if ((event.kind == EventKind::list_end && !before_.stale()) ||
                 // The log of somebody who listed, and did not say yet when he had made good.
                 (!marked_ && event.judgement && event.judgement->by_list))
            lost_at_.reset();
    }

    void take_later(const Event& event, const ExtrasPool& extras) {
        if (event.kind == EventKind::lost && !lost_later_)
            lost_later_ = event.time;
        if (event.kind == EventKind::started && !begun_later_)
            begun_later_ = event.time;
        const bool has_flow = event.flow.has(Part::original);
        if (has_flow && before_.find(event.flow))
            return;
        const bool is_first = has_flow && !later_.find(event.flow);
        later_.apply(event, extras, {});
        // A list can name a flow that has ended; the tracker does not take it then.
        const bool taken = event.kind == EventKind::destroyed || later_.find(event.flow);
        const WasThere was = is_first && taken ? was_there(event) : WasThere::no;
        if (was != WasThere::no)
            keep_stranger(event, extras[event.flow.extras], was == WasThere::yes);
    }

    /// Whether a flow that was not heard of until now existed then.
    [[nodiscard]] WasThere was_there(const Event& event) const {
        const auto by_then = [this](Time since) {
            return since <= moment_.last ? WasThere::yes : WasThere::no;
        };
        const auto& told = event.judgement;
        if (told && told->held && by_then(event.time - *told->held) == WasThere::yes)
            return WasThere::yes;
        const bool found = told && told->by_list; // by a list of whom the log is
        const auto began =
            event.flow.has(Part::start) ? std::optional(beginning_of(event)) : std::nullopt;
        if (began && by_then(began->last) == WasThere::yes)
            return WasThere::yes;
        if (before_.complete() && !before_.stale() && !lost_at_)
            return WasThere::no; // all that was there then is known
        if (began) {
            const bool came = event.kind == EventKind::created && !found; // when it was told
            return came || by_then(began->first) == WasThere::no ? WasThere::no : WasThere::perhaps;
        }
        if (begun_later_) // what had come until somebody looked anew is not known
            return WasThere::perhaps;
        // Nobody saw it come. If nothing is missing, it was there before anybody looked.
        switch (event.kind) {
        case EventKind::created:
            return found && lost_at_ ? WasThere::perhaps : WasThere::no;
        case EventKind::listed:
            if (before_.complete() || later_.complete())
                return WasThere::no;
            break;
        default:
            break;
        }
        return lost_at_ || lost_later_ ? WasThere::perhaps : WasThere::yes;
    }

    void keep_stranger(const Event& event, const Extras& extras, bool sure) {
        Kept stranger{without_present(event.flow), {}, extras, sure};
        if (const auto& told = event.judgement; told && told->was && told->held) {
            const Time since = event.time - *told->held;
            if (since <= moment_.last) {
                set_state(stranger.flow, *told->was);
                stranger.life.state_since = since;
            }
        }
        kept_.push_back(std::move(stranger));
    }

    Moment moment_;
    Extent extent_;
    bool marked_ = false;           // it says where runs begin, and when all is told
    bool tells_beginnings_ = false; // else whoever ends later may have begun later, too
    Tracker before_;                // of what happened until the end of the moment
    Tracker later_;                 // of flows that are not in it
    std::vector<Kept> kept_;
    std::optional<Time> lost_at_;     // no list has made good for it
    std::optional<Time> lost_later_;  // the first time after the moment
    std::optional<Time> begun_later_; // when somebody began to look, first after the moment
    Gaps gaps_;
};

} // namespace

ListEnd read_file_at(Source& source, const Moment& moment, const Question& question,
                     std::string_view name, Surroundings& around,
                     const std::function<void(const Row&)>& take) {
    Past past(moment);
    Lacking lacking(question.filter, question.order);
    source.request_list(question.filter.look_up_query());
    ListEnd end;
    end.of_kernel = false;
    end.passed_over = each_event(
        source, [&](const Event& event, const ExtrasPool& extras) { past.take(event, extras); });
    past.extent().require(file_name(name));
    around.now = past.now();
    take_addresses(source, around);
    end.notes = source.notes();
    end.notes.lists = 0; // which of them is shown, is the moment's to say
    std::size_t taken = 0;
    std::size_t doubtful = 0;
    const Owners owners(past.before());
    past.for_each(owners, [&](const Flow& flow, const Life& life, const Extras& extras, bool sure) {
        const Row row(flow, life, extras, around);
        require_kind(question, row, name);
        lacking.see(row);
        if (!question.filter.matches(row))
            return;
        ++(sure ? taken : doubtful);
        if (sure)
            take(row);
    });
    end.others = past.gaps(std::string(name), question.grouping.has_value(), taken == 0, doubtful);
    if (std::string gone = owners.sentence(); !gone.empty())
        end.others.push_back(std::move(gone));
    end.lacking = lacking.columns();
    return end;
}

} // namespace natstat
