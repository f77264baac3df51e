// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A bundle has a table in several files: of each family one, and the kernel's own beside that of
// conntrack. So the lists in it are told as one, and what is in several of them is there once.
#include "archive_source.hpp"

#include "archive_reader.hpp"
#include "file_notes.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <unistd.h>

namespace natstat {

namespace {

/// One member after another.
class Members {
  public:
    void add(std::string name, std::unique_ptr<Source> source) {
        parts_.push_back({std::move(name), std::move(source)});
    }
    [[nodiscard]] bool empty() const { return parts_.empty(); }
    [[nodiscard]] bool ended() const { return at_ == parts_.size(); }
    [[nodiscard]] const Source& present() const { return *parts_[at_].source; }
    [[nodiscard]] bool told() const { return told_; }

    Progress read(Batch& batch) {
        const std::size_t before = batch.events.size();
        const std::uint64_t odd = batch.odd;
        Progress progress = Progress::ended;
        try {
            progress = parts_[at_].source->read(batch);
        } catch (const Failure&) { // other statistics, settings, programs' words
            batch.events.resize(before);
            parts_[at_].passed_over = true;
        }
        parts_[at_].odd += std::exchange(batch.odd, odd) - odd;
        if (progress == Progress::ended && !parts_[at_].passed_over)
            batch.odd += parts_[at_].odd; // of what is no text of connections nothing is
        join_lists(batch, before);
        told_ = told_ || batch.events.size() != before;
        if (progress == Progress::ended)
            ++at_;
        return progress == Progress::idle ? progress : Progress::more;
    }

    [[nodiscard]] FileNotes notes() const {
        FileNotes all;
        std::string passed_over;
        for (const Part& part : parts_) {
            if (part.passed_over)
                passed_over += (passed_over.empty() ? "" : ", ") + part.name;
            else
                add_notes(all, part.name, part.source->notes());
        }
        all.lists = 0; // they are told as one
        if (!passed_over.empty())
            all.remarks.push_back("passed over, because they tell of no connections: " +
                                  passed_over);
        return all;
    }

    /// The list that all lists are.
    void end_list(Batch& batch) const {
        Event& end = batch.events.emplace_back();
        end.kind = EventKind::list_end;
        end.whole = whole_;
        end.time = end_time_;
    }
    [[nodiscard]] bool lists() const { return lists_; }

  private:
    struct Part {
        std::string name;
        std::unique_ptr<Source> source;
        std::uint64_t odd = 0;
        bool passed_over = false;
    };

    /// Takes out the ends of lists in texts.
    void join_lists(Batch& batch, std::size_t from) {
        if (parts_[at_].source->begins_anew()) // a recording is no text
            return;
        const auto begin = batch.events.begin() + static_cast<std::ptrdiff_t>(from);
        const auto rest = std::remove_if(begin, batch.events.end(), [this](const Event& event) {
            if (event.kind != EventKind::list_end || event.judgement)
                return false;
            lists_ = true;
            whole_ = whole_ && event.whole;
            end_time_ = std::max(end_time_, event.time);
            return true;
        });
        batch.events.erase(rest, batch.events.end());
    }

    std::vector<Part> parts_;
    std::size_t at_ = 0;
    bool told_ = false;
    bool lists_ = false;
    bool whole_ = true;
    Time end_time_{};
};

class ArchiveSource final : public Source {
  public:
    ArchiveSource(const ArchiveLibrary& library, Descriptor packed, std::string name,
                  std::string begin, int depth, OpenDescriptor open)
        : name_(std::move(name)), depth_(depth), open_(open),
          reader_(library, std::move(packed), std::move(begin)) {}

    [[nodiscard]] int fd() const override {
        if (only_)
            return only_->fd();
        return misread_ || collecting_ || members_.ended() ? reader_.fd() : members_.present().fd();
    }
    Progress read(Batch& batch) override {
        if (only_)
            return read_only(batch);
        if (misread_)
            return judge();
        return collecting_ ? collect() : read_members(batch);
    }
    void request_list(const ListQuery&) override {}
    [[nodiscard]] const std::optional<std::vector<Address>>& local_addresses() const override {
        return only_ ? only_->local_addresses() : Source::local_addresses();
    }
    [[nodiscard]] bool begins_anew() const override { return only_ && only_->begins_anew(); }
    [[nodiscard]] FileNotes notes() const override {
        FileNotes notes = only_ ? only_->notes() : members_.notes();
        if (!failure_.empty())
            notes.remarks.push_back(name_ + " is damaged (" + failure_ +
                                    "): only what comes before is known");
        return notes;
    }

  private:
    [[nodiscard]] Failure failed(const std::string& what) const {
        return Failure("cannot read " + name_ + ": " + what);
    }

    /// Until all members are there, or the one that is all.
    Progress collect() {
        ArchiveReader::Found found = reader_.take();
        for (ArchiveReader::Member& member : found.members) {
            if (member.name.empty()) {
                only_ = open_(std::move(member.descriptor), name_, depth_ + 1);
                return Progress::more;
            }
            members_.add(member.name, open_(std::move(member.descriptor),
                                            name_ + ": " + member.name, depth_ + 1));
        }
        if (!found.ended)
            return Progress::idle;
        failure_ = found.failure;
        collecting_ = false;
        if (members_.empty())
            throw failed(failure_.empty() ? "no file in it has a name with 'conntrack'" : failure_);
        return Progress::more;
    }

    Progress read_only(Batch& batch) {
        Progress progress = Progress::ended;
        try {
            progress = only_->read(batch);
        } catch (const Failure& failure) {
            misread_ = failure;
            only_.reset();
            return Progress::more;
        }
        if (progress != Progress::ended)
            return progress;
        const auto found = reader_.take(); // the pipe was closed before it was told why
        if (!found.ended)
            return Progress::more;
        failure_ = found.failure;
        return Progress::ended;
    }

    /// Once the reader knows whether it is damaged: what that makes of a text may be anything.
    Progress judge() {
        const auto found = reader_.take();
        if (!found.ended)
            return Progress::idle;
        throw found.early ? failed(found.failure) : *misread_;
    }

    Progress read_members(Batch& batch) {
        if (!members_.ended())
            return members_.read(batch);
        if (!members_.told() && !members_.lists())
            throw failed("none of the files in it with a name of 'conntrack' tells of connections");
        if (members_.lists())
            members_.end_list(batch);
        return Progress::ended;
    }

    std::string name_;
    int depth_;
    OpenDescriptor open_;
    std::string failure_;
    std::unique_ptr<Source> only_;   // what a compressed file holds
    std::optional<Failure> misread_; // it is none of what natstat reads
    Members members_;
    bool collecting_ = true;
    ArchiveReader reader_; // the last one: its pipe is read by others
};

} // namespace

bool is_compressed(std::string_view begin) {
    using namespace std::literals;
    constexpr std::array magics{"\x1F\x8B"sv,
                                "\xFD"
                                "7zX"sv,
                                "\x28\xB5\x2F\xFD"sv, "BZh"sv};
    return std::any_of(magics.begin(), magics.end(),
                       [&](std::string_view magic) { return begin.starts_with(magic); });
}

bool is_archive(int descriptor) {
    constexpr off_t place = 257; // of the magic (POSIX ustar)
    constexpr std::string_view magic = "ustar";
    std::array<char, magic.size()> bytes{};
    return pread(descriptor, bytes.data(), bytes.size(), place) ==
               static_cast<ssize_t>(bytes.size()) &&
           std::string_view(bytes.data(), bytes.size()) == magic;
}

std::unique_ptr<Source> open_packed(const ArchiveLibrary& library, Descriptor descriptor,
                                    std::string name, std::string begin, int depth,
                                    OpenDescriptor open) {
    constexpr int deepest = 3;
    if (depth >= deepest)
        throw Failure("cannot read " + name + ": it is packed again and again");
    return std::make_unique<ArchiveSource>(library, std::move(descriptor), std::move(name),
                                           std::move(begin), depth, open);
}

} // namespace natstat
