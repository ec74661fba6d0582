// From silence to a state: what has stopped coming, and why.
#include <algorithm>

#include "rules/gauge_watch.h"

namespace sentinella::rules {
namespace {

constexpr Duration kLeastStale = std::chrono::seconds(90);
/// A series that came only a few times is none that was expected to go on.
constexpr std::uint32_t kEstablished = 10;
constexpr Duration kTellMissingAfter = std::chrono::minutes(10);
constexpr Duration kLookAgain = std::chrono::seconds(30);
constexpr std::uint32_t kFailuresUntilTold = 3;

Duration stale_after(const GaugeRule& what, Duration interval) {
  if (what.stale_after > Duration::zero()) return what.stale_after;
  return std::max<Duration>(3 * std::max(interval, what.promql.empty() ? Duration{} : what.interval),
                            kLeastStale);
}

}  // namespace

/// A sample came: what was missing is back.
void GaugeWatch::heard_of(const Watched& watched, const Key& key, Instance& instance, Emitter& out) {
  instance.heard = out.now();
  instance.missing.reset();
  if (instance.told_missing) tell_missing(watched, instance, true, out);
  // Set once per span, not per sample: look_for() moves it on.
  if (instance.look_at == Time{})
    look_again(key, instance, out.now() + stale_after(*watched.what, instance.interval));
}

void GaugeWatch::look_again(const Key& key, Instance& instance, Time at) {
  instance.look_at = at;
  absence_.set(key, at);
  dirty_.insert(key);
}

void GaugeWatch::look_for(const Key& key, Instance& instance, const Presence& presence, Emitter& out) {
  const Watched* watched = find_watched(key.first);
  instance.look_at = {};
  if (!watched) return;
  const Time due = instance.heard + stale_after(*watched->what, instance.interval);
  if (due > out.now()) return look_again(key, instance, due);
  const bool away = (!instance.host.empty() && presence.host_silent(instance.host)) ||
                    (!instance.service.empty() && presence.service_absent(instance.host, instance.service));
  if (away) instance.excused = out.now();
  if (away || out.now() < settled_at_) return look_again(key, instance, out.now() + kLookAgain);
  // What comes back has as long to speak as if it had spoken just now.
  const Time since = std::max(instance.heard, instance.excused);
  const Time again = since + stale_after(*watched->what, instance.interval);
  if (!instance.missing && again > out.now()) return look_again(key, instance, again);
  if (!instance.missing) go_missing(*watched, key, instance, out);
  const bool tells = watched->what->no_data == GaugeRule::NoData::keep && instance.seen >= kEstablished;
  if (!tells || instance.told_missing) return;
  if (out.now() - since >= kTellMissingAfter) return tell_missing(*watched, instance, false, out);
  look_again(key, instance, since + kTellMissingAfter);
}

void GaugeWatch::go_missing(const Watched& watched, const Key& key, Instance& instance, Emitter& out) {
  instance.missing = instance.heard;
  if (!instance.level) {
    instance.since.assign(instance.since.size(), std::nullopt);
    instance.hits.assign(instance.hits.size(), 0);
  }
  dirty_.insert(key);
  if (watched.what->no_data == GaugeRule::NoData::ok && instance.told) {
    resolve(key, instance, out.now(), "no data", "no data counts as well for this rule", out)
        .extras.annotations.set("resolved", "absent");
  } else if (watched.what->no_data == GaugeRule::NoData::fire && !instance.level &&
             !watched.what->levels.empty()) {
    instance.level = 0;
    instance.event = watched.rule->event;
    tell(watched, instance, out.now(), out);
  }
}

/// One event for all that a rule misses on a host.
void GaugeWatch::tell_missing(const Watched& watched, Instance& instance, bool gone, Emitter& out) {
  instance.told_missing = !gone;
  std::size_t& count = missing_on_[{watched.rule->id, instance.host}];
  count = gone ? count - std::min<std::size_t>(count, 1) : count + 1;
  if (gone ? count != 0 : count != 1) return;
  Signal& signal =
      out.signal(*watched.rule, gone ? Signal::State::resolved : Signal::State::firing, out.now());
  signal.event = "NoData";
  signal.severity = gone ? AlertSeverity::normal : AlertSeverity::indeterminate;
  signal.tier = Tier::info;
  signal.host = instance.host;
  signal.resource = instance.host.empty() ? instance.resource : instance.host;
  signal.extras.fingerprint = watched.rule->id;
  signal.value = gone ? "heard" : "no data";
  signal.text = gone ? fmt::format("rule {} has data again", watched.rule->id)
                     : fmt::format("rule {} has had no data on {} since {}, although the agent is alive",
                                   watched.rule->id, signal.resource, to_rfc3339(instance.heard));
  if (gone) missing_on_.erase({watched.rule->id, instance.host});
}

/// An evaluation of a PromQL rule is complete: what it did not give is gone.
void GaugeWatch::elements_given(const Watched& watched, Time at, double count, Emitter& out) {
  tell_failure(watched, at, count < 0, out);
  if (count < 0 || !watched.what->absence_resolves || out.now() < settled_at_) return;
  std::vector<Key> gone;
  const std::string& id = watched.rule->id;
  for (auto it = instances_.lower_bound({id, ""}); it != instances_.end() && it->first.first == id; ++it) {
    if (it->second.evaluated >= at) continue;
    element_gone(watched, it->first, it->second, at, out);
    if (!it->second.told) gone.push_back(it->first);
  }
  for (const Key& key : gone) erase(key);
}

void GaugeWatch::element_gone(const Watched& watched, const Key& key, Instance& instance, Time at,
                              Emitter& out) {
  dirty_.insert(key);
  instance.since.assign(instance.since.size(), std::nullopt);
  instance.hits.assign(instance.hits.size(), 0);
  if (!instance.told) return;
  if (!instance.recovering) instance.recovering = at;
  if (at - *instance.recovering < watched.what->keep_firing_for) return;
  // name() still needs the labels: the mark is set on what resolve() made of them.
  resolve(key, instance, at, "", "the expression no longer gives it", out)
      .extras.annotations.set("resolved", "absent");
}

void GaugeWatch::tell_failure(const Watched& watched, Time at, bool failed, Emitter& out) {
  std::uint32_t& failures = failures_[watched.rule->id];
  if (failed || failures > 0) dirty_.insert({watched.rule->id, std::string(kFailures)});
  const bool was_told = failures >= kFailuresUntilTold;
  failures = failed ? std::min(failures + 1, 1000u) : 0;
  const bool is_told = failures >= kFailuresUntilTold;
  if (was_told == is_told) return;
  Signal& signal = out.signal(*watched.rule, is_told ? Signal::State::firing : Signal::State::resolved, at);
  signal.event = "RuleError";
  signal.severity = is_told ? AlertSeverity::warning : AlertSeverity::normal;
  signal.tier = Tier::ticket;
  signal.resource = watched.rule->id;
  signal.value = is_told ? "fails" : "works";
  signal.text =
      fmt::format("the expression of rule {} {}", watched.rule->id,
                  is_told ? "could not be evaluated three times in a row; its alerts stay as they are"
                          : "can be evaluated again");
}

void GaugeWatch::shift(Time from, Time to) {
  for (auto& [key, instance] : instances_) {
    if (instance.missing || instance.heard == Time{}) continue;
    instance.heard = instance.heard + (to - from);
    if (instance.excused != Time{}) instance.excused = instance.excused + (to - from);
    dirty_.insert(key);
  }
}

}  // namespace sentinella::rules
