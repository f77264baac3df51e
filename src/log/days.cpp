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

/// What is told can be this far out of order; a clock that is set back by less leaves no trace.
constexpr std::chrono::minutes disorder{1};

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

bool Days::is_set_back(Time time, Time latest) const {
    return volume_ && time + disorder < latest;
}

/// Whether it goes into the file that is written, which reaches to `latest`.
bool Days::stays(Time time, Time latest) const {
    return volume_ && !is_set_back(time, latest) && day_of(time) <= volume_->day;
}

DayFile Days::opened(const Volume& volume) {
    try {
        DayFile file(directory_.path_of(volume));
        [[maybe_unused]] const Time until = file.until(); // so that damage shows
        return file;
    } catch (const Refused& refused) {
        if (!refused.is_damage())
            throw;
        tell_damage(refused.what(), directory_.set_aside(volume));
    }
    return DayFile(directory_.path_of(volume));
}

void Days::tell_damage(const std::string& why, const std::string& new_name) {
    news_.push_back("a file of the log in " + settings_.directory + " is damaged (" + why +
                    ") and set aside as " + new_name + ": a new one begins");
}

/// The last one of that day, or a new one where that has later things already.
DayFile Days::file_for(Volume& volume, Time time) {
    for (const Volume& each : directory_.volumes())
        if (each.day == volume.day)
            volume = each;
    if (volume != volume_) {
        DayFile file = opened(volume);
        if (file.until() <= time + disorder)
            return file;
        file.settle();
    }
    ++volume.number;
    return opened(volume);
}

void Days::turn_to(Time time) {
    if (stays(time, latest_))
        return;
    const bool back = is_set_back(time, latest_);
    Volume volume{day_of(time)};
    DayFile file = file_for(volume, time);
    // A clock that jumps takes nothing away.
    const bool jumps = volume_ && (back || volume.day - volume_->day > std::chrono::days{1});
    if (volume_)
        back ? leave_set_back(file, time) : leave_day(file, volume.day);
    latest_ = file.until();
    file_.emplace(std::move(file));
    volume_ = volume;
    remove_old(!jumps);
}

void Days::remove_old(bool by_age) {
    others_.clear();
    others_size_ = 0;
    for (const Volume& each : directory_.volumes()) {
        if (each == volume_)
            continue;
        others_.push_back(each);
        if (settings_.keep.bytes)
            others_size_ += directory_.size_of(each);
    }
    const auto is_old = [&](const Volume& each) {
        return settings_.keep.days &&
               each.day < volume_->day - std::chrono::days{*settings_.keep.days};
    };
    while (by_age && !others_.empty() && is_old(others_.front()))
        remove_oldest();
    make_room();
}

/// What can not be removed is tried again when another file begins.
void Days::make_room() {
    if (!settings_.keep.bytes || others_.empty())
        return;
    const std::uint64_t own = directory_.size_of(*volume_);
    while (!others_.empty() && others_size_ + own > *settings_.keep.bytes)
        remove_oldest();
}

void Days::remove_oldest() {
    const Volume oldest = others_.front();
    others_.pop_front();
    if (settings_.keep.bytes)
        others_size_ -= std::min(others_size_, directory_.size_of(oldest));
    auto sentences = directory_.remove(oldest);
    news_.insert(news_.end(), sentences.begin(), sentences.end());
}

/// What lives goes over into the next file, and stays in the one that is left. Nothing happened
/// until its day's end.
void Days::leave_day(const DayFile& next, Day day) {
    const Time end = Time{volume_->day + std::chrono::days{1}} - std::chrono::nanoseconds{1};
    if (day > volume_->day)
        file_->in_transaction([&] { file_->set_until(end); });
    next.carry_over(directory_.path_of(*volume_));
    file_->settle();
}

/// Times of before and of after mean nothing to each other: it is as if he who looks had ended it,
/// and another one had begun, who found what lives.
void Days::leave_set_back(DayFile& next, Time time) {
    Step stop;
    stop.kind = TransitionKind::stopped;
    stop.time = latest_;
    stop.run = run_;
    file_->in_transaction([&] { file_->add_mark(stop, settings_.flows); });
    next.carry_over(directory_.path_of(*volume_));
    next.begin_anew(time, whole_, settings_.flows);
    file_->settle();
    run_ = time;
    for (auto& [key, living] : living_) {
        living.begun.time = time;
        living.begun.how = static_cast<std::uint8_t>(living.begun.how | found_at_beginning);
    }
}

void Days::write(const std::vector<Step>& steps, Time until) {
    const Step* first = steps.data() + done_;
    const Step* const end = steps.data() + steps.size();
    while (first != end) {
        turn_to(first->time);
        const Step* last = first;
        Time latest = std::max(latest_, first->time);
        while (++last != end && stays(last->time, latest))
            latest = std::max(latest, last->time);
        write_part(first, last, last[-1].time);
        latest_ = latest;
        done_ = static_cast<std::size_t>(last - steps.data());
        first = last;
    }
    if (until != until_) {
        turn_to(until);
        write_part(nullptr, nullptr, until);
        latest_ = std::max(latest_, until);
    }
    done_ = 0;
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
    if (begun.time) // the clock can have been set back by a little
        begun.time = std::min(*begun.time, step.time);
    file_->add_life(step, begun);
}

/// Who begins to look anew knows nothing of the ends of what was there before.
void Days::take_mark(Step mark) {
    if (mark.kind == TransitionKind::started) {
        file_->give_up_open();
        undo_all_ = std::exchange(living_, {});
        undo_.clear();
        fresh_.clear();
        run_ = told_run_ = mark.time;
    } else if (mark.run == told_run_) {
        mark.run = run_;
    }
    whole_ = mark.kind == TransitionKind::whole ||
             (whole_ && mark.kind != TransitionKind::started && mark.kind != TransitionKind::lost);
    file_->add_mark(mark, settings_.flows);
}

void Days::write_stop() {
    done_ = 0;
    turn_to(until_);
    Step stop;
    stop.kind = TransitionKind::stopped;
    stop.time = until_;
    stop.run = run_;
    write_part(&stop, &stop + 1, until_);
}

void Days::set_aside(const std::string& why) {
    file_.reset();
    living_.clear();
    const Volume volume = *std::exchange(volume_, std::nullopt);
    tell_damage(why, directory_.set_aside(volume));
}

void Days::settle() {
    if (file_)
        file_->settle();
    file_.reset();
}

} // namespace natstat::log
