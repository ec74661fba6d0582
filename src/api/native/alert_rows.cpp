#include "api/native/alert_rows.h"

#include <utility>

#include "api/alert_owner.h"
#include "api/native/alert_action.h"
#include "api/native/alert_filter.h"
#include "api/native/catalog_access.h"
#include "api/native/muted_alerts.h"
#include "api/native/render.h"
#include "api/reply.h"
#include "catalog/alert_rows.h"
#include "catalog/alert_turns.h"

namespace sentinella::api::native {
namespace {

/// A row shows one line; the alert's own page has the whole text.
constexpr std::size_t kMaxText = 200;
constexpr std::size_t kPageSize = 100;
constexpr std::size_t kMaxIds = 1000;
constexpr std::size_t kMaxBuckets = 500;
constexpr Duration kHistorySpan = std::chrono::hours(24);

/// What may stand in `muted`; absent = hidden alerts are listed like any other.
enum class MutedRows : std::uint8_t { listed, hide, only };

struct AskedRows {
  catalog::AlertRowQuery rows;
  MutedRows muted = MutedRows::listed;
};

Result<AskedRows> read_query(const RequestContext& call) {
  std::vector<std::string_view> known = kAlertFilters;
  known.insert(known.end(), {"page", "page_size", "cause", "folded", "sort", "muted"});
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, known, kAlertFilterLists));
  AskedRows asked;
  catalog::AlertRowQuery& wanted = asked.rows;
  SENT_TRY_ASSIGN(wanted.filter, read_alert_filter(call, query, kPageSize));
  SENT_TRY_ASSIGN(wanted.folded, query.flag("folded"));
  wanted.cause = query.text("cause");
  std::string sort = query.text("sort");
  if (sort.starts_with('-')) {
    wanted.descending = true;
    sort.erase(0, 1);
  }
  if (!sort.empty()) {
    SENT_TRY_ASSIGN(wanted.column, parse_word(sort, "sort", catalog::parse_alert_column,
                                              "severity, text, host, service, status, times, age"));
  }
  if (const std::string muted = query.text("muted"); muted == "hide" || muted == "only") {
    asked.muted = muted == "hide" ? MutedRows::hide : MutedRows::only;
    wanted.only_muted = muted == "only";
  } else if (!muted.empty()) {
    return fail_field(Errc::kInvalid, "muted", "is \"{}\"; must be hide or only", muted);
  }
  return asked;
}

void write_row(JsonWriter& json, const Alert& alert, std::size_t symptoms) {
  json.object().field("id", alert.id).field("event", alert.event).field("host", alert.host);
  json.key("service").array();
  if (!alert.service.empty()) json.value(alert.service);
  json.end().field("severity", to_string(alert.severity)).field("status", to_string(alert.status));
  if (alert.alarm_state) json.field("alarmState", to_string(*alert.alarm_state));
  json.field("owner", alert.owner);
  json.field("text", shorten(alert.text, kMaxText)).field("duplicateCount", alert.duplicate_count);
  json.field("createTime", alert.create_time).field("lastReceiveTime", alert.last_receive_time);
  json.field("environment", alert.environment).field("ruleId", alert.rule_id).field("cause", alert.cause);
  json.field("symptoms", static_cast<std::uint64_t>(symptoms)).end();
}

}  // namespace

Result<Reply> list_alert_rows(RequestContext& call) {
  SENT_TRY_ASSIGN(AskedRows asked, read_query(call));
  MutedAlerts muted;
  if (asked.muted != MutedRows::listed) {
    SENT_TRY_ASSIGN(muted, muted_alerts(call));
  }
  asked.rows.muted = std::move(muted.ids);
  SENT_TRY_ASSIGN(auto list, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_alert_rows(tx, call.caller.account, asked.rows);
                  }));
  call.server.alerts.refresh(list.alerts);
  JsonWriter json;
  json.object().key("items").array();
  for (std::size_t i = 0; i < list.alerts.size(); ++i) write_row(json, list.alerts[i], list.symptoms[i]);
  json.end().field("total", static_cast<std::uint64_t>(list.total));
  json.field("matching", static_cast<std::uint64_t>(list.matching));
  if (asked.muted != MutedRows::listed) {
    json.field("muted", static_cast<std::uint64_t>(list.muted)).key("muted_until");
    if (muted.until == Time{}) {
      json.null();
    } else {
      json.value(muted.until);
    }
  }
  return json_reply(json.end().take());
}

Result<Reply> alert_history(RequestContext& call) {
  const Time now = call.server.clock.now();
  std::vector<std::string_view> known = kAlertFilters;
  known.emplace_back("buckets");
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, known, kAlertFilterLists));
  SENT_TRY_ASSIGN(auto filter, read_alert_filter(call, query, kPageSize));
  if (query.all("status").empty()) {  // what has ended is history, too
    filter.statuses.clear();
    filter.returned = false;
  }
  SENT_TRY_ASSIGN(const std::size_t buckets, query.number("buckets", 60, 1, kMaxBuckets));
  SENT_TRY_ASSIGN(const TimeRange range, query.range(now, kHistorySpan));
  SENT_TRY_ASSIGN(const auto turns, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::alert_turns(tx, call.caller.account, filter, range, buckets);
                  }));
  const Duration step = (range.until - range.from) / static_cast<std::int64_t>(buckets);
  JsonWriter json;
  json.object().field("step_seconds", std::chrono::duration<double>(step).count()).key("buckets").array();
  for (std::size_t i = 0; i < turns.size(); ++i)
    json.object()
        .field("time", range.from + step * static_cast<std::int64_t>(i))
        .field("opened", static_cast<std::uint64_t>(turns[i].opened))
        .field("closed", static_cast<std::uint64_t>(turns[i].closed))
        .end();
  return json_reply(json.end().end().take());
}

Result<Reply> list_alert_owners(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const auto owners, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return owners_of(tx, call.caller.account);
                  }));
  JsonWriter json;
  json.object().key("people").array();
  for (const auto& name : owners.people) json.value(name);
  json.end().key("teams").array();
  for (const auto& name : owners.teams) json.value(name);
  json.end().end();
  return json_reply(json.take());
}

Result<Reply> act_on_alerts(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"action", "ids", "text", "timeout", "owner"}));
  SENT_TRY_ASSIGN(auto request, read_action(body));
  SENT_TRY_ASSIGN(const auto ids, optional_strings(body, "ids"));
  if (ids.empty()) return fail_field(Errc::kInvalid, "ids", "names no alert");
  if (ids.size() > kMaxIds)
    return fail_field(Errc::kTooLarge, "ids", "has {} ids, at most {}", ids.size(), kMaxIds);
  SENT_TRY(name_owner(call.server, call.caller, request));
  std::uint64_t done = 0;
  std::vector<std::pair<std::string, std::string>> refused;
  for (const auto& id : ids) {
    const auto alert = perform_named(call.server, call.caller, id, request);
    if (alert) {
      ++done;
    } else {
      refused.emplace_back(id, alert.error().message);
    }
  }
  JsonWriter json;
  json.object().field("done", done).key("refused").array();
  for (const auto& [id, why] : refused) json.object().field("id", id).field("why", why).end();
  json.end().end();
  return json_reply(json.take());
}

}  // namespace sentinella::api::native
