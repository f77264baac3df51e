// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Several files as one source, one after another in the order of their first times: a log and what
// rotation made of it, captures of one after another, lists. They are not merged: a file is a
// story by itself, whose words (a list that begins, a run that ends) are about what stands before
// them. What is without times stays where it was named.
#include "natstat/intake/recording.hpp"

#include "file_notes.hpp"
#include "files.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace natstat {

namespace {

/// A file, of which the first that it tells has been read.
struct Part {
    Part(std::string its_name, std::unique_ptr<Source> its_source)
        : name(std::move(its_name)), source(std::move(its_source)) {}

    std::string name;
    std::unique_ptr<Source> source;
    Batch ahead;
    Progress progress = Progress::more;

    [[nodiscard]] bool is_peeked() const {
        return !ahead.events.empty() || progress == Progress::ended;
    }
    /// Of the first event that tells one; none tells any: before all.
    [[nodiscard]] Time first() const {
        const auto timed = std::find_if(ahead.events.begin(), ahead.events.end(),
                                        [](const Event& event) { return event.time != Time{}; });
        return timed == ahead.events.end() ? Time{} : timed->time;
    }
};

class FileSeries final : public Source {
  public:
    explicit FileSeries(std::vector<NamedSource> sources) {
        for (NamedSource& each : sources)
            parts_.emplace_back(std::move(each.name), std::move(each.source));
    }

    [[nodiscard]] int fd() const override { return parts_[at_].source->fd(); }
    Progress read(Batch& batch) override { return sorted_ ? go_on(batch) : peek(); }
    void request_list(const ListQuery&) override {}
    [[nodiscard]] const std::optional<std::vector<Address>>& local_addresses() const override {
        return parts_[at_].source->local_addresses();
    }
    [[nodiscard]] FileNotes notes() const override;

  private:
    Progress peek();
    void sort();
    Progress go_on(Batch& batch);
    Progress hand_over(Batch& batch);
    void begin_anew(Batch& batch) const;

    std::vector<Part> parts_;
    std::size_t at_ = 0; // that is read
    bool sorted_ = false;
    bool begun_ = false; // the part has told something
    bool told_ = false;  // so has one before it
    std::vector<std::string> remarks_;
};

/// Reads one after the other until it has told something.
Progress FileSeries::peek() {
    Part& part = parts_[at_];
    if (!part.is_peeked())
        part.progress = part.source->read(part.ahead);
    if (!part.is_peeked())
        return part.progress;
    if (at_ + 1 < parts_.size()) {
        ++at_;
        return Progress::more;
    }
    sort();
    at_ = 0;
    sorted_ = true;
    return Progress::more;
}

/// A file without times stays behind the one that it was named behind.
void FileSeries::sort() {
    Time before{};
    std::vector<std::pair<Time, Part>> timed;
    for (Part& part : parts_) {
        before = part.first() == Time{} ? before : part.first();
        timed.emplace_back(before, std::move(part));
    }
    std::stable_sort(timed.begin(), timed.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    parts_.clear();
    for (auto& [time, part] : timed)
        parts_.push_back(std::move(part));
}

Progress FileSeries::go_on(Batch& batch) {
    Part& part = parts_[at_];
    if (!begun_)
        return hand_over(batch);
    if (part.progress != Progress::ended)
        part.progress = part.source->read(batch);
    if (part.progress != Progress::ended)
        return part.progress;
    if (at_ + 1 == parts_.size())
        return Progress::ended;
    ++at_;
    begun_ = false;
    return Progress::more;
}

/// What was read before its turn.
Progress FileSeries::hand_over(Batch& batch) {
    Part& part = parts_[at_];
    begun_ = true;
    if (told_ && part.source->begins_anew() && !part.ahead.events.empty())
        begin_anew(batch);
    told_ = told_ || !part.ahead.events.empty();
    batch.odd += part.ahead.odd;
    batch.foreign += part.ahead.foreign;
    for (Event& event : part.ahead.events) {
        event.flow.extras = batch.extras.intern(part.ahead.extras[event.flow.extras]);
        batch.events.push_back(event);
    }
    part.ahead.clear();
    return Progress::more;
}

void FileSeries::begin_anew(Batch& batch) const {
    Event& start = batch.events.emplace_back();
    start.kind = EventKind::started;
    start.time = parts_[at_].first();
}

FileNotes FileSeries::notes() const {
    FileNotes all;
    for (const Part& part : parts_)
        add_notes(all, part.name, part.source->notes());
    return all;
}

} // namespace

bool Files::has_standard_input() const {
    return std::find(names.begin(), names.end(), "-") != names.end();
}

std::string Files::shown() const {
    if (names.size() > 1)
        return std::to_string(names.size()) + " files";
    return empty() ? "" : names.front() == "-" ? "standard input" : names.front();
}

std::unique_ptr<Source> in_series(std::vector<NamedSource> sources) {
    assert(!sources.empty());
    return std::make_unique<FileSeries>(std::move(sources));
}

std::unique_ptr<Source> open_files(const Files& files) {
    return OpenedFiles(files).source();
}

} // namespace natstat
