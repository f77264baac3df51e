// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Labels and numbers as text.
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

void MetricFamily::sample(double value, const LabelSet& labels) {
    std::array<char, 400> text;
    const auto [end, error] =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    put({text.data(), static_cast<std::size_t>(end - text.data())}, labels);
}

void MetricFamily::put(std::string_view number, const LabelSet& labels) {
    if (!begun_)
        sink_.begin(head_);
    begun_ = true;
    sink_.sample(head_, labels, number);
}

void PrometheusText::begin(const MetricHead& head) {
    const auto line = [&](std::string_view word, std::string_view text) {
        output_.put("# " + std::string(word) + " " + std::string(head.name) + " " +
                    std::string(text) + "\n");
    };
    line("HELP", head.help);
    line("TYPE", head.type == MetricHead::Type::gauge ? "gauge" : "counter");
}

void PrometheusText::sample(const MetricHead& head, const LabelSet& labels,
                            std::string_view number) {
    output_.put(head.name);
    const std::string& first = common_.text();
    const std::string& second = labels.text();
    if (!first.empty() || !second.empty())
        output_.put("{" + first + (first.empty() || second.empty() ? "" : ",") + second + "}");
    output_.put(' ');
    output_.put(number);
    output_.put('\n');
}

} // namespace natstat
