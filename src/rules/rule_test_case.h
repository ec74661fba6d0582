// One test of a rule test file, as read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/log_record.h"
#include "model/series.h"
#include "model/state_report.h"
#include "rules/rule.h"
#include "rules/yaml_section.h"

namespace sentinella::rules {

struct ExpectedAlerts {
  Duration at{};
  std::string name;
  struct Alert {
    std::map<std::string, std::string> labels, annotations;
  };
  std::vector<Alert> alerts;
};

struct ExpectedSamples {
  Duration at{};
  std::string expression;
  std::vector<std::pair<Labels, double>> samples;
};

struct ExpectedTransition {
  Duration at{};
  std::string event, resource;  ///< resource "" = any
  bool firing = true;
  std::string severity, tier;  ///< "" = any
};

struct TestCase {
  std::string name;
  Duration interval = std::chrono::minutes(1);
  std::vector<std::string> rules;     ///< empty = all
  std::vector<SeriesSamples> series;  ///< times from Time{}
  std::vector<LogRecord> logs;
  std::vector<std::pair<Time, StateReport>> reports;  ///< and when they arrive
  std::vector<ExpectedAlerts> alerts;
  std::vector<ExpectedSamples> samples;
  std::optional<std::vector<ExpectedTransition>> transitions;
};

Result<TestCase> read_test_case(const YAML::Node& node, std::size_t number);

}  // namespace sentinella::rules
