// A rule as it was read: what to watch, when it is wrong, who is told, what to do. The file format is
// docs/rules.md.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "model/alert.h"
#include "model/labels.h"

namespace sentinella::rules {

/// Live state: a service's process or an agent's heartbeat (nickname Aeolus).
struct BinaryRule {
  enum class Check : std::uint8_t { process, heartbeat } check = Check::process;
  std::string service = "*";  ///< glob over service names
  Duration replace_within =
      std::chrono::milliseconds(200);              ///< a crash is down when nothing replaced it by then
  Duration stop_grace = std::chrono::seconds(90);  ///< after an orderly stop
  std::uint32_t crash_loop_count = 5;              ///< so many starts ...
  Duration crash_loop_window = std::chrono::minutes(10);  ///< ... in this time are a crash loop
  Duration stale_after = std::chrono::seconds(30);        ///< heartbeat: silent for so long
};

/// Log records (nickname Aeolus too).
struct TailableRule {
  std::string service = "*";  ///< globs
  std::string component = "*";
  Severity min_severity = Severity::unspecified;
  std::string pattern;                        ///< RE2, searched in the message and the traceback; "" = any
  std::string not_pattern;                    ///< "" = none
  std::uint32_t count = 1;                    ///< so many matches ...
  Duration window = std::chrono::minutes(5);  ///< ... within this
  Duration quiet =
      std::chrono::minutes(15);      ///< closes after so long without a match, while the agent is alive
  std::string clear_pattern;         ///< closes at once; "" = none
  std::string key = "host,service";  ///< what makes an instance: host, service, component, template
};

/// Numbers against a threshold (nickname Chronos).
struct GaugeRule {
  enum class Aggregate : std::uint8_t { last, avg, min, max, sum, count, rate } aggregate = Aggregate::last;
  enum class Compare : std::uint8_t { above, above_equal, below, below_equal } compare = Compare::above;
  std::string metric;
  std::vector<LabelMatcher> matchers;
  std::string divisor_metric;   ///< of the same labels `by`; "" = none: "host_load1 / host_cpus"
  Duration window{};            ///< of the aggregate; zero for last
  std::vector<std::string> by;  ///< labels that make an instance; default: host, service when present
  struct Level {
    AlertSeverity severity = AlertSeverity::warning;
    double set = 0;
    double clear = 0;  ///< recovered only beyond this; default = set
    Duration hold{};   ///< "for": true that long before it fires
  };
  std::vector<Level> levels;  ///< worst last
  Duration keep_firing_for{};
};

struct Rule {
  std::string id;
  std::string event;
  Tier tier = Tier::ticket;
  AlertSeverity severity = AlertSeverity::critical;  ///< BINARY and TAILABLE
  std::string summary;                               ///< what it means, one line
  std::string owner;
  std::string impact;
  std::string playbook;  ///< Markdown text; required for tier page
  std::variant<BinaryRule, TailableRule, GaugeRule> what;

  std::string_view kind() const;  ///< "binary", "tailable", "gauge"
};

}  // namespace sentinella::rules
