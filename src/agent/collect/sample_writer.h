// Where collectors put what they found.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/metric_table.h"
#include "base/time.h"
#include "model/series.h"

namespace sentinella::agent {

/// Appends one sample per call; host and time are those of the whole round.
class SampleWriter {
 public:
  SampleWriter(std::vector<SeriesSamples>& out, std::string host, Time at)
      : out_(out), host_(std::move(host)), at_(at) {}

  using LabelView = std::pair<std::string_view, std::string_view>;

  /// Labels with an empty value are left out.
  void add(const MetricInfo& info, double value, std::initializer_list<LabelView> more = {}) {
    add(info, value, std::span<const LabelView>(more.begin(), more.size()));
  }
  void add(const MetricInfo& info, double value, std::span<const LabelView> more) {
    std::vector<Label> labels;
    labels.reserve(2 + more.size());
    labels.push_back({std::string(kMetricName), std::string(info.name)});
    labels.push_back({"host", host_});
    for (const auto& [name, label_value] : more)
      labels.push_back({std::string(name), std::string(label_value)});
    out_.push_back({Labels(std::move(labels)), info.kind, {{at_, value}}});
  }
  void add(const MetricInfo& info, double value, std::string_view label, std::string_view label_value) {
    add(info, value, {{label, label_value}});
  }
  /// Nothing when there is no value.
  void add(const MetricInfo& info, const std::optional<double>& value,
           std::initializer_list<LabelView> more) {
    if (value) add(info, *value, more);
  }
  Time at() const { return at_; }

 private:
  std::vector<SeriesSamples>& out_;
  std::string host_;
  Time at_;
};

}  // namespace sentinella::agent
