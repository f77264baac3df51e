// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The source of a view that goes on: the kernel as it is, or a file at the pace at which it was
// recorded.
#pragma once

#include "natstat/ask/request.hpp"
#include "natstat/gather/list_end.hpp"

#include "natstat/intake/messages.hpp"
#include "natstat/intake/recording.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace natstat {

/// Those files, or the kernel, followed: lists of it come by the pace. `complain` hears when it
/// tells no events; `tap` sees what the kernel says.
[[nodiscard]] std::unique_ptr<Source> open_followed(const From& from, const Pace& pace,
                                                    const Complain& complain, Tap* tap = nullptr);

/// The kernel, followed by the beginnings and ends of flows and by lists, without the events of
/// what happens in between.
[[nodiscard]] std::unique_ptr<Source> open_counted(const Pace& pace, const Complain& complain);

class ViewSource {
  public:
    using Clock = std::chrono::steady_clock;

    /// The files, or the kernel as above, in the network namespace that was entered by this name.
    /// Throws Failure.
    ViewSource(const Files& files, const Pace& pace, double speed, const std::string& netns,
               const Complain& complain);

    /// Readable when read() would tell something; negative while a file is ahead of its pace.
    [[nodiscard]] int fd() const { return wants_more() ? source_->fd() : -1; }
    /// Readable when more of the way to the end of a file could be gone; negative: there is none.
    [[nodiscard]] int measure_fd() const { return length_ ? length_->fd() : -1; }
    /// The host's name, or the file's.
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] bool is_file() const { return file_; }
    /// A file has ended.
    [[nodiscard]] bool over() const { return over_; }
    /// The time by the source: now, or the moment of a file that has been reached.
    [[nodiscard]] Time now() const;
    /// The first moment of a file, and its last one once it has been read to there; Time{}: not
    /// known.
    [[nodiscard]] Time first() const { return first_.value_or(Time{}); }
    [[nodiscard]] Time end() const { return length_ ? Time{} : last_of_all_; }
    /// When the next event of a file is due.
    [[nodiscard]] std::optional<Clock::time_point> due() const;
    [[nodiscard]] const std::optional<std::vector<Address>>& local_addresses() const {
        return source_->local_addresses();
    }

    /// Asks for these flows as they are now, if there is a present.
    void request_flows(std::span<const Flow> flows) { source_->request_flows(flows); }

    enum class Sought : std::uint8_t { ahead, anew, nowhere };
    /// A file goes on so much later, or earlier (absent: at its start), and what is due by then is
    /// told at once: ahead of what was told, or all of it anew. Nowhere: a pipe has no way back.
    Sought seek(std::optional<std::chrono::seconds> by);
    /// Whether all is told that was due.
    [[nodiscard]] bool is_caught_up() const { return !wants_more() || !file_; }

    /// Appends what has happened by now, a bounded amount; true when there may be more at once.
    bool read(Batch& batch);

  private:
    [[nodiscard]] Clock::time_point due(const Event& event) const;
    [[nodiscard]] bool wants_more() const {
        return !file_ || (told_ == ahead_.events.size() && !ended_);
    }

    void measure();
    void restart();

    bool file_;
    std::string name_;
    std::unique_ptr<OpenedFiles> opened_; // of files
    std::unique_ptr<Source> source_;
    std::unique_ptr<Source> length_; // the same files, until their end is found
    Batch measured_;
    Time last_of_all_{};
    double speed_;
    bool over_ = false;
    bool ended_ = false; // the file has been read to its end
    Batch ahead_;        // of a file: read, and not told yet from `told_` on
    std::size_t told_ = 0;
    Time last_{};               // the last moment of the file that was told
    std::optional<Time> first_; // the file's first moment, and when it was played
    Clock::time_point began_{};
};

} // namespace natstat
