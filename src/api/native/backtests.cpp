#include "api/native/backtests.h"

#include <algorithm>

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMaxEpisodes = 1000;

void write_episode(JsonWriter& json, const rules::Episode& one) {
  json.object()
      .field("event", one.event)
      .field("resource", one.resource)
      .field("host", one.host)
      .field("severity", to_string(one.worst))
      .field("tier", to_string(one.tier))
      .field("begin", one.begin);
  if (one.end == Time{}) {
    json.key("end").null();
  } else {
    json.field("end", one.end);
  }
  json.end();
}

void write_result(JsonWriter& json, const rules::BacktestResult& result, TimeRange range) {
  const rules::BacktestSummary summary = rules::summarise(result, range);
  json.object()
      .field("episodes", static_cast<std::uint64_t>(summary.episodes))
      .field("pages", static_cast<std::uint64_t>(summary.pages))
      .field("still_open", static_cast<std::uint64_t>(summary.still_open))
      .field("longest", to_text(summary.longest))
      .field("total", to_text(summary.total))
      .field("samples", static_cast<std::uint64_t>(result.samples))
      .field("records", static_cast<std::uint64_t>(result.records));
  json.key("by_host").array();
  for (const auto& [host, count] : summary.by_host)
    json.object().field("host", host).field("episodes", static_cast<std::uint64_t>(count)).end();
  json.end().key("notes").array();
  for (const std::string& note : result.notes) json.value(note);
  json.end().key("list").array();
  for (std::size_t i = 0; i < std::min(result.episodes.size(), kMaxEpisodes); ++i)
    write_episode(json, result.episodes[i]);
  json.end().end();
}

/// Episodes of `a` that no episode of `b` on the same resource overlaps.
std::size_t only_in(const rules::BacktestResult& a, const rules::BacktestResult& b, TimeRange range) {
  const auto end = [&](const rules::Episode& one) { return one.end == Time{} ? range.until : one.end; };
  return static_cast<std::size_t>(std::ranges::count_if(a.episodes, [&](const rules::Episode& one) {
    return std::ranges::none_of(b.episodes, [&](const rules::Episode& other) {
      return other.resource == one.resource && other.begin <= end(one) && one.begin <= end(other);
    });
  }));
}

}  // namespace

Result<std::string> compare(const RequestContext& call, const BacktestPair& pair, Duration span,
                            Duration patience) {
  const Time now = call.server.clock.now();
  const TimeRange range{now - span, now};
  const rules::BacktestSource source{call.server.series, call.server.logs, call.caller.account,
                                     call.server.clock};
  const auto run = [&](const std::optional<std::vector<rules::Rule>>& rules)
      -> Result<std::optional<rules::BacktestResult>> {
    if (!rules) return std::optional<rules::BacktestResult>();
    const Duration left = patience - (call.server.clock.now() - now);
    SENT_TRY_ASSIGN(auto result, rules::backtest(source, *rules, range, left));
    return std::optional(std::move(result));
  };
  SENT_TRY_ASSIGN(const auto fresh, run(pair.fresh));
  SENT_TRY_ASSIGN(const auto old, run(pair.old));
  JsonWriter json;
  json.object().field("from", range.from).field("to", range.until);
  if (fresh) {
    json.key("new");
    write_result(json, *fresh, range);
  }
  if (old) {
    json.key("old");
    write_result(json, *old, range);
  }
  if (fresh && old)
    json.field("only_new", static_cast<std::uint64_t>(only_in(*fresh, *old, range)))
        .field("only_old", static_cast<std::uint64_t>(only_in(*old, *fresh, range)));
  return json.end().take();
}

}  // namespace sentinella::api::native
