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
    return file_name_of({day}).substr(4, 10); // nat-2026-11-30.db
}

/// The files that tell of a window, and their neighbours, which say how far what they know goes.
std::vector<Volume> volumes_for(const std::string& name, const std::optional<Window>& window) {
    std::vector<Volume> volumes = volumes_in(name);
    if (volumes.empty())
        throw Failure("there is no file of a NAT log in " + name + " (natstat --log writes them)");
    if (!window)
        return volumes;
    const Day newest = volumes.back().day;
    const Day last = std::min(day_of(window->last), newest);
    const Day first = std::min(day_of(window->first), newest);
    auto begin = std::find_if(volumes.begin(), volumes.end(),
                              [&](const Volume& each) { return each.day >= first; });
    auto end =
        std::find_if(begin, volumes.end(), [&](const Volume& each) { return each.day > last; });
    if (begin == end)
        throw Failure("cannot tell what was on " + text_of(window->first == Time{} ? last : first) +
                      ": " + name + " has no file of that day, but from " +
                      text_of(volumes.front().day) + " to " + text_of(newest));
    begin -= begin != volumes.begin() ? 1 : 0;
    end += end != volumes.end() ? 1 : 0;
    return {begin, end};
}

class LogSource final : public Source {
  public:
    LogSource(const std::string& name, const std::optional<Window>& window)
        : name_(name), ready_(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (ready_.get() < 0)
            throw Failure(std::string("cannot read: ") + std::strerror(errno));
        wanted_.window = window;
        for (const Volume& volume : volumes_for(name, window))
            open(volume);
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
    void open(const Volume& volume);
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

void LogSource::open(const Volume& volume) {
    const std::string file = name_ + "/" + file_name_of(volume);
    try {
        files_.emplace_back(file, DayReader(file, volume.day));
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
