// The story of a request, an instance, a record or an alert, across all nodes and services.
#include <algorithm>
#include <set>

#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/native/logs_request.h"
#include "api/native/render.h"
#include "api/reply.h"
#include "base/ids.h"
#include "logs/backtrace.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMaxHosts = 32;
constexpr std::size_t kMaxChangesOfHost = 50;
constexpr std::size_t kMaxTextInSteps = 4u << 10;
constexpr Duration kChangesAround = 2min;

Result<logs::BacktraceStart> start_at_alert(const Alert& alert) {
  for (const auto& line : alert.evidence)
    if (!line.request_id.empty()) return logs::BacktraceStart{.request_id = line.request_id};
  return fail_field(Errc::kInvalid, "id", "no evidence line of this alert names a request");
}

/// What `id` is, told by its form; a UUID is an alert's when there is such an alert, else an instance's.
Result<logs::BacktraceStart> read_start(RequestContext& call, const std::string& id) {
  if (id.empty()) return fail_field(Errc::kInvalid, "id", "is required");
  if (id.starts_with("req-")) return logs::BacktraceStart{.request_id = id};
  if (const auto record = parse_record_id(id)) return logs::BacktraceStart{.record = record};
  if (!parse_uuid(id))
    return fail_field(Errc::kInvalid, "id",
                      "\"{}\" is neither a request (req-...) nor the id of an instance, a log record or an "
                      "alert",
                      id);
  const auto alert = read_catalog(call.server.database, [&](catalog::Transaction& tx) {
    return catalog::find_alert(tx, call.caller.account, id);
  });
  if (alert) return start_at_alert(*alert);
  if (alert.error().code != Errc::kNotFound) return std::unexpected(alert.error());
  return logs::BacktraceStart{.instance = id};
}

/// The service, and where several hosts run it, which of them.
std::string lane_name(const logs::Backtrace& story, const logs::Backtrace::Lane& lane) {
  const auto same = std::ranges::count(story.lanes, lane.service, &logs::Backtrace::Lane::service);
  return same > 1 ? lane.service + " on " + lane.host : lane.service;
}

Result<std::vector<Event>> changes_around(RequestContext& call, const logs::Backtrace& story) {
  std::vector<Event> changes;
  if (story.steps.empty()) return changes;
  std::set<std::string> hosts;
  for (const auto& lane : story.lanes)
    if (!lane.host.empty() && hosts.size() < kMaxHosts) hosts.insert(lane.host);
  events::EventQuery wanted;
  wanted.range = {story.steps.front().stored.record.time - kChangesAround,
                  story.steps.back().stored.record.time + kChangesAround};
  wanted.limit = kMaxChangesOfHost;
  wanted.changes_only = true;
  for (const auto& host : hosts) {
    wanted.host = host;
    SENT_TRY_ASSIGN(auto page, call.server.events.search(call.caller.account, wanted));
    std::ranges::move(page.events, std::back_inserter(changes));
  }
  std::ranges::stable_sort(changes, std::less(), &Event::time);
  return changes;
}

double milliseconds(Duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).array();
  for (const auto& text : texts) json.value(text);
  json.end();
}

void write_step(JsonWriter& json, const logs::BacktraceStep& step) {
  json.object();
  write_log_fields(json, step.stored, kMaxTextInSteps);
  json.field("lane", static_cast<std::uint64_t>(step.lane))
      .field("gap_ms", milliseconds(step.gap))
      .field("first_error", step.first_error)
      .field("last_frame", step.last_frame)
      .end();
}

}  // namespace

Result<Reply> log_backtrace(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"id", "from", "to", "limit"}));
  SENT_TRY_ASSIGN(const auto range, query.range(call.server.clock.now(), std::nullopt));
  SENT_TRY_ASSIGN(const auto limit, query.number("limit", 2000, 1, 10'000));
  SENT_TRY_ASSIGN(const auto start, read_start(call, query.text("id")));
  auto found = logs::backtrace(call.server.logs, call.caller.account, start, range, limit);
  if (!found) {
    // The store knows the start by other names than the caller.
    if (found.error().code == Errc::kInvalid) found.error().field = "id";
    return std::unexpected(std::move(found).error());
  }
  const logs::Backtrace& story = *found;
  SENT_TRY_ASSIGN(const auto changes, changes_around(call, story));
  JsonWriter json;
  json.object();
  write_texts(json, "ids", story.request_ids);
  write_texts(json, "instances", story.instances);
  json.key("lanes").array();
  for (const auto& lane : story.lanes) json.value(lane_name(story, lane));
  json.end().key("records").array();
  for (const auto& step : story.steps) write_step(json, step);
  const Duration lasted =
      story.steps.empty() ? Duration(0)
                          : story.steps.back().stored.record.time - story.steps.front().stored.record.time;
  json.end().field("duration_ms", milliseconds(lasted)).field("truncated", story.truncated);
  json.key("changes").array();
  for (const auto& event : changes) write_event(json, event);
  json.end().end();
  return json_reply(json.take());
}

}  // namespace sentinella::api::native
