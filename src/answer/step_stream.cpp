// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A file that says itself where a run begins is left its own words; everything else begins here,
// with the first that is told. That nothing more was looked at since the last that was told is all
// that can be said at the end: what the kernel has said since then is not read any more.
// Of a part of a file's time it is not told what is there as it begins, so no `whole` follows its
// beginning.
#include "natstat/answer/step_stream.hpp"

#include "natstat/intake/label_names.hpp"

namespace natstat {

StepStream::StepStream(FollowRequest::Steps& steps, const From& from, Output& output, Who* who,
                       const Complain& complain)
    : question_(steps.question), selection_(steps.selection), file_(from.files.shown()), who_(who),
      complain_(complain) {
    if (from.within)
        part_.emplace(Stretch{*from.within});
    around_.label_names = label_names();
    around_.who = who;
    if (steps.printed)
        printer_.emplace(question_.layout, *steps.printed, output);
    if (steps.exported)
        export_.emplace(*steps.exported, !file_.empty(), complain);
    if (steps.kept)
        log_.emplace(*steps.kept, selection_, !file_.empty(), complain);
    if ((printer_ && !printer_->is_table()) || log_)
        tracker_.tell_all();
}

void StepStream::take(const Batch& batch, const Source& source) {
    look_around(source);
    if (who_ != nullptr)
        who_->refresh();
    const bool was_complete = tracker_.complete();
    for (const Event& event : batch.events)
        take(event, batch.extras);
    if (export_ && !was_complete && tracker_.complete())
        export_->count_all(tracker_, around_, batch.events.back().time,
                           is_within(batch.events.back().time));
    hand_over(batch);
}

void StepStream::take(const Event& event, const ExtrasPool& extras) {
    if (part_) {
        part_->extent.take(event);
        part_->gaps.take(event);
    }
    const bool within = is_within(event.time);
    if (within && !begun_)
        begin(event);
    if (within && event.kind == EventKind::started) {
        run_ = event.time;
        begun_within_ = false;
    }
    tracker_.apply(event, extras, tell_);
    if (within && event.time != Time{})
        last_ = event.time;
}

bool StepStream::is_within(Time time) const {
    return !part_ || (time != Time{} && part_->within.first <= time && time <= part_->within.last);
}

void StepStream::hand_over(const Batch& batch) {
    if (printer_)
        printer_->flush();
    if (export_)
        export_->push();
    if (!log_ || !begun_ || batch.events.empty())
        return;
    log_->push(last_);
    if (log_->wants_all())
        log_all();
}

/// As if somebody had begun to look now.
void StepStream::log_all() {
    Transition step;
    step.kind = TransitionKind::started;
    step.time = run_ = last_;
    log_->tell_mark(step);
    step.kind = TransitionKind::listed;
    for (std::size_t i = 0; i < tracker_.size(); ++i) {
        step.flow = tracker_[i].flow;
        step.life = tracker_[i].life;
        const Row row(step, tracker_.extras()[step.flow.extras], around_);
        log_->tell(row, is_wanted(step, row));
    }
    step.kind = TransitionKind::whole;
    step.run = run_;
    log_->tell_mark(step);
}

void StepStream::finish(Answer& answer) {
    if (part_)
        part_->extent.require(file_name(file_));
    if (begun_ && file_.empty()) {
        Transition end;
        end.kind = TransitionKind::stopped;
        end.time = last_;
        print_mark(end);
    }
    if (printer_)
        printer_->finish();
    if (export_)
        export_->finish(answer);
    if (log_)
        log_->finish(answer);
    if (part_) {
        answer.add(part_->extent.complaints(file_name(file_)));
        answer.add(part_->gaps.sentences());
    }
    if (!printer_ && losses_ > 1)
        answer.add("the kernel's events were lost " + std::to_string(losses_) + " times");
}

void StepStream::begin(const Event& first) {
    begun_ = true;
    if (first.kind == EventKind::started)
        return;
    run_ = first.time;
    begun_within_ = part_.has_value();
    Transition start;
    start.kind = TransitionKind::started;
    start.time = first.time;
    print_mark(start);
}

void StepStream::look_around(const Source& source) {
    const auto& addresses = source.local_addresses();
    if (addresses == told_addresses_)
        return;
    told_addresses_ = addresses;
    around_.local_addresses = AddressSet(addresses->begin(), addresses->end());
}

void StepStream::tell(const Transition& step) {
    const bool within = is_within(step.time);
    if (is_mark(step.kind) && within)
        print_mark(step);
    if (is_mark(step.kind))
        return;
    const Row row(step, tracker_.extras()[step.flow.extras], around_);
    if (export_ && step.kind != TransitionKind::lost)
        export_->count(row, within);
    if (!within)
        return;
    if (step.kind == TransitionKind::lost)
        note_loss();
    const bool wanted = is_wanted(step, row);
    if (log_ && is_of_flow(step.kind))
        log_->tell(row, wanted);
    else if (log_)
        log_->tell_mark(step);
    if (!wanted)
        return;
    // People are told what happens, not what was there.
    if (printer_ && !(printer_->is_table() && step.kind == TransitionKind::listed))
        printer_->print(row);
    if (export_)
        export_->tell(row);
}

bool StepStream::is_wanted(const Transition& step, const Row& row) const {
    if (!is_of_flow(step.kind))
        return true;
    require_kind(question_, row, file_);
    return question_.filter.matches(row);
}

/// People know when they began to look, and that they have ended it.
void StepStream::print_mark(Transition mark) {
    if (begun_within_ && mark.kind == TransitionKind::whole)
        return; // of what was there before this part not all is told
    if (begun_within_)
        mark.run = Time{};
    const bool began_again = mark.kind == TransitionKind::started && last_ != Time{};
    if (mark.kind == TransitionKind::started)
        mark.run = last_;
    else if (mark.run == Time{}) // it is this stream's own
        mark.run = run_;
    if (log_)
        log_->tell_mark(mark);
    if (!printer_ || (printer_->is_table() && !began_again))
        return;
    Extras extras = tracker_.extras()[mark.flow.extras];
    if (extras.selection != selection_) // both hold
        extras.selection +=
            (extras.selection.empty() || selection_.empty() ? "" : " ") + selection_;
    printer_->print(Row(mark, extras, around_));
}

/// Who reads lines reads of it there.
void StepStream::note_loss() {
    if (++losses_ == 1 && !printer_)
        complain_("events of the kernel were lost: what is still there is told late, and what "
                  "came and went meanwhile is not");
}

} // namespace natstat
