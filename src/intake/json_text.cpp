// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// This program's own JSON, line by line. It is whole, or it was stopped: a first line that is wrong
// is a failure, a later one a gap.
#include "natstat/intake/text_source.hpp"
#include "text_reader.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// What helps with JSON of which a line holds no whole object.
std::string_view hint_for(std::string_view line) {
    const auto first = line.find_first_not_of(" \t\r");
    const auto last = line.find_last_not_of(" \t\r");
    const bool array = first != std::string_view::npos && line[first] == '[';
    const bool open =
        last != std::string_view::npos && std::string_view("{[,").find(line[last]) < 3;
    return array || open
               ? " (an object has one line; jq -c '.[]' makes them of an array, jq -c . of objects)"
               : "";
}

/// A listing is an array, unless it was printed as lines alone.
bool opens_array(std::string_view line) {
    const auto first = line.find_first_not_of(" \t\r");
    return first != std::string_view::npos && line[first] == '[';
}

class JsonText final : public TextReader {
  public:
    JsonText(std::string name, TakeOdd odd) : name_(std::move(name)), odd_(std::move(odd)) {}

    void take(const SourceLine& line, Batch& batch) override;
    void finish(Batch& batch) override;
    [[nodiscard]] const Lists& lists() const override { return lists_; }
    [[nodiscard]] std::vector<std::string> remarks() const override;

  private:
    void take_wrong(const SourceLine& line, const std::string& wrong, Batch& batch);
    void take_rest(const SourceLine& line, Batch& batch);
    void take_start(std::uint64_t number, const std::string& selection);
    void take_event(std::uint64_t number, Batch& batch);
    void end_list();

    std::string name_;
    TakeOdd odd_;
    JsonLines lines_;
    Batch* batch_ = nullptr; // of the call
    Lists lists_{[this] { end_list(); }};
    bool understood_ = false;
    bool only_lists_ = true;
    Time last_time_{};            // of the last line that told one
    std::uint64_t runs_ = 0;      // that begin in this text
    std::string selection_;       // of the last one
    std::uint64_t differing_ = 0; // the line in which one begins that tells of other flows
};

void JsonText::take(const SourceLine& line, Batch& batch) {
    batch_ = &batch;
    if (opens_array(line.text))
        lists_.take_opening(line.number);
    else if (line.text.starts_with(']'))
        lists_.take_border();
    const std::size_t before = batch.events.size();
    const std::string wrong =
        line.too_long ? "longer than any line may be" : lines_.take(line.text, batch);
    if (!wrong.empty())
        take_wrong(line, wrong, batch);
    else if (batch.events.size() != before)
        take_event(line.number, batch);
}

void JsonText::take_wrong(const SourceLine& line, const std::string& wrong, Batch& batch) {
    const bool first = !understood_;
    if (first)
        take_rest(line, batch);
    if (!understood_) {
        // Of a line that is too long the end is not known, and how much of it, depends on how it
        // came.
        const auto hint = line.too_long ? std::string_view{} : hint_for(line.text);
        throw Failure("cannot read " + name_ + ": line " + std::to_string(line.number) +
                      " is not natstat's JSON: " + wrong + std::string(hint));
    }
    ++batch.odd; // whoever wrote it was stopped in the middle of it
    odd_({line.number, line.text, {}, wrong});
    if (first || (!line.whole && !line.too_long)) // nothing was told before, or comes after
        return;
    only_lists_ = false;
    Event& gap = batch.events.emplace_back(); // and went on later: what it told is missing
    gap.kind = EventKind::lost;
    gap.time = last_time_;
    take_rest(line, batch);
}

/// Who was killed in the middle of a line had somebody begin to write right behind it.
void JsonText::take_rest(const SourceLine& line, Batch& batch) {
    const auto begin = line.text.rfind(R"({"time":)");
    if (line.too_long || begin == std::string_view::npos || begin == 0)
        return;
    const std::size_t before = batch.events.size();
    if (lines_.take(line.text.substr(begin), batch).empty() && batch.events.size() != before)
        take_event(line.number, batch);
}

/// Puts the end of a list before an entry that begins the next one.
void JsonText::take_event(std::uint64_t number, Batch& batch) {
    understood_ = true;
    last_time_ = std::max(last_time_, batch.events.back().time);
    const Event& event = batch.events.back();
    if (event.kind == EventKind::started)
        take_start(number, batch.extras[event.flow.extras].selection);
    if (event.kind != EventKind::listed || event.judgement) {
        only_lists_ = false;
        return;
    }
    const Event entry = batch.events.back();
    batch.events.pop_back();
    lists_.take_entry(&entry.flow, number);
    batch.events.push_back(entry);
}

void JsonText::take_start(std::uint64_t number, const std::string& selection) {
    if (runs_++ != 0 && selection != selection_)
        differing_ = number;
    selection_ = selection;
}

std::vector<std::string> JsonText::remarks() const {
    if (differing_ == 0)
        return {};
    return {
        "who wrote this file was not always asked for the same flows: the one who began in line " +
        std::to_string(differing_) + " tells of other flows than the one before"};
}

void JsonText::end_list() {
    Event& end = batch_->events.emplace_back();
    end.kind = EventKind::list_end;
    end.whole = only_lists_;
}

void JsonText::finish(Batch& batch) {
    batch_ = &batch;
    lists_.take_border();
}

} // namespace

std::unique_ptr<TextReader> read_json(std::string name, TakeOdd odd) {
    return std::make_unique<JsonText>(std::move(name), std::move(odd));
}

} // namespace natstat
