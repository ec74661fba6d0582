#include "rules/simulation.h"

#include <algorithm>

namespace sentinella::rules {
namespace {

/// Below the gap that the engine takes for an outage of its own.
constexpr Duration kTick = std::chrono::seconds(4);

}  // namespace

Simulation::Simulation(std::vector<Rule> rules, Time start)
    : engine_(make_rule_engine([names = names_](AccountId, SeriesId id) -> std::shared_ptr<const Labels> {
        const auto index = static_cast<std::size_t>(id);
        return index == 0 || index > names->size() ? nullptr : (*names)[index - 1];
      })),
      now_(start) {
  engine_->set_rules(kAccount, std::move(rules), start);
  Batch first;
  first.received = start;
  first.tick = true;
  consume(first);
}

SeriesId Simulation::series_id(const Labels& labels) {
  const auto [found, fresh] = ids_.try_emplace(labels.canonical(), SeriesId{});
  if (fresh) {
    names_->push_back(std::make_shared<const Labels>(labels));
    found->second = SeriesId{names_->size()};
  }
  return found->second;
}

void Simulation::resolve(Batch& batch) {
  for (const SeriesSamples& series : batch.series) {
    const SeriesId id = series_id(series.labels);
    for (const Sample& sample : series.samples) batch.samples.add(id, sample.at, sample.value);
  }
  batch.series.clear();
}

void Simulation::pass(Time until) {
  while (now_ < until) {
    Batch tick;
    tick.tick = true;
    const Time next = std::min(now_ + kTick, until);
    tick.received = std::max(now_ + Duration(1), std::min(next, engine_->next_deadline().value_or(next)));
    consume(tick);
  }
}

void Simulation::take(Time at, Batch batch) {
  pass(at);
  batch.account = kAccount;
  batch.received = std::max(at, now_);
  resolve(batch);
  consume(batch);
}

void Simulation::consume(const Batch& batch) {
  now_ = std::max(now_, batch.received);
  Outcome outcome = engine_->consume(batch, ++offset_);
  for (Signal& signal : outcome.signals)
    if (signal.state != Signal::State::repeated) transitions_.push_back({now_, std::move(signal)});
}

std::vector<Episode> episodes_of(const std::vector<Transition>& transitions) {
  std::vector<Episode> out;
  std::map<std::string, std::size_t> open;  // event, resource, fingerprint: index
  for (const auto& [_, signal] : transitions) {
    const std::string key = signal.event + '\n' + signal.resource + '\n' + signal.extras.fingerprint;
    const auto found = open.find(key);
    if (signal.state == Signal::State::resolved) {
      if (found == open.end()) continue;
      out[found->second].end = signal.at;
      open.erase(found);
      continue;
    }
    if (found == open.end()) {
      open.emplace(key, out.size());
      out.push_back(
          {signal.event, signal.resource, signal.host, signal.severity, signal.tier, signal.at, {}});
      continue;
    }
    Episode& episode = out[found->second];
    if (is_worse(signal.severity, episode.worst)) episode.worst = signal.severity;
    episode.tier = std::min(episode.tier, signal.tier);
  }
  return out;
}

}  // namespace sentinella::rules
