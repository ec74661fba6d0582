#include "logs/surroundings.h"

#include <algorithm>
#include <utility>

namespace sentinella::logs {
namespace {

Condition named(QueryField field, const std::string& name) {
  const auto kind = name.find('*') == name.npos ? Condition::Kind::equal : Condition::Kind::glob;
  return {.kind = kind, .field = field, .value = name};
}

Condition severity_between(Severity low, Severity high) {
  return {.kind = Condition::Kind::between,
          .field = QueryField::severity,
          .low = static_cast<std::uint64_t>(low),
          .high = static_cast<std::uint64_t>(high)};
}

std::uint32_t add_place(Expression& expression, const Surroundings::Place& place) {
  std::vector<std::uint32_t> all;
  if (!place.service.empty()) all.push_back(expression.add(named(QueryField::service, place.service)));
  if (!place.host.empty()) all.push_back(expression.add(named(QueryField::host, place.host)));
  if (place.least > Severity::unspecified) {
    const auto bad = expression.add(severity_between(place.least, Severity::critical));
    const auto unsaid = expression.add(severity_between(Severity::unspecified, Severity::unspecified));
    all.push_back(expression.add(Expression::Node::Kind::any, {bad, unsaid}));
  }
  return expression.add(Expression::Node::Kind::all, std::move(all));
}

bool holds(const Surroundings::Place& place, const Backtrace::Lane& lane) {
  return (place.service.empty() || field_matches(named(QueryField::service, place.service), lane.service)) &&
         (place.host.empty() || place.host == lane.host);
}

}  // namespace

Result<Backtrace> surroundings(const LogStore& store, AccountId account, const Surroundings& around,
                               std::size_t limit) {
  if (limit == 0 || limit > kMaxBacktrace)
    return fail_field(Errc::kInvalid, "limit", "is {}, must be 1 to {}", limit, kMaxBacktrace);
  if (around.range.from >= around.range.until) return Backtrace{};
  Expression expression;
  std::vector<std::uint32_t> any;
  for (const auto& place : around.places) any.push_back(add_place(expression, place));
  expression.add(Expression::Node::Kind::any, std::move(any));
  LogQuery query;
  query.expression = std::make_shared<const Expression>(std::move(expression));
  Backtrace story;
  const auto take = [&](TimeRange range, bool newest_first, std::size_t most) -> Result<void> {
    if (most == 0 || range.from >= range.until) return {};
    query.range = range;
    query.newest_first = newest_first;
    query.limit = most;
    SENT_TRY_ASSIGN(LogPage page, store.search(account, query));
    story.truncated = story.truncated || !page.next_cursor.empty();
    for (StoredRecord& stored : page.records) story.steps.push_back({.stored = std::move(stored)});
    return {};
  };
  const Time middle = std::clamp(around.centre, around.range.from, around.range.until);
  SENT_TRY(take({middle, around.range.until}, false, std::max<std::size_t>(limit / 2, 1)));
  SENT_TRY(take({around.range.from, middle}, true, limit - story.steps.size()));
  std::ranges::sort(story.steps, {}, [](const BacktraceStep& step) {
    return std::pair(step.stored.record.time, step.stored.id);
  });
  story.lay_out();
  for (auto& lane : story.lanes)
    if (const auto place =
            std::ranges::find_if(around.places, [&](const auto& one) { return holds(one, lane); });
        place != around.places.end())
      lane.why = place->why;
  return story;
}

}  // namespace sentinella::logs
