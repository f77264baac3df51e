// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Every token is judged by its place, because the values that others chose (security contexts,
// program names) may hold any word. It reads no descriptor and keeps nothing from line to line;
// what stands from the first tuple on is text_tail.cpp's.
#include "text_line.hpp"

#include "natstat/intake/text_source.hpp"
#include "natstat/model/protocol.hpp"

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

struct Kind {
    std::string_view word;
    EventKind kind;
};
constexpr Kind kinds[] = {{"[NEW]", EventKind::created},
                          {"[UPDATE]", EventKind::updated},
                          {"[DESTROY]", EventKind::destroyed}};

bool is_number(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_state_word(std::string_view text) {
    return !text.empty() && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
                                std::string_view::npos;
}

std::string_view without_outer_blanks(std::string_view text) {
    const auto first = std::find_if_not(text.begin(), text.end(), is_blank);
    const auto last = std::find_if_not(text.rbegin(), text.rend(), is_blank).base();
    return first < last ? std::string_view(&*first, static_cast<std::size_t>(last - first))
                        : std::string_view{};
}

} // namespace

TextEntry::TextEntry(std::string_view line) : rest_(line) {
    const auto begin = find_entry(line);
    began_ = begin != std::string_view::npos;
    if (began_) {
        begin_ = begin;
        prefix_ = without_outer_blanks(line.substr(0, begin));
        rest_.remove_prefix(begin);
    }
    const auto zero = line.find('\0');
    if (zero != std::string_view::npos) {
        refuse(line.substr(zero, 1));
        return;
    }
    read_kind();
    good_ = (prefix_.empty() || read_prefix()) && read();
    if (!began_ && !good_)
        wrong_ = {}; // it was not meant as an entry
}

/// The time of conntrack -E stands right before the kind. Every other one is a logger's.
bool TextEntry::read_prefix() {
    const bool own = event_.kind != EventKind::listed && read_event_time();
    if (own)
        return true;
    if (event_.kind == EventKind::listed && hides_a_kind(prefix_))
        return refuse(prefix_.substr(prefix_.rfind('[')));
    stamp_ = read_stamp(prefix_);
    event_.time = stamp_.time;
    return true;
}

/// "[seconds.microseconds]" at the end of the prefix. Both are plain numbers: older versions pad
/// them with blanks on the right, so that "[1700000000.42    ]" is 42 microseconds past.
bool TextEntry::read_event_time() {
    const auto open = prefix_.rfind('[');
    const auto dot = prefix_.rfind('.');
    if (!prefix_.ends_with(']') || open == std::string_view::npos ||
        dot == std::string_view::npos || dot < open)
        return false;
    std::uint32_t seconds = 0;
    std::uint32_t microseconds = 0;
    const auto whole = prefix_.substr(open + 1, dot - open - 1);
    const auto rest = prefix_.substr(dot + 1, prefix_.size() - dot - 2);
    if (!read_number(whole.substr(0, whole.find_last_not_of(' ') + 1), seconds) ||
        !read_number(rest.substr(0, rest.find_last_not_of(' ') + 1), microseconds) ||
        microseconds > 999'999)
        return false;
    // conntrack had no such option before 2001; the kernel's log has such times, too.
    constexpr std::uint32_t first_possible = 1'000'000'000;
    if (seconds < first_possible && !whole.ends_with(' '))
        return false;
    event_.time = Time{std::chrono::seconds{seconds} + std::chrono::microseconds{microseconds}};
    return true;
}

bool TextEntry::refuse(std::string_view word) {
    wrong_ = word;
    return false;
}

bool TextEntry::read() {
    if (!read_protocol() || !read_state())
        return false;
    for (auto word = next(); !word.empty() && !tail_.over(); word = next())
        if (!tail_.take(word))
            return refuse(word);
    return tail_.finish(named_);
}

/// The next token, empty at the end. One that opens with a bracket reaches over blanks to its end.
std::string_view TextEntry::next() {
    const char* at = rest_.data();
    const char* const last = at + rest_.size();
    while (at != last && is_blank(*at))
        ++at;
    const char* const begin = at;
    if (at != last && *at == '[')
        at = std::find(at, last, ']');
    while (at != last && (*at > ' ' || !is_blank(*at))) // nearly all are told by the first
        ++at;
    rest_ = {at, static_cast<std::size_t>(last - at)};
    return {begin, static_cast<std::size_t>(at - begin)};
}

/// What conntrack -E puts before everything else but the time.
void TextEntry::read_kind() {
    for (const auto& [word, kind] : kinds)
        if (rest_.starts_with(word)) {
            event_.kind = kind;
            rest_.remove_prefix(word.size());
            return;
        }
}

bool TextEntry::read_protocol() {
    auto word = next();
    if (word == "ipv4" || word == "ipv6") {
        flow_.family = word == "ipv4" ? Family::ipv4 : Family::ipv6;
        if (const auto number = next(); number != (word == "ipv4" ? "2" : "10"))
            return refuse(number);
        word = next();
    }
    if (const auto number = next(); word.empty() || !read_number(number, flow_.protocol))
        return refuse(number);
    // The number counts; a name that means another number is not conntrack text. Kernels of vendors
    // have names of their own, and "unknown" stands for whatever has none.
    named_ = word != "unknown";
    if (!named_ || word == protocol_name(flow_.protocol))
        return true;
    const auto other = parse_protocol(word);
    return !other || *other == flow_.protocol || refuse(word);
}

/// What stands between the protocol and the first tuple: the timeout, then the state. The kernel
/// puts GRE's timeouts ("timeout=30, stream_timeout=180") there as well.
bool TextEntry::read_state() {
    auto word = next();
    if (is_number(word)) {
        if (!read_number(word, flow_.timeout))
            return refuse(word);
        flow_.set(Part::timeout);
        word = next();
    }
    bool stated = false;
    for (; !word.starts_with("src="); word = next()) {
        const bool pair = !word.starts_with('[') && word.find('=') != std::string_view::npos;
        if (pair ? !tail_.take(word) : stated || !take_state(word))
            return refuse(word);
        stated = stated || !pair;
    }
    return tail_.take(word) || refuse(word);
}

/// A word in the state's place, for a protocol that has states. One that is not known leaves the
/// state absent: the rest of the line is still a flow.
bool TextEntry::take_state(std::string_view word) {
    if (!has_states(flow_.protocol))
        return false;
    auto state = parse_state(flow_.protocol, word);
    // libnetfilter_conntrack before 1.0.9 prints a DCCP state with SCTP's name of the same number.
    if (!state && flow_.protocol == protocol::dccp)
        state = parse_state(protocol::sctp, word);
    if (!state)
        return is_state_word(word);
    flow_.state = *state & (state_limit - 1);
    flow_.set(Part::state);
    return true;
}

Said TextEntry::said() const {
    const FlowFields& fields = tail_.fields();
    return {event_, std::string(fields.helper()), std::string(fields.secctx()), stamp_,
            diff_mark(prefix_)};
}

void Said::append_to(Batch& batch) const {
    Event& appended = batch.events.emplace_back(event);
    if (!helper.empty() || !secctx.empty())
        appended.flow.extras = batch.extras.intern({helper, secctx, {}, false});
}

bool tells_loss(std::string_view line) {
    return line == loss_remark;
}

bool is_remark(std::string_view line) {
    return std::all_of(line.begin(), line.end(), is_blank) || tells_loss(line) ||
           std::find(std::begin(loss_advice), std::end(loss_advice), line) !=
               std::end(loss_advice) ||
           is_conntrack_summary(line);
}

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
    if (const TextEntry entry(line); entry.good()) {
        entry.append_to(batch);
        return TextLine::flow;
    }
    if (tells_loss(line))
        batch.events.emplace_back().kind = EventKind::lost;
    if (is_remark(line))
        return TextLine::note;
    ++batch.odd;
    return TextLine::odd;
}

} // namespace natstat
