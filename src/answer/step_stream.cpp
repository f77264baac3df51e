// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A file that says itself where a run begins is left its own words; everything else begins here,
// with the first that is told. That nothing more was looked at since the last that was told is all
// that can be said at the end: what the kernel has said since then is not read any more.
#include "natstat/answer/step_stream.hpp"

#include "natstat/intake/label_names.hpp"

namespace natstat {

StepStream::StepStream(FollowRequest::Steps& steps, std::string file, Output& output,
                       const Who* who)
    : question_(steps.question), selection_(steps.selection), file_(std::move(file)),
      output_(output), printing_(steps.look) {
    printer_ = printing_.printer(question_.layout, output_);
    around_.label_names = label_names();
    around_.who = who;
    if (!printing_.is_table())
        tracker_.tell_all();
    expect_widths(question_.layout);
    printer_->begin();
    output_.flush();
}

void StepStream::take(const Batch& batch, const Source& source) {
    look_around(source);
    for (const Event& event : batch.events) {
        if (!begun_)
            begin(event);
        if (event.kind == EventKind::started)
            run_ = event.time;
        tracker_.apply(event, batch.extras, print_);
        if (event.time != Time{})
            last_ = event.time;
    }
    output_.flush();
}

void StepStream::finish() {
    if (begun_ && file_.empty()) {
        Transition end;
        end.kind = TransitionKind::stopped;
        end.time = last_;
        print(end);
    }
    printer_->end();
    output_.flush();
}

void StepStream::begin(const Event& first) {
    begun_ = true;
    if (first.kind == EventKind::started)
        return;
    run_ = first.time;
    Transition start;
    start.kind = TransitionKind::started;
    start.time = first.time;
    print(start);
}

void StepStream::look_around(const Source& source) {
    const auto& addresses = source.local_addresses();
    if (addresses == told_addresses_)
        return;
    told_addresses_ = addresses;
    around_.local_addresses = AddressSet(addresses->begin(), addresses->end());
}

/// People know when they began to look, and that they have ended it.
bool StepStream::is_wanted(const Transition& step, const Row& row) const {
    if (is_mark(step.kind))
        return !printing_.is_table() || (step.kind == TransitionKind::started && last_ != Time{});
    if (!is_of_flow(step.kind))
        return true;
    require_kind(question_, row, file_);
    return question_.filter.matches(row);
}

void StepStream::print(const Transition& step) {
    if (is_mark(step.kind)) {
        Transition mark = step;
        if (step.kind == TransitionKind::started)
            mark.run = last_;
        else if (mark.run == Time{}) // it is this stream's own
            mark.run = run_;
        Extras extras = tracker_.extras()[step.flow.extras];
        if (extras.selection != selection_) // both hold
            extras.selection +=
                (extras.selection.empty() || selection_.empty() ? "" : " ") + selection_;
        const Row row(mark, extras, around_);
        if (is_wanted(mark, row))
            printer_->row(row);
        return;
    }
    const Row row(step, tracker_.extras()[step.flow.extras], around_);
    if (!is_wanted(step, row))
        return;
    printing_.fit(question_.layout, row);
    printer_->row(row);
}

} // namespace natstat
