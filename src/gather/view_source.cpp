// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A file's events are read a piece ahead and told when their time has come.
#include "natstat/gather/view_source.hpp"

#include "natstat/gather/confine.hpp"
#include "natstat/gather/netns.hpp"
#include "natstat/gather/reading.hpp"

#include "natstat/intake/host.hpp"
#include "natstat/intake/live_source.hpp"
#include "natstat/intake/recording.hpp"

#include <algorithm>
#include <array>
#include <unistd.h>

namespace natstat {

namespace {

std::string host_name() {
    std::array<char, 256> name{};
    return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

} // namespace

namespace {

std::unique_ptr<Source> open_live(const Pace& pace, bool changes, const Complain& complain,
                                  Tap* tap) {
    LiveSettings settings;
    settings.changes = changes;
    settings.period = pace.interval;
    settings.lists_at_once = pace.lists_at_once;
    settings.network_namespace = netns_file(pace.netns);
    settings.receive_buffer = pace.receive_buffer.value_or(settings.receive_buffer);
    settings.share = pace.share.value_or(settings.share);
    auto source = std::make_unique<LiveSource>(settings, tap);
    if (conntrack_setting("nf_conntrack_events") == 0)
        complain("the kernel tells no events (net.netfilter.nf_conntrack_events is 0); what "
                 "changes is found in lists");
    return source;
}

} // namespace

std::unique_ptr<Source> open_followed(const From& from, const Pace& pace, const Complain& complain,
                                      Tap* tap) {
    if (from.files.empty())
        return open_live(pace, true, complain, tap);
    return open_recorded(from);
}

std::unique_ptr<Source> open_counted(const Pace& pace, const Complain& complain) {
    return open_live(pace, false, complain, nullptr);
}

ViewSource::ViewSource(const Files& files, const Pace& pace, double speed, const std::string& netns,
                       const Complain& complain)
    : file_(!files.empty()), name_(file_           ? files.shown()
                                   : netns.empty() ? host_name()
                                                   : host_name() + " netns " + netns),
      opened_(file_ ? std::make_unique<OpenedFiles>(files) : nullptr),
      source_(file_ ? opened_->source() : open_followed({}, pace, complain)), speed_(speed) {
    // Standard input has one place for whoever reads it.
    if (file_ && opened_->has_start() && !files.has_standard_input())
        length_ = open_files(files);
    confine();
}

ViewSource::Sought ViewSource::seek(std::optional<std::chrono::seconds> by) {
    if (!first_)
        return Sought::nowhere;
    const Time target = by ? std::max(*first_, now() + *by) : *first_;
    const bool back = target < now();
    if (back && !opened_->has_start())
        return Sought::nowhere;
    if (back)
        restart();
    const std::chrono::duration<double, std::nano> played((target - *first_) / speed_);
    began_ = Clock::now() - std::chrono::duration_cast<Clock::duration>(played);
    return back ? Sought::anew : Sought::ahead;
}

/// One descriptor reads for one source at a time.
void ViewSource::restart() {
    source_.reset();
    source_ = opened_->source();
    ahead_ = Batch();
    told_ = 0;
    ended_ = over_ = false;
    last_ = {};
}

/// Goes on to the end of the file, a piece at a time. What is wrong with the file is told when it
/// is played to there.
void ViewSource::measure() {
    if (!length_)
        return;
    Progress progress = Progress::ended;
    measured_.clear();
    try {
        progress = length_->read(measured_);
    } catch (const Failure&) {
    }
    for (const Event& event : measured_.events)
        last_of_all_ = std::max(last_of_all_, event.time);
    if (progress == Progress::ended)
        length_.reset();
}

Time ViewSource::now() const {
    using std::chrono::nanoseconds;
    if (!file_)
        return std::chrono::time_point_cast<nanoseconds>(std::chrono::system_clock::now());
    if (!first_ || over_)
        return last_;
    const auto played = std::chrono::duration_cast<nanoseconds>((Clock::now() - began_) * speed_);
    return *first_ + played;
}

ViewSource::Clock::time_point ViewSource::due(const Event& event) const {
    if (!first_ || event.time <= *first_ || speed_ <= 0)
        return began_;
    return began_ + std::chrono::duration_cast<Clock::duration>((event.time - *first_) / speed_);
}

std::optional<ViewSource::Clock::time_point> ViewSource::due() const {
    if (told_ == ahead_.events.size())
        return std::nullopt;
    return due(ahead_.events[told_]);
}

bool ViewSource::read(Batch& batch) {
    if (!file_)
        return source_->read(batch) == Progress::more;
    measure();
    if (wants_more()) {
        ahead_.clear();
        told_ = 0;
        const Progress progress = source_->read(ahead_);
        ended_ = progress == Progress::ended;
        batch.odd += ahead_.odd;
        if (ahead_.events.empty())
            return progress == Progress::more;
        if (!first_) {
            first_ = ahead_.events.front().time;
            began_ = Clock::now();
        }
    }
    const auto now = Clock::now();
    while (told_ < ahead_.events.size() && due(ahead_.events[told_]) <= now) {
        Event event = ahead_.events[told_++];
        last_ = std::max(last_, event.time);
        event.flow.extras = batch.extras.intern(ahead_.extras[event.flow.extras]);
        batch.events.push_back(event);
    }
    over_ = ended_ && told_ == ahead_.events.size();
    return wants_more();
}

} // namespace natstat
