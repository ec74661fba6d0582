// What there is to query: series, labels, kinds of metrics, and facts about the server (query_doors.h).
#include <algorithm>
#include <chrono>
#include <set>
#include <span>
#include <thread>

#include "api/prometheus/query_doors.h"
#include "api/prometheus/query_form.h"
#include "api/prometheus/query_json.h"
#include "base/text.h"
#include "query/engine.h"
#include "query/lexer.h"

namespace sentinella::api::prometheus {
namespace {

constexpr std::size_t kMaxSeries = 1'000'000;
constexpr std::size_t kTop = 10;

/// A bad request, told in full.
using Refusal = std::unexpected<Reply>;

/// The match[] parameters as selectors, after a look at start and end.
std::expected<std::vector<series::Selector>, Reply> selectors_of(const Form& form) {
  for (const auto* name : {"start", "end"})
    if (const auto time = form.time_ms(name, 0); !time) return Refusal(bad_parameter(name, time.error()));
  std::vector<series::Selector> selectors;
  for (const auto& text : form.all("match[]")) {
    auto matchers = query::parse_selector(text);
    if (!matchers) return Refusal(bad_parameter("match[]", matchers.error()));
    selectors.push_back({*std::move(matchers)});
  }
  return selectors;
}

/// Unites `read(selector)` over all selectors, or over everything when there are none.
template <typename Read>
Reply united(const RequestContext& call, std::vector<series::Selector> selectors, Read&& read) {
  if (selectors.empty()) selectors.emplace_back();
  std::set<std::string> all;
  for (const auto& selector : selectors) {
    auto found = read(selector);
    if (!found) return failure(found.error(), call.request_id);
    all.insert(std::make_move_iterator(found->begin()), std::make_move_iterator(found->end()));
  }
  std::string json = "[";
  for (const auto& text : all) {
    if (json.size() > 1) json += ',';
    append_json_text(json, text);
  }
  return success(json + "]");
}

std::string_view kind_name(SeriesKind kind) {
  switch (kind) {
    case SeriesKind::counter:
      return "counter";
    case SeriesKind::histogram:
      return "histogram";
    case SeriesKind::gauge:
      break;
  }
  return "gauge";
}

/// By name; of one several when exporters differ.
std::vector<MetricMetadata> metadata_of(const RequestContext& call) {
  std::vector<MetricMetadata> all;
  if (call.server.metric_metadata) all = call.server.metric_metadata(call.caller.account);
  const std::size_t told = all.size();
  for (const auto& metric : call.server.series.metric_kinds(call.caller.account)) {
    const auto known = std::span(all).first(told);
    if (!std::ranges::binary_search(known, metric.name, {}, &MetricMetadata::name))
      all.push_back({metric.name, std::string(kind_name(metric.kind)), "", ""});
  }
  std::ranges::sort(all);
  return all;
}

void write_labels(JsonWriter& json, const Labels& labels) {
  json.object();
  for (const Label& label : labels) json.field(label.name, label.value);
  json.end();
}

void write_target(JsonWriter& json, const scrape::TargetStatus& target) {
  const auto duration = [](Duration of) {
    return query::duration_text(std::chrono::duration_cast<std::chrono::milliseconds>(of).count());
  };
  json.object().key("discoveredLabels").object().end().key("labels");
  write_labels(json, target.labels);
  json.field("scrapePool", target.job).field("scrapeUrl", target.url).field("globalUrl", target.url);
  json.field("lastError", target.problem);
  if (target.scraped)
    json.field("lastScrape", target.at);
  else
    json.field("lastScrape", "0001-01-01T00:00:00Z");
  json.field("lastScrapeDuration", std::chrono::duration<double>(target.duration).count());
  json.field("health", !target.scraped ? "unknown" : target.up ? "up" : "down");
  json.field("scrapeInterval", duration(target.interval)).field("scrapeTimeout", duration(target.timeout));
  json.end();
}

using Count = std::pair<std::string, std::uint64_t>;

void write_top(JsonWriter& json, std::string_view key, std::vector<Count> counts) {
  std::ranges::sort(counts, [](const Count& a, const Count& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (counts.size() > kTop) counts.resize(kTop);
  json.key(key).array();
  for (const auto& [name, value] : counts) json.object().field("name", name).field("value", value).end();
  json.end();
}

}  // namespace

Result<Reply> series(RequestContext& call) {
  const Form form(call.request);
  auto selectors = selectors_of(form);
  if (!selectors) return std::move(selectors).error();
  if (selectors->empty()) return bad_data("no match[] parameter provided");
  std::set<Labels> all;
  for (const auto& selector : *selectors) {
    auto found = call.server.series.find(call.caller.account, selector, kMaxSeries);
    if (!found) return failure(found.error(), call.request_id);
    all.insert(std::make_move_iterator(found->begin()), std::make_move_iterator(found->end()));
  }
  std::string json = "[";
  for (const Labels& labels : all) {
    if (json.size() > 1) json += ',';
    append_labels(json, query::RowLabels(labels));
  }
  return success(json + "]");
}

Result<Reply> labels(RequestContext& call) {
  auto selectors = selectors_of(Form(call.request));
  if (!selectors) return std::move(selectors).error();
  return united(call, *std::move(selectors), [&](const series::Selector& selector) {
    return call.server.series.label_names(call.caller.account, selector);
  });
}

Result<Reply> label_values(RequestContext& call) {
  const auto& name = call.path_value("name");
  if (!query::is_label_name(name)) return bad_data(fmt::format("invalid label name: \"{}\"", name));
  auto selectors = selectors_of(Form(call.request));
  if (!selectors) return std::move(selectors).error();
  return united(call, *std::move(selectors), [&](const series::Selector& selector) {
    return call.server.series.label_values(call.caller.account, name, selector);
  });
}

Result<Reply> metadata(RequestContext& call) {
  const Form form(call.request);
  std::uint64_t limit = UINT64_MAX;
  if (const auto given = form.text("limit"); !given.empty() && !given.starts_with('-')) {
    const auto number = parse_uint(given);
    if (!number) return bad_data("limit must be a number");
    limit = *number;
  }
  const auto wanted = form.text("metric");
  const auto all = metadata_of(call);
  JsonWriter json;
  json.object();
  std::uint64_t count = 0;
  for (auto at = all.begin(); at != all.end();) {
    const auto next =
        std::ranges::find_if(at, all.end(), [&](const auto& one) { return one.name != at->name; });
    if (wanted.empty() || at->name == wanted) {
      if (count++ >= limit) break;
      json.key(at->name).array();
      for (; at != next; ++at)
        json.object()
            .field("type", at->type.empty() ? "unknown" : at->type)
            .field("help", at->help)
            .field("unit", at->unit)
            .end();
      json.end();
    }
    at = next;
  }
  json.end();
  return success(json.str());
}

Result<Reply> targets(RequestContext& call) {
  const auto state = Form(call.request).text("state");
  std::vector<scrape::TargetStatus> all;
  if (call.server.scrape_targets && state != "dropped") all = call.server.scrape_targets(call.caller.account);
  JsonWriter json;
  json.object().key("activeTargets").array();
  for (const scrape::TargetStatus& target : all) write_target(json, target);
  json.end().key("droppedTargets").array().end().end();
  return success(json.str());
}

Result<Reply> status_build_info(RequestContext& call) {
  JsonWriter json;
  // Clients choose what to offer by the version of the API.
  json.object().field("version", "2.42.0").field("revision", "sentinella-" + call.server.info.version);
  json.field("branch", "").field("buildUser", "").field("buildDate", "").field("goVersion", "").end();
  return success(json.str());
}

Result<Reply> status_runtime_info(RequestContext& call) {
  const Time started = call.server.info.started;
  JsonWriter json;
  json.object().field("startTime", started).field("CWD", "").field("reloadConfigSuccess", true);
  json.field("lastConfigTime", started);
  json.field("corruptionCount", call.server.series.statistics().damaged_chunks);
  json.field("goroutineCount", 0).field("GOMAXPROCS", std::thread::hardware_concurrency());
  json.field("GOGC", "").field("GODEBUG", "").field("storageRetention", "").end();
  return success(json.str());
}

Result<Reply> status_flags(RequestContext&) {
  return success("{}");
}

Result<Reply> status_config(RequestContext&) {
  return success(R"({"yaml":""})");
}

Result<Reply> status_tsdb(RequestContext& call) {
  auto& store = call.server.series;
  const AccountId account = call.caller.account;
  const series::Selector everything{{{LabelMatcher::Op::regex, std::string(kMetricName), ".+"}}};
  const auto groups = store.fold_instants(account, everything, call.server.clock.now(), std::chrono::hours(1),
                                          {.without = false, .names = {std::string(kMetricName)}},
                                          {.max_series = 10'000'000, .max_samples = 10'000'000});
  if (!groups) return failure(groups.error(), call.request_id);
  std::uint64_t total = 0;
  std::vector<Count> by_name;
  for (const auto& group : *groups) {
    total += group.count;
    by_name.emplace_back(group.labels.get(kMetricName), group.count);
  }
  const auto names = store.label_names(account, {});
  if (!names) return failure(names.error(), call.request_id);
  std::vector<Count> by_label;
  std::uint64_t pairs = 0;
  for (const auto& name : *names) {
    const auto values = store.label_values(account, name, {});
    if (!values) return failure(values.error(), call.request_id);
    pairs += values->size();
    by_label.emplace_back(name, values->size());
  }
  JsonWriter json;
  json.object().key("headStats").object().field("numSeries", total).field("numLabelPairs", pairs);
  json.field("chunkCount", 0).field("minTime", 0).field("maxTime", 0).end();
  write_top(json, "seriesCountByMetricName", std::move(by_name));
  write_top(json, "labelValueCountByLabelName", std::move(by_label));
  write_top(json, "memoryInBytesByLabelName", {});
  write_top(json, "seriesCountByLabelValuePair", {});
  json.end();
  return success(json.str());
}

}  // namespace sentinella::api::prometheus
