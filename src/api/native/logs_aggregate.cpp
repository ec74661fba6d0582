// Counting log records instead of showing them.
#include <algorithm>
#include <array>

#include "api/native/handlers.h"
#include "api/native/logs_request.h"
#include "api/native/render.h"
#include "api/reply.h"
#include "logs/log_stages.h"
#include "logs/pattern_trends.h"

namespace sentinella::api::native {
namespace {

using Kind = logs::Stage::Kind;

constexpr Duration kHistogramSpan = 1h;
struct Bucket {
  std::uint64_t count = 0, error = 0, warning = 0;
};

std::vector<Bucket> fill(const logs::TimeBuckets& buckets, const std::vector<logs::LogGroup>& groups) {
  std::vector<Bucket> filled(buckets.count());
  for (const auto& group : groups) {
    const std::size_t at = buckets.index(group.bucket);
    if (at == filled.size()) continue;
    Bucket& bucket = filled[at];
    const auto severity = parse_severity(group.value).value_or(Severity::unspecified);
    bucket.count += group.count;
    if (severity >= Severity::error)
      bucket.error += group.count;
    else if (severity == Severity::warning)
      bucket.warning += group.count;
  }
  return filled;
}

std::string_view name_of(logs::QueryField field) {
  using enum logs::QueryField;
  switch (field) {
    case host:
      return "host";
    case service:
      return "service";
    case source:
      return "source";
    case component:
      return "component";
    case severity:
      return "severity";
    case pid:
      return "pid";
    case request_id:
      return "request_id";
    case user:
      return "user";
    case project:
      return "project";
    case instance:
      return "instance";
    case template_id:
      return "template";
    case message:
      return "message";
    case domain:
      return "domain";
    case client:
      return "client";
    case method:
      return "method";
    case path:
      return "path";
    case status:
      return "status";
  }
  return "";
}

std::vector<std::string_view> columns_of(const logs::Stage& stage) {
  if (stage.kind == Kind::rate) return {"time", "count", "per_second"};
  if (!stage.by) return {"count"};
  return {name_of(*stage.by), "count"};
}

void write_row(JsonWriter& json, const logs::Stage& stage, const logs::StageRow& row) {
  json.array();
  if (stage.kind == Kind::rate)
    json.value(row.bucket).value(row.count).value(row.per_second);
  else if (stage.by)
    json.value(row.value).value(row.count);
  else
    json.value(row.count);
  json.end();
}

constexpr std::array<std::string_view, 10> kPatternColumns{
    "pattern", "count", "severity", "first", "last", "template_id", "example", "before", "change", "trend"};

void write_pattern(JsonWriter& json, const logs::PatternTrend& trend, bool compared) {
  const auto& row = trend.row;
  json.array()
      .value(row.value)
      .value(row.count)
      .value(to_string(row.severity))
      .value(row.first)
      .value(row.last)
      .value(fmt::format("{:016x}", row.template_id))
      .value(to_text(row.example));
  if (compared)
    json.value(trend.before).value(to_string(trend.change));
  else
    json.null().null();
  json.array();
  for (const auto count : trend.counts) json.value(count);
  json.end().end();
}

Reply patterns_reply(const logs::PatternTrends& trends) {
  JsonWriter json;
  json.object().key("columns").array();
  for (const auto column : kPatternColumns) json.value(column);
  json.end().key("rows").array();
  for (const auto& trend : trends.rows) write_pattern(json, trend, trends.before_from.has_value());
  const auto time = trends.time.value_or(logs::TimeBuckets{0, -1, 1});
  json.end().key("trend").object();
  write_time_or_null(json, "from", trends.time ? time.begin(0) : Time{});
  json.field("step_seconds", time.step).field("buckets", static_cast<std::uint64_t>(time.count()));
  write_time_or_null(json, "before_from", trends.before_from.value_or(Time{}));
  json.field("left_out", static_cast<std::uint64_t>(trends.left_out)).end();
  json.field("unreadable", trends.unreadable).end();
  return json_reply(json.take());
}

}  // namespace

Result<Reply> query_logs(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, with_log_filters({})));
  SENT_TRY_ASSIGN(auto wanted, read_log_request(query, call.server.clock.now(), std::nullopt));
  if (!wanted.stage)
    return fail_field(Errc::kInvalid, "q",
                      "says not what to count: end it with | count, | top, | rate or | patterns, or use "
                      "/api/v1/logs/search");
  wanted.query.cancelled = call.request.abandoned.get();
  if (wanted.stage->kind == Kind::patterns) {
    SENT_TRY_ASSIGN(const auto trends,
                    logs::pattern_trends(call.server.logs, call.caller.account, std::move(wanted.query),
                                         call.server.clock.now()));
    return patterns_reply(trends);
  }
  SENT_TRY_ASSIGN(const auto answer,
                  logs::run_stage(call.server.logs, call.caller.account, wanted.query, *wanted.stage));
  JsonWriter json;
  json.object().key("columns").array();
  for (const auto column : columns_of(*wanted.stage)) json.value(column);
  json.end().key("rows").array();
  // Of nothing at all there is still a number.
  if (answer.rows.empty() && wanted.stage->kind == Kind::count && !wanted.stage->by)
    write_row(json, *wanted.stage, {});
  for (const auto& row : answer.rows) write_row(json, *wanted.stage, row);
  json.end().field("unreadable", answer.unreadable).end();
  return json_reply(json.take());
}

Result<Reply> log_histogram(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, with_log_filters({"buckets"})));
  SENT_TRY_ASSIGN(const auto most, query.number("buckets", 60, 1, 500));
  SENT_TRY_ASSIGN(auto wanted, read_log_filter(query, call.server.clock.now(), kHistogramSpan));
  wanted.cancelled = call.request.abandoned.get();
  const auto buckets = logs::choose_buckets(wanted.range, most);
  SENT_TRY_ASSIGN(const auto counts,
                  call.server.logs.aggregate(
                      call.caller.account, wanted,
                      {.by = logs::QueryField::severity, .step = std::chrono::seconds(buckets.step)}));
  JsonWriter json;
  json.object().field("step_seconds", buckets.step).key("buckets").array();
  const auto filled = fill(buckets, counts.groups);
  for (std::size_t i = 0; i < filled.size(); ++i)
    json.object()
        .field("time", buckets.begin(i))
        .field("count", filled[i].count)
        .field("error", filled[i].error)
        .field("warning", filled[i].warning)
        .end();
  json.end().field("unreadable", counts.unreadable).end();
  return json_reply(json.take());
}

}  // namespace sentinella::api::native
