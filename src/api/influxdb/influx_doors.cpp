#include "api/influxdb/influx_doors.h"

#include "api/parameters.h"
#include "api/reply.h"
#include "api/request_body.h"
#include "api/resolving_intake.h"
#include "base/text.h"
#include "codec/influx_line.h"

namespace sentinella::api::influxdb {
namespace {

/// InfluxDB's units; without one timestamps are nanoseconds.
Result<std::int64_t> unit_of(const net::Request& request) {
  constexpr struct {
    std::string_view name;
    std::int64_t ns;
  } kUnits[] = {{"", 1},
                {"n", 1},
                {"ns", 1},
                {"u", 1'000},
                {"us", 1'000},
                {"ms", 1'000'000},
                {"s", 1'000'000'000},
                {"m", 60'000'000'000},
                {"h", 3'600'000'000'000}};
  if (!request.query.contains("precision")) return 1;
  const auto asked = net::query_parameter(request, "precision").value_or("");
  for (const auto& unit : kUnits)
    if (unit.name == asked) return unit.ns;
  return fail_field(Errc::kInvalid, "precision", "is \"{}\"; must be one of n, ns, u, us, ms, s, m, h",
                    asked);
}

/// What clients of either version look for, in InfluxDB's words.
Reply refusal(const codec::LineReport& report) {
  std::string text = fmt::format("partial write: {} of {} lines were refused and the others kept", report.bad,
                                 report.bad + report.lines);
  for (const auto& bad : report.reasons) text += fmt::format("; line {}: {}", bad.line, bad.reason);
  if (report.bad > report.reasons.size())
    text += fmt::format("; and {} more", report.bad - report.reasons.size());
  JsonWriter json;
  json.object().field("code", "invalid").field("message", text).field("error", text);
  json.field("refused", static_cast<std::uint64_t>(report.bad)).key("lines").array();
  for (const auto& bad : report.reasons)
    json.object().field("line", static_cast<std::uint64_t>(bad.line)).field("reason", bad.reason).end();
  json.end().end();
  return json_reply(json.take(), 400);
}

Result<codec::LineReport> decode(RequestContext& call, ResolvedBatch& batch) {
  codec::LineOptions options{.account = batch.account(), .received = batch.received()};
  SENT_TRY_ASSIGN(options.unit_ns, unit_of(call.request));
  SENT_TRY_ASSIGN(const std::string body, take_body(call.request));
  CachePool<codec::LineSeriesCache>::Lease cache(call.server.caches->lines);
  cache->begin(batch.epoch());
  return codec::decode_lines(body, options, *cache, batch.resolver(), batch.are_defined(), batch.samples());
}

}  // namespace

void write(RequestContext& call, Answer answer) {
  ResolvedBatch batch(call.server, call.caller.account);
  const auto report = decode(call, batch);
  if (!report) return answer(std::unexpected(report.error()));
  std::optional<Reply> refused;
  if (report->bad > 0) refused = refusal(*report);
  std::move(batch).submit([answer = std::move(answer), refused = std::move(refused)](auto kept) mutable {
    if (!kept) return answer(std::unexpected(std::move(kept).error()));
    answer(refused ? *std::move(refused) : no_content());
  });
}

Result<Reply> ping(RequestContext& call) {
  Reply reply = no_content();
  reply.headers.set("X-Influxdb-Version", "1.8-sentinella-" + call.server.info.version);
  return reply;
}

Result<Reply> query(RequestContext& call) {
  auto statement = net::query_parameter(call.request, "q").value_or("");
  if (statement.empty())
    for (auto& [name, value] : net::parse_query(call.request.body))
      if (name == "q") statement = value;
  if (!to_lower(trim(statement)).starts_with("create database"))
    return fail_field(Errc::kInvalid, "q",
                      "only CREATE DATABASE is understood here, and does nothing; query at {}",
                      "/prometheus/api/v1/query");
  return json_reply(R"({"results":[{"statement_id":0}]})");
}

}  // namespace sentinella::api::influxdb
