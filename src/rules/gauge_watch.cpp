#include "rules/gauge_watch.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "rules/gauge_expression.h"
#include "rules/state_codec.h"

namespace sentinella::rules {
namespace {

using Aggregate = GaugeRule::Aggregate;
using Compare = GaugeRule::Compare;

constexpr std::size_t kMaxInstancesPerRule = 20000;
constexpr std::size_t kMaxSeriesPerInstance = 1000;
constexpr std::size_t kMaxSamplesPerSeries = 4096;
constexpr Duration kForgetAfter = std::chrono::hours(24);
/// A sample from further ahead has a wrong clock, and would stop the instance's time.
constexpr Duration kMaxAhead = std::chrono::minutes(10);

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
  }
  return false;
}

/// Without a clear value of its own a level is left as soon as `set` no longer holds.
bool cleared(Compare compare, const GaugeRule::Level& level, double value) {
  if (level.clear == level.set) return !beyond(compare, value, level.set);
  const bool above = compare == Compare::above || compare == Compare::above_equal;
  return above ? value < level.clear : value > level.clear;
}

/// Per second; a value below its predecessor is a restart from zero.
std::optional<double> rate_of(const std::vector<Sample>& samples) {
  if (samples.size() < 2) return std::nullopt;
  double increase = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const double step = samples[i].value - samples[i - 1].value;
    increase += step < 0 ? samples[i].value : step;
  }
  const double seconds = std::chrono::duration<double>(samples.back().at - samples.front().at).count();
  return increase / seconds;
}

/// "controller /var": host, service, then the other values.
std::string resource_name(const std::string& host, const std::string& service, const std::string& others) {
  std::string name = host;
  if (!service.empty()) name += (name.empty() ? "" : "/") + service;
  if (!others.empty()) name += (name.empty() ? "" : " ") + others;
  return name.empty() ? "all" : name;
}

}  // namespace

GaugeWatch::Watched GaugeWatch::compile(const Rule& rule) {
  Watched watched;
  watched.rule = &rule;
  watched.what = &std::get<GaugeRule>(rule.what);
  for (const LabelMatcher& matcher : watched.what->matchers) {
    const bool regex = matcher.op == LabelMatcher::Op::regex || matcher.op == LabelMatcher::Op::not_regex;
    watched.matchers.emplace_back(
        matcher, regex ? std::make_unique<re2::RE2>(matcher.value, re2::RE2::Quiet) : nullptr);
  }
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
  for (const Rule* rule : rules) {
    rules_.push_back(compile(*rule));
    const GaugeRule& what = *rules_.back().what;
    by_metric_[what.metric].push_back(rules_.size() - 1);
    if (!what.divisor_metric.empty() && what.divisor_metric != what.metric)
      by_metric_[what.divisor_metric].push_back(rules_.size() - 1);
  }
  std::vector<Key> gone;
  for (auto& [key, instance] : instances_) {
    const Watched* watched = find_watched(key.first);
    if (!watched) {
      if (instance.told) resolve(key, instance, out.now(), "", "rule deleted", out);
      gone.push_back(key);
      continue;
    }
    const auto& levels = watched->what->levels;
    const auto was = std::ranges::find(before, key.first, [](const Watched& w) { return w.rule->id; });
    const bool same = was == before.end()
                          ? instance.since.size() == levels.size()
                          : std::ranges::equal(was->what->levels, levels, {}, &GaugeRule::Level::set,
                                               &GaugeRule::Level::set);
    if (!same) instance.since.assign(levels.size(), std::nullopt);
    if (!instance.told) continue;
    const auto level = std::ranges::find(levels, *instance.told, &GaugeRule::Level::severity);
    if (level == levels.end()) {
      resolve(key, instance, out.now(), "", "rule changed", out);
    } else {
      instance.level = static_cast<std::size_t>(level - levels.begin());
    }
    dirty_.insert(key);
  }
  for (const Key& key : gone) erase(key);
}

bool GaugeWatch::matches(const Watched& watched, const Labels& labels) const {
  return std::ranges::all_of(watched.matchers, [&](const auto& entry) {
    const auto& [matcher, regex] = entry;
    const std::string_view value = labels.get(matcher.name);
    switch (matcher.op) {
      case LabelMatcher::Op::equal:
        return value == matcher.value;
      case LabelMatcher::Op::not_equal:
        return value != matcher.value;
      case LabelMatcher::Op::regex:
        return re2::RE2::FullMatch({value.data(), value.size()}, *regex);
      case LabelMatcher::Op::not_regex:
        return !re2::RE2::FullMatch({value.data(), value.size()}, *regex);
    }
    return false;
  });
}

namespace {

const std::vector<std::string>& labels_of_instance(const GaugeRule& what) {
  static const std::vector<std::string> kDefaultBy{"host", "service"};
  return what.by.empty() ? kDefaultBy : what.by;
}

}  // namespace

std::vector<GaugeWatch::Interest> GaugeWatch::interests_in(const Labels& labels) const {
  std::vector<Interest> interests;
  const auto interested = by_metric_.find(labels.get(kMetricName));
  if (interested == by_metric_.end()) return interests;
  for (const std::size_t index : interested->second) {
    const Watched& watched = rules_[index];
    const bool divisor = interested->first == watched.what->divisor_metric;
    if (!divisor && !matches(watched, labels)) continue;
    std::string key = "i";
    for (const std::string& label : labels_of_instance(*watched.what))
      append_key_part(key, labels.get(label));
    interests.push_back({index, {watched.rule->id, std::move(key)}, hash64(labels.canonical()), divisor});
  }
  return interests;
}

const std::vector<GaugeWatch::Interest>& GaugeWatch::interests_in(SeriesId id, const LabelsOf& labels,
                                                                  AccountId account) {
  std::uint32_t& known = interest_of_[id];
  if (known == 0) {
    const auto named = labels(account, id);
    auto interests = named ? interests_in(*named) : std::vector<Interest>{};
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
  std::string others;
  for (const std::string& label : labels_of_instance(*watched.what)) {
    const std::string value(labels.get(label));
    if (label == "host") {
      made.host = value;
    } else if (label == "service") {
      made.service = value;
    } else if (!value.empty()) {
      others += (others.empty() ? "" : " ") + value;
    }
  }
  made.resource = resource_name(made.host, made.service, others);
  return true;
}

void GaugeWatch::consume(const SampleBlock& samples, const LabelsOf& labels, Emitter& out) {
  if (rules_.empty()) return;
  std::map<Key, std::vector<Arrival>> arrivals;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (const Interest& interest : interests_in(samples.ids[i], labels, out.account())) {
      if (!instances_.contains(interest.key)) {
        const auto named = labels(out.account(), samples.ids[i]);
        if (!named || !make_instance(rules_[interest.rule], interest.key, *named)) continue;
      }
      auto& list = arrivals[interest.key];
      const Sample sample{samples.times[i], samples.values[i]};
      if (!std::isnan(sample.value) && sample.at <= out.now() + kMaxAhead)
        list.push_back({sample, interest.series, interest.divisor});
    }
  }
  for (auto& [key, list] : arrivals) take(*find_watched(key.first), key, list, out);
}

/// Puts the samples in by time and looks at the instance once per instant.
void GaugeWatch::take(const Watched& watched, const Key& key, std::vector<Arrival>& arrivals, Emitter& out) {
  Instance& instance = instances_.at(key);
  std::ranges::stable_sort(arrivals, {}, [](const Arrival& a) { return std::pair(a.sample.at, !a.divisor); });
  bool news = false, accepted = false;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    const Arrival& arrival = arrivals[i];
    if (arrival.divisor) {
      if (!instance.divisor || instance.divisor->at < arrival.sample.at) {
        instance.divisor = arrival.sample;
        accepted = true;
      }
      continue;
    }
    if (append(*watched.what, instance, arrival)) news = accepted = true;
    const bool last_of_its_instant =
        i + 1 == arrivals.size() || arrivals[i + 1].sample.at != arrival.sample.at;
    if (!news || !last_of_its_instant) continue;
    news = false;
    instance.evaluated = std::max(instance.evaluated, arrival.sample.at);
    if (const auto value = value_of(*watched.what, instance))
      evaluate(watched, key, instance, instance.evaluated, *value, out);
  }
  dirty_.insert(key);
  const bool fresh = instance.forget_at == Time{};
  if (!fresh && (!accepted || out.now() + kForgetAfter / 2 < instance.forget_at)) return;
  instance.forget_at = out.now() + kForgetAfter;
  expiry_.set(key, instance.forget_at);
}

/// Drops what has left the window; of `last` each series keeps its newest sample.
void GaugeWatch::prune(const GaugeRule& what, Instance& instance, Time newest) {
  for (auto it = instance.series.begin(); it != instance.series.end();) {
    auto& list = it->second;
    const auto keep =
        what.aggregate == Aggregate::last && !list.empty()
            ? list.end() - 1
            : std::ranges::find_if(list, [&](const Sample& s) { return s.at > newest - what.window; });
    list.erase(list.begin(), keep);
    if (list.size() > kMaxSamplesPerSeries) list.erase(list.begin());
    it = list.empty() ? instance.series.erase(it) : std::next(it);
  }
}

/// For one more series: labels come and go, so the one that was not heard for longest makes way. False: all
/// were heard later than `at`.
bool GaugeWatch::make_room(Instance& instance, Time at) {
  if (instance.series.size() < kMaxSeriesPerInstance) return true;
  const auto stalest =
      std::ranges::min_element(instance.series, {}, [](const auto& entry) { return entry.second.back().at; });
  if (stalest->second.back().at > at) return false;
  instance.series.erase(stalest);
  return true;
}

/// False: not newer than what the series has, or no room for it.
bool GaugeWatch::append(const GaugeRule& what, Instance& instance, const Arrival& arrival) {
  const Time newest = std::max(instance.evaluated, arrival.sample.at);
  auto found = instance.series.find(arrival.series);
  if (found == instance.series.end()) {
    if (what.aggregate != Aggregate::last && arrival.sample.at <= newest - what.window) return false;
    prune(what, instance, newest);
    if (!make_room(instance, arrival.sample.at)) return false;
    found = instance.series.try_emplace(arrival.series).first;
  }
  auto& samples = found->second;
  if (!samples.empty() && samples.back().at >= arrival.sample.at) return false;
  samples.push_back(arrival.sample);
  prune(what, instance, newest);
  return true;
}

std::optional<double> GaugeWatch::value_of(const GaugeRule& what, const Instance& instance) const {
  double sum = 0, least = INFINITY, most = -INFINITY, rate = 0;
  std::size_t count = 0;
  bool rated = false;
  const Sample* newest = nullptr;
  for (const auto& [id, samples] : instance.series) {
    for (const Sample& sample : samples) {
      sum += sample.value;
      least = std::min(least, sample.value);
      most = std::max(most, sample.value);
      ++count;
      if (!newest || newest->at <= sample.at) newest = &sample;
    }
    if (const auto one = what.aggregate == Aggregate::rate ? rate_of(samples) : std::nullopt)
      rate += *one, rated = true;
  }
  if (!newest) return std::nullopt;
  double value = newest->value;
  switch (what.aggregate) {
    case Aggregate::last:
      break;
    case Aggregate::avg:
      value = sum / static_cast<double>(count);
      break;
    case Aggregate::min:
      value = least;
      break;
    case Aggregate::max:
      value = most;
      break;
    case Aggregate::sum:
      value = sum;
      break;
    case Aggregate::count:
      value = static_cast<double>(count);
      break;
    case Aggregate::rate:
      if (!rated) return std::nullopt;
      value = rate;
  }
  if (what.divisor_metric.empty()) return value;
  if (!instance.divisor || instance.divisor->value == 0) return std::nullopt;
  return value / instance.divisor->value;
}

void GaugeWatch::evaluate(const Watched& watched, const Key& key, Instance& instance, Time at, double value,
                          Emitter& out) {
  const GaugeRule& what = *watched.what;
  std::optional<std::size_t> reached;
  for (std::size_t i = 0; i < what.levels.size(); ++i) {
    auto& since = instance.since[i];
    if (!beyond(what.compare, value, what.levels[i].set)) {
      since.reset();
      continue;
    }
    if (!since) since = at;
    if (at - *since >= what.levels[i].hold) reached = i;
  }
  if (!instance.level) {
    if (!reached) return;
    instance.level = reached;
    instance.event = watched.rule->event;
    return tell(watched, instance, at, value, out);
  }
  if (reached && *reached > *instance.level) {
    instance.level = reached;
    instance.recovering.reset();
    return tell(watched, instance, at, value, out);
  }
  if (!cleared(what.compare, what.levels[*instance.level], value)) return instance.recovering.reset();
  if (!instance.recovering) instance.recovering = at;
  if (at - *instance.recovering < what.keep_firing_for) return;
  instance.recovering.reset();
  // Down to the worst milder level whose clear value is not passed either.
  for (std::size_t i = *instance.level; i > 0; --i) {
    if (cleared(what.compare, what.levels[i - 1], value)) continue;
    instance.level = i - 1;
    return tell(watched, instance, at, value, out);
  }
  resolve(key, instance, at, fmt::format("{:.4g}", value),
          fmt::format("{} on {} is back to {:.4g}", what.metric, instance.resource, value), out);
}

void GaugeWatch::tell(const Watched& watched, Instance& instance, Time at, double value, Emitter& out) {
  const GaugeRule& what = *watched.what;
  const GaugeRule::Level& level = what.levels[*instance.level];
  instance.told = level.severity;
  Signal& signal = out.signal(*watched.rule, Signal::State::firing, at);
  signal.event = instance.event;
  signal.severity = level.severity;
  signal.host = instance.host;
  signal.service = instance.service;
  signal.resource = instance.resource;
  signal.value = fmt::format("{:.4g}", value);
  std::string metric = what.metric;
  if (what.aggregate != Aggregate::last)
    metric = fmt::format("{} over {} of {}", to_string(what.aggregate), to_text(what.window), metric);
  if (!what.divisor_metric.empty()) metric += " / " + what.divisor_metric;
  signal.text = fmt::format("{} ({} on {} is {:.4g}, threshold {} {:.4g}{})", watched.rule->summary, metric,
                            instance.resource, value, to_string(what.compare), level.set,
                            level.hold > Duration::zero() ? " for " + to_text(level.hold) : "");
}

void GaugeWatch::resolve(const Key& key, Instance& instance, Time at, std::string value, std::string text,
                         Emitter& out) {
  const Watched* watched = find_watched(key.first);
  Rule unknown;
  unknown.id = key.first;
  Signal& signal = out.signal(watched ? *watched->rule : unknown, Signal::State::resolved, at);
  signal.event = instance.event;
  signal.severity = AlertSeverity::normal;
  signal.host = instance.host;
  signal.service = instance.service;
  signal.resource = instance.resource;
  signal.value = std::move(value);
  signal.text = std::move(text);
  instance.told.reset();
  instance.level.reset();
  instance.recovering.reset();
}

void GaugeWatch::erase(const Key& key) {
  expiry_.cancel(key);
  instances_.erase(key);
  dirty_.insert(key);
  const auto count = per_rule_.find(key.first);
  if (count != per_rule_.end() && --count->second == 0) per_rule_.erase(count);
}

void GaugeWatch::advance(Emitter& out) {
  for (const auto& [at, key] : expiry_.take_due(out.now())) {
    Instance& instance = instances_.at(key);
    if (!instance.told) {
      erase(key);
      continue;
    }
    instance.forget_at = out.now() + kForgetAfter;
    expiry_.set(key, instance.forget_at);
    dirty_.insert(key);
  }
}

void GaugeWatch::forget(const std::string& host, Emitter& out) {
  std::vector<Key> gone;
  for (auto& [key, instance] : instances_) {
    if (instance.host.empty() || instance.host != host) continue;
    if (instance.told) resolve(key, instance, out.now(), "", "host taken out of service", out);
    gone.push_back(key);
  }
  for (const Key& key : gone) erase(key);
}

}  // namespace sentinella::rules
