// Husbandry: what is wrong with rules, by their text and by what became of their alerts. Codes H1 to H19;
// each finding has its evidence, what it would save, and the id of an action that POST
// /api/v1/rules/ID/actions carries out.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "rules/rule.h"

namespace sentinella::rules {

enum class LintLevel : std::uint8_t { hint, warning, error };
std::string_view to_string(LintLevel level);

struct Finding {
  std::string code;  ///< "H6"
  std::string name;  ///< "hair-trigger"
  LintLevel level = LintLevel::warning;
  std::string rule_id;
  std::string text;
  std::vector<std::string> evidence;
  double pages_saved_per_week = 0;
  std::string action;  ///< "disable", "tier:ticket", "for:5m" ...; "" = somebody must think
};

/// What a rule's series had in a day a year ago, and in the last one: medians over its series.
struct Drift {
  double then = 0, now = 0;
  double spread = 0;  ///< half of the distance between the quartiles, then
  std::size_t series = 0;
};

/// What an account has; of a file alone nothing is known.
struct LintFacts {
  std::optional<std::set<std::string>> metrics;  ///< every metric's name
  std::optional<std::set<std::string>> labels;   ///< every label's name
  std::set<std::string> members_of;              ///< owners that have somebody
  std::map<std::string, Drift> drifts;           ///< by rule, of those not edited for a year
  Time now;                                      ///< zero = dates are not looked at
};

/// By the text alone, and against `facts` where they are given.
std::vector<Finding> lint(const std::vector<Rule>& rules, const LintFacts& facts);

/// What became of one rule's alerts in a span of time.
struct RuleRecord {
  std::size_t episodes = 0;
  std::size_t acted = 0;       ///< acknowledged, assigned, noted, shelved, closed by hand
  std::size_t reassigned = 0;  ///< handed from one owner to another
  std::size_t pages = 0, night_pages = 0;
  std::size_t notifications = 0;
  std::size_t short_ones = 0;   ///< shorter than two minutes
  std::size_t barely_over = 0;  ///< the value was within 2 % of the threshold
  std::size_t non_production = 0;
  std::set<std::string> hosts;
  std::vector<Duration> acted_lengths, left_lengths;  ///< of ended episodes: somebody acted, or nobody did
  std::vector<std::string> notes;                     ///< the newest five that people wrote, oldest first
  std::vector<std::pair<Time, Time>> spans;           ///< of the episodes; end zero = lasts
  Duration median_length{};
  Time last_fired;  ///< ever; zero = never
  Time edited;
};

/// 0 to 1: how much of what a rule says somebody acts upon, less what it wastes.
struct AttentionScore {
  double score = 1;
  std::vector<std::pair<std::string, double>> deductions;  ///< reason, how much
};
AttentionScore attention_score(const RuleRecord& record);
/// Minutes of people: a page costs 5, at night 30.
double cost_minutes(const RuleRecord& record);

/// By the records of `span`, the newest of which ends at `now`.
std::vector<Finding> lint_records(const std::vector<Rule>& rules,
                                  const std::map<std::string, RuleRecord>& records, Duration span, Time now);

}  // namespace sentinella::rules
