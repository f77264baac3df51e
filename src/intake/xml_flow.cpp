// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// expat finds elements and texts; what they say goes the way of the words of a
// line (text_tail.hpp), so that both mean the same. Nothing is kept but the
// element at hand.
#include "xml_flow.hpp"

#include "natstat/model/protocol.hpp"
#include "text_date.hpp"
#include "text_tail.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <new>
#include <optional>
#include <vector>

#include <expat.h>

namespace natstat {

namespace {

constexpr std::size_t deepest = 8;

/// What an element is called in a line, by its name and the one that it is in.
/// An empty parent is any.
struct Key {
    std::string_view parent;
    std::string_view name;
    std::string_view key;
};
constexpr Key keys[] = {
    {"layer3", "src", "src="},
    {"layer3", "dst", "dst="},
    {"layer4", "sport", "sport="},
    {"layer4", "dport", "dport="},
    {"layer4", "srckey", "srckey="},
    {"layer4", "dstkey", "dstkey="},
    {"layer4", "type", "type="},
    {"layer4", "code", "code="},
    {"layer4", "id", "id="},
    {"counters", "packets", "packets="},
    {"counters", "bytes", "bytes="},
    {"meta", "mark", "mark="},
    {"meta", "use", "use="},
    {"meta", "secctx", "secctx="},
    {"meta", "helper", "helper="},
    {"meta", "deltatime", "delta-time="},
    {"meta", "unreplied", "[UNREPLIED]"},
    {"meta", "assured", "[ASSURED]"},
    {"meta", "offload", "[OFFLOAD]"},
    {"meta", "hw_offload", "[HW_OFFLOAD]"},
};

constexpr struct {
    std::string_view type;
    EventKind kind;
} kinds[] = {
    {"new", EventKind::created}, {"update", EventKind::updated}, {"destroy", EventKind::destroyed}};

/// The parts of <when>, in the order of a date.
constexpr std::array<std::string_view, 6> when_names{"year", "month", "day", "hour", "min", "sec"};

/// The attribute of this name, empty without one.
std::string_view attribute(const char** attributes, std::string_view name) {
    for (; *attributes != nullptr; attributes += 2)
        if (attributes[0] == name)
            return attributes[1];
    return {};
}

/// The state whose number is printed with TCP's name. A name that both have,
/// with two numbers, is of either.
std::optional<std::uint8_t> state_called(std::uint8_t protocol, std::string_view name) {
    const auto own = parse_state(protocol, name);
    const auto as_tcp = parse_state(protocol::tcp, name);
    if (own && as_tcp && *own != *as_tcp)
        return std::nullopt;
    return own ? own : as_tcp;
}

/// An event while its element is read.
class Reading {
  public:
    /// False from any of these ends the reading; wrong() says why.
    bool open(std::string_view name, const char** attributes);
    bool close();
    void add_text(std::string_view text) { text_.append(text); }
    bool finish();

    [[nodiscard]] const std::string& wrong() const { return wrong_; }
    void append_to(Batch& batch) const;

  private:
    bool take_flow(const char** attributes);
    bool take_meta(const char** attributes);
    bool take_layer(const char** attributes, bool network);
    bool take_leaf(std::string_view parent, std::string_view name);
    bool take_word(std::string word);
    bool take_when(std::string_view name);
    bool take_zone();
    bool take_timestamp(std::uint64_t& nanoseconds) const;
    bool refuse(std::string_view name);
    void set_times();

    Event event_;
    Flow& flow_ = event_.flow;
    LineTail tail_{event_};
    std::vector<std::string> path_;
    std::string text_;              // of the innermost element
    std::deque<std::string> words_; // what the tail refers to
    std::string direction_;         // of the <meta>
    bool has_protocol_ = false;
    bool named_ = false;
    std::array<std::string, when_names.size()> when_;
    std::optional<std::uint64_t> start_; // nanoseconds since 1970
    std::optional<std::uint64_t> stop_;
    std::string wrong_;
};

bool Reading::refuse(std::string_view name) {
    wrong_ = "<" + std::string(name) + "> has a value that it never has";
    return false;
}

bool Reading::open(std::string_view name, const char** attributes) {
    path_.emplace_back(name);
    text_.clear();
    if (path_.size() > deepest) {
        wrong_ = "its elements nest too deep";
        return false;
    }
    if (path_.size() == 1)
        return take_flow(attributes) || refuse(name);
    if (name == "meta")
        return take_meta(attributes) || refuse(name);
    if (name == "layer3" || name == "layer4")
        return take_layer(attributes, name == "layer3") || refuse(name);
    return true;
}

bool Reading::take_flow(const char** attributes) {
    const auto type = attribute(attributes, "type");
    if (type.empty())
        return true; // of a list
    for (const auto& [name, kind] : kinds)
        if (name == type) {
            event_.kind = kind;
            return true;
        }
    return false;
}

bool Reading::take_meta(const char** attributes) {
    direction_ = attribute(attributes, "direction");
    return direction_ == "original" || direction_ == "reply" || direction_ == "independent";
}

/// The numbers of family and protocol, the same in both directions.
bool Reading::take_layer(const char** attributes, bool network) {
    std::uint8_t number = 0;
    if (!read_number(attribute(attributes, "protonum"), number))
        return false;
    if (network) {
        const Family family = number == 2 ? Family::ipv4 : Family::ipv6;
        const bool same = flow_.family == Family::none || flow_.family == family;
        flow_.family = family;
        return same && (number == 2 || number == 10);
    }
    const bool same = !has_protocol_ || flow_.protocol == number;
    has_protocol_ = true;
    flow_.protocol = number;
    named_ = attribute(attributes, "protoname") != "unknown" && !flow_.is_icmp();
    return same;
}

bool Reading::close() {
    const std::string name = std::move(path_.back());
    path_.pop_back();
    const bool good = path_.empty() || take_leaf(path_.back(), name) || refuse(name);
    text_.clear();
    return good;
}

bool Reading::take_leaf(std::string_view parent, std::string_view name) {
    for (const Key& key : keys)
        if (key.name == name && key.parent == parent)
            return take_word(std::string(key.key) + (key.key.ends_with('=') ? text_ : ""));
    if (parent == "when")
        return take_when(name);
    if (parent == "timestamp" && (name == "start" || name == "stop"))
        return take_timestamp((name == "start" ? start_ : stop_).emplace());
    if (parent != "meta")
        return true;
    if (name == "zone")
        return take_zone();
    if (name == "id") {
        flow_.set(Part::id);
        return read_number(text_, flow_.id);
    }
    if (name == "timeout") {
        flow_.set(Part::timeout);
        return read_number(text_, flow_.timeout);
    }
    if (const auto state = name == "state" ? state_called(flow_.protocol, text_) : std::nullopt;
        state && has_states(flow_.protocol)) {
        flow_.state = *state & (state_limit - 1);
        flow_.set(Part::state);
    }
    return true;
}

bool Reading::take_word(std::string word) {
    words_.push_back(std::move(word));
    return tail_.take(words_.back());
}

/// The kernel's, in nanoseconds; with an age behind it a time still fits.
bool Reading::take_timestamp(std::uint64_t& nanoseconds) const {
    constexpr std::uint64_t second = 1'000'000'000, last = second << 32;
    return read_number(text_, nanoseconds) && nanoseconds < last;
}

bool Reading::take_zone() {
    return take_word((direction_ == "original" ? "zone-orig="
                      : direction_ == "reply"  ? "zone-reply="
                                               : "zone=") +
                     text_);
}

bool Reading::take_when(std::string_view name) {
    const auto found = std::find(when_names.begin(), when_names.end(), name);
    if (found != when_names.end())
        when_[static_cast<std::size_t>(found - when_names.begin())] =
            text_.size() == 1 ? "0" + text_ : text_;
    return text_.size() <= 4;
}

/// <when> is a local time without a zone; a start and an age tell the zone. At
/// the end the kernel's own stop is better.
void Reading::set_times() {
    using namespace std::chrono;
    using QuarterHours = duration<std::int64_t, std::ratio<15 * 60>>;
    const auto& [year, month, day, hour, minute, second] = when_;
    const Stamp when =
        stamp_at(year + "-" + month + "-" + day + " " + hour + ":" + minute + ":" + second);
    const auto at = [](std::uint64_t since) {
        return Time{nanoseconds{static_cast<std::int64_t>(since)}};
    };
    const auto age = tail_.fields().age();
    std::optional<Time> about;
    if (start_ && age)
        about = floor<seconds>(at(*start_)) + seconds{*age};
    if (stop_ && event_.kind == EventKind::destroyed)
        event_.time = at(*stop_);
    else if (when.found)
        event_.time = about ? when.time + round<QuarterHours>(*about - when.time) : when.time;
    else if (about)
        event_.time = *about;
}

bool Reading::finish() {
    set_times();
    if (!has_protocol_ || !tail_.finish(named_)) {
        wrong_ = "it lacks a part of its tuples";
        return false;
    }
    if (start_)
        flow_.set_start(std::chrono::floor<std::chrono::milliseconds>(
            std::chrono::nanoseconds{static_cast<std::int64_t>(*start_)}));
    return true;
}

void Reading::append_to(Batch& batch) const {
    tail_.append_to(batch);
}

} // namespace

struct XmlFlow::Parser {
    XML_Parser parser = XML_ParserCreate("UTF-8");
    std::unique_ptr<Reading> reading;

    Parser() {
        if (parser == nullptr)
            throw std::bad_alloc();
    }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;
    ~Parser() { XML_ParserFree(parser); }

    void begin() {
        XML_ParserReset(parser, "UTF-8");
        reading = std::make_unique<Reading>();
        XML_SetUserData(parser, this);
        XML_SetElementHandler(
            parser,
            [](void* self, const char* name, const char** attributes) {
                auto& that = *static_cast<Parser*>(self);
                that.stop_unless(that.reading->open(name, attributes));
            },
            [](void* self, const char*) {
                auto& that = *static_cast<Parser*>(self);
                that.stop_unless(that.reading->close());
            });
        XML_SetCharacterDataHandler(parser, [](void* self, const char* text, int size) {
            static_cast<Parser*>(self)->reading->add_text({text, static_cast<std::size_t>(size)});
        });
    }
    void stop_unless(bool good) {
        if (!good)
            XML_StopParser(parser, XML_FALSE);
    }
};

XmlFlow::XmlFlow() : parser_(std::make_unique<Parser>()) {}
XmlFlow::~XmlFlow() = default;

std::string XmlFlow::take(std::string_view element, Batch& batch) {
    parser_->begin();
    const auto result =
        XML_Parse(parser_->parser, element.data(), static_cast<int>(element.size()), XML_TRUE);
    Reading& reading = *parser_->reading;
    if (!reading.wrong().empty())
        return reading.wrong();
    if (result != XML_STATUS_OK)
        return XML_ErrorString(XML_GetErrorCode(parser_->parser));
    if (!reading.finish())
        return reading.wrong();
    reading.append_to(batch);
    return {};
}

} // namespace natstat
