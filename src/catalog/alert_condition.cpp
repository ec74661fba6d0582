#include "catalog/alert_condition.h"

#include <algorithm>

#include "base/text.h"
#include "catalog/sql.h"

namespace sentinella::catalog {
namespace {

constexpr std::size_t kMaxPageSize = 1000;
constexpr std::size_t kMaxSearchText = 256;

std::string like_pattern(std::string_view needle) {
  std::string pattern = "%";
  for (char c : to_lower(needle)) {
    if (c == '%' || c == '_' || c == '!') pattern += '!';
    pattern += c;
  }
  return pattern + "%";
}

bool contains(const auto& list, auto wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

/// Of the account, those of one of `statuses` or with `or_returned` RTNUN; none and false = any. The account
/// stands in each branch, and nowhere else: SQLite then takes an index for each of them.
AlertCondition of_status(AccountId account, const std::vector<SqlValue>& statuses, bool or_returned) {
  const std::string returned = "account = ? AND status = 'closed' AND alarm_state = 'RTNUN'";
  if (or_returned && statuses.empty()) return {"WHERE " + returned, {sql(account)}};
  AlertCondition condition{"WHERE account = ?", {sql(account)}};
  if (or_returned) condition = {"WHERE (" + returned + " OR account = ?", {sql(account), sql(account)}};
  condition.require_one_of("status", statuses);
  if (or_returned) condition.text += ")";
  return condition;
}

}  // namespace

AlertSeverity read_severity(std::int64_t number) {
  const bool known = number >= static_cast<std::int64_t>(AlertSeverity::security) &&
                     number <= static_cast<std::int64_t>(AlertSeverity::cleared);
  return known ? static_cast<AlertSeverity>(number) : AlertSeverity::indeterminate;
}

void AlertCondition::require(std::string_view column, const std::string& value) {
  if (value.empty()) return;
  text.append(" AND ").append(column).append(" = ?");
  parameters.push_back(sql(value));
}

void AlertCondition::require_one_of(std::string_view column, const std::vector<SqlValue>& values) {
  require_in(column, " IN (?", values);
}

void AlertCondition::require_none_of(std::string_view column, const std::vector<SqlValue>& values) {
  require_in(column, " NOT IN (?", values);
}

void AlertCondition::require_in(std::string_view column, std::string_view word,
                                const std::vector<SqlValue>& values) {
  if (values.empty()) return;
  text.append(" AND ").append(column).append(word);
  for (std::size_t i = 1; i < values.size(); ++i) text.append(", ?");
  text.append(")");
  parameters.insert(parameters.end(), values.begin(), values.end());
}

AlertCondition condition_of(AccountId account, const AlertFilter& filter) {
  // Asked for each value once, however often a request repeats it.
  std::vector<SqlValue> statuses, severities;
  using enum AlertStatus;
  for (AlertStatus status : {open, assign, ack, shelved, blackout, closed, expired, unknown})
    if (contains(filter.statuses, status)) statuses.push_back(sql(to_string(status)));
  for (std::int64_t number = 0; number <= static_cast<std::int64_t>(AlertSeverity::cleared); ++number)
    if (contains(filter.severities, static_cast<AlertSeverity>(number))) severities.emplace_back(number);
  AlertCondition condition = of_status(account, statuses, filter.returned);
  condition.require_one_of("severity", severities);
  condition.require("host", filter.host);
  condition.require("service", filter.service);
  condition.require("rule_id", filter.rule_id);
  condition.require("environment", filter.environment);
  if (filter.owner) {
    condition.text += " AND owner = ?";
    condition.parameters.push_back(sql(*filter.owner));
  }
  if (filter.stood) {
    condition.text += " AND create_time < ? AND (status NOT IN (?, ?) OR update_time >= ?)";
    condition.parameters.insert(
        condition.parameters.end(),
        {sql(filter.stood->until), sql(to_string(closed)), sql(to_string(expired)), sql(filter.stood->from)});
  }
  if (!filter.text.empty()) {
    condition.text +=
        " AND (LOWER(resource) LIKE ? ESCAPE '!' OR LOWER(event) LIKE ? ESCAPE '!' OR LOWER(text) LIKE ? "
        "ESCAPE '!')";
    condition.parameters.insert(condition.parameters.end(), 3, sql(like_pattern(filter.text)));
  }
  return condition;
}

Result<void> check(const AlertFilter& filter) {
  if (filter.page == 0) return fail_field(Errc::kInvalid, "page", "pages count from 1");
  if (filter.page > 1'000'000)
    return fail_field(Errc::kInvalid, "page", "page is {}, at most 1000000", filter.page);
  if (filter.page_size == 0 || filter.page_size > kMaxPageSize)
    return fail_field(Errc::kInvalid, "page_size", "page_size is {}, must be 1 to {}", filter.page_size,
                      kMaxPageSize);
  if (filter.text.size() > kMaxSearchText)
    return fail_field(Errc::kInvalid, "q", "the text to search for has {} bytes, at most {}",
                      filter.text.size(), kMaxSearchText);
  return {};
}

}  // namespace sentinella::catalog
