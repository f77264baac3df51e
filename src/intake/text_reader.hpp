// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The seam between where lines come from and what they mean in each format. Private to the room
// intake.
#pragma once

#include "natstat/model/source.hpp"
#include "text_lists.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace natstat {

/// A line of a text, without its newline.
struct SourceLine {
    std::string_view text;
    std::uint64_t number = 0;
    bool whole = true;     // it ended with a newline; what did not was cut off, or goes on
    bool too_long = false; // `text` is its beginning
};

/// What was not understood, and where. It is counted in a batch already.
struct OddText {
    std::uint64_t line = 0;
    std::string_view text;   // the line's
    std::string_view word;   // what could not be understood in it; may be empty
    std::string_view reason; // what is wrong with it; may be empty
};
using TakeOdd = std::function<void(const OddText&)>;

class TextReader {
  public:
    TextReader() = default;
    TextReader(const TextReader&) = delete;
    TextReader& operator=(const TextReader&) = delete;
    virtual ~TextReader() = default;

    /// Takes the next line and appends to `batch` what is known by now. Throws Failure where the
    /// text can not be what it was taken for.
    virtual void take(const SourceLine& line, Batch& batch) = 0;

    /// Nothing more comes for now: what is whole by itself does not wait for the line after it.
    virtual void pause(Batch&) {}

    /// Nothing more comes: ends what waits for more of it, and the list.
    virtual void finish(Batch& batch) = 0;

    /// How many lists there were, and the line in which the last one begins.
    [[nodiscard]] virtual const Lists& lists() const = 0;

    /// Sentences about what stands around the entries.
    [[nodiscard]] virtual std::vector<std::string> remarks() const { return {}; }
};

/// The output of conntrack and of /proc. `odd` is called for what was not understood.
[[nodiscard]] std::unique_ptr<TextReader> read_entries(TakeOdd odd);

/// This program's own JSON; `name` is for messages.
[[nodiscard]] std::unique_ptr<TextReader> read_json(std::string name, TakeOdd odd);

/// The XML of conntrack.
[[nodiscard]] std::unique_ptr<TextReader> read_xml(TakeOdd odd);

} // namespace natstat
