// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The XML of conntrack -o xml, element by element: one is found by its tags and
// read by itself, so that what is cut off, appended to, or glued together by
// others leaves the rest alone. conntrack itself writes a program's name behind
// an element as it is, so that the whole may be no XML.
#include "natstat/intake/text_source.hpp"
#include "text_line.hpp"
#include "text_reader.hpp"
#include "xml_flow.hpp"

#include <algorithm>

namespace natstat {

namespace {

constexpr std::size_t longest_element = 64 * 1024;
constexpr std::string_view opening = "<flow", closing = "</flow>";

/// Where an element begins.
std::size_t find_opening(std::string_view text) {
    for (auto at = text.find(opening); at != std::string_view::npos;
         at = text.find(opening, at + 1)) {
        const auto next = text.substr(at + opening.size());
        if (next.empty() || next.front() == '>' || next.front() == ' ')
            return at;
    }
    return std::string_view::npos;
}

/// What conntrack puts around the elements.
bool is_frame(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return text.empty() || text.starts_with("<?xml") || text.starts_with("<conntrack>") ||
           text.starts_with("</conntrack>") || text.starts_with("[USERSPACE]");
}

class XmlText final : public TextReader {
  public:
    explicit XmlText(TakeOdd odd) : odd_(std::move(odd)) {}

    void take(const SourceLine& line, Batch& batch) override;
    void finish(Batch& batch) override;
    [[nodiscard]] const Lists& lists() const override { return lists_; }

  private:
    void take_text(std::string_view text, std::uint64_t number);
    void take_around(std::string_view text, std::uint64_t number);
    void take_element(std::string_view element, std::uint64_t number);
    void take_odd(std::uint64_t number, std::string_view text, std::string_view reason);
    void end_list();

    TakeOdd odd_;
    XmlFlow flow_;
    Batch* batch_ = nullptr; // of the call
    Lists lists_{[this] { end_list(); }};
    std::string element_; // what has come of one; empty outside
    std::uint64_t line_ = 0;
    bool only_lists_ = true;
};

void XmlText::take(const SourceLine& line, Batch& batch) {
    batch_ = &batch;
    if (line.too_long)
        return take_odd(line.number, line.text, "it is longer than any line may be");
    take_text(line.text.substr(0, line.text.size() - (line.text.ends_with('\r') ? 1 : 0)),
              line.number);
}

/// Takes every element that ends in this text, and keeps the beginning of one
/// that does not.
void XmlText::take_text(std::string_view text, std::uint64_t number) {
    const bool begins_anew = !element_.empty() && find_opening(text) != std::string_view::npos &&
                             text.find(closing) > find_opening(text);
    if (begins_anew) {
        take_odd(line_, element_, "it ends too early");
        element_.clear();
    }
    while (!text.empty()) {
        if (element_.empty()) {
            const auto begin = find_opening(text);
            take_around(text.substr(0, begin), number);
            if (begin == std::string_view::npos)
                return;
            text.remove_prefix(begin);
            line_ = number;
        }
        const auto end = text.find(closing);
        const auto size = end == std::string_view::npos ? text.size() : end + closing.size();
        element_.append(text.substr(0, size));
        text.remove_prefix(size);
        if (end != std::string_view::npos) {
            take_element(element_, line_);
            element_.clear();
        } else {
            element_ += '\n';
        }
        if (element_.size() > longest_element) {
            take_odd(line_, element_, "it is longer than any element may be");
            element_.clear();
        }
    }
}

void XmlText::take_around(std::string_view text, std::uint64_t number) {
    if (is_remark(text)) {
        only_lists_ = only_lists_ && !tells_loss(text);
        if (tells_loss(text))
            batch_->events.emplace_back().kind = EventKind::lost;
        // A list has tags around it; of an empty one only the remark says that it is no log.
        return is_empty_list(text) ? lists_.take_opening(number) : void();
    }
    if (!is_frame(text))
        take_odd(number, text, {});
    else if (text.find("<?xml") != std::string_view::npos ||
             text.find("</conntrack>") != std::string_view::npos)
        lists_.take_border();
}

void XmlText::take_element(std::string_view element, std::uint64_t number) {
    const std::string wrong = flow_.take(element, *batch_);
    if (!wrong.empty())
        return take_odd(number, element, wrong);
    if (batch_->events.back().kind != EventKind::listed) {
        only_lists_ = false;
        return;
    }
    const Event entry = batch_->events.back();
    batch_->events.pop_back();
    // An ICMP entry has no id here and may look like another one: that one comes again says
    // nothing.
    lists_.take_entry(entry.flow.is_icmp() ? nullptr : &entry.flow, number);
    batch_->events.push_back(entry);
    lists_.entry_told();
}

void XmlText::take_odd(std::uint64_t number, std::string_view text, std::string_view reason) {
    ++batch_->odd;
    odd_({number, text, {}, reason});
}

void XmlText::end_list() {
    Event& end = batch_->events.emplace_back();
    end.kind = EventKind::list_end;
    end.whole = only_lists_;
}

void XmlText::finish(Batch& batch) {
    batch_ = &batch;
    if (!element_.empty())
        take_odd(line_, element_, "it ends too early");
    element_.clear();
    lists_.take_border();
}

} // namespace

std::unique_ptr<TextReader> read_xml(TakeOdd odd) {
    return std::make_unique<XmlText>(std::move(odd));
}

} // namespace natstat
