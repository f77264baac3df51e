// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Flags are those of seq_show in net/netfilter/nf_conntrack_standalone.c, of conntrack(8) and of
// conntrackd(8). A flag that is not printed is off, but for one that another one hides.
#include "text_tail.hpp"

#include "natstat/intake/text_source.hpp"
#include "natstat/model/nat.hpp"

#include <algorithm>

namespace natstat {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// A word that somebody may have thought of: letters first. A number alone or a scrap with a sign
/// in front is more likely what is left of something else.
bool is_vendor_word(std::string_view token) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto fits = [&](char c) { return letter(c) || is_digit(c) || c == '_' || c == '-'; };
    return letter(token.front()) && std::all_of(token.begin(), token.end(), fits);
}

/// A word that begins like a key that means something is one that was cut.
bool is_cut_key(std::string_view token) {
    constexpr std::string_view keys[] = {
        "src",    "dst",    "sport",      "dport",     "packets",   "bytes", "mark",
        "zone",   "secctx", "type",       "srckey",    "dstkey",    "id",    "code",
        "helper", "use",    "zone-reply", "zone-orig", "delta-time"};
    return std::any_of(std::begin(keys), std::end(keys),
                       [&](std::string_view key) { return key == token; });
}

/// Absent beyond what nanoseconds in 64 bits reach.
Time time_of(std::chrono::sys_seconds seconds) {
    return seconds < std::chrono::floor<std::chrono::seconds>(Time::max()) ? Time{seconds} : Time{};
}

bool is_number(std::string_view token) {
    return std::all_of(token.begin(), token.end(), is_digit);
}

} // namespace

bool LineTail::take(std::string_view token) {
    const bool flag = token.front() == '[';
    const auto equals = flag ? std::string_view::npos : token.find('=');
    if (!flag && equals == std::string_view::npos)
        return take_word(token);
    secctx_open_ = after_number_ = false;
    return flag ? take_flag(token) : take_pair(token, equals);
}

bool LineTail::take_pair(std::string_view token, std::size_t equals) {
    const auto key = token.substr(0, equals);
    secctx_open_ = key == "secctx";
    // The last of a line, who caused an event. A process names itself as it likes, with blanks and
    // all.
    over_ = key == "progname";
    const bool good = fields_.take(key, token.substr(equals + 1));
    after_number_ = fields_.took_number();
    return good;
}

bool LineTail::take_flag(std::string_view token) {
    constexpr std::string_view start = "[start=", stop = "[stop=";
    if (token.back() != ']')
        return false;
    if (token == "[UNREPLIED]")
        unreplied_ = true;
    else if (token == "[ASSURED]")
        flow_.status |= status::assured;
    else if (token == "[OFFLOAD]") // it stands in the place of [ASSURED]
        flow_.status |= status::offload | status::assured_untold;
    else if (token == "[HW_OFFLOAD]") // and this one in that of both
        flow_.status |= status::offload | status::hw_offload | status::assured_untold;
    else if (token.starts_with(start))
        return take_date(token.substr(start.size()), start_);
    else if (token.starts_with(stop))
        return take_date(token.substr(stop.size()), stop_);
    else if (token.starts_with("[active since "))
        cached_ = true;
    return true;
}

/// `text` is the date and the bracket behind it.
bool LineTail::take_date(std::string_view text, std::optional<std::chrono::sys_seconds>& date) {
    date = parse_local_date(text.substr(0, text.size() - 1));
    return date.has_value();
}

/// A token that is neither flag nor pair: AppArmor's contexts hold a blank ("profile (enforce)"),
/// conntrack drops the "=" of labels that have no names, and vendors have words and numbers.
bool LineTail::take_word(std::string_view token) {
    if (secctx_open_) {
        fields_.lengthen_secctx(token);
        return true;
    }
    if (!fields_.in_tail() || is_cut_key(token))
        return false;
    const bool number = is_number(token);
    const bool scrap = number && after_number_; // of the number before?
    after_number_ = after_number_ && number;
    return (number && !scrap) || is_vendor_word(token);
}

bool LineTail::finish(bool named) {
    if (!fields_.finish(named))
        return false;
    set_status();
    set_times();
    return true;
}

/// Lists and all events carry the status (ctnetlink_conntrack_event in nf_conntrack_netlink.c), so
/// that a flag which is not printed is known to be off.
void LineTail::set_status() {
    if ((flow_.status & status::assured) != 0)
        flow_.status &= ~status::assured_untold;
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
/// hour. Without a time of its own the line was printed at its stop, or at its start and its age.
void LineTail::set_times() {
    using namespace std::chrono;
    using QuarterHours = duration<std::int64_t, std::ratio<15 * 60>>;
    const auto age = fields_.age();
    const bool timed = event_.time != Time{};
    if (timed && age) {
        const auto about = floor<seconds>(event_.time) - seconds{*age};
        return set_start(start_ ? *start_ + round<QuarterHours>(about - *start_) : about);
    }
    if (start_)
        set_start(*start_);
    if (timed)
        return;
    if (stop_)
        event_.time = *stop_;
    else if (start_ && age)
        event_.time = time_of(*start_ + seconds{*age});
    else if (age)
        flow_.set_age(seconds{*age});
}

void LineTail::append_to(Batch& batch) const {
    Event& event = batch.events.emplace_back(event_);
    if (!fields_.helper().empty() || !fields_.secctx().empty())
        event.flow.extras = batch.extras.intern(
            {std::string(fields_.helper()), std::string(fields_.secctx()), {}, false});
}

void LineTail::set_start(std::chrono::sys_seconds start) {
    if (start.time_since_epoch() >= std::chrono::seconds{0})
        flow_.set_start(std::chrono::milliseconds{start.time_since_epoch()});
}

} // namespace natstat
