#include "rules/event_watch.h"

#include <algorithm>

#include "base/text.h"
#include "model/trait_types.h"
#include "rules/state_codec.h"

namespace sentinella::rules {
namespace {

constexpr std::size_t kMaxEventInstances = 5000;  ///< of one rule
constexpr std::size_t kMaxEventEvidence = 20;
constexpr std::size_t kMaxEventText = 1 << 10;
constexpr Duration kForgetEvents = std::chrono::hours(1);
constexpr std::uint8_t kEventState = 1;

const EventRule& what_of(const Rule& rule) {
  return std::get<EventRule>(rule.what);
}

bool fits(const EventRule::Match& match, const Event& event) {
  bool type = false;
  for (const std::string& glob : match.types) {
    const bool excludes = glob.starts_with('!');
    if (!glob_match(std::string_view(glob).substr(excludes ? 1 : 0), event.type)) continue;
    if (excludes) return false;
    type = true;
  }
  return type && glob_match(match.host, event.host) && glob_match(match.service, event.service) &&
         std::ranges::all_of(match.traits, [&](const auto& one) { return events::fits(one, event); });
}

std::string_view value_of(const std::string& name, const Event& event) {
  if (name == "host") return event.host;
  if (name == "service") return event.service;
  if (name == "type") return event.type;
  return trait(event, name);
}

std::string key_of(const EventRule& what, const Event& event) {
  // A leading part, so that an empty first value still has its separator.
  std::string key = "i";
  for (const std::string& name : what.by) append_key_part(key, value_of(name, event));
  return key;
}

EvidenceLine evidence_of(const Event& event) {
  EvidenceLine line;
  line.time = event.time;
  line.host = event.host;
  line.service = event.service;
  line.text = (event.type + ": " + event.summary).substr(0, kMaxEventText);
  line.request_id = trait(event, "request_id");
  return line;
}

}  // namespace

const Rule* EventWatch::find_rule(const std::string& id) const {
  const auto found = std::ranges::find(rules_, id, &Rule::id);
  return found == rules_.end() ? nullptr : *found;
}

void EventWatch::set_rules(const std::vector<const Rule*>& rules, Emitter& out) {
  rules_ = rules;
  std::vector<Key> gone;
  for (auto& [key, instance] : instances_) {
    if (find_rule(key.first) != nullptr) continue;
    if (instance.firing) resolve(key, instance, out.now(), "rule deleted", out);
    gone.push_back(key);
  }
  for (const Key& key : gone) erase(key);
}

void EventWatch::consume(const std::vector<Event>& events, Emitter& out) {
  for (const Event& event : events) {
    for (const Rule* rule : rules_) {
      const EventRule& what = what_of(*rule);
      if (what.clear && fits(*what.clear, event)) clear(*rule, event, out);
      if (fits(what.match, event)) match(*rule, event, out);
    }
  }
}

EventWatch::Instance* EventWatch::instance_of(const Key& key, const Rule& rule, const Event& event) {
  const auto found = instances_.find(key);
  if (found != instances_.end()) return &found->second;
  std::size_t& count = per_rule_[key.first];
  if (count >= kMaxEventInstances) return nullptr;
  ++count;
  Instance& made = instances_[key];
  const auto& by = what_of(rule).by;
  if (std::ranges::find(by, "host") != by.end()) made.host = event.host;
  if (std::ranges::find(by, "service") != by.end()) made.service = event.service;
  made.resource = key.second.substr(2);
  std::ranges::replace(made.resource, kKeySeparator, '/');
  if (made.resource.find_first_not_of('/') == std::string::npos) made.resource = event.type;
  return &made;
}

void EventWatch::match(const Rule& rule, const Event& event, Emitter& out) {
  const EventRule& what = what_of(rule);
  const Key key(rule.id, key_of(what, event));
  Instance* const instance = instance_of(key, rule, event);
  if (instance == nullptr) return;
  dirty_.insert(key);
  instance->last = out.now();
  const Time at = std::min(event.time, out.now());
  instance->times.insert(std::ranges::upper_bound(instance->times, at), at);
  if (instance->times.size() > what.count) instance->times.erase(instance->times.begin());

  const bool repeats = instance->firing;
  instance->evidence.push_back(evidence_of(event));
  if (instance->evidence.size() > kMaxEventEvidence) instance->evidence.erase(instance->evidence.begin());
  const bool enough =
      instance->times.size() >= what.count && instance->times.back() - instance->times.front() <= what.window;
  if (!repeats && !enough) {
    instance->deadline = out.now() + what.window + kForgetEvents;
    return expiry_.set(key, instance->deadline);
  }
  if (!repeats) {
    instance->firing = true;
    instance->event = rule.event;
    expiry_.cancel(key);
  }
  instance->deadline = out.now() + what.quiet;
  quiet_.set(key, instance->deadline);
  Signal& signal = say(rule, *instance, repeats ? Signal::State::repeated : Signal::State::firing, at, out);
  signal.value = std::to_string(what.count);
  signal.text = event.summary.empty() ? event.type : event.summary;
  signal.evidence = std::exchange(instance->evidence, {});
}

Signal& EventWatch::say(const Rule& rule, const Instance& instance, Signal::State state, Time at,
                        Emitter& out) const {
  Signal& signal = out.signal(rule, state, at);
  signal.event = instance.event;
  signal.host = instance.host;
  signal.service = instance.service;
  signal.resource = instance.resource;
  return signal;
}

/// What resolves is the instance with the same values of `by`.
void EventWatch::clear(const Rule& rule, const Event& event, Emitter& out) {
  const Key key(rule.id, key_of(what_of(rule), event));
  const auto found = instances_.find(key);
  if (found == instances_.end()) return;
  if (found->second.firing)
    resolve(key, found->second, std::min(event.time, out.now()),
            event.summary.empty() ? event.type : event.summary, out);
  erase(key);
}

void EventWatch::resolve(const Key& key, Instance& instance, Time at, std::string text, Emitter& out) {
  const Rule* const rule = find_rule(key.first);
  Rule unknown;
  unknown.id = key.first;
  Signal& signal = say(rule != nullptr ? *rule : unknown, instance, Signal::State::resolved, at, out);
  signal.severity = AlertSeverity::normal;
  signal.value = "quiet";
  signal.text = std::move(text);
  instance.firing = false;
}

void EventWatch::erase(const Key& key) {
  quiet_.cancel(key);
  expiry_.cancel(key);
  instances_.erase(key);
  dirty_.insert(key);
  const auto count = per_rule_.find(key.first);
  if (count != per_rule_.end() && --count->second == 0) per_rule_.erase(count);
}

void EventWatch::advance(Emitter& out) {
  for (const auto& [at, key] : quiet_.take_due(out.now())) {
    const Rule* const rule = find_rule(key.first);
    resolve(key, instances_.at(key), at,
            rule != nullptr ? fmt::format("no such event for {}", to_text(what_of(*rule).quiet))
                            : "no such event any more",
            out);
    erase(key);
  }
  for (const auto& [at, key] : expiry_.take_due(out.now())) erase(key);
}

void EventWatch::shift(Time from, Time to) {
  for (auto& [key, instance] : instances_) {
    if (!instance.firing) continue;
    instance.deadline = after_outage(instance.deadline, from, to);
    quiet_.set(key, instance.deadline);
    dirty_.insert(key);
  }
}

void EventWatch::forget(const std::string& host, Emitter& out) {
  std::vector<Key> gone;
  for (auto& [key, instance] : instances_) {
    if (instance.host.empty() || instance.host != host) continue;
    if (instance.firing) resolve(key, instance, out.now(), "host taken out of service", out);
    gone.push_back(key);
  }
  for (const Key& key : gone) erase(key);
}

bool EventWatch::fires_on(const std::string& rule_id, const std::string& host) const {
  for (auto it = instances_.lower_bound({rule_id, ""}); it != instances_.end() && it->first.first == rule_id;
       ++it)
    if (it->second.firing && (host.empty() || it->second.host.empty() || it->second.host == host))
      return true;
  return false;
}

void EventWatch::say_again(const std::string& rule_id, const std::string& host, Emitter& out) {
  const Rule* const rule = find_rule(rule_id);
  if (rule == nullptr) return;
  for (auto it = instances_.lower_bound({rule_id, ""}); it != instances_.end() && it->first.first == rule_id;
       ++it)
    if (it->second.firing && (host.empty() || it->second.host == host))
      say(*rule, it->second, Signal::State::firing, it->second.last, out);
}

std::vector<RuleInstance> EventWatch::instances(const std::string& rule_id) const {
  std::vector<RuleInstance> out;
  auto it = rule_id.empty() ? instances_.begin() : instances_.lower_bound({rule_id, ""});
  for (; it != instances_.end() && (rule_id.empty() || it->first.first == rule_id); ++it) {
    const Instance& instance = it->second;
    RuleInstance& one = out.emplace_back();
    one.rule_id = it->first.first;
    one.host = instance.host;
    one.service = instance.service;
    one.resource = instance.resource;
    one.state = instance.firing ? RuleInstance::State::firing : RuleInstance::State::pending;
    one.value = std::to_string(instance.times.size());
    one.since = instance.times.empty() ? instance.last : instance.times.front();
    one.last_heard = instance.last;
  }
  return out;
}

void EventWatch::take_dirty(AccountId account, std::vector<catalog::RuleState>& out) {
  for (const Key& key : dirty_) {
    std::string bytes;
    if (const auto found = instances_.find(key); found != instances_.end()) {
      const Instance& instance = found->second;
      ByteWriter writer(bytes);
      writer.fixed(kEventState);
      writer.varint(instance.firing);
      for (const std::string* text : {&instance.event, &instance.host, &instance.service, &instance.resource})
        writer.text(*text);
      write_times(writer, instance.times);
      write_evidence(writer, instance.evidence);
      write_time(writer, instance.last);
      write_time(writer, instance.deadline);
    }
    out.push_back({account, key.first, "E" + key.second, bytes.empty() ? "" : to_base64(bytes)});
  }
  dirty_.clear();
}

void EventWatch::restore(const std::string& rule_id, const std::string& instance_key,
                         std::string_view state) {
  const auto bytes = from_base64(state);
  if (!bytes) return;
  ByteReader in(*bytes);
  if (in.fixed<std::uint8_t>() != kEventState) return;
  Instance instance;
  instance.firing = in.varint() != 0;
  for (std::string* text : {&instance.event, &instance.host, &instance.service, &instance.resource})
    *text = in.text();
  instance.times = read_times(in);
  instance.evidence = read_evidence(in);
  instance.last = read_time(in);
  instance.deadline = read_time(in);
  if (!in.ok()) return;
  const Key key(rule_id, instance_key);
  (instance.firing ? quiet_ : expiry_).set(key, instance.deadline);
  ++per_rule_[rule_id];
  instances_.insert_or_assign(key, std::move(instance));
}

}  // namespace sentinella::rules
