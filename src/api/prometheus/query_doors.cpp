#include "api/prometheus/query_doors.h"

#include <algorithm>

#include "api/prometheus/query_form.h"
#include "api/prometheus/query_json.h"
#include "api/reply.h"
#include "query/engine.h"

namespace sentinella::api::prometheus {
namespace {

constexpr std::int64_t kMaxSteps = 11'000;
constexpr std::int64_t kDefaultTimeoutMs = 120'000;
constexpr std::size_t kQuickSamples = 3'000, kQuickSeries = 64;

std::int64_t now_ms(const RequestContext& call) {
  return call.server.clock.now().ns / 1'000'000;
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

/// A query that was understood, and all that it takes to answer it on any thread.
struct Job {
  const Context& server;
  AccountId account;
  std::string request_id;
  query::ExprPtr expr;
  query::Steps steps;
  bool range = false;
  query::Limits limits;
};

Result<query::Answer> evaluate(const Job& job, const query::Limits& limits,
                               const std::atomic<bool>* abandoned) {
  const query::Source source{
      .store = job.server.series, .account = job.account, .clock = job.server.clock, .cancelled = abandoned};
  return job.range ? query::evaluate_range(source, *job.expr, job.steps, limits)
                   : query::evaluate_instant(source, *job.expr, job.steps.first_ms, limits);
}

Reply reply_of(const Job& job, const Result<query::Answer>& answer) {
  return answer ? json_reply(to_json(*answer, job.range)) : failure(answer.error(), job.request_id);
}

/// Every selector names its metric, and values of labels only: finding the series is a look at an index.
bool finds_quickly(const query::Expr& expr) {
  const auto exact = [](const query::VectorSelector& selector) {
    const auto matchers = selector.all_matchers();
    return !selector.name.empty() && std::ranges::all_of(matchers, [](const LabelMatcher& matcher) {
      return matcher.op == LabelMatcher::Op::equal;
    });
  };
  if (const auto* vector = expr.as<query::VectorSelector>()) return exact(*vector);
  if (const auto* matrix = expr.as<query::MatrixSelector>()) return exact(matrix->vector);
  if (expr.as<query::Subquery>() != nullptr) return false;
  bool quick = true;
  query::for_each_child(expr, [&](const query::Expr& child) { quick = quick && finds_quickly(child); });
  return quick;
}

/// On an I/O thread a query may do what takes less than a change of threads; else a worker has it.
Reply answer(const RequestContext& call, Job job) {
  if (!call.request.quick) return reply_of(job, evaluate(job, job.limits, call.request.abandoned.get()));
  if (finds_quickly(*job.expr)) {
    query::Limits small = job.limits;
    small.max_samples = kQuickSamples;
    small.max_series = kQuickSeries;
    small.in_memory = true;
    if (const auto answer = evaluate(job, small, nullptr); answer || answer.error().code != Errc::kTooLarge)
      return reply_of(job, answer);
  }
  Reply promise;
  promise.later = [job = std::make_shared<const Job>(std::move(job))](const auto& abandoned) {
    return reply_of(*job, evaluate(*job, job->limits, abandoned.get()));
  };
  return promise;
}

}  // namespace

Result<Reply> query(RequestContext& call) {
  const Form form(call.request);
  const auto at = form.time_ms("time", now_ms(call));
  if (!at) return bad_parameter("time", at.error());
  const auto limits = limits_of(call, form);
  if (!limits) return bad_parameter("timeout", limits.error());
  auto expr = query::parse_expression(form.text("query"));
  if (!expr) return bad_parameter("query", expr.error());
  return answer(call, {.server = call.server,
                       .account = call.caller.account,
                       .request_id = call.request_id,
                       .expr = *std::move(expr),
                       .steps = {*at, 1, 1},
                       .range = false,
                       .limits = *limits});
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
  auto expr = query::parse_expression(form.text("query"));
  if (!expr) return bad_parameter("query", expr.error());
  if (const auto type = query::type_of(**expr);
      type != query::ValueType::scalar && type != query::ValueType::vector)
    return bad_data(
        fmt::format("invalid expression type \"{}\" for range query, must be Scalar or instant Vector",
                    query::describe(type)));
  const query::Steps steps{*start, *step, static_cast<std::size_t>((*end - *start) / *step) + 1};
  return answer(call, {.server = call.server,
                       .account = call.caller.account,
                       .request_id = call.request_id,
                       .expr = *std::move(expr),
                       .steps = steps,
                       .range = true,
                       .limits = *limits});
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
