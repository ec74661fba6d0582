#include "rules/event_watch.h"

#include <algorithm>

#include "base/text.h"
#include "model/trait_types.h"
#include "rules/state_codec.h"

namespace sentinella::rules {
namespace {

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

std::string text_of(const Event& event) {
  return event.summary.empty() ? event.type : event.summary;
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
  instances_.erase_if([&](const InstanceKey& key, QuietInstance& instance) {
    if (find_rule(key.first) != nullptr) return false;
    if (instance.firing) say_resolved(key, instance, nullptr, out.now(), "rule deleted", out);
    return true;
  });
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

void EventWatch::match(const Rule& rule, const Event& event, Emitter& out) {
  const EventRule& what = what_of(rule);
  const InstanceKey key(rule.id, key_of(what, event));
  const auto names = [&](std::string_view name) { return std::ranges::find(what.by, name) != what.by.end(); };
  QuietInstance* const instance =
      instances_.find_or_make(key, names("host") ? event.host : "", names("service") ? event.service : "");
  if (instance == nullptr) return;
  if (instance->resource.find_first_not_of('/') == std::string::npos) instance->resource = event.type;
  instance->last = out.now();
  const Time at = std::min(event.time, out.now());
  instance->times.insert(std::ranges::upper_bound(instance->times, at), at);
  if (instance->times.size() > what.count) instance->times.erase(instance->times.begin());

  const bool repeats = instance->firing;
  instance->evidence.push_back(evidence_of(event));
  if (instance->evidence.size() > kMaxEventEvidence) instance->evidence.erase(instance->evidence.begin());
  const bool enough =
      instance->times.size() >= what.count && instance->times.back() - instance->times.front() <= what.window;
  if (!repeats && !enough)
    return instances_.forget_at(key, *instance, out.now() + what.window + kForgetEvents);
  if (!repeats) {
    instance->firing = true;
    instance->event = rule.event;
  }
  instances_.quiet_at(key, *instance, out.now() + what.quiet);
  Signal& signal =
      signal_of(*instance, rule, repeats ? Signal::State::repeated : Signal::State::firing, at, out);
  signal.value = std::to_string(what.count);
  signal.text = text_of(event);
  signal.evidence = std::exchange(instance->evidence, {});
}

/// What resolves is the instance with the same values of `by`.
void EventWatch::clear(const Rule& rule, const Event& event, Emitter& out) {
  const InstanceKey key(rule.id, key_of(what_of(rule), event));
  QuietInstance* const instance = instances_.find(key);
  if (instance == nullptr) return;
  if (instance->firing)
    say_resolved(key, *instance, &rule, std::min(event.time, out.now()), text_of(event), out);
  instances_.erase(key);
}

void EventWatch::advance(Emitter& out) {
  for (const auto& [at, key] : instances_.take_quiet(out.now())) {
    const Rule* const rule = find_rule(key.first);
    say_resolved(key, *instances_.find(key), rule, at,
                 rule != nullptr ? fmt::format("no such event for {}", to_text(what_of(*rule).quiet))
                                 : "no such event any more",
                 out);
    instances_.erase(key);
  }
  instances_.forget_due(out.now());
}

void EventWatch::forget(const std::string& host, Emitter& out) {
  instances_.erase_if([&](const InstanceKey& key, QuietInstance& instance) {
    if (instance.host.empty() || instance.host != host) return false;
    if (instance.firing)
      say_resolved(key, instance, find_rule(key.first), out.now(), "host taken out of service", out);
    return true;
  });
}

void EventWatch::say_again(const std::string& rule_id, const std::string& host, Emitter& out) {
  const Rule* const rule = find_rule(rule_id);
  if (rule == nullptr) return;
  instances_.for_firing(rule_id, host, [&](const QuietInstance& instance) {
    signal_of(instance, *rule, Signal::State::firing, instance.last, out);
  });
}

void EventWatch::take_dirty(AccountId account, std::vector<catalog::RuleState>& out) {
  for (const InstanceKey& key : instances_.take_dirty()) {
    std::string bytes;
    if (const QuietInstance* const instance = instances_.find(key)) {
      ByteWriter writer(bytes);
      writer.fixed(kEventState);
      writer.varint(instance->firing);
      for (const std::string* text :
           {&instance->event, &instance->host, &instance->service, &instance->resource})
        writer.text(*text);
      write_times(writer, instance->times);
      write_evidence(writer, instance->evidence);
      write_time(writer, instance->last);
      write_time(writer, instance->deadline);
    }
    out.push_back({account, key.first, "E" + key.second, bytes.empty() ? "" : to_base64(bytes)});
  }
}

void EventWatch::restore(const std::string& rule_id, const std::string& instance_key,
                         std::string_view state) {
  const auto bytes = from_base64(state);
  if (!bytes) return;
  ByteReader in(*bytes);
  if (in.fixed<std::uint8_t>() != kEventState) return;
  QuietInstance instance;
  instance.firing = in.varint() != 0;
  for (std::string* text : {&instance.event, &instance.host, &instance.service, &instance.resource})
    *text = in.text();
  instance.times = read_times(in);
  instance.evidence = read_evidence(in);
  instance.last = read_time(in);
  instance.deadline = read_time(in);
  if (in.ok()) instances_.restore({rule_id, instance_key}, std::move(instance));
}

}  // namespace sentinella::rules
