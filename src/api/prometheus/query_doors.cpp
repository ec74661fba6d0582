#include "api/prometheus/query_doors.h"

#include <algorithm>

#include "api/prometheus/query_form.h"
#include "api/prometheus/query_json.h"
#include "query/engine.h"

namespace sentinella::api::prometheus {
namespace {

constexpr std::int64_t kMaxSteps = 11'000;
constexpr std::int64_t kDefaultTimeoutMs = 120'000;

std::int64_t now_ms(const RequestContext& call) {
  return call.server.clock.now().ns / 1'000'000;
}

query::Source source_of(const RequestContext& call) {
  return {.store = call.server.series, .account = call.caller.account, .clock = call.server.clock};
}

/// `timeout` may shorten the time a query gets, not lengthen it.
Result<query::Limits> limits_of(const RequestContext& call, const Form& form) {
  std::int64_t timeout_ms = kDefaultTimeoutMs;
  if (!form.text("timeout").empty()) {
    SENT_TRY_ASSIGN(timeout_ms, form.duration_ms("timeout"));
  }
  timeout_ms = std::clamp<std::int64_t>(timeout_ms, 0, kDefaultTimeoutMs);
  query::Limits limits;
  limits.max_steps = kMaxSteps + 1;
  limits.deadline = call.server.clock.now() + std::chrono::milliseconds(timeout_ms);
  return limits;
}

Reply answer_of(const RequestContext& call, const Result<query::Answer>& answer, bool range) {
  return answer ? success(to_json(*answer, range)) : failure(answer.error(), call.request_id);
}

}  // namespace

Result<Reply> query(RequestContext& call) {
  const Form form(call.request);
  const auto at = form.time_ms("time", now_ms(call));
  if (!at) return bad_parameter("time", at.error());
  const auto limits = limits_of(call, form);
  if (!limits) return bad_parameter("timeout", limits.error());
  const auto expr = query::parse_expression(form.text("query"));
  if (!expr) return bad_parameter("query", expr.error());
  return answer_of(call, query::evaluate_instant(source_of(call), **expr, *at, *limits), false);
}

Result<Reply> query_range(RequestContext& call) {
  const Form form(call.request);
  const auto start = form.time_ms("start");
  if (!start) return bad_parameter("start", start.error());
  const auto end = form.time_ms("end");
  if (!end) return bad_parameter("end", end.error());
  if (*end < *start)
    return bad_data("invalid parameter \"end\": end timestamp must not be before start time");
  const auto step = form.duration_ms("step");
  if (!step) return bad_parameter("step", step.error());
  if (*step <= 0)
    return bad_data(
        "invalid parameter \"step\": zero or negative query resolution step widths are not accepted. Try a "
        "positive integer");
  if ((*end - *start) / *step > kMaxSteps)
    return bad_data(
        "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution "
        "(?step=XX)");
  const auto limits = limits_of(call, form);
  if (!limits) return bad_parameter("timeout", limits.error());
  const auto expr = query::parse_expression(form.text("query"));
  if (!expr) return bad_parameter("query", expr.error());
  if (const auto type = query::type_of(**expr);
      type != query::ValueType::scalar && type != query::ValueType::vector)
    return bad_data(
        fmt::format("invalid expression type \"{}\" for range query, must be Scalar or instant Vector",
                    query::describe(type)));
  const query::Steps steps{*start, *step, static_cast<std::size_t>((*end - *start) / *step) + 1};
  return answer_of(call, query::evaluate_range(source_of(call), **expr, steps, *limits), true);
}

Result<Reply> format_query(RequestContext& call) {
  const auto expr = query::parse_expression(Form(call.request).text("query"));
  if (!expr) return bad_parameter("query", expr.error());
  std::string text;
  append_json_text(text, query::to_pretty_string(**expr));
  return success(text);
}

Result<Reply> query_exemplars(RequestContext& call) {
  const auto expr = query::parse_expression(Form(call.request).text("query"));
  return expr ? success("[]") : bad_data(expr.error().message);
}

}  // namespace sentinella::api::prometheus
