// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Families of samples with their labels, and where they go: Prometheus's text format 0.0.4, which
// the textfile collector of node_exporter, promtool and Prometheus itself read, is one such place;
// another is in metrics_emf.cpp. Which families there are is metrics.cpp.
//
// Of that text:
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

/// What a family is.
struct MetricHead {
    enum class Type : std::uint8_t { gauge, counter };

    std::string_view name; // of a counter it ends in "_total"
    std::string_view help;
    Type type = Type::gauge;
};

/// A place where families go.
class MetricSink {
  public:
    MetricSink() = default;
    MetricSink(const MetricSink&) = delete;
    MetricSink& operator=(const MetricSink&) = delete;
    virtual ~MetricSink() = default;

    /// Comes before the first sample of a family; one without a sample is nowhere.
    virtual void begin(const MetricHead& head) = 0;
    /// `number` is decimal: whole, or of a number from 0 to 1, or of seconds.
    virtual void sample(const MetricHead& head, const LabelSet& labels,
                        std::string_view number) = 0;
};

/// One family on its way. Its texts and the sink outlive it.
class MetricFamily {
  public:
    MetricFamily(MetricSink& sink, MetricHead head) : sink_(sink), head_(head) {}

    template <std::unsigned_integral Number>
    void sample(Number value, const LabelSet& labels = {}) {
        put(std::to_string(value), labels);
    }
    /// Exact.
    void sample(double value, const LabelSet& labels = {});

  private:
    void put(std::string_view number, const LabelSet& labels);

    MetricSink& sink_;
    MetricHead head_;
    bool begun_ = false;
};

/// Makes families.
struct MetricText {
    MetricSink& sink;

    [[nodiscard]] MetricFamily gauge(std::string_view name, std::string_view help) const {
        return {sink, {name, help}};
    }
    [[nodiscard]] MetricFamily counter(std::string_view name, std::string_view help) const {
        return {sink, {name, help, MetricHead::Type::counter}};
    }
};

/// Prometheus's text: line by line, HELP first, as promtool wants it.
class PrometheusText final : public MetricSink {
  public:
    /// `common` are labels of every sample; both outlive it.
    PrometheusText(Output& output, const LabelSet& common) : output_(output), common_(common) {}

    void begin(const MetricHead& head) override;
    void sample(const MetricHead& head, const LabelSet& labels, std::string_view number) override;

  private:
    Output& output_;
    const LabelSet& common_;
};

} // namespace natstat
