#include "api/native/alert_filter.h"

namespace sentinella::api::native {

Result<catalog::AlertFilter> read_alert_filter(const Query& query, std::size_t default_page_size, Time now) {
  catalog::AlertFilter filter;
  for (const auto& word : query.all("status")) {
    SENT_TRY_ASSIGN(const auto status,
                    parse_word(word, "status", parse_alert_status,
                               "open, assign, ack, shelved, blackout, closed, expired, unknown"));
    filter.statuses.push_back(status);
  }
  using enum AlertStatus;
  if (filter.statuses.empty()) filter.statuses = {open, assign, ack, shelved, blackout, unknown};
  for (const auto& word : query.all("severity")) {
    SENT_TRY_ASSIGN(const auto severity,
                    parse_word(word, "severity", parse_alert_severity,
                               "critical, major, minor, warning, indeterminate, informational, normal"));
    filter.severities.push_back(severity);
  }
  filter.host = query.text("host");
  filter.service = query.text("service");
  filter.rule_id = query.text("rule");
  filter.environment = query.text("environment");
  filter.text = query.text("q");
  if (!query.text("from").empty() || !query.text("to").empty()) {
    SENT_TRY_ASSIGN(filter.stood, query.range(now, std::nullopt));
  }
  SENT_TRY_ASSIGN(const auto page, query.page(default_page_size));
  filter.page = page.number;
  filter.page_size = page.size;
  return filter;
}

}  // namespace sentinella::api::native
