// The rows of a long table of alerts: only what a row shows, in any order, symptoms folded under their cause.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/alerting.h"

namespace sentinella::catalog {

/// What the rows are ordered by; among equals the newest come first.
enum class AlertColumn : std::uint8_t { severity, text, host, service, status, times, age };
/// "severity", "text" ... ; nullopt for anything else.
std::optional<AlertColumn> parse_alert_column(std::string_view text);

struct AlertRowQuery {
  AlertFilter filter = {};
  AlertColumn column = AlertColumn::severity;  ///< severity: worst first; age: newest first
  bool descending = false;                     ///< the other way round
  /// Rows that follow from another one that the filter means, too, are left out.
  bool folded = false;
  std::string cause = {};  ///< only what follows from the alert of this id; "" = any
  /// Ids of alerts that are hidden just now, and whether these are left out or are all that is listed.
  std::vector<std::string> muted = {};
  bool only_muted = false;
};

struct AlertRows {
  /// With what a row shows (catalog/alert_columns.h); the rest is empty.
  std::vector<Alert> alerts;
  /// How many of those that the filter means follow from alerts[i].
  std::vector<std::size_t> symptoms;
  std::size_t total = 0;     ///< rows of all pages
  std::size_t matching = 0;  ///< alerts that are meant, folded ones too
  std::size_t muted = 0;     ///< how many more (with only_muted: of these) are hidden just now
};

/// kInvalid as list_alerts().
Result<AlertRows> list_alert_rows(Transaction& tx, AccountId account, const AlertRowQuery& query);

}  // namespace sentinella::catalog
