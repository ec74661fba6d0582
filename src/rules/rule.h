// A rule as it was read: what to watch, when it is wrong, who is told, what to do. The file format is
// docs/rules.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "events/trait_condition.h"
#include "model/alert.h"
#include "model/labels.h"

namespace sentinella::rules {

/// Log records (nickname Aeolus).
struct TailableRule {
  /// More than so many times what this hour of the week usually has.
  struct Baseline {
    double factor = 5;
    std::uint32_t min = 10;                       ///< and at least so many in the window
    Duration learn = std::chrono::hours(24 * 7);  ///< an instance younger than this has no usual
  };
  std::string service = "*";  ///< globs
  std::string component = "*";
  Severity min_severity = Severity::unspecified;
  Severity max_severity = Severity::critical;
  std::string pattern;                        ///< RE2, searched in the message and the traceback; "" = any
  std::string not_pattern;                    ///< "" = none
  std::uint32_t count = 1;                    ///< so many matches ...
  Duration window = std::chrono::minutes(5);  ///< ... within this
  std::optional<Baseline> baseline;           ///< instead of `count`
  /// Only templates that their service has never written before, once it has been listened to for `learn`.
  bool new_template = false;
  Duration learn = std::chrono::hours(24);
  Duration quiet =
      std::chrono::minutes(15);      ///< closes after so long without a match, while the agent is alive
  std::string clear_pattern;         ///< closes at once; "" = none
  std::string key = "host,service";  ///< what makes an instance: host, service, component, template
};

/// Numbers against a threshold (nickname Chronos). Evaluated on every write, or, with `promql`, on results
/// that rules/rule_queries.h puts into the journal.
struct GaugeRule {
  enum class Aggregate : std::uint8_t { last, avg, min, max, sum, count, rate } aggregate = Aggregate::last;
  enum class Compare : std::uint8_t {
    above,
    above_equal,
    below,
    below_equal,
    equal,
    not_equal,
    always  ///< Prometheus' rules: the expression itself holds back what is not wrong
  } compare = Compare::above;
  /// What silence means when the agent of the host is alive.
  enum class NoData : std::uint8_t {
    keep,    ///< nothing changes; after ten minutes an event of its own says so
    ok,      ///< as the clear value
    fire,    ///< as the mildest level
    ignore,  ///< nothing is said
  } no_data = NoData::keep;
  /// The expression is compared with what its own series had in the same hour of the weeks before; levels are
  /// in units of the usual spread.
  struct Season {
    std::uint32_t weeks = 4;
    double min_spread = 0.05;  ///< the spread is at least this share of the usual value
  };

  std::string metric;
  std::vector<LabelMatcher> matchers;
  std::string divisor_metric;  ///< of the same labels `by`; "" = none: "host_load1 / host_cpus"
  Duration window{};           ///< of the aggregate; zero for last
  std::string promql;          ///< "" = evaluated on write
  Duration interval = std::chrono::seconds(30);  ///< of promql
  Duration eval_delay{};                         ///< promql looks so far behind the clock
  std::optional<Season> season;
  std::vector<std::string> by;  ///< labels that make an instance; default: host, service; promql: all
  struct Level {
    AlertSeverity severity = AlertSeverity::warning;
    double set = 0;
    double clear = 0;        ///< recovered only beyond this; default = set
    bool own_clear = false;  ///< `clear` was given
    Duration hold{};         ///< "for": true that long before it fires
    friend bool operator==(const Level&, const Level&) = default;
  };
  std::vector<Level> levels;  ///< worst last
  Duration keep_firing_for{};
  std::uint32_t fail_count = 1;     ///< so many evaluations in a row before a level is reached ...
  std::uint32_t recover_count = 1;  ///< ... and before it is left
  Duration stale_after{};           ///< zero: three intervals, 90 s at least
  bool absence_resolves = false;    ///< Prometheus' rules: an element that is gone has resolved
};

/// Live state: a service's process, an agent's heartbeat or clock (nickname Aeolus), or a series of ones and
/// zeros.
struct BinaryRule {
  enum class Check : std::uint8_t { process, heartbeat, clock, series } check = Check::process;
  std::string service = "*";  ///< glob over service names
  Duration replace_within =
      std::chrono::milliseconds(200);              ///< a crash is down when nothing replaced it by then
  Duration stop_grace = std::chrono::seconds(90);  ///< after an orderly stop
  std::uint32_t crash_loop_count = 5;              ///< so many starts ...
  Duration crash_loop_window = std::chrono::minutes(10);  ///< ... in this time are a crash loop
  Duration stale_after = std::chrono::seconds(30);        ///< heartbeat: silent for so long
  std::uint32_t fail_count = 2;     ///< process: so many snapshots without one prove a death nobody reported
  std::uint32_t recover_count = 1;  ///< process: snapshots with one that prove that it runs again
  Duration clock_limit = std::chrono::seconds(5);  ///< clock: a greater distance from ours is wrong
  GaugeRule series;                                ///< of Check::series
};

/// Events: what the cloud's notifications, agents and people tell (nickname Aeolus). Aodh's alarms of the
/// type `event` are these.
struct EventRule {
  struct Match {
    std::vector<std::string> types;              ///< globs; what begins with ! is left out
    std::vector<events::TraitCondition> traits;  ///< all must hold
    std::string host = "*", service = "*";       ///< globs
  };
  Match match;
  std::optional<Match> clear;                 ///< closes at once
  std::uint32_t count = 1;                    ///< so many ...
  Duration window = std::chrono::minutes(5);  ///< ... within this
  Duration quiet = std::chrono::minutes(15);  ///< closes after so long without one
  std::vector<std::string> by;  ///< what makes an instance: host, service, type, or names of traits
};

/// Prometheus' recording rule: the expression's result is stored under another name.
struct RecordingRule {
  std::string record;
  std::string promql;
  Duration interval = std::chrono::minutes(1);
};

/// Of a BINARY rule: the members of a group stand in for each other, so only the group pages.
struct Quorum {
  std::vector<std::string> group_by;  ///< service, or labels of the series host_info of the member's host
  double need = 1;                    ///< so many must be up ...
  bool is_share = false;              ///< ... or this share of them, 0 to 1
};

struct Rule {
  std::string id;
  std::string event;
  Tier tier = Tier::ticket;
  AlertSeverity severity = AlertSeverity::critical;  ///< all but GAUGE
  std::string summary;                               ///< what it means, one line
  std::string owner;
  std::string impact;
  std::string playbook;                 ///< Markdown text; one of the two is required for tier page
  std::string playbook_url;             ///< http(s)://... or a path of ours
  std::string review_by;                ///< a date, 2027-05-01; "" = never
  std::vector<std::string> depends_on;  ///< rules; while one fires on the host, nobody is woken for this one
  std::vector<std::string> requires_metrics;  ///< inert until they exist: exporters that not everybody has
  std::optional<Quorum> quorum;
  // Of Prometheus' files:
  std::string group;   ///< "" = a rule of our own
  Labels labels;       ///< templates
  Labels annotations;  ///< templates
  std::variant<BinaryRule, TailableRule, GaugeRule, RecordingRule, EventRule> what;

  std::string_view kind() const;  ///< "binary", "tailable", "gauge", "recording", "event"
  /// What watches numbers: of a gauge, or of a binary check of a series; else null.
  const GaugeRule* gauge() const;
  /// Comes from a Prometheus file.
  bool is_prometheus() const { return !group.empty(); }
};

}  // namespace sentinella::rules
