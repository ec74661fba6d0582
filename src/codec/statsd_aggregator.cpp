#include "codec/statsd_aggregator.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "codec/decimal_text.h"
#include "codec/metric_name.h"
#include "model/staleness.h"

namespace sentinella::codec {
namespace {

constexpr double kQuantiles[] = {0.5, 0.9, 0.99};

std::optional<double> number_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  DecimalNumber number;
  const char* const end = text.data() + text.size();
  const char* const behind = text.empty() ? nullptr : scan_decimal(text.data(), end, number);
  if (behind == nullptr || behind != end) return std::nullopt;
  return number.value;
}

std::string metric_name(StatsdType type, std::string_view name) {
  std::string out;
  append_metric_name(name, out);
  if (type == StatsdType::counter && !out.ends_with("_total")) out += "_total";
  if (type == StatsdType::timer && !out.ends_with("_seconds")) out += "_seconds";
  return out;
}

}  // namespace

void StatsdAggregator::take(std::string_view datagram, Time now) {
  for (std::string_view line : split(datagram, '\n')) {
    line = trim(line);
    if (line.empty()) continue;
    if (const auto done = take_line(line, now); !done) {
      ++counts_.bad;
      counts_.last_reason = done.error().message;
    } else {
      ++counts_.taken;
    }
  }
}

Result<void> StatsdAggregator::take_line(std::string_view line, Time now) {
  SENT_TRY_ASSIGN(const auto parsed, parse_statsd_line(line));
  if (!parsed) return {};
  std::string key = fmt::format("{}|{}|{}", static_cast<int>(parsed->type), parsed->name, parsed->tags);
  auto at = metrics_.find(key);
  if (at == metrics_.end()) {
    if (metrics_.size() >= kMostMetrics)
      return fail(Errc::kTooLarge, "{} is one metric more than {}", parsed->name, kMostMetrics);
    Metric metric;
    metric.type = parsed->type;
    metric.name = metric_name(parsed->type, parsed->name);
    metric.labels = statsd_labels(parsed->tags);
    at = metrics_.emplace(std::move(key), std::move(metric)).first;
  }
  for (const std::string_view value : parsed->values) SENT_TRY(take_value(at->second, value, parsed->rate));
  at->second.last = now;
  at->second.fresh = true;
  return {};
}

Result<void> StatsdAggregator::take_value(Metric& metric, std::string_view text, double rate) {
  if (metric.type == StatsdType::set) {
    if (members_ < kMostMembers) members_ += metric.members.emplace(text).second;
    return {};
  }
  const auto value = number_of(text);
  if (!value)
    return fail(Errc::kInvalid, "{} is \"{}\", which is no number", metric.name, text.substr(0, 40));
  const bool change = text.starts_with('+') || text.starts_with('-');
  if (metric.type == StatsdType::counter) {
    if (*value < 0) return fail(Errc::kInvalid, "{} counts down", metric.name);
    metric.value += *value / rate;
  } else if (metric.type == StatsdType::gauge) {
    metric.value = change ? metric.value + *value : *value;
  } else {
    observe(metric, metric.type == StatsdType::timer ? *value / 1000 : *value, rate);
  }
  return {};
}

/// Of more values than are kept each has the same chance to stay.
void StatsdAggregator::observe(Metric& metric, double value, double rate) {
  metric.value += value / rate;
  metric.count += 1 / rate;
  ++metric.seen;
  if (metric.values.size() < kMostValues)
    metric.values.push_back(value);
  else if (const std::size_t place = random_() % metric.seen; place < kMostValues)
    metric.values[place] = value;
}

void StatsdAggregator::write(const Metric& metric, Time now, bool stale, std::vector<SeriesSamples>& out) {
  const auto add = [&](std::string_view suffix, std::string_view quantile, SeriesKind kind, double value) {
    auto labels = metric.labels;
    labels.push_back({std::string(kMetricName), metric.name + std::string(suffix)});
    if (!quantile.empty()) labels.push_back({"quantile", std::string(quantile)});
    out.push_back({Labels(std::move(labels)), kind, {{now, stale ? stale_marker() : value}}});
  };
  switch (metric.type) {
    case StatsdType::counter:
      return add("", "", SeriesKind::counter, metric.value);
    case StatsdType::gauge:
      return add("", "", SeriesKind::gauge, metric.value);
    case StatsdType::set:
      return add("", "", SeriesKind::gauge, static_cast<double>(metric.members.size()));
    case StatsdType::timer:
    case StatsdType::histogram:
      break;
  }
  auto sorted = metric.values;
  std::ranges::sort(sorted);
  for (const double quantile : kQuantiles) {
    const auto rank = static_cast<std::size_t>(std::ceil(quantile * static_cast<double>(sorted.size())));
    const double value = sorted.empty() ? std::nan("") : sorted[std::max<std::size_t>(rank, 1) - 1];
    if (stale || !sorted.empty()) add("", fmt::format("{}", quantile), SeriesKind::gauge, value);
  }
  add("_sum", "", SeriesKind::counter, metric.value);
  add("_count", "", SeriesKind::counter, metric.count);
}

std::vector<SeriesSamples> StatsdAggregator::flush(Time now) {
  std::vector<SeriesSamples> out;
  for (auto at = metrics_.begin(); at != metrics_.end();) {
    Metric& metric = at->second;
    const bool silent = !metric.fresh && now - metric.last >= kForgetAfter;
    // What only changes when it is told goes on as it is; counts of an interval without any are 0.
    write(metric, now, silent, out);
    if (silent) {
      at = metrics_.erase(at);
      continue;
    }
    metric.fresh = false;
    metric.seen = 0;
    metric.values.clear();
    metric.members.clear();
    ++at;
  }
  members_ = 0;
  return out;
}

}  // namespace sentinella::codec
