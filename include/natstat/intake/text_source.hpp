// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Text about the connection table, as a source: what `conntrack -L` and `conntrack -E` print with
// any of their -o words except save, /proc/net/nf_conntrack and the older
// /proc/net/ip_conntrack; and the JSON of this program's own listings and event logs, an object a
// line. Which kind of file a name stands for is decided elsewhere.
#pragma once

#include "natstat/model/source.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace natstat {

/// What a line of text turned out to be.
enum class TextLine : std::uint8_t {
    flow, // an event was appended
    note, // blank, or a remark of conntrack's own; a remark that events were lost is appended as
          // such
    odd,  // not understood; counted in Batch::odd, nothing was appended
};

/// Reads one line, without its newline, and appends to `batch` what it says; whether more of the
/// entry is missing behind it is not judged here. Tokens are read at their places, numbers
/// strictly; what stands before the entry, unknown flags, unknown key=value pairs and vendors'
/// words after the tuples are passed over. A line without two whole tuples is odd. Parts that a
/// text never carries stay absent: conntrack prints the names of labels instead of their bits, so
/// there are no labels, and of the status only replied, assured and offloaded are known; [OFFLOAD]
/// stands in the place of [ASSURED], so that an offloaded flow does not say whether it is assured
/// (status::assured_untold).
TextLine parse_conntrack_line(std::string_view line, Batch& batch);

/// Whether this is conntrack's closing remark ("conntrack v1.4.7 (conntrack-tools): 5 flow entries
/// have been shown."), which goes to standard error and gets into a file that takes both.
[[nodiscard]] bool is_conntrack_summary(std::string_view line);

/// Reads "Sun Nov 22 02:15:32 2026" as this machine's local time, because the text names no time
/// zone. Nothing for a date that does not exist or is before 1970.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_local_date(std::string_view text);

/// Reads "2026-11-22T06:15:47.135471Z", with one to nine digits behind the point or no point, as
/// this program writes moments for programs. Nothing for another text or a date that does not
/// exist.
[[nodiscard]] std::optional<Time> parse_utc_moment(std::string_view text);

/// Lines of JSON, one object each, as this program writes them with its own fields.
class JsonLines {
  public:
    /// Takes one line, without its newline, and appends to `batch` the event that it was written
    /// from: a step of a stream as it happened, what a listing shows as listed. Of an array it
    /// passes over what stands around the objects. Names that are not known are passed over; a
    /// value that is not what this program writes is an error. The answer says what is wrong, empty
    /// for nothing; then nothing was appended.
    ///
    /// Some things no line says: the type and code of ICMP; of a listing the time, so that an age
    /// tells nothing; and, of a flow with both translations, what was dialled, for which the
    /// unspecified address stands. Lines with the columns original and reply have all tuples.
    [[nodiscard]] std::string take(std::string_view line, Batch& batch);

  private:
    std::string room_; // RapidJSON reads in place
};

enum class TextFormat : std::uint8_t { conntrack, json, xml };

class TextReader;
struct OddText;

/// Events out of text. Lines of a list become listed events, closed by list_end where the list
/// ends; it is whole when the text held nothing but lists so far. Event::time is what `conntrack -E
/// -o timestamp`, a logger in front of the line, or an event log says, and zero otherwise. What may
/// be a piece of an entry is not told: lines that were wrapped are put together again where that
/// can be done in one way alone.
class TextSource final : public Source {
  public:
    /// What it means when there is nothing to be read: whoever writes waits for an answer to what
    /// he wrote so far, or it is still being unpacked.
    enum class Pause : std::uint8_t { of_writer, of_unpacking };

    /// Takes over `descriptor` and closes it in the end. `name` is for messages. `begin` are bytes
    /// of the text that were read from it already, fewer than make a line that says something.
    TextSource(int descriptor, std::string name, std::string_view begin = {},
               TextFormat format = TextFormat::conntrack, Pause pause = Pause::of_writer);
    ~TextSource() override;

    [[nodiscard]] int fd() const override { return descriptor_; }

    /// At most one read of 64 KiB, and only when poll(2) says that it would not wait. Throws
    /// Failure when the descriptor can not be read, or when nothing in it is conntrack text: at
    /// once for binary data, otherwise after 64 KiB or at the end. JSON is natstat's own, so a line
    /// that is wrong is a Failure; only a last line that was cut off is odd.
    Progress read(Batch& batch) override;

    /// A text has no present to ask: does nothing.
    void request_list(const ListQuery&) override {}

    [[nodiscard]] FileNotes notes() const override;

  private:
    [[nodiscard]] bool readable() const;
    void take_lines(Batch& batch);
    void take_line(std::string_view text, Batch& batch, bool whole = true);
    void drop_long_line(Batch& batch);
    void finish(Batch& batch);
    void take_odd(const OddText& odd);
    [[nodiscard]] Failure not_text(std::uint64_t line, const std::string& what) const;

    int descriptor_;
    std::string name_;
    TextFormat format_;
    Pause pause_;
    std::unique_ptr<TextReader> reader_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0; // what is not yet taken lies in [begin_, end_)
    std::size_t end_ = 0;
    std::uint64_t bytes_ = 0; // of the lines taken
    std::uint64_t line_number_ = 0;
    std::uint64_t first_odd_line_ = 0;
    std::string first_odd_;
    bool skipping_ = false; // inside a line that is too long
    bool understood_ = false;
    bool ended_ = false;
};

} // namespace natstat
