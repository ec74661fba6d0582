#include "api/native/alert_filter.h"

#include "api/alert_owner.h"

namespace sentinella::api::native {
namespace {

/// What is no status of ours, but a state that is asked for like one.
constexpr std::string_view kReturned = "RTNUN";

Result<void> read_statuses(const RequestContext& call, const Query& query, catalog::AlertFilter& filter) {
  bool returned = false;
  for (const auto& word : query.all("status")) {
    if (word == kReturned) {
      returned = true;
      continue;
    }
    SENT_TRY_ASSIGN(const auto status,
                    parse_word(word, "status", parse_alert_status,
                               "open, assign, ack, shelved, blackout, closed, expired, unknown, RTNUN"));
    filter.statuses.push_back(status);
  }
  const bool by_default = query.all("status").empty();
  using enum AlertStatus;
  if (by_default) filter.statuses = {open, assign, ack, shelved, blackout, unknown};
  // What another model had left so waits for nobody any more; it is listed when nothing else is asked for.
  const bool waits = call.server.alerts.model() == alerts::AlarmModel::Name::isa_18_2;
  filter.returned = waits ? returned || by_default : filter.statuses.empty();
  return {};
}

}  // namespace

Result<catalog::AlertFilter> read_alert_filter(const RequestContext& call, const Query& query,
                                               std::size_t default_page_size) {
  catalog::AlertFilter filter;
  SENT_TRY(read_statuses(call, query, filter));
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
  if (const std::string owner = query.text("owner"); !owner.empty())
    filter.owner = owner_named(call.caller, owner);
  filter.text = query.text("q");
  if (!query.text("from").empty() || !query.text("to").empty()) {
    SENT_TRY_ASSIGN(filter.stood, query.range(call.server.clock.now(), std::nullopt));
  }
  SENT_TRY_ASSIGN(const auto page, query.page(default_page_size));
  filter.page = page.number;
  filter.page_size = page.size;
  return filter;
}

}  // namespace sentinella::api::native
