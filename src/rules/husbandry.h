// From the histories of alerts to records of rules, to the report of a week, and from a proposal to an edited
// rule.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "catalog/rule_history.h"
#include "rules/lint.h"

namespace sentinella::rules {

/// By rule. `history` is by alert, oldest first.
std::map<std::string, RuleRecord> records_of(const std::vector<catalog::RuleHistoryEntry>& history,
                                             const std::map<std::string, std::size_t>& messages, Time now);

struct TeamReport {
  std::string team;  ///< the rules' owner
  std::size_t episodes = 0, pages = 0, night_pages = 0;
  double pages_per_day = 0;
  double acted_share = 0;
  Duration median_length{};
  std::vector<std::pair<std::string, RuleRecord>>
      rules;  ///< that said something, the dearest first, at most ten
};
struct WeeklyReport {
  TimeRange range;
  std::vector<TeamReport> teams;
};
/// `team`: "" = all.
WeeklyReport weekly_report(const std::vector<Rule>& rules, const std::map<std::string, RuleRecord>& records,
                           const std::string& team, TimeRange range);
/// For a mail.
std::string to_text(const WeeklyReport& report);

/// The rule's text after a finding's action: tier:ticket, for:5m, clear:90%, review:180d, depends_on:ID.
/// kInvalid: the action is not known, or the text has no place for it.
Result<std::string> apply_action(const std::string& yaml, std::string_view action, Time now);

}  // namespace sentinella::rules
