// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Without a clock of its own a file is told to nobody before its end; the kernel's steps are
// followed by the time in which nothing happens.
#include "natstat/answer/nat_log.hpp"

#include "natstat/model/nat.hpp"

namespace natstat {

namespace {

Time now() {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

} // namespace

NatLog::NatLog(const Kept& request, const std::string& flows, bool of_file,
               const Complain& complain)
    : of_file_(of_file), complain_(complain),
      writer_({request.directory, flows, {request.days, request.bytes}, of_file}, now()) {
    say_news();
}

void NatLog::tell(const Row& step, bool wanted) {
    const bool is_end = step.step->kind == TransitionKind::ended;
    if (step.nat == Nat::none || (!wanted && !is_end) || step.step->kind == TransitionKind::changed)
        return;
    log::Step told(*step.step);
    told.wanted = wanted;
    writer_.add(told);
}

void NatLog::tell_mark(const Transition& mark) {
    writer_.add(log::Step(mark));
}

void NatLog::push(Time now) {
    writer_.pass(now);
    say_news();
}

void NatLog::idle() {
    if (!of_file_)
        push(now());
}

void NatLog::say_news() {
    for (const std::string& sentence : writer_.news())
        complain_(sentence);
}

void NatLog::finish(Answer& answer) {
    writer_.finish();
    for (std::string& sentence : writer_.news())
        answer.add(std::move(sentence));
}

} // namespace natstat
