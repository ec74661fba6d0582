// The story of a request, an instance, a record or an alert, across all nodes and services.
#include <algorithm>
#include <utility>

#include "api/native/alert_story.h"
#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/native/logs_request.h"
#include "api/native/related_changes.h"
#include "api/native/render.h"
#include "api/reply.h"
#include "base/ids.h"
#include "logs/backtrace.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMostChangesOfStory = 50;
constexpr std::size_t kMaxTextInSteps = 4u << 10;
constexpr Duration kChangesAfter = 2min;

/// A story, and where what it tells took place.
struct Told {
  AlertStory from;
  std::vector<Scene> scenes;
};

Result<AlertStory> tell(const RequestContext& call, const logs::BacktraceStart& start, StoryStart why,
                        TimeRange range, std::size_t limit) {
  auto story = logs::backtrace(call.server.logs, call.caller.account, start, range, limit);
  // The store knows the start by other names than the caller.
  if (!story && story.error().code == Errc::kInvalid) story.error().field = "id";
  if (!story) return std::unexpected(std::move(story).error());
  return AlertStory{*std::move(story), std::move(why)};
}

/// What `id` is, told by its form; a UUID is an alert's when there is such an alert, else of anything that
/// lines speak of.
Result<Told> tell_of(RequestContext& call, const std::string& id, TimeRange range, std::size_t limit) {
  Told told;
  if (id.empty()) return fail_field(Errc::kInvalid, "id", "is required");
  if (id.starts_with("req-")) {
    SENT_TRY_ASSIGN(told.from, tell(call, {.request_id = id}, {.by = "request", .failed = {}}, range, limit));
    return told;
  }
  if (const auto record = parse_record_id(id)) {
    SENT_TRY_ASSIGN(told.from, tell(call, {.record = record}, {.by = "record", .failed = {}}, range, limit));
    return told;
  }
  if (!parse_uuid(id))
    return fail_field(Errc::kInvalid, "id",
                      "\"{}\" is neither a request (req-...) nor the id of an instance, a log record or an "
                      "alert",
                      id);
  const auto alert = read_catalog(call.server.database, [&](catalog::Transaction& tx) {
    return catalog::find_alert(tx, call.caller.account, id);
  });
  if (alert) {
    told.scenes.push_back({alert->host, alert->service});
    SENT_TRY_ASSIGN(told.from, story_of_alert(call.server.logs, *alert, range, limit));
    return told;
  }
  if (alert.error().code != Errc::kNotFound) return std::unexpected(alert.error());
  SENT_TRY_ASSIGN(told.from, tell(call, {.uuids = {id}}, {.by = "id", .failed = {}}, range, limit));
  return told;
}

/// The service, and where several hosts run it, which of them.
std::string lane_name(const logs::Backtrace& story, const logs::Backtrace::Lane& lane) {
  const auto same = std::ranges::count(story.lanes, lane.service, &logs::Backtrace::Lane::service);
  return same > 1 ? lane.service + " on " + lane.host : lane.service;
}

/// Of the two hours before, because what was changed takes its time to break something.
Result<RelatedChanges> changes_of(RequestContext& call, Told& told) {
  const auto& steps = told.from.story.steps;
  const Time failed = told.from.start.failed.value_or(Time{});
  if (steps.empty() && failed == Time{}) return RelatedChanges{};
  for (const auto& lane : told.from.story.lanes) told.scenes.push_back({lane.host, lane.service});
  const Time first = steps.empty() ? failed : steps.front().stored.record.time;
  const Time last = steps.empty() ? failed : steps.back().stored.record.time;
  return related_changes(call.server, call.caller.account, told.scenes,
                         {first - kChangesBefore, last + kChangesAfter}, kMostChangesOfStory);
}

double milliseconds(Duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).array();
  for (const auto& text : texts) json.value(text);
  json.end();
}

void write_start(JsonWriter& json, const StoryStart& start) {
  json.object().field("by", start.by).field("why", start.why);
  write_time_or_null(json, "failed", start.failed.value_or(Time{}));
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
  SENT_TRY_ASSIGN(auto told, tell_of(call, query.text("id"), range, limit));
  SENT_TRY_ASSIGN(const auto changes, changes_of(call, told));
  const logs::Backtrace& story = told.from.story;
  JsonWriter json;
  json.object().key("start");
  write_start(json, told.from.start);
  write_texts(json, "ids", story.request_ids);
  write_texts(json, "instances", story.instances);
  json.key("lanes").array();
  for (const auto& lane : story.lanes) json.value(lane_name(story, lane));
  json.end().key("lane_reasons").array();
  for (const auto& lane : story.lanes) json.value(lane.why);
  json.end().key("records").array();
  for (const auto& step : story.steps) write_step(json, step);
  const Duration lasted =
      story.steps.empty() ? Duration(0)
                          : story.steps.back().stored.record.time - story.steps.front().stored.record.time;
  json.end().field("duration_ms", milliseconds(lasted)).field("truncated", story.truncated);
  json.key("changes");
  write_related_changes(json, changes.items);
  json.field("changes_truncated", changes.truncated).end();
  return json_reply(json.take());
}

}  // namespace sentinella::api::native
