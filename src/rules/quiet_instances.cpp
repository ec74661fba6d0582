#include "rules/quiet_instances.h"

namespace sentinella::rules {

Signal& signal_of(const QuietInstance& instance, const Rule& rule, Signal::State state, Time at,
                  Emitter& out) {
  Signal& signal = out.signal(rule, state, at);
  signal.event = instance.event;
  signal.host = instance.host;
  signal.service = instance.service;
  signal.resource = instance.resource;
  return signal;
}

void say_resolved(const InstanceKey& key, QuietInstance& instance, const Rule* rule, Time at,
                  std::string text, Emitter& out) {
  Rule unknown;
  unknown.id = key.first;
  Signal& signal = signal_of(instance, rule != nullptr ? *rule : unknown, Signal::State::resolved, at, out);
  signal.severity = AlertSeverity::normal;
  signal.value = "quiet";
  signal.text = std::move(text);
  instance.firing = false;
}

RuleInstance view_of(const std::string& rule_id, const QuietInstance& instance) {
  RuleInstance view;
  view.rule_id = rule_id;
  view.host = instance.host;
  view.service = instance.service;
  view.resource = instance.resource;
  view.state = instance.firing          ? RuleInstance::State::firing
               : instance.times.empty() ? RuleInstance::State::ok
                                        : RuleInstance::State::pending;
  view.value = std::to_string(instance.times.size());
  view.since = instance.times.empty() ? instance.last : instance.times.front();
  view.last_heard = instance.last;
  return view;
}

std::string resource_of(const InstanceKey& key) {
  std::string resource = key.second.substr(std::min<std::size_t>(key.second.size(), 2));
  std::ranges::replace(resource, kKeySeparator, '/');
  return resource;
}

}  // namespace sentinella::rules
