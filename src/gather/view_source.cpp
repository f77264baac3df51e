// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A file's events are read a piece ahead and told when their time has come.
#include "natstat/gather/view_source.hpp"

#include "natstat/gather/confine.hpp"
#include "natstat/gather/netns.hpp"

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
    auto source = std::make_unique<LiveSource>(settings, tap);
    if (conntrack_setting("nf_conntrack_events") == 0)
        complain("the kernel tells no events (net.netfilter.nf_conntrack_events is 0); what "
                 "changes is found in lists");
    return source;
}

} // namespace

std::unique_ptr<Source> open_followed(const Files& files, const Pace& pace,
                                      const Complain& complain, Tap* tap) {
    if (files.empty())
        return open_live(pace, true, complain, tap);
    return open_files(files);
}

std::unique_ptr<Source> open_counted(const Pace& pace, const Complain& complain) {
    return open_live(pace, false, complain, nullptr);
}

ViewSource::ViewSource(const Files& files, const Pace& pace, double speed, const std::string& netns,
                       const Complain& complain)
    : file_(!files.empty()), name_(file_           ? files.shown()
                                   : netns.empty() ? host_name()
                                                   : host_name() + " netns " + netns),
      source_(open_followed(files, pace, complain)), speed_(speed) {
    confine();
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
