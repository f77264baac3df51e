// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// All files are opened at the beginning, before what natstat may still open is limited. A file that
// does not hold together is passed over with a word.
#include "natstat/log/reader.hpp"

#include "day_reader.hpp"
#include "natstat/model/descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <list>

#include <sys/eventfd.h>
#include <sys/stat.h>

namespace natstat::log {

namespace {

/// Events of one read().
constexpr std::size_t most_events = 1024;

std::string text_of(Day day) {
    return file_name_of(day).substr(4, 10); // nat-2026-11-30.db
}

/// The days that tell of a window, and their neighbours, which say how far what they know goes.
std::vector<Day> days_for(const std::string& name, const std::optional<Window>& window) {
    std::vector<Day> days = days_in(name);
    if (days.empty())
        throw Failure("there is no file of a NAT log in " + name + " (natstat --log writes them)");
    if (!window)
        return days;
    const Day last = std::min(day_of(window->last), days.back());
    const Day first = std::min(day_of(window->first), days.back());
    if (std::none_of(days.begin(), days.end(),
                     [&](Day day) { return first <= day && day <= last; }))
        throw Failure("cannot tell what was on " + text_of(window->first == Time{} ? last : first) +
                      ": " + name + " has no file of that day, but from " + text_of(days.front()) +
                      " to " + text_of(days.back()));
    auto begin = std::lower_bound(days.begin(), days.end(), first);
    auto end = std::upper_bound(days.begin(), days.end(), last);
    begin -= begin != days.begin() ? 1 : 0;
    end += end != days.end() ? 1 : 0;
    return {begin, end};
}

class LogSource final : public Source {
  public:
    LogSource(const std::string& name, const std::optional<Window>& window)
        : name_(name), ready_(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (ready_.get() < 0)
            throw Failure(std::string("cannot read: ") + std::strerror(errno));
        wanted_.window = window;
        for (const Day day : days_for(name, window))
            open(day);
    }

    [[nodiscard]] int fd() const override { return ready_.get(); }

    Progress read(Batch& batch) override {
        while (!files_.empty() && batch.events.size() < most_events)
            if (!read_one(batch))
                leave(batch);
        return files_.empty() ? Progress::ended : Progress::more;
    }

    void request_list(const ListQuery& query) override { wanted_.query = query; }

    [[nodiscard]] FileNotes notes() const override {
        FileNotes notes;
        notes.remarks = remarks_;
        return notes;
    }

  private:
    void open(Day day);
    bool read_one(Batch& batch);
    void leave(Batch& batch);
    void pass_over(const std::string& file, const Refused& refused);

    std::string name_;
    Descriptor ready_; // always
    Wanted wanted_;
    std::list<std::pair<std::string, DayReader>> files_; // that are to be read
    bool begun_ = false;                                 // the first of them
    std::vector<std::string> remarks_;
};

void LogSource::open(Day day) {
    const std::string file = name_ + "/" + file_name_of(day);
    try {
        files_.emplace_back(file, DayReader(file, day));
    } catch (const Refused& refused) {
        pass_over(file, refused);
    }
}

void LogSource::pass_over(const std::string& file, const Refused& refused) {
    if (!refused.is_damage())
        throw Failure("cannot read " + file + ": " + refused.what());
    remarks_.push_back(file + " is damaged (" + refused.what() +
                       "): what it has from there on is not shown");
}

/// False: the file has no more.
bool LogSource::read_one(Batch& batch) {
    auto& [file, reader] = files_.front();
    try {
        if (!std::exchange(begun_, true))
            reader.want(wanted_);
        return reader.take(batch);
    } catch (const Refused& refused) {
        pass_over(file, refused);
        return false;
    }
}

/// Until the last moment of the file nothing else happened, which is told as if a flow had been
/// asked for that nobody knows.
void LogSource::leave(Batch& batch) {
    Event& event = batch.events.emplace_back();
    event.kind = EventKind::looked_up;
    event.time = files_.front().second.until();
    files_.pop_front();
    begun_ = false;
    wanted_.carried = true;
}

} // namespace

bool is_directory(const std::string& name) {
    struct stat about {};
    return stat(name.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

std::unique_ptr<Source> open_directory(const std::string& name,
                                       const std::optional<Window>& window) {
    return std::make_unique<LogSource>(name, window);
}

} // namespace natstat::log
