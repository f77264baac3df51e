// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A flow that comes and goes within a transaction is never in `open`. What is changed here while a
// transaction is open is written down, so that it can be taken back with it.
#include "days.hpp"

#include "schema.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace natstat::log {

namespace {

/// A clock that is set back by less than this leaves the day as it is.
constexpr std::chrono::minutes disorder{10};

/// By what the tracker tells flows apart.
std::uint64_t key_of(const Flow& flow) {
    std::array<char, 40> name{};
    auto put = [&, at = std::size_t{0}](const void* from, std::size_t size) mutable {
        std::memcpy(name.data() + at, from, size);
        at += size;
    };
    const std::uint16_t zone = flow.zone_of(Direction::original);
    const auto family = static_cast<std::uint8_t>(flow.family);
    put(flow.address.data(), 2 * sizeof flow.address[0]);
    put(flow.port.data(), 2 * sizeof flow.port[0]);
    put(&zone, sizeof zone);
    put(&flow.protocol, sizeof flow.protocol);
    put(&family, sizeof family);
    return siphash(run_key(), {name.data(), name.size()});
}

std::uint8_t bit(How how, bool is_so) {
    return is_so ? static_cast<std::uint8_t>(how) : std::uint8_t{0};
}

} // namespace

Days::Days(const Settings& settings) : settings_(settings), directory_(settings.directory) {}

Day Days::day_for(Time time) const {
    if (!day_)
        return day_of(time);
    const bool is_behind = time + disorder < Time{*day_};
    return is_behind ? day_of(time) : std::max(*day_, day_of(time));
}

DayFile Days::opened(Day day) {
    try {
        return DayFile(directory_.path_of(day));
    } catch (const Refused& refused) {
        if (!refused.is_damage())
            throw;
        tell_damage(refused.what(), directory_.set_aside(day));
    }
    return DayFile(directory_.path_of(day));
}

void Days::tell_damage(const std::string& why, const std::string& new_name) {
    news_.push_back("a file of the log in " + settings_.directory + " is damaged (" + why +
                    ") and set aside as " + new_name + ": a new one begins");
}

void Days::turn_to(Day day) {
    if (day_ == day)
        return;
    DayFile file = opened(day);
    if (day_)
        leave_day(file, day);
    // A clock that jumps takes nothing away.
    const bool jumps = day_ && day - *day_ > std::chrono::days{1};
    file_.emplace(std::move(file));
    day_ = day;
    remove_old(day, !jumps);
}

void Days::remove_old(Day day, bool by_age) {
    others_.clear();
    others_size_ = 0;
    for (const Day each : directory_.days()) {
        if (each == day)
            continue;
        others_.push_back(each);
        if (settings_.keep.bytes)
            others_size_ += directory_.size_of(each);
    }
    const auto is_old = [&](Day each) {
        return settings_.keep.days && each < day - std::chrono::days{*settings_.keep.days};
    };
    while (by_age && !others_.empty() && is_old(others_.front()))
        remove_oldest();
    make_room();
}

/// What can not be removed is tried again when another day begins.
void Days::make_room() {
    if (!settings_.keep.bytes || others_.empty())
        return;
    const std::uint64_t own = directory_.size_of(*day_);
    while (!others_.empty() && others_size_ + own > *settings_.keep.bytes)
        remove_oldest();
}

void Days::remove_oldest() {
    const Day day = others_.front();
    others_.pop_front();
    if (settings_.keep.bytes)
        others_size_ -= std::min(others_size_, directory_.size_of(day));
    auto sentences = directory_.remove(day);
    news_.insert(news_.end(), sentences.begin(), sentences.end());
}

/// What lives goes over into the next file, and stays in the one that is left.
void Days::leave_day(const DayFile& next, Day day) {
    if (day > *day_) { // nothing happened until its end
        file_->begin();
        file_->set_until(Time{*day_ + std::chrono::days{1}} - std::chrono::nanoseconds{1});
        file_->commit();
    }
    next.carry_over(directory_.path_of(*day_));
    file_->settle();
}

void Days::write(const std::vector<Step>& steps, Time until) {
    const Step* first = steps.data();
    const Step* const end = first + steps.size();
    while (first != end) {
        turn_to(day_for(first->time));
        const Step* last = first;
        while (last != end && day_for(last->time) == *day_)
            ++last;
        write_part(first, last, last[-1].time);
        first = last;
    }
    if (until != until_) {
        turn_to(day_for(until));
        write_part(nullptr, nullptr, until);
    }
}

void Days::write_part(const Step* first, const Step* last, Time until) {
    try {
        file_->begin();
        for (const Step* step = first; step != last; ++step)
            take(*step);
        for (const Fresh& each : fresh_)
            if (each.step != nullptr)
                file_->add_open(each.step->flow, each.begun);
        file_->set_until(until);
        file_->commit();
    } catch (const Refused&) {
        take_back();
        throw;
    }
    until_ = until;
    forget_part();
    make_room();
}

void Days::forget_part() {
    for (const Before& each : undo_)
        if (const auto found = living_.find(each.key); found != living_.end())
            found->second.fresh = 0;
    fresh_.clear();
    undo_.clear();
    undo_all_.reset();
}

void Days::take_back() {
    file_->roll_back();
    if (undo_all_)
        living_ = std::move(*undo_all_);
    for (auto each = undo_.rbegin(); each != undo_.rend(); ++each) {
        if (each->living)
            living_[each->key] = *each->living;
        else
            living_.erase(each->key);
    }
    fresh_.clear();
    undo_.clear();
    undo_all_.reset();
}

void Days::remember(Key key) {
    const auto found = living_.find(key);
    undo_.push_back({key, found == living_.end() ? std::nullopt : std::optional(found->second)});
}

void Days::take(const Step& step) {
    switch (step.kind) {
    case TransitionKind::created:
    case TransitionKind::listed:
        return take_beginning(step);
    case TransitionKind::ended:
        return take_end(step);
    case TransitionKind::changed:
        return;
    default:
        return take_mark(step);
    }
}

void Days::take_beginning(const Step& step) {
    const Key key = key_of(step.flow);
    remember(key);
    const bool before = step.kind == TransitionKind::listed;
    const auto how = static_cast<std::uint8_t>(bit(How::begun_by_list, step.by_list || before) |
                                               bit(How::was_there, before));
    const Begun begun{next_++, step.time, how};
    fresh_.push_back({&step, begun});
    living_[key] = {begun, fresh_.size()};
}

void Days::take_end(const Step& step) {
    const Key key = key_of(step.flow);
    const auto found = living_.find(key);
    if (found == living_.end() && !step.wanted)
        return;
    Begun begun;
    if (found != living_.end()) {
        remember(key);
        begun = found->second.begun;
        if (found->second.fresh != 0)
            fresh_[found->second.fresh - 1].step = nullptr;
        else
            file_->remove_open(step.flow, begun.id);
        living_.erase(found);
    }
    begun.how = static_cast<std::uint8_t>(begun.how | bit(How::ended_by_list, step.by_list));
    file_->add_life(step, begun);
}

/// Who begins to look anew knows nothing of the ends of what was there before.
void Days::take_mark(const Step& step) {
    if (step.kind == TransitionKind::started) {
        file_->give_up_open();
        undo_all_ = std::exchange(living_, {});
        undo_.clear();
        fresh_.clear();
        run_ = step.time;
    }
    file_->add_mark(step, settings_.flows);
}

void Days::write_stop() {
    turn_to(day_for(until_));
    Step stop;
    stop.kind = TransitionKind::stopped;
    stop.time = until_;
    stop.run = run_;
    write_part(&stop, &stop + 1, until_);
}

void Days::set_aside(const std::string& why) {
    file_.reset();
    living_.clear();
    const Day day = *std::exchange(day_, std::nullopt);
    tell_damage(why, directory_.set_aside(day));
}

void Days::settle() {
    if (file_)
        file_->settle();
    file_.reset();
}

} // namespace natstat::log
