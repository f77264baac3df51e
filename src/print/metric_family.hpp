// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The syntax of metrics: labels, and families of samples under their heads. Two formats share it:
// OpenMetrics, and Prometheus's own 0.0.4, which promtool and the textfile collector of
// node_exporter read. Which families there are is metrics.cpp.
//
// The two do not agree on counters. OpenMetrics wants "# TYPE x counter" and samples "x_total"; the
// older format takes the whole name of a sample for its family's, so that x_total would have
// neither type nor help there, and promtool refuses it. "# TYPE x_total counter" is right for the
// older format alone. What both read alike is a family without a type ("unknown", "untyped"), so
// counters have none; rate() needs none. "# UNIT" and "# EOF" are comments in the older format.
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

    /// `common` are labels of every sample. A unit is the end of the name. All of it outlives the
    /// family.
    MetricFamily(Output& output, const LabelSet& common, std::string_view name,
                 std::string_view help, Type type = Type::gauge, std::string_view unit = {});

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
    std::string_view unit_;
    bool begun_ = false;
};

} // namespace natstat
