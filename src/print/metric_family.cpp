// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Line by line; HELP stands first, as promtool wants it.
#include "metric_family.hpp"

#include "natstat/table/value.hpp"

#include <array>
#include <charconv>

namespace natstat {

std::string label_value(std::string_view bytes) {
    std::string text;
    for (const char c : to_text(Text{bytes})) {
        if (c == '\\' || c == '"')
            text += '\\';
        text += c;
    }
    return text;
}

void LabelSet::add(std::string_view name, std::string_view value) {
    if (value.empty())
        return;
    text_ += (text_.empty() ? "" : ",") + std::string(name) + "=\"" + label_value(value) + "\"";
}

MetricFamily::MetricFamily(Output& output, const LabelSet& common, std::string_view name,
                           std::string_view help, Type type)
    : output_(output), common_(common), name_(name), help_(help), type_(type) {}

void MetricFamily::sample(double value, const LabelSet& labels) {
    std::array<char, 400> text;
    const auto [end, error] =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    put({text.data(), static_cast<std::size_t>(end - text.data())}, labels);
}

void MetricFamily::put(std::string_view number, const LabelSet& labels) {
    if (!begun_)
        put_head();
    begun_ = true;
    output_.put(name_);
    const std::string& first = common_.text();
    const std::string& second = labels.text();
    if (!first.empty() || !second.empty())
        output_.put("{" + first + (first.empty() || second.empty() ? "" : ",") + second + "}");
    output_.put(' ');
    output_.put(number);
    output_.put('\n');
}

void MetricFamily::put_head() {
    const auto line = [this](std::string_view word, std::string_view text) {
        output_.put("# " + std::string(word) + " " + std::string(name_) + " " + std::string(text) +
                    "\n");
    };
    line("HELP", help_);
    line("TYPE", type_ == Type::gauge ? "gauge" : "counter");
}

} // namespace natstat
