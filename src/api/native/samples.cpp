#include "api/native/samples.h"

#include <algorithm>
#include <cmath>

#include "api/native/handlers.h"
#include "api/native/render.h"
#include "api/parameters.h"
#include "api/reply.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMaxSeriesInAnswer = 200;
constexpr std::int64_t kNsPerMs = 1'000'000;

std::string_view kind_name(SeriesKind kind) {
  switch (kind) {
    case SeriesKind::gauge:
      return "gauge";
    case SeriesKind::counter:
      return "counter";
    case SeriesKind::histogram:
      return "histogram";
  }
  return "gauge";
}

bool is_option(std::string_view name) {
  for (const std::string_view option : {"metric", "from", "to", "max_points", "rate"})
    if (name == option) return true;
  return false;
}

bool is_label_name(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Result<series::Selector> read_selector(const Query& query) {
  series::Selector selector;
  const auto metric = query.text("metric");
  if (metric.empty()) return fail_field(Errc::kInvalid, "metric", "is required");
  selector.matchers.push_back({LabelMatcher::Op::equal, std::string(kMetricName), metric});
  for (const auto& [name, value] : query.pairs()) {
    if (is_option(name)) continue;
    if (!is_label_name(name))
      return fail_field(Errc::kInvalid, name, "is neither a parameter of this route nor a label's name");
    selector.matchers.push_back({LabelMatcher::Op::equal, name, value});
  }
  return selector;
}

}  // namespace

series::SeriesColumns to_rate(const series::SeriesColumns& counter) {
  series::SeriesColumns rate{counter.labels, SeriesKind::gauge, {}, {}};
  bool have_last = false;
  Time last_time;
  double last = 0;
  for (std::size_t i = 0; i < counter.times.size(); ++i) {
    const double value = counter.values[i];
    if (std::isnan(value)) continue;
    if (have_last) {
      const double seconds = static_cast<double>((counter.times[i] - last_time).count()) / 1e9;
      rate.times.push_back(counter.times[i]);
      rate.values.push_back((value >= last ? value - last : value) / seconds);
    }
    have_last = true;
    last_time = counter.times[i];
    last = value;
  }
  return rate;
}

series::SeriesColumns thin_out(const series::SeriesColumns& columns, TimeRange range,
                               std::size_t max_points) {
  series::SeriesColumns thin{columns.labels, columns.kind, {}, {}};
  const auto slices = static_cast<double>(max_points);
  const double width = static_cast<double>((range.until - range.from).count()) / slices;
  const bool few = columns.times.size() <= max_points;
  double sum = 0;
  std::size_t count = 0;
  std::size_t slice_of_sum = 0;
  const auto finish = [&] {
    if (count > 0) thin.values.push_back(sum / static_cast<double>(count));
    sum = 0;
    count = 0;
  };
  for (std::size_t i = 0; i < columns.times.size(); ++i) {
    if (std::isnan(columns.values[i])) continue;
    const double place = static_cast<double>((columns.times[i] - range.from).count()) / width;
    const auto slice = few ? i : static_cast<std::size_t>(std::clamp(place, 0.0, slices - 1));
    if (count > 0 && slice != slice_of_sum) finish();
    if (count == 0)
      thin.times.push_back(columns.times[i]);
    else
      thin.times.back() = columns.times[i];
    slice_of_sum = slice;
    sum += columns.values[i];
    ++count;
  }
  finish();
  return thin;
}

Result<Reply> list_series(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query,
                  Query::read(call.request, {"metric", "host", "service", "page", "page_size"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  series::Selector selector;
  const std::pair<std::string_view, std::string_view> wanted[] = {
      {"metric", kMetricName}, {"host", "host"}, {"service", "service"}};
  for (const auto& [parameter, label] : wanted)
    if (auto value = query.text(parameter); !value.empty())
      selector.matchers.push_back({LabelMatcher::Op::equal, std::string(label), std::move(value)});
  SENT_TRY_ASSIGN(auto found, call.server.series.find(call.caller.account, selector, 100'000));
  std::ranges::sort(found);
  return list_reply(found, page, [](JsonWriter& json, const Labels& labels) {
    json.object().key("labels");
    write_labels(json, labels);
    json.end();
  });
}

Result<Reply> get_samples(RequestContext& call) {
  const auto query = Query::read_any(call.request);
  SENT_TRY_ASSIGN(const auto selector, read_selector(query));
  SENT_TRY_ASSIGN(const auto range, query.range(call.server.clock.now(), std::chrono::hours(1)));
  SENT_TRY_ASSIGN(const auto max_points, query.number("max_points", 500, 1, 10'000));
  SENT_TRY_ASSIGN(const auto rate, query.flag("rate"));
  series::Limits limits;
  limits.max_series = kMaxSeriesInAnswer;
  SENT_TRY_ASSIGN(const auto found, call.server.series.select(call.caller.account, selector, range, limits));
  JsonWriter json;
  json.object().key("series").array();
  for (const auto& columns : found) {
    const bool differentiate = rate && columns.kind == SeriesKind::counter;
    const auto points = thin_out(differentiate ? to_rate(columns) : columns, range, max_points);
    json.object().key("labels");
    write_labels(json, points.labels);
    json.field("kind", kind_name(points.kind)).key("points").array();
    for (std::size_t i = 0; i < points.times.size(); ++i)
      json.array().value(points.times[i].ns / kNsPerMs).value(points.values[i]).end();
    json.end().end();
  }
  json.end().end();
  return json_reply(json.take());
}

}  // namespace sentinella::api::native
