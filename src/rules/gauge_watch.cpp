#include "rules/gauge_watch.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/hash.h"
#include "rules/rule_series.h"
#include "rules/state_codec.h"

namespace sentinella::rules {
namespace {

constexpr std::size_t kMaxInstancesPerRule = 20000;
constexpr Duration kForgetAfter = std::chrono::hours(24);
/// A sample from further ahead has a wrong clock, and would stop the instance's time.
constexpr Duration kMaxAhead = std::chrono::minutes(10);

/// "controller /var": host, service, then the other values.
std::string resource_name(const std::string& host, const std::string& service, const std::string& others) {
  std::string name = host;
  if (!service.empty()) name += (name.empty() ? "" : "/") + service;
  if (!others.empty()) name += (name.empty() ? "" : " ") + others;
  return name.empty() ? "all" : name;
}

/// What tells instances of a PromQL rule apart: all labels but the name and the rule's.
std::vector<std::string> instance_labels(const GaugeRule& what, const Labels& labels) {
  if (!what.by.empty()) return what.by;
  if (what.promql.empty()) return {"host", "service"};
  std::vector<std::string> names;
  for (const Label& label : labels)
    if (label.name != kMetricName && label.name != kRuleLabel) names.push_back(label.name);
  return names;
}

/// Some exporters call the host by another name.
std::string_view value_of(const Labels& labels, std::string_view name) {
  const auto value = labels.get(name);
  return value.empty() && name == "host" ? labels.get("hostname") : value;
}

/// "controller1" of "controller1:9100".
std::string host_of(const Labels& labels) {
  if (const auto host = value_of(labels, "host"); !host.empty()) return std::string(host);
  const std::string_view instance = labels.get("instance");
  return std::string(instance.substr(0, instance.rfind(':')));
}

/// Of a PromQL rule the element's. Of a short expression those that make an instance, unless they are host
/// and service, which it has anyway: which disk of the host it is.
Labels kept_labels(const GaugeRule& what, const Labels& labels) {
  const bool is_short = what.promql.empty();
  const auto names = instance_labels(what, labels);
  const auto is_told = [](const std::string& name) { return name == "host" || name == "service"; };
  if (is_short && std::ranges::all_of(names, is_told)) return {};
  std::vector<Label> kept;
  for (const Label& label : labels) {
    const bool wanted = is_short ? std::ranges::find(names, label.name) != names.end()
                                 : label.name != kMetricName && label.name != kRuleLabel;
    if (wanted) kept.push_back(label);
  }
  return Labels(std::move(kept));
}

}  // namespace

GaugeWatch::Watched GaugeWatch::compile(const Rule& rule) {
  Watched watched;
  watched.rule = &rule;
  watched.what = rule.gauge();
  for (const LabelMatcher& matcher : watched.what->matchers)
    watched.matchers.push_back(CompiledMatcher::make(matcher).value());  // the rule was read: it compiles
  return watched;
}

const GaugeWatch::Watched* GaugeWatch::find_watched(const std::string& rule_id) const {
  const auto found = std::ranges::find(rules_, rule_id, [](const Watched& w) { return w.rule->id; });
  return found == rules_.end() ? nullptr : &*found;
}

void GaugeWatch::set_rules(const std::vector<const Rule*>& rules, Emitter& out) {
  const auto before = std::exchange(rules_, {});
  by_metric_.clear();
  interests_.resize(1);
  interest_of_.clear();
  bool queries = false;
  for (const Rule* rule : rules) {
    rules_.push_back(compile(*rule));
    const GaugeRule& what = *rules_.back().what;
    queries = queries || !what.promql.empty();
    if (!what.promql.empty()) continue;
    by_metric_[what.metric].push_back(rules_.size() - 1);
    if (!what.divisor_metric.empty() && what.divisor_metric != what.metric)
      by_metric_[what.divisor_metric].push_back(rules_.size() - 1);
  }
  if (queries)
    by_metric_.try_emplace(std::string(kRuleValue)), by_metric_.try_emplace(std::string(kRuleElements));
  std::vector<Key> gone;
  for (auto& [key, instance] : instances_) {
    if (const Watched* watched = find_watched(key.first)) {
      refit(key, instance, *watched, before, out);
      continue;
    }
    if (instance.told) resolve(key, instance, out.now(), "", "rule deleted", out);
    gone.push_back(key);
  }
  for (const Key& key : gone) erase(key);
  std::erase_if(failures_, [&](const auto& entry) { return find_watched(entry.first) == nullptr; });
}

/// An instance lives on under the rule as it is now.
void GaugeWatch::refit(const Key& key, Instance& instance, const Watched& watched,
                       const std::vector<Watched>& before, Emitter& out) {
  const auto& levels = watched.what->levels;
  const auto was = std::ranges::find(before, key.first, [](const Watched& w) { return w.rule->id; });
  const bool same = was == before.end() ? instance.since.size() == levels.size()
                                        : std::ranges::equal(was->what->levels, levels, {},
                                                             &GaugeRule::Level::set, &GaugeRule::Level::set);
  if (!same) {
    instance.since.assign(levels.size(), std::nullopt);
    instance.hits.assign(levels.size(), 0);
  }
  if (!instance.told) return;
  const auto level = std::ranges::find(levels, *instance.told, [&](const GaugeRule::Level& one) {
    return watched.rule->kind() == "binary" ? watched.rule->severity : one.severity;
  });
  // The severity of Prometheus' rules may be a template.
  if (level == levels.end() && !watched.rule->is_prometheus()) {
    resolve(key, instance, out.now(), "", "rule changed", out);
  } else {
    instance.level = level == levels.end() ? 0 : static_cast<std::size_t>(level - levels.begin());
  }
  dirty_.insert(key);
}

bool GaugeWatch::matches(const Watched& watched, const Labels& labels) const {
  return std::ranges::all_of(watched.matchers,
                             [&](const CompiledMatcher& one) { return one.matches(labels.get(one.name())); });
}

std::vector<GaugeWatch::Interest> GaugeWatch::interests_in(const Labels& labels) const {
  std::vector<Interest> interests;
  const auto interested = by_metric_.find(labels.get(kMetricName));
  if (interested == by_metric_.end()) return interests;
  const auto add = [&](std::size_t index, Interest::Role role) {
    const Watched& watched = rules_[index];
    std::string key = "i";
    for (const std::string& label : instance_labels(*watched.what, labels)) {
      // Without `by` an element may have any labels: their names tell them apart, too.
      if (watched.what->by.empty() && !watched.what->promql.empty()) append_key_part(key, label);
      append_key_part(key, value_of(labels, label));
    }
    interests.push_back({role, index, {watched.rule->id, std::move(key)}, hash64(labels.canonical())});
  };
  if (const bool elements = interested->first == kRuleElements; elements || interested->first == kRuleValue) {
    for (std::size_t i = 0; i < rules_.size(); ++i)
      if (rules_[i].rule->id == labels.get(kRuleLabel) && !rules_[i].what->promql.empty())
        add(i, elements ? Interest::Role::elements : Interest::Role::value);
    return interests;
  }
  for (const std::size_t index : interested->second) {
    const bool divisor = interested->first == rules_[index].what->divisor_metric;
    if (divisor || matches(rules_[index], labels))
      add(index, divisor ? Interest::Role::divisor : Interest::Role::value);
  }
  return interests;
}

const std::vector<GaugeWatch::Interest>& GaugeWatch::interests_in(SeriesId id, const LabelsOf& labels,
                                                                  AccountId account) {
  std::uint32_t& known = interest_of_[id];
  if (known == 0) {
    const auto named = labels(account, id);
    auto interests = named ? interests_in(*named) : std::vector<Interest>{};
    for (const Interest& interest : interests) {
      // One of a state that an older version kept has none.
      const auto found = instances_.find(interest.key);
      if (found != instances_.end() && found->second.labels.size() == 0)
        found->second.labels = kept_labels(*rules_[interest.rule].what, *named);
    }
    known = 1;
    if (!interests.empty()) {
      interests_.push_back(std::move(interests));
      known = static_cast<std::uint32_t>(interests_.size());
    }
  }
  return interests_[known - 1];
}

/// False: there are too many.
bool GaugeWatch::make_instance(const Watched& watched, const Key& key, const Labels& labels) {
  std::size_t& count = per_rule_[key.first];
  if (count >= kMaxInstancesPerRule) return false;
  ++count;
  Instance& made = instances_[key];
  made.since.resize(watched.what->levels.size());
  made.hits.resize(watched.what->levels.size());
  std::string others;
  for (const std::string& label : instance_labels(*watched.what, labels)) {
    const std::string value(value_of(labels, label));
    if (label == "host" || (label == "instance" && value_of(labels, "host").empty())) {
      made.host = host_of(labels);
    } else if (label == "service") {
      made.service = value;
    } else if (!value.empty() && label != "job" && label != "instance" && label != "hostname") {
      others += (others.empty() ? "" : " ") + value;
    }
  }
  made.resource = resource_name(made.host, made.service, others);
  made.labels = kept_labels(*watched.what, labels);
  return true;
}

void GaugeWatch::consume(const SampleBlock& samples, const LabelsOf& labels, Emitter& out) {
  if (rules_.empty()) return;
  Arrivals arrivals;
  std::vector<std::pair<std::size_t, Sample>> elements;  // of rules whose evaluation is complete
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sample sample{samples.times[i], samples.values[i]};
    for (const Interest& interest : interests_in(samples.ids[i], labels, out.account())) {
      if (interest.role == Interest::Role::elements) {
        elements.emplace_back(interest.rule, sample);
        continue;
      }
      if (!instances_.contains(interest.key)) {
        const auto named = labels(out.account(), samples.ids[i]);
        if (!named || !make_instance(rules_[interest.rule], interest.key, *named)) continue;
      }
      auto& list = arrivals[interest.key];
      if (!std::isnan(sample.value) && sample.at <= out.now() + kMaxAhead)
        list.push_back({sample, interest.series, interest.role == Interest::Role::divisor});
    }
  }
  for (auto& [key, list] : arrivals) take(*find_watched(key.first), key, list, out);
  for (const auto& [rule, sample] : elements) elements_given(rules_[rule], sample.at, sample.value, out);
}

/// Puts the samples in by time and looks at the instance once per instant.
void GaugeWatch::take(const Watched& watched, const Key& key, std::vector<Arrival>& arrivals, Emitter& out) {
  Instance& instance = instances_.at(key);
  std::ranges::stable_sort(arrivals, {}, [](const Arrival& a) { return std::pair(a.sample.at, !a.divisor); });
  bool news = false, accepted = false;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    const Arrival& arrival = arrivals[i];
    if (arrival.divisor) {
      auto& divisor = instance.window.divisor;
      if (!divisor || divisor->at < arrival.sample.at) divisor = arrival.sample, accepted = true;
      continue;
    }
    if (instance.window.append(*watched.what, instance.evaluated, arrival.series, arrival.sample))
      news = accepted = true;
    const bool last_of_its_instant =
        i + 1 == arrivals.size() || arrivals[i + 1].sample.at != arrival.sample.at;
    if (!news || !last_of_its_instant) continue;
    news = false;
    pass_time(instance, arrival.sample.at);
    if (const auto value = instance.window.value(*watched.what))
      evaluate(watched, key, instance, instance.evaluated, *value, out);
  }
  dirty_.insert(key);
  if (accepted) heard_of(watched, key, instance, out);
  const bool fresh = instance.forget_at == Time{};
  if (!fresh && (!accepted || out.now() + kForgetAfter / 2 < instance.forget_at)) return;
  instance.forget_at = out.now() + kForgetAfter;
  expiry_.set(key, instance.forget_at);
}

void GaugeWatch::erase(const Key& key) {
  expiry_.cancel(key);
  absence_.cancel(key);
  instances_.erase(key);
  dirty_.insert(key);
  const auto count = per_rule_.find(key.first);
  if (count != per_rule_.end() && --count->second == 0) per_rule_.erase(count);
}

void GaugeWatch::advance(const Presence& presence, Emitter& out) {
  for (const auto& [at, key] : absence_.take_due(out.now())) look_for(key, instances_.at(key), presence, out);
  for (const auto& [at, key] : expiry_.take_due(out.now())) {
    Instance& instance = instances_.at(key);
    if (!instance.told) {
      if (const Watched* watched = find_watched(key.first); watched && instance.told_missing)
        tell_missing(*watched, instance, true, out);
      erase(key);
      continue;
    }
    instance.forget_at = out.now() + kForgetAfter;
    expiry_.set(key, instance.forget_at);
    dirty_.insert(key);
  }
}

void GaugeWatch::forget(const std::string& host, const std::string& service, const std::string& why,
                        Emitter& out) {
  std::vector<Key> gone;
  for (auto& [key, instance] : instances_) {
    if (instance.host.empty() || instance.host != host) continue;
    if (!service.empty() && instance.service != service) continue;
    if (instance.told) resolve(key, instance, out.now(), "", why, out);
    if (const Watched* watched = find_watched(key.first); watched && instance.told_missing)
      tell_missing(*watched, instance, true, out);
    gone.push_back(key);
  }
  for (const Key& key : gone) erase(key);
}

std::vector<Member> GaugeWatch::members(const std::string& rule_id) const {
  std::vector<Member> out;
  for (auto it = instances_.lower_bound({rule_id, ""}); it != instances_.end() && it->first.first == rule_id;
       ++it) {
    const Instance& instance = it->second;
    if (instance.missing && !instance.told) continue;  // neither up nor down
    out.push_back({instance.host.empty() ? instance.resource : instance.host, instance.service,
                   instance.told.has_value()});
  }
  return out;
}

bool GaugeWatch::fires_on(const std::string& rule_id, const std::string& host) const {
  for (auto it = instances_.lower_bound({rule_id, ""}); it != instances_.end() && it->first.first == rule_id;
       ++it)
    if (it->second.told && (host.empty() || it->second.host.empty() || it->second.host == host)) return true;
  return false;
}

void GaugeWatch::say_again(const std::string& rule_id, const std::string& host, Emitter& out) {
  const Watched* watched = find_watched(rule_id);
  if (!watched) return;
  for (auto it = instances_.lower_bound({rule_id, ""}); it != instances_.end() && it->first.first == rule_id;
       ++it)
    if (it->second.told && (host.empty() || it->second.host == host))
      tell(*watched, it->second, it->second.evaluated, out);
}

std::vector<RuleInstance> GaugeWatch::instances(const std::string& rule_id) const {
  std::vector<RuleInstance> out;
  auto it = rule_id.empty() ? instances_.begin() : instances_.lower_bound({rule_id, ""});
  for (; it != instances_.end() && (rule_id.empty() || it->first.first == rule_id); ++it) {
    const Instance& instance = it->second;
    const Watched* watched = find_watched(it->first.first);
    if (!watched) continue;
    RuleInstance& one = out.emplace_back();
    one.rule_id = it->first.first;
    one.host = instance.host;
    one.service = instance.service;
    one.resource = instance.resource;
    one.labels = instance.told_labels.size() != 0 ? instance.told_labels : instance.labels;
    one.annotations = instance.told_annotations;
    one.value = fmt::format("{:.6g}", instance.value);
    one.last_heard = instance.heard;
    one.since = instance.evaluated;
    const auto pending = std::ranges::find_if(instance.since, [](const auto& t) { return t.has_value(); });
    if (instance.level) {
      one.state = instance.recovering ? RuleInstance::State::recovering : RuleInstance::State::firing;
      one.severity = instance.told.value_or(AlertSeverity::warning);
      one.since = instance.recovering ? *instance.recovering
                                      : instance.since[*instance.level].value_or(instance.evaluated);
    } else if (instance.missing) {
      one.state = RuleInstance::State::no_data;
      one.since = *instance.missing;
    } else if (pending != instance.since.end()) {
      one.state = RuleInstance::State::pending;
      one.severity =
          watched->what->levels[static_cast<std::size_t>(pending - instance.since.begin())].severity;
      one.since = **pending;
    }
  }
  return out;
}

}  // namespace sentinella::rules
