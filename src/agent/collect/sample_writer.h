// Where collectors put what they found.
#pragma once

#include <string>
#include <string_view>
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

  void add(const MetricInfo& info, double value) { add(info, value, {}, {}); }
  void add(const MetricInfo& info, double value, std::string_view label, std::string_view label_value) {
    std::vector<Label> labels{{std::string(kMetricName), std::string(info.name)}, {"host", host_}};
    if (!label.empty()) labels.push_back({std::string(label), std::string(label_value)});
    out_.push_back({Labels(std::move(labels)), info.kind, {{at_, value}}});
  }

 private:
  std::vector<SeriesSamples>& out_;
  std::string host_;
  Time at_;
};

}  // namespace sentinella::agent
