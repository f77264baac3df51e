// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What each event means for the picture. How flows are kept and found is tracker_store.cpp.
#include "natstat/model/tracker.hpp"

namespace natstat {

namespace {

/// Whether the kernel's numbers say that these are two flows with one tuple.
bool other_flow(const Flow& a, const Flow& b) {
    return a.has(Part::id) && b.has(Part::id) && a.id != b.id;
}

/// Whether these entries with one tuple are two: by their numbers or, where none are told, by what
/// answers them.
bool are_two(const Flow& a, const Flow& b) {
    if (a.has(Part::id) && b.has(Part::id))
        return a.id != b.id;
    return a.has(Part::reply) && b.has(Part::reply) &&
           (a.address[2] != b.address[2] || a.address[3] != b.address[3] ||
            a.port[2] != b.port[2] || a.port[3] != b.port[3]);
}

bool same_id(const Flow& a, const Flow& b) {
    return a.has(Part::id) && b.has(Part::id) && a.id == b.id;
}

/// Tells a flow from all others that ended in the time of one list.
std::uint64_t name_of(const Flow& flow, std::uint32_t hash) {
    return std::uint64_t{hash} << 32 | flow.id;
}

/// What a list says of a flow about which an event has already said something newer. An entry that
/// the kernel wrote before it answered a look-up, and that is read after the answer, has less in
/// its counters.
Flow without_older(Flow listed, const Flow& known) {
    const bool counts_less =
        (listed.has(Part::counters_up) && listed.packets_up < known.packets_up) ||
        (listed.has(Part::counters_down) && listed.packets_down < known.packets_down);
    listed.clear(Part::state);
    listed.clear(Part::status);
    if (counts_less) {
        listed.clear(Part::counters_up);
        listed.clear(Part::counters_down);
        listed.clear(Part::timeout);
    }
    return listed;
}

std::optional<std::chrono::nanoseconds> held(const Life& life, Time until) {
    if (life.state_since == Time{} || until < life.state_since)
        return std::nullopt;
    return until - life.state_since;
}

/// Takes in the times of what `news` carries, before it is merged into `known`. Who `judged` the
/// event repeats the counters that he knew, and does not say when they were told.
void note_times(Life& life, const Flow& known, const Flow& news, const Event& event,
                std::chrono::nanoseconds window) {
    if (event.time == Time{})
        return;
    if (news.has(Part::timeout))
        life.timeout_at = event.time;
    if (!event.judgement && news.has(Part::counters_up) && news.has(Part::counters_down))
        life.count(known, news, event.time, window);
}

Transition step_of(TransitionKind kind, const Tracker::Tracked& tracked, Time time, bool by_list) {
    Transition step;
    step.kind = kind;
    step.by_list = by_list;
    step.time = time;
    step.flow = tracked.flow;
    step.life = tracked.life;
    return step;
}

/// Puts in what is known better.
void judge(Transition& step, const std::optional<Judgement>& judgement) {
    if (!judgement)
        return;
    step.by_list = judgement->by_list;
    step.from = judgement->was;
    step.held = judgement->held;
    if (step.kind == TransitionKind::ended)
        step.ending = judgement->ending;
}

Transition end_of(const Tracker::Tracked& tracked, Time time, bool by_list, Ending ending) {
    Transition step = step_of(TransitionKind::ended, tracked, time, by_list);
    step.from = state_of(tracked.flow);
    step.held = held(tracked.life, time);
    step.ending = ending;
    return step;
}

/// Whether the timeout that was last told has run out by now.
bool timeout_is_over(const Tracker::Tracked& tracked, Time now) {
    return tracked.flow.has(Part::timeout) && tracked.life.timeout_at != Time{} &&
           tracked.life.timeout_at + std::chrono::seconds{tracked.flow.timeout} <= now;
}

/// How a flow ended whose end was told by an event. The kernel leaves out a timeout that has run
/// out, and counts whole seconds (ctnetlink_dump_timeout).
Ending told_ending(const Tracker::Tracked& tracked, const Event& event, bool says_timeout) {
    LastSight sight;
    sight.requested = event.requested;
    sight.removed = says_timeout && event.flow.timeout > 0;
    sight.timed_out = !sight.removed;
    sight.before = tracked.life.state_before();
    return ending_of(tracked.flow, sight);
}

Ending silent_ending(const Tracker::Tracked& tracked, Time now) {
    LastSight sight;
    sight.timed_out = timeout_is_over(tracked, now);
    sight.before = tracked.life.state_before();
    return ending_of(tracked.flow, sight);
}

/// What is of no flow.
void tell_mark(TransitionKind kind, const Event& event, std::uint32_t extras,
               const Tracker::Steps& steps) {
    if (!steps)
        return;
    Transition mark;
    mark.kind = kind;
    mark.time = event.time;
    mark.run = event.run;
    mark.lost = event.count;
    mark.flow.extras = extras;
    steps(mark);
}

/// What was not told of the status stays as it was: the kernel never takes ASSURED away.
void merge_status(Flow& known, const Flow& news) {
    const bool was_assured = known.has(Part::status) && (known.status & status::assured) != 0;
    known.status = news.status;
    if ((news.status & status::assured_untold) != 0 && was_assured)
        known.status = (news.status & ~status::assured_untold) | status::assured;
}

} // namespace

void merge(Flow& known, const Flow& news) {
    const auto carries = [&news](Part part) { return news.has(part); };
    const auto take_ends = [&](Part ports, std::size_t first) {
        for (const std::size_t end : {first, first + 1}) {
            known.address[end] = news.address[end];
            if (carries(ports))
                known.port[end] = news.port[end];
        }
    };
    if (carries(Part::original))
        take_ends(Part::original_ports, 0);
    if (carries(Part::reply))
        take_ends(Part::reply_ports, 2);
    if (carries(Part::status))
        merge_status(known, news);
    if (carries(Part::state))
        known.state = news.state;
    if (carries(Part::timeout))
        known.timeout = news.timeout;
    if (carries(Part::counters_up)) {
        known.packets_up = news.packets_up;
        known.bytes_up = news.bytes_up;
    }
    if (carries(Part::counters_down)) {
        known.packets_down = news.packets_down;
        known.bytes_down = news.bytes_down;
    }
    if (carries(Part::start))
        known.set_start(std::chrono::milliseconds{news.start_ms});
    else if (const auto age = news.age())
        known.set_age(*age);
    if (news.reach != Reach::unknown)
        known.reach = news.reach;
    if (carries(Part::mark))
        known.mark = news.mark;
    if (carries(Part::zone)) {
        known.clear(Part::zone_original_only); // the news have it where it holds
        known.clear(Part::zone_reply_only);
        known.zone = news.zone;
    }
    if (carries(Part::id))
        known.id = news.id;
    if (news.extras != 0)
        known.extras = news.extras;
    known.parts = static_cast<std::uint16_t>(known.parts | news.parts);
}

void Tracker::apply(const Event& event, const ExtrasPool& extras, const Steps& steps) {
    switch (event.kind) {
    case EventKind::lost:
        stale_ = lost_in_list_ = true;
        return tell_mark(TransitionKind::lost, event, 0, steps);
    case EventKind::started:
        begin_run(event);
        return tell_mark(TransitionKind::started, event, extras_.intern(extras[event.flow.extras]),
                         steps);
    case EventKind::stopped:
        return tell_mark(TransitionKind::stopped, event, 0, steps);
    case EventKind::list_begin:
        begin_list();
        in_list_ = true;
        lost_in_list_ = false;
        ended_.clear();
        return forget_unused_extras();
    case EventKind::list_end:
        return end_list(event, steps);
    case EventKind::created:
    case EventKind::updated:
    case EventKind::destroyed:
    case EventKind::listed:
    case EventKind::looked_up:
        break;
    }
    make_room();
    Flow flow = event.flow;
    flow.extras = flow.extras == 0 ? 0 : extras_.intern(extras[flow.extras]);
    event.kind == EventKind::destroyed ? take_end(event, flow, steps) : take(event, flow, steps);
}

/// Of several flows with the key, that with the number; without it the first one.
std::size_t Tracker::slot_nearest(const Flow& flow, std::uint32_t hash) const {
    const std::size_t first = slot_of(flow, hash);
    if (slots_[first] == 0 || !other_flow((*this)[slots_[first] - 1].flow, flow))
        return first;
    const std::size_t same = slot_of_same(flow, hash, other_flow);
    return slots_[same] == 0 ? first : same;
}

void Tracker::take(const Event& event, const Flow& flow, const Steps& steps) {
    const std::uint32_t hash = hash_of(flow);
    if (event.kind == EventKind::listed && has_ended(flow, hash))
        return;
    // A source that follows events says when a list begins, and there the later one of two entries
    // is newer. In a mere list both are there; what it does not name goes with its end.
    const bool mere_list = event.kind == EventKind::listed && !in_list_;
    std::size_t slot = mere_list ? slot_of_same(flow, hash, are_two) : slot_nearest(flow, hash);
    if (event.kind == EventKind::looked_up &&
        (slots_[slot] == 0 || other_flow(at(slots_[slot] - 1).flow, flow)))
        return; // what comes and goes is for events and lists to tell
    while (slots_[slot] != 0) {
        const std::size_t index = slots_[slot] - 1;
        const Tracked& tracked = at(index);
        // A tuple that is created again, or comes with another number, is a new flow; but one that
        // was listed before the word of its creation came is not.
        const bool created = event.kind == EventKind::created;
        if (!other_flow(tracked.flow, flow) && (!created || same_id(tracked.flow, flow)))
            return update(index, event, flow, steps);
        const bool by_list = event.kind == EventKind::listed;
        if (steps)
            steps(end_of(tracked, event.time, by_list, silent_ending(tracked, event.time)));
        erase(slot);
        slot = slot_of(flow, hash);
    }
    take_new(event, flow, insert(flow, hash, slot, event.time), steps);
}

bool Tracker::has_ended(const Flow& flow, std::uint32_t hash) const {
    return !ended_.empty() && flow.has(Part::id) && ended_.contains(name_of(flow, hash));
}

void Tracker::take_new(const Event& event, const Flow& flow, std::size_t index,
                       const Steps& steps) {
    Life& life = at(index).life;
    const bool listed = event.kind == EventKind::listed;
    const bool by_list = listed || (event.judgement && event.judgement->by_list);
    life.created = event.kind == EventKind::created && !by_list;
    life.listed = listed;
    const auto state = state_of(flow);
    if (state)
        life.enter(*state, event.time, !by_list || event.kind == EventKind::updated);
    if (listed)
        return; // the end of the list tells of it
    marks_[index].evented = true;
    if (event.kind == EventKind::created)
        return announce(index, TransitionKind::created, event.time, by_list, steps);
    if (!complete_ && !state)
        return;                     // the first list tells of it
    marks_[index].announced = true; // it was there before, and nobody saw it come
    if (!steps || !state)
        return;
    Transition step = step_of(TransitionKind::changed, at(index), event.time, false);
    step.to = state;
    judge(step, event.judgement);
    steps(step);
}

void Tracker::update(std::size_t index, const Event& event, const Flow& flow, const Steps& steps) {
    Tracked& tracked = at(index);
    Mark& mark = marks_[index];
    const bool listed = event.kind == EventKind::listed;
    const bool created = event.kind == EventKind::created;
    tracked.life.listed |= listed || event.kind == EventKind::looked_up;
    if (!listed && !created && !mark.announced && complete_)
        announce(index, TransitionKind::created, event.time, true, steps);

    const auto before = state_of(tracked.flow);
    const bool is_older = listed && mark.evented;
    const Flow news = is_older ? without_older(flow, tracked.flow) : flow;
    note_times(tracked.life, tracked.flow, news, event, rate_window_);
    merge(tracked.flow, news);
    repeated_ += listed && mark.named ? 1 : 0;
    mark.named = true;
    if (!listed && (news.has(Part::state) || news.has(Part::status)))
        mark.evented = true;

    const auto now = state_of(tracked.flow);
    const auto in_it = held(tracked.life, event.time);
    // A log can leave steps out.
    const bool told = event.judgement && event.kind == EventKind::updated;
    const bool changed = now && (now != before || told);
    const bool by_list = listed || event.kind == EventKind::looked_up;
    if (changed) // a list that is the first to say it does not say since when
        tracked.life.enter(*now, event.time, before || !by_list);
    if (created && !mark.announced) {
        tracked.life.created = true;
        return announce(index, TransitionKind::created, event.time, false, steps);
    }
    if (changed && !listed)
        mark.announced = true; // it was there before the first list, and is told of here
    if (!changed || !steps || !mark.announced) // else it is told with its creation
        return;
    Transition step = step_of(TransitionKind::changed, tracked, event.time, listed);
    step.from = before;
    step.to = now;
    step.held = in_it;
    judge(step, event.judgement);
    steps(step);
}

void Tracker::take_end(const Event& event, const Flow& flow, const Steps& steps) {
    const std::uint32_t hash = hash_of(flow);
    const std::size_t slot = slot_nearest(flow, hash);
    if (in_list_ && flow.has(Part::id))
        ended_.insert(name_of(flow, hash));
    const bool says_timeout = flow.has(Part::timeout);
    const auto tell = [&](const Tracked& tracked) {
        if (!steps)
            return;
        Transition step =
            end_of(tracked, event.time, false, told_ending(tracked, event, says_timeout));
        judge(step, event.judgement);
        steps(step);
    };
    if (slots_[slot] == 0) // nobody saw it live
        return tell({flow, {}});
    const std::size_t index = slots_[slot] - 1;
    // The end of an older flow can come after its successor was listed.
    if (other_flow(at(index).flow, flow))
        return;
    static const Steps none;
    update(index, event, flow, event.judgement ? none : steps); // a log has said it all before
    tell(at(index));
    erase(slot);
}

void Tracker::announce(std::size_t index, TransitionKind kind, Time time, bool by_list,
                       const Steps& steps) {
    marks_[index].announced = true;
    if (!steps)
        return;
    Transition step = step_of(kind, at(index), time, by_list);
    step.to = state_of(at(index).flow);
    steps(step);
}

/// Nothing has been said of any flow yet.
void Tracker::begin_list() {
    for (Mark& mark : marks_)
        mark.named = mark.evented = false;
}

/// What is known now is from before, and to be told again by whoever began here.
void Tracker::begin_run(const Event& event) {
    run_ = event.time;
    begin_list();
    in_list_ = true;
    stale_ = true;
    complete_ = lost_in_list_ = false;
    ended_.clear();
    for (Mark& mark : marks_)
        mark.announced = false;
}

void Tracker::end_list(const Event& event, const Steps& steps) {
    // Who wrote down that all has been told knew it. Where he did not begin there, it is what was
    // lost that he has told of by now; a log does not name again what is there already.
    const bool whole = event.whole && (!lost_in_list_ || event.judgement);
    const bool other_run = event.judgement && run_ != Time{} && event.run != run_;
    if (event.judgement && (!in_list_ || other_run)) {
        stale_ = stale_ && other_run; // of two who write at once, each has lost for himself
        return tell_mark(TransitionKind::whole, event, 0, steps);
    }
    if (complete_) {
        for (std::size_t index = 0; index < size(); ++index)
            if (!marks_[index].announced && marks_[index].named)
                announce(index, TransitionKind::created, event.time, true, steps);
    } else if (whole) {
        tell_first_list(event.time, steps);
    }
    if (whole) {
        sweep(event.time, steps);
        if (tells_all_ && (!complete_ || stale_))
            tell_mark(TransitionKind::whole, event, 0, steps);
        complete_ = true;
        stale_ = false;
    }
    in_list_ = lost_in_list_ = false;
    ended_.clear();
    begin_list(); // a source that does not say when one begins begins the next one here
}

/// Its flows were there before.
void Tracker::tell_first_list(Time time, const Steps& steps) {
    for (std::size_t index = 0; index < size(); ++index) {
        if (marks_[index].announced || !marks_[index].named)
            continue;
        if (tells_all_)
            announce(index, TransitionKind::listed, time, true, steps);
        marks_[index].announced = true;
    }
}

void Tracker::sweep(Time time, const Steps& steps) {
    for (std::size_t index = size(); index-- > 0;) {
        if (marks_[index].named)
            continue;
        if (steps)
            steps(end_of(at(index), time, true, silent_ending(at(index), time)));
        erase(slot_of(index));
    }
}

} // namespace natstat
