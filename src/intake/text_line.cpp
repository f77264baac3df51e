// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One line of conntrack text into one event. Every token is judged by its place, because the values
// that others chose (security contexts, program names) may hold any word. It reads no descriptor
// and keeps nothing from line to line; what the key=value pairs mean is text_fields.cpp's.
#include "natstat/intake/text_source.hpp"

#include "natstat/model/nat.hpp"
#include "natstat/model/protocol.hpp"
#include "text_fields.hpp"

#include <algorithm>

namespace natstat {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// What conntrack -E says when the kernel had to drop events, and how it goes on.
constexpr std::string_view loss_remark = "WARNING: We have hit ENOBUFS! We are losing events.";
constexpr std::string_view loss_advice[] = {
    "This message means that the current netlink socket buffer size is too small.",
    "Please, check --buffer-size in conntrack(8) manpage.",
};

bool is_number(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_state_word(std::string_view text) {
    return !text.empty() && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
                                std::string_view::npos;
}

std::string_view without_trailing_blanks(std::string_view text) {
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

class LineReader {
  public:
    explicit LineReader(std::string_view line) : rest_(line) {}

    /// Whether the line was a flow; then event() and fields() are what it said.
    bool read();
    [[nodiscard]] const Event& event() const { return event_; }
    [[nodiscard]] const FlowFields& fields() const { return fields_; }

  private:
    void skip_blanks();
    std::string_view next();
    bool read_prefix();
    bool read_time(std::string_view word);
    bool read_protocol();
    bool read_state();
    bool take_state(std::string_view word);
    bool take(std::string_view word);
    bool take_flag(std::string_view word);
    bool take_word(std::string_view word);
    void set_status();
    void set_start();

    std::string_view rest_;
    Event event_;
    Flow& flow_ = event_.flow;
    FlowFields fields_{flow_};
    bool named_ = true; // the protocol was not printed as "unknown"
    bool timed_ = false;
    bool unreplied_ = false;
    bool secctx_open_ = false; // the token before was of the security context
    std::optional<std::chrono::sys_seconds> start_;
};

bool LineReader::read() {
    if (!read_prefix() || !read_protocol() || !read_state())
        return false;
    for (auto word = next(); !word.empty(); word = next())
        if (!take(word))
            return false;
    if (!fields_.finish(named_))
        return false;
    set_status();
    set_start();
    return true;
}

void LineReader::skip_blanks() {
    const auto first = std::find_if_not(rest_.begin(), rest_.end(), is_blank);
    rest_.remove_prefix(static_cast<std::size_t>(first - rest_.begin()));
}

/// The next token, empty at the end. One that opens with a bracket reaches over blanks to its end.
std::string_view LineReader::next() {
    skip_blanks();
    const auto close = rest_.starts_with('[') ? std::min(rest_.find(']'), rest_.size()) : 0;
    const auto end = static_cast<std::size_t>(
        std::find_if(rest_.begin() + static_cast<std::ptrdiff_t>(close), rest_.end(), is_blank) -
        rest_.begin());
    const auto word = rest_.substr(0, end);
    rest_.remove_prefix(word.size());
    return word;
}

/// The time and the kind, which conntrack -E puts first.
bool LineReader::read_prefix() {
    skip_blanks();
    if (!rest_.starts_with('['))
        return true;
    auto word = next();
    if (word.size() > 1 && is_digit(word[1])) {
        if (!read_time(word))
            return false;
        word = next();
    }
    if (word == "[NEW]")
        event_.kind = EventKind::created;
    else if (word == "[UPDATE]")
        event_.kind = EventKind::updated;
    else if (word == "[DESTROY]")
        event_.kind = EventKind::destroyed;
    else
        return false;
    return true;
}

/// "[seconds.microseconds]". Both are plain numbers: older versions pad them with blanks on the
/// right, so that "[1700000000.42    ]" is 42 microseconds past.
bool LineReader::read_time(std::string_view word) {
    const auto dot = word.find('.');
    if (dot == std::string_view::npos || word.back() != ']')
        return false;
    std::uint32_t seconds = 0;
    std::uint32_t microseconds = 0;
    if (!read_number(without_trailing_blanks(word.substr(1, dot - 1)), seconds) ||
        !read_number(without_trailing_blanks(word.substr(dot + 1, word.size() - dot - 2)),
                     microseconds) ||
        microseconds > 999'999)
        return false;
    event_.time = Time{std::chrono::seconds{seconds} + std::chrono::microseconds{microseconds}};
    timed_ = true;
    return true;
}

bool LineReader::read_protocol() {
    auto word = next();
    if (word == "ipv4" || word == "ipv6") {
        flow_.family = word == "ipv4" ? Family::ipv4 : Family::ipv6;
        if (next() != (word == "ipv4" ? "2" : "10"))
            return false;
        word = next();
    }
    if (word.empty() || !read_number(next(), flow_.protocol))
        return false;
    // The number counts; a name that means another number is not conntrack text. Kernels of vendors
    // have names of their own, and "unknown" stands for whatever has none.
    named_ = word != "unknown";
    if (word == protocol_name(flow_.protocol))
        return true;
    const auto other = parse_protocol(word);
    return !other || *other == flow_.protocol;
}

/// What stands between the protocol and the first tuple: the timeout, then the state. The kernel
/// puts GRE's timeouts ("timeout=30, stream_timeout=180") there as well.
bool LineReader::read_state() {
    auto word = next();
    if (is_number(word)) {
        if (!read_number(word, flow_.timeout))
            return false;
        flow_.set(Part::timeout);
        word = next();
    }
    bool stated = false;
    for (; !word.starts_with("src="); word = next()) {
        const bool pair = !word.starts_with('[') && word.find('=') != std::string_view::npos;
        if (pair ? !take(word) : stated || !take_state(word))
            return false;
        stated = stated || !pair;
    }
    return take(word);
}

/// A word in the state's place, for a protocol that has states. One that is not known leaves the
/// state absent: the rest of the line is still a flow.
bool LineReader::take_state(std::string_view word) {
    auto state = parse_state(flow_.protocol, word);
    // libnetfilter_conntrack before 1.0.9 prints a DCCP state with SCTP's name of the same number.
    if (!state && flow_.protocol == protocol::dccp)
        state = parse_state(protocol::sctp, word);
    if (!state)
        return is_state_word(word) && has_states(flow_.protocol);
    flow_.state = *state & (state_limit - 1);
    flow_.set(Part::state);
    return true;
}

bool LineReader::take(std::string_view word) {
    const bool flag = word.front() == '[';
    const auto equals = flag ? std::string_view::npos : word.find('=');
    if (!flag && equals == std::string_view::npos)
        return take_word(word);
    secctx_open_ = false;
    if (flag)
        return take_flag(word);
    const auto key = word.substr(0, equals);
    secctx_open_ = key == "secctx";
    // The last of a line, who caused an event. A process names itself as it likes, with blanks and
    // all.
    if (key == "progname")
        rest_ = {};
    return fields_.take(key, word.substr(equals + 1));
}

bool LineReader::take_flag(std::string_view word) {
    constexpr std::string_view start = "[start=";
    if (word.back() != ']')
        return false;
    if (word == "[UNREPLIED]") {
        unreplied_ = true;
    } else if (word == "[ASSURED]") {
        flow_.status |= status::assured;
    } else if (word == "[OFFLOAD]") {
        flow_.status |= status::offload;
    } else if (word == "[HW_OFFLOAD]") {
        // The kernel sets it beside the other, and only this one is printed.
        flow_.status |= status::offload | status::hw_offload;
    } else if (word.starts_with(start)) {
        start_ = parse_local_date(word.substr(start.size(), word.size() - start.size() - 1));
        return start_.has_value();
    }
    return true;
}

/// A token that is neither flag nor pair: AppArmor's contexts hold a blank ("profile (enforce)"),
/// and conntrack drops the "=" of labels that have no names.
bool LineReader::take_word(std::string_view word) {
    if (!secctx_open_)
        return fields_.in_tail() && word == "labels";
    fields_.lengthen_secctx(word);
    return true;
}

/// Lists and all events carry the status (ctnetlink_conntrack_event in nf_conntrack_netlink.c), so
/// that a flag which is not printed is known to be off.
void LineReader::set_status() {
    if (!unreplied_)
        flow_.status |= status::seen_reply;
    // Not printed, but told by the tuples.
    const Nat nat = nat_of(flow_);
    if (has_snat(nat))
        flow_.status |= status::src_nat;
    if (has_dnat(nat))
        flow_.status |= status::dst_nat;
    flow_.set(Part::status);
}

/// The printed start is exact to the second but names no time zone. The event's time less the age
/// needs none, but conntrack may have been late to read the event. Zones differ by quarters of an
/// hour.
void LineReader::set_start() {
    using namespace std::chrono;
    using QuarterHours = duration<std::int64_t, std::ratio<15 * 60>>;
    auto begun = start_;
    if (const auto age = fields_.age(); timed_ && age) {
        const auto about = floor<seconds>(event_.time) - seconds{*age};
        begun = start_ ? *start_ + round<QuarterHours>(about - *start_) : about;
    }
    if (!begun || begun->time_since_epoch() < seconds{0})
        return;
    // 48 bits last for 8,900 years; parse_local_date reads four digits of a year.
    const std::uint64_t start =
        static_cast<std::uint64_t>(milliseconds{begun->time_since_epoch()}.count());
    flow_.start_ms = start & start_mask;
    flow_.set(Part::start);
}

TextLine read_remark(std::string_view line, Batch& batch) {
    if (line == loss_remark) {
        batch.events.emplace_back().kind = EventKind::lost;
        return TextLine::note;
    }
    for (const auto advice : loss_advice)
        if (line == advice)
            return TextLine::note;
    return is_conntrack_summary(line) ? TextLine::note : TextLine::odd;
}

} // namespace

bool is_conntrack_summary(std::string_view line) {
    constexpr std::string_view mark = " (conntrack-tools): ";
    const auto after = line.find(mark);
    if (!line.starts_with("conntrack v") || !line.ends_with('.') || after == std::string_view::npos)
        return false;
    const auto text = line.substr(after + mark.size());
    return is_number(text.substr(0, text.find(' '))) &&
           text.find(" have been ") != std::string_view::npos;
}

TextLine parse_conntrack_line(std::string_view line, Batch& batch) {
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    if (std::all_of(line.begin(), line.end(), is_blank))
        return TextLine::note;
    LineReader reader(line);
    if (line.find('\0') == std::string_view::npos && reader.read()) {
        Event& event = batch.events.emplace_back(reader.event());
        const FlowFields& fields = reader.fields();
        if (!fields.helper().empty() || !fields.secctx().empty())
            event.flow.extras = batch.extras.intern(
                {std::string(fields.helper()), std::string(fields.secctx()), {}, false});
        return TextLine::flow;
    }
    const TextLine remark = read_remark(line, batch);
    batch.odd += remark == TextLine::odd;
    return remark;
}

} // namespace natstat
