// Which alerts a filter means, as SQL: shared by the lists of alerts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/alerting.h"

namespace sentinella::catalog {

/// "WHERE account = ? AND ...", or the account in each branch of an OR, and what its question marks stand
/// for.
struct AlertCondition {
  std::string text;
  std::vector<SqlValue> parameters;

  /// "" = any value.
  void require(std::string_view column, const std::string& value);
  void require_one_of(std::string_view column, const std::vector<SqlValue>& values);
  void require_none_of(std::string_view column, const std::vector<SqlValue>& values);

 private:
  void require_in(std::string_view column, std::string_view word, const std::vector<SqlValue>& values);
};

/// A column of severities; one of no known number is indeterminate.
AlertSeverity read_severity(std::int64_t number);

/// Every field of `filter` but page and page_size.
AlertCondition condition_of(AccountId account, const AlertFilter& filter);

/// kInvalid: page, page_size or text out of bounds.
Result<void> check(const AlertFilter& filter);

}  // namespace sentinella::catalog
