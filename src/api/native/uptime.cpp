// How long the clouds, their services and nodes were up.
#include <algorithm>
#include <optional>

#include "api/native/handlers.h"
#include "api/native/uptime_table.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/text.h"

namespace sentinella::api::native {
namespace {

constexpr Duration kThirtyDays = std::chrono::hours(24 * 30);
constexpr std::size_t kMaxIncidents = 100;

struct Asked : UptimeQuery {
  double objective = 0;  ///< 0 = none
};

Result<Asked> read_query(const RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"from", "to", "cloud", "host", "objective"}));
  Asked out;
  out.account = call.caller.account;
  const Time now = call.server.clock.now();
  SENT_TRY_ASSIGN(out.range, query.range(now, kThirtyDays));
  out.range.until = std::min(out.range.until, now);
  out.cloud = query.text("cloud");
  out.host = query.text("host");
  if (const std::string text = query.text("objective"); !text.empty()) {
    const auto number = parse_double(text);
    if (!number || !(*number > 0 && *number < 1))
      return fail_field(Errc::kInvalid, "objective", "is \"{}\"; a share between 0 and 1 expected", text);
    out.objective = *number;
  }
  return out;
}

double seconds(Duration span) {
  return static_cast<double>(span.count()) / 1e9;
}

void write_time(JsonWriter& json, Time time) {
  if (time == Time{}) {
    json.null();
  } else {
    json.value(time);
  }
}

void write_number(JsonWriter& json, std::optional<double> number) {
  if (number) {
    json.value(*number);
  } else {
    json.null();
  }
}

void write_incidents(JsonWriter& json, std::vector<UptimeIncident> incidents) {
  std::ranges::stable_sort(incidents, [](const UptimeIncident& a, const UptimeIncident& b) {
    return b.range.from < a.range.from;
  });
  if (incidents.size() > kMaxIncidents) incidents.resize(kMaxIncidents);
  json.key("incidents").array();
  for (const UptimeIncident& one : incidents) {
    json.object().key("alert_id");
    if (one.alert_id.empty()) {
      json.null();
    } else {
      json.value(one.alert_id);
    }
    json.field("host", one.host).field("from", one.range.from).key("to");
    write_time(json, one.range.until);
    json.end();
  }
  json.end();
}

/// The rest of a row's object, which the caller has begun, and its end.
void write_row(JsonWriter& json, const UptimeRow& row, const Asked& asked) {
  json.key("uptime");
  write_number(json, row.sum.share());
  json.field("up_seconds", seconds(row.sum.up)).field("down_seconds", seconds(row.sum.down));
  json.field("unknown_seconds", seconds(row.sum.unknown)).field("planned_seconds", seconds(row.sum.planned));
  write_known(json, row.sum);
  json.key("down_since");
  write_time(json, row.down_since);
  json.key("budget_left_seconds");
  const double counted = seconds(row.sum.up + row.sum.down);
  write_number(json, asked.objective > 0
                         ? std::optional((1 - asked.objective) * counted - seconds(row.sum.down))
                         : std::nullopt);
  write_incidents(json, row.incidents);
  json.end();
}

}  // namespace

Result<Reply> uptime(RequestContext& call) {
  SENT_TRY_ASSIGN(const Asked asked, read_query(call));
  SENT_TRY_ASSIGN(const UptimeTable table, read_uptime(call.server, asked));
  JsonWriter json;
  json.object().field("from", asked.range.from).field("to", asked.range.until).key("cloud").object();
  write_row(json, table.whole, asked);
  json.key("clouds").array();
  for (const auto& [name, row] : table.clouds) {
    json.object().field("cloud", name);
    write_row(json, row, asked);
  }
  json.end().key("services").array();
  for (const auto& [name, row] : table.services) {
    json.object().field("service", name);
    write_row(json, row, asked);
  }
  json.end().key("nodes").array();
  for (const auto& [name, row] : table.nodes) {
    json.object().field("host", name.second).field("cloud", name.first);
    write_row(json, row, asked);
  }
  return json_reply(json.end().end().take());
}

}  // namespace sentinella::api::native
