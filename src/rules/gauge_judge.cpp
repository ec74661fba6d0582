// From a value to a state: levels, hysteresis, and what is said of them.
#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "rules/alert_template.h"
#include "rules/gauge_expression.h"
#include "rules/gauge_watch.h"
#include "rules/severity_label.h"

namespace sentinella::rules {
namespace {

using Aggregate = GaugeRule::Aggregate;
using Compare = GaugeRule::Compare;

/// Shorter pauses are no gap: senders are not that regular.
constexpr Duration kLeastGap = std::chrono::seconds(30);
/// The second sample ever tells the pace, unless it took as long as this.
constexpr Duration kLeastFirstGap = std::chrono::minutes(16);

bool beyond(Compare compare, double value, double limit) {
  switch (compare) {
    case Compare::above:
      return value > limit;
    case Compare::above_equal:
      return value >= limit;
    case Compare::below:
      return value < limit;
    case Compare::below_equal:
      return value <= limit;
    case Compare::equal:
      return value == limit;
    case Compare::not_equal:
      return value != limit;
    case Compare::always:
      return true;
  }
  return false;
}

/// Without a clear value of its own a level is left as soon as `set` no longer holds.
bool cleared(Compare compare, const GaugeRule::Level& level, double value) {
  if (level.clear == level.set) return !beyond(compare, value, level.set);
  const bool above = compare == Compare::above || compare == Compare::above_equal;
  return above ? value < level.clear : value > level.clear;
}

std::string first_of(const Labels& labels, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (const auto value = labels.get(name); !value.empty()) return std::string(value);
  return "";
}

Labels expand_all(const Labels& texts, const TemplateValues& values) {
  std::vector<Label> out;
  for (const Label& text : texts) out.push_back({text.name, expand_template(text.value, values)});
  return Labels(std::move(out));
}

}  // namespace

/// To the next evaluation. Missing ones count neither as true nor as false: the clocks stand still meanwhile.
void GaugeWatch::pass_time(Instance& instance, Time at) {
  const Duration gap = at - instance.evaluated;
  if (instance.evaluated == Time{} || gap <= Duration::zero()) {
    instance.evaluated = std::max(instance.evaluated, at);
    return;
  }
  const bool known = instance.interval > Duration::zero();
  const bool late = known ? gap > std::max<Duration>(2 * instance.interval, kLeastGap) : gap > kLeastFirstGap;
  if (!late) {
    instance.interval = known ? (3 * instance.interval + gap) / 4 : gap;
  } else if (instance.late) {
    instance.interval = gap;  // twice in a row is the new pace
  }
  if (late && !instance.late) {
    const Duration stood = gap - instance.interval;
    for (auto& since : instance.since)
      if (since) since = *since + stood;
    if (instance.recovering) instance.recovering = *instance.recovering + stood;
  }
  instance.late = late;
  instance.evaluated = at;
}

std::optional<std::size_t> GaugeWatch::reached_level(const GaugeRule& what, Instance& instance, Time at,
                                                     double value) {
  std::optional<std::size_t> reached;
  for (std::size_t i = 0; i < what.levels.size(); ++i) {
    auto& since = instance.since[i];
    if (!beyond(what.compare, value, what.levels[i].set)) {
      since.reset();
      instance.hits[i] = 0;
      continue;
    }
    if (!since) since = at;
    ++instance.hits[i];
    if (at - *since >= what.levels[i].hold && instance.hits[i] >= what.fail_count) reached = i;
  }
  return reached;
}

void GaugeWatch::evaluate(const Watched& watched, const Key& key, Instance& instance, Time at, double value,
                          Emitter& out) {
  const GaugeRule& what = *watched.what;
  instance.value = value;
  instance.seen = std::min(instance.seen + 1, 1000u);
  const auto reached = reached_level(what, instance, at, value);
  if (!instance.level) {
    if (!reached) return;
    instance.level = reached;
    instance.event = watched.rule->event;
    return tell(watched, instance, at, out);
  }
  if (reached && *reached > *instance.level) {
    instance.level = reached;
    instance.recovering.reset();
    instance.recoveries = 0;
    return tell(watched, instance, at, out);
  }
  if (!cleared(what.compare, what.levels[*instance.level], value)) {
    instance.recovering.reset();
    instance.recoveries = 0;
    return;
  }
  leave_level(watched, key, instance, at, value, out);
}

void GaugeWatch::leave_level(const Watched& watched, const Key& key, Instance& instance, Time at,
                             double value, Emitter& out) {
  const GaugeRule& what = *watched.what;
  if (!instance.recovering) instance.recovering = at;
  ++instance.recoveries;
  if (at - *instance.recovering < what.keep_firing_for || instance.recoveries < what.recover_count) return;
  instance.recovering.reset();
  instance.recoveries = 0;
  // Down to the worst milder level whose clear value is not passed either.
  for (std::size_t i = *instance.level; i > 0; --i) {
    if (cleared(what.compare, what.levels[i - 1], value)) continue;
    instance.level = i - 1;
    return tell(watched, instance, at, out);
  }
  const std::string_view what_it_is = what.metric.empty() ? std::string_view("the value") : what.metric;
  resolve(key, instance, at, fmt::format("{:.4g}", value),
          fmt::format("{} on {} is back to {:.4g}", what_it_is, instance.resource, value), out);
}

namespace {

/// Whom a sentence is about: "nova-api on c1", else the resource.
std::string subject(const std::string& host, const std::string& service, const std::string& resource) {
  if (host.empty() || service.empty() || resource != fmt::format("{}/{}", host, service)) return resource;
  return fmt::format("{} on {}", service, host);
}

/// "A disk" goes on as "a disk"; "CPU" stays.
std::string lowered(std::string text) {
  const bool is_word = text.size() > 1 && (text[1] == ' ' || (text[1] >= 'a' && text[1] <= 'z'));
  if (is_word && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

}  // namespace

/// "c1: processors busy (host_load1 is 9, threshold > 4 for 10m)".
std::string GaugeWatch::sentence(const Watched& watched, const Instance& instance) const {
  const GaugeRule& what = *watched.what;
  const std::string whom = subject(instance.host, instance.service, instance.resource);
  const std::string says =
      whom.empty() ? watched.rule->summary : whom + ": " + lowered(watched.rule->summary);
  if (instance.missing) return says + " (no data)";
  const GaugeRule::Level& level = what.levels[*instance.level];
  std::string metric = what.metric.empty() ? "value" : what.metric;
  if (what.promql.empty() && what.aggregate != Aggregate::last)
    metric = fmt::format("{} over {} of {}", to_string(what.aggregate), to_text(what.window), metric);
  if (!what.divisor_metric.empty()) metric += " / " + what.divisor_metric;
  if (what.season) metric += ", in units of its usual spread at this hour of the week,";
  std::string hold = level.hold > Duration::zero() ? " for " + to_text(level.hold) : "";
  if (what.fail_count > 1) hold += fmt::format(", {} times in a row", what.fail_count);
  if (watched.rule->kind() == "binary")
    return fmt::format("{} ({} is {:.4g}{})", says, metric, instance.value, hold);
  return fmt::format("{} ({} is {:.4g}, threshold {} {:.4g}{})", says, metric, instance.value,
                     to_string(what.compare), level.set, hold);
}

void GaugeWatch::name(Signal& signal, const Instance& instance) {
  signal.event = instance.event;
  signal.host = instance.host;
  signal.service = instance.service;
  signal.resource = instance.resource;
  if (instance.told_labels.size() == 0) return;
  const Labels& labels = instance.told_labels;
  signal.extras.labels = labels;
  signal.extras.annotations = instance.told_annotations;
  signal.extras.fingerprint = fmt::format("{:016x}", hash64(labels.canonical()));
  if (const auto resource = first_of(labels, {"exported_instance", "instance", "host", "node"});
      !resource.empty())
    signal.resource = resource;
  if (signal.host.empty()) signal.host = first_of(labels, {"host", "node"});
  if (signal.service.empty()) signal.service = first_of(labels, {"service", "job"});
}

void GaugeWatch::tell(const Watched& watched, Instance& instance, Time at, Emitter& out) {
  const Rule& rule = *watched.rule;
  Signal& signal = out.signal(rule, Signal::State::firing, at);
  signal.severity = rule.kind() == "binary" ? rule.severity : watched.what->levels[*instance.level].severity;
  signal.value = instance.missing ? "no data" : fmt::format("{:.4g}", instance.value);
  if (rule.is_prometheus()) {
    const TemplateValues values{instance.labels, instance.value, ""};
    Labels labels = instance.labels;
    for (const Label& label : expand_all(rule.labels, values)) labels.set(label.name, label.value);
    labels.set("alertname", rule.event);
    instance.told_labels = std::move(labels);
    instance.told_annotations = expand_all(rule.annotations, values);
    signal.severity = severity_of_label(instance.told_labels.get("severity"));
    signal.tier = tier_of_labels(instance.told_labels, signal.severity);
    signal.text = first_of(instance.told_annotations, {"summary", "description", "message"});
    if (signal.text.empty()) signal.text = rule.event;
  } else {
    signal.text = sentence(watched, instance);
  }
  instance.told = signal.severity;
  name(signal, instance);
}

Signal& GaugeWatch::resolve(const Key& key, Instance& instance, Time at, std::string value, std::string text,
                            Emitter& out) {
  const Watched* watched = find_watched(key.first);
  Rule unknown;
  unknown.id = key.first;
  Signal& signal = out.signal(watched ? *watched->rule : unknown, Signal::State::resolved, at);
  signal.severity = AlertSeverity::normal;
  name(signal, instance);
  signal.value = std::move(value);
  signal.text = std::move(text);
  instance.told.reset();
  instance.level.reset();
  instance.recovering.reset();
  instance.recoveries = 0;
  instance.told_labels = instance.told_annotations = {};
  return signal;
}

}  // namespace sentinella::rules
