// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The syntax of metrics: labels, and families of samples under their heads, in Prometheus's text
// format 0.0.4, which the textfile collector of node_exporter, promtool and Prometheus itself read.
// Which families there are is metrics.cpp.
//
// It is not OpenMetrics: that takes "x" for the name of a counter whose sample is "x_total", and
// this format "x_total" for both. node_exporter reads this one, and gives out the other to who
// asks.
#pragma once

#include "natstat/print/output.hpp"

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace natstat {

/// A label's value between its quotes. Both formats escape \, " and the line feed, and take nothing
/// that is not UTF-8; bytes that are not printable are \xNN as everywhere in natstat.
[[nodiscard]] std::string label_value(std::string_view bytes);

/// Labels in their order, as they stand between the braces. One without a value is left out: for
/// Prometheus that is the same.
class LabelSet {
  public:
    void add(std::string_view name, std::string_view value);
    [[nodiscard]] const std::string& text() const { return text_; }

    friend auto operator<=>(const LabelSet&, const LabelSet&) = default;

  private:
    std::string text_;
};

/// One family. Its head is written before its first sample; without a sample there is none.
class MetricFamily {
  public:
    enum class Type : std::uint8_t { gauge, counter };

    /// `common` are labels of every sample. The name of a counter ends in "_total". All of it
    /// outlives the family.
    MetricFamily(Output& output, const LabelSet& common, std::string_view name,
                 std::string_view help, Type type = Type::gauge);

    template <std::unsigned_integral Number>
    void sample(Number value, const LabelSet& labels = {}) {
        put(std::to_string(value), labels);
    }
    /// Of a number from 0 to 1, or of seconds: exact.
    void sample(double value, const LabelSet& labels = {});

  private:
    void put(std::string_view number, const LabelSet& labels);
    void put_head();

    Output& output_;
    const LabelSet& common_;
    std::string_view name_;
    std::string_view help_;
    Type type_;
    bool begun_ = false;
};

/// Where families go.
struct MetricText {
    Output& output;
    const LabelSet& common; // labels of every sample

    [[nodiscard]] MetricFamily gauge(std::string_view name, std::string_view help) const {
        return {output, common, name, help};
    }
    [[nodiscard]] MetricFamily counter(std::string_view name, std::string_view help) const {
        return {output, common, name, help, MetricFamily::Type::counter};
    }
};

} // namespace natstat
