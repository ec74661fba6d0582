#include "api/gnocchi/statsd.h"

#include <algorithm>

#include "api/gnocchi/built_in.h"
#include "api/gnocchi/resource_id.h"
#include "api/gnocchi/samples.h"
#include "api/gnocchi/things.h"
#include "base/log.h"
#include "base/text.h"
#include "codec/statsd.h"

namespace sentinella::api::gnocchi {
namespace {

constexpr std::size_t kMostStatsdMetrics = 50'000;  ///< of one interval
constexpr std::size_t kLongestStatsdName = 250;

std::string_view suffix_of(codec::StatsdType type) {
  switch (type) {
    case codec::StatsdType::counter:
      return "|c";
    case codec::StatsdType::gauge:
      return "|g";
    case codec::StatsdType::timer:
      return "|ms";
    default:
      return "";
  }
}

Outcome<void> make_missing_metrics(const Call& call, const Uuid& id,
                                   const std::map<std::string, double>& values) {
  const StatsdOptions& statsd = call.options.statsd;
  const auto known = call.registry.resource(call.account(), id);
  const auto is_known = [&](const auto& one) { return known->metrics.contains(one.first); };
  if (known && std::ranges::all_of(values, is_known)) return {};
  return edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    if (!edit.resource(id)) {
      catalog::Resource resource;
      resource.id = id;
      resource.type = catalog::kGenericType;
      resource.original_id = statsd.resource;
      resource.creator = call.who.creator;
      resource.started_at = resource.revision_start = Time{call.now.ns / 1000 * 1000};
      SENT_TRY(edit.add_resource(resource));
    }
    std::vector<WantedMetric> missing;
    for (const auto& [name, value] : values)
      if (!edit.resource(id)->metrics.contains(name))
        missing.push_back(
            {name, {}, statsd.policy.empty() ? std::nullopt : std::optional(statsd.policy), {}});
    return put_metrics(call, edit, id, missing);
  });
}

/// What a client would be told.
Error told(const Problem& problem) {
  return {Errc::kInvalid, problem.text(), ""};
}

}  // namespace

StatsdCollector::StatsdCollector(Context& server, catalog::ResourceRegistry& registry, const Options& options,
                                 AccountId account)
    : server_(server), registry_(registry), options_(options), account_(account) {}

void StatsdCollector::take(std::string_view datagram) {
  Lock lock(mutex_);
  for (const auto text : split(datagram, '\n')) {
    if (trim(text).empty()) continue;
    const auto line = codec::parse_statsd_line(trim(text));
    if (!line) ++bad_;
    if (!line || !*line || suffix_of((*line)->type).empty()) continue;
    std::string name((*line)->name.substr(0, kLongestStatsdName));
    std::ranges::replace(name, '/', '_');
    name += suffix_of((*line)->type);
    for (const auto value : (*line)->values) {
      const auto number = parse_double(value);
      const bool full = values_.size() >= kMostStatsdMetrics && !values_.contains(name);
      if (!number || full) {
        ++bad_;
      } else if ((*line)->type == codec::StatsdType::counter) {
        values_[name] += *number / (*line)->rate;
      } else {
        values_[name] = *number;
      }
    }
  }
}

std::uint64_t StatsdCollector::bad_lines() const {
  Lock lock(mutex_);
  return bad_;
}

Result<void> StatsdCollector::flush(Time now) {
  std::map<std::string, double> values;
  {
    Lock lock(mutex_);
    values.swap(values_);
  }
  if (values.empty()) return {};
  if (options_.built_in_policies)
    SENT_TRY(put_built_in_policies(server_.database, registry_, account_, options_));
  net::Request none;
  const Identity who{.account = account_, .creator = options_.statsd.creator, .service = true};
  const Call call{server_, registry_, options_, none, who, Parameters(""), "", {}, now};
  const Uuid id = resource_uuid(options_.statsd.resource, options_.statsd.creator);
  if (const auto made = make_missing_metrics(call, id, values); !made)
    return std::unexpected(told(made.error()));
  const auto resource = registry_.resource(account_, id);
  SampleWriter writer(call);
  for (const auto& [name, value] : values) {
    const auto metric = resource ? resource->metrics.find(name) : decltype(resource->metrics.end()){};
    if (!resource || metric == resource->metrics.end()) continue;  // removed a moment ago
    SENT_TRY(writer.add(metric->second, std::span(&now, 1), std::span(&value, 1)));
  }
  std::move(writer).submit(
      [](const Outcome<Reply>& outcome) {
        if (!outcome)
          log::warning("api.gnocchi", "an interval of statsd was lost: {}", outcome.error().text());
      },
      202);
  return {};
}

}  // namespace sentinella::api::gnocchi
