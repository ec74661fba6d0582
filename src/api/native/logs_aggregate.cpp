// Counting log records instead of showing them.
#include <algorithm>
#include <array>

#include "api/native/handlers.h"
#include "api/native/logs_request.h"
#include "api/reply.h"
#include "logs/log_stages.h"

namespace sentinella::api::native {
namespace {

using Kind = logs::Stage::Kind;

constexpr Duration kHistogramSpan = 1h;
/// Steps that people count in, in seconds; beyond them whole days.
constexpr std::array<std::int64_t, 22> kSteps{1,     2,     5,      10,     15,     30,     60,    120,
                                              300,   600,   900,    1800,   3600,   7200,   10800, 21600,
                                              43200, 86400, 172800, 345600, 604800, 1209600};
constexpr std::int64_t kDay = 86400;

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

/// Buckets of `step` seconds that hold the range, which ends before `until`.
struct Buckets {
  std::int64_t first = 0, last = 0;  ///< in steps since the epoch, both included
  std::int64_t step = 1;
  std::size_t count() const { return static_cast<std::size_t>(last - first + 1); }
};

Buckets buckets_of(const TimeRange& range, std::int64_t step) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return {floor_divide(floor_divide(range.from.ns, kSecond), step),
          floor_divide(floor_divide(range.until.ns - 1, kSecond), step), step};
}

/// The narrowest of which `most` are as long as the range; one more when it begins within a bucket.
Buckets choose_buckets(const TimeRange& range, std::size_t most) {
  for (const auto step : kSteps)
    if (const auto buckets = buckets_of(range, step); buckets.count() <= most + 1) return buckets;
  for (std::int64_t days = 28;; days *= 2)
    if (const auto buckets = buckets_of(range, days * kDay); buckets.count() <= most + 1) return buckets;
}

struct Bucket {
  std::uint64_t count = 0, error = 0, warning = 0;
};

std::vector<Bucket> fill(const Buckets& buckets, const std::vector<logs::LogGroup>& groups) {
  std::vector<Bucket> filled(buckets.count());
  for (const auto& group : groups) {
    const auto at = group.bucket.ns / 1'000'000'000 / buckets.step - buckets.first;
    if (at < 0 || at >= static_cast<std::int64_t>(filled.size())) continue;
    Bucket& bucket = filled[static_cast<std::size_t>(at)];
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
  if (stage.kind == Kind::patterns)
    return {"pattern", "count", "severity", "first", "last", "template_id", "example"};
  if (!stage.by) return {"count"};
  return {name_of(*stage.by), "count"};
}

void write_row(JsonWriter& json, const logs::Stage& stage, const logs::StageRow& row) {
  json.array();
  if (stage.kind == Kind::rate)
    json.value(row.bucket).value(row.count).value(row.per_second);
  else if (stage.kind == Kind::patterns)
    json.value(row.value)
        .value(row.count)
        .value(to_string(row.severity))
        .value(row.first)
        .value(row.last)
        .value(fmt::format("{:016x}", row.template_id))
        .value(to_text(row.example));
  else if (stage.by)
    json.value(row.value).value(row.count);
  else
    json.value(row.count);
  json.end();
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
  const Buckets buckets = choose_buckets(wanted.range, most);
  SENT_TRY_ASSIGN(const auto counts,
                  call.server.logs.aggregate(
                      call.caller.account, wanted,
                      {.by = logs::QueryField::severity, .step = std::chrono::seconds(buckets.step)}));
  JsonWriter json;
  json.object().field("step_seconds", buckets.step).key("buckets").array();
  const auto filled = fill(buckets, counts.groups);
  for (std::size_t i = 0; i < filled.size(); ++i)
    json.object()
        .field("time", Time{(buckets.first + static_cast<std::int64_t>(i)) * buckets.step * 1'000'000'000})
        .field("count", filled[i].count)
        .field("error", filled[i].error)
        .field("warning", filled[i].warning)
        .end();
  json.end().field("unreadable", counts.unreadable).end();
  return json_reply(json.take());
}

}  // namespace sentinella::api::native
