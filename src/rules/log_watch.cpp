#include "rules/log_watch.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "rules/state_codec.h"

namespace sentinella::rules {
namespace {

constexpr std::size_t kMaxInstancesPerRule = 5000;
constexpr std::size_t kMaxRequests = 32;
constexpr std::size_t kMaxEvidence = 20;  ///< the first half and the last half of a longer list
constexpr std::size_t kMaxTextBytes = 4 << 10;
constexpr std::size_t kMaxTracebackBytes = 16 << 10;
constexpr std::size_t kMaxPendingTextBytes = 1 << 10;
constexpr std::size_t kMaxTimes = 5000;
constexpr std::int64_t kPatternMemory = 64 << 20;
constexpr Duration kForget = std::chrono::hours(1);
/// Of a rule with a baseline: what is usual must outlive a quiet week.
constexpr Duration kRemember = std::chrono::hours(24 * 21);
/// 1 had no baseline.
constexpr std::uint8_t kLogState = 2;

std::unique_ptr<re2::RE2> compile_pattern(const std::string& pattern) {
  if (pattern.empty()) return nullptr;
  return std::make_unique<re2::RE2>(pattern, re2::RE2::Quiet);
}

bool found_in(const re2::RE2& pattern, const LogRecord& record) {
  return re2::RE2::PartialMatch(record.message, pattern) ||
         (!record.traceback.empty() && re2::RE2::PartialMatch(record.traceback, pattern));
}

EvidenceLine evidence_of(const LogRecord& record, RecordId id) {
  EvidenceLine line;
  line.id = id;
  line.time = record.time;
  line.host = record.host;
  line.service = record.service;
  line.severity = record.severity;
  const std::string& whole = record.raw.empty() ? record.message : record.raw;
  line.text = whole.substr(0, std::min(whole.find('\n'), kMaxTextBytes));
  line.request_id = record.request_id;
  line.traceback = record.traceback.substr(0, kMaxTracebackBytes);
  return line;
}

void add_evidence(std::vector<EvidenceLine>& list, EvidenceLine line) {
  list.push_back(std::move(line));
  if (list.size() > kMaxEvidence) list.erase(list.begin() + kMaxEvidence / 2);
}

}  // namespace

LogWatch::Watched LogWatch::compile(const Rule& rule) {
  Watched watched;
  watched.rule = &rule;
  watched.what = &std::get<TailableRule>(rule.what);
  watched.pattern = compile_pattern(watched.what->pattern);
  watched.not_pattern = compile_pattern(watched.what->not_pattern);
  watched.clear_pattern = compile_pattern(watched.what->clear_pattern);
  for (const std::string_view part : split(watched.what->key, ',')) {
    watched.by_host |= part == "host";
    watched.by_service |= part == "service";
    watched.by_component |= part == "component";
    watched.by_template |= part == "template";
  }
  return watched;
}

LogWatch::Watched* LogWatch::find_watched(const std::string& rule_id) {
  const auto found = std::ranges::find(rules_, rule_id, [](const Watched& w) { return w.rule->id; });
  return found == rules_.end() ? nullptr : &*found;
}

void LogWatch::compile_patterns() {
  rule_of_.clear();
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(kPatternMemory);
  patterns_ = std::make_unique<re2::RE2::Set>(options, re2::RE2::UNANCHORED);
  bool all = true;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (!rules_[i].pattern) continue;
    all = all && patterns_->Add(rules_[i].what->pattern, nullptr) >= 0;
    rule_of_.push_back(i);
  }
  if (!all || rule_of_.empty() || !patterns_->Compile()) patterns_.reset();
}

/// One pass over the text for the patterns of all rules: most records have none.
void LogWatch::find_patterns(const LogRecord& record) {
  for (Watched& watched : rules_) watched.hit = false;
  if (rule_of_.empty()) return;
  bool complete = patterns_ != nullptr;
  for (const std::string* text : {&record.message, &record.traceback}) {
    if (!complete || (text->empty() && text == &record.traceback)) continue;
    re2::RE2::Set::ErrorInfo error{};
    found_.clear();
    patterns_->Match(*text, &found_, &error);
    complete = error.kind == re2::RE2::Set::kNoError;
    for (const int place : found_) rules_[rule_of_[static_cast<std::size_t>(place)]].hit = true;
  }
  if (complete) return;
  for (const std::size_t i : rule_of_) rules_[i].hit = found_in(*rules_[i].pattern, record);
}

void LogWatch::set_rules(const std::vector<const Rule*>& rules, Emitter& out) {
  rules_.clear();
  for (const Rule* rule : rules) rules_.push_back(compile(*rule));
  compile_patterns();
  remembers_ = std::ranges::any_of(
      rules_, [](const Watched& watched) { return watched.what->new_template || watched.what->baseline; });
  std::vector<Key> gone;
  for (auto& [key, instance] : instances_) {
    Watched* watched = find_watched(key.first);
    if (watched) {
      watched->firing += instance.firing;
      continue;
    }
    if (instance.firing) resolve(key, instance, out.now(), "rule deleted", out);
    gone.push_back(key);
  }
  for (const Key& key : gone) erase(key);
}

bool LogWatch::matches(const Watched& watched, const LogRecord& record, bool new_template, Time now) const {
  const TailableRule& what = *watched.what;
  if (what.new_template && (!new_template || memory_.observed(record, now) < what.learn)) return false;
  return record.severity >= what.min_severity && record.severity <= what.max_severity &&
         glob_match(what.service, record.service) && glob_match(what.component, record.component) &&
         (!watched.pattern || watched.hit) &&
         (!watched.not_pattern || !found_in(*watched.not_pattern, record));
}

/// So many matches in the window are too many.
std::size_t LogWatch::needed(const Watched& watched, const Instance& instance, Time at) const {
  const TailableRule& what = *watched.what;
  if (!what.baseline) return what.count;
  const double windows = std::chrono::duration<double>(what.window).count() / 3600;
  const double usual = std::ceil(what.baseline->factor * instance.usual.usual(at) * windows);
  return std::clamp(static_cast<std::size_t>(usual), static_cast<std::size_t>(what.count), kMaxTimes);
}

std::string LogWatch::instance_key(const Watched& watched, const LogRecord& record) const {
  // A leading part, so that an empty first value still has its separator.
  std::string key = "i";
  if (watched.by_host) append_key_part(key, record.host);
  if (watched.by_service) append_key_part(key, record.service);
  if (watched.by_component) append_key_part(key, record.component);
  if (watched.by_template) append_key_part(key, fmt::format("{:016x}", record.template_id));
  return key;
}

void LogWatch::consume(const std::vector<LogRecord>& logs,
                       const std::function<bool(const std::string&)>& silent, Emitter& out) {
  std::map<Key, Fresh> fresh;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const LogRecord& record = logs[i];
    const bool new_template = remembers_ && memory_.learn(record, out.now());
    if ((record.flags & LogRecord::kHistory) != 0) continue;
    find_patterns(record);
    for (Watched& watched : rules_) {
      if (watched.clear_pattern && watched.firing > 0 && glob_match(watched.what->service, record.service) &&
          found_in(*watched.clear_pattern, record))
        clear(watched, record, out);
      if (matches(watched, record, new_template, out.now()))
        match(watched, record, evidence_of(record, {out.offset(), static_cast<std::uint32_t>(i)}), fresh,
              out);
    }
  }
  for (auto& [key, said] : fresh) {
    const auto found = instances_.find(key);
    if (found != instances_.end()) emit(key, said, silent(found->second.host), out);
  }
}

void LogWatch::match(Watched& watched, const LogRecord& record, EvidenceLine line,
                     std::map<Key, Fresh>& fresh, Emitter& out) {
  const Key key(watched.rule->id, instance_key(watched, record));
  auto found = instances_.find(key);
  if (found == instances_.end()) {
    std::size_t& count = per_rule_[key.first];
    if (count >= kMaxInstancesPerRule) return;
    ++count;
    found = instances_.emplace(key, Instance{}).first;
    Instance& made = found->second;
    if (watched.by_host) made.host = record.host;
    if (watched.by_service) made.service = record.service;
    std::string resource = key.second.substr(2);
    std::ranges::replace(resource, kKeySeparator, '/');
    made.resource = std::move(resource);
  }
  Instance& instance = found->second;
  touch_match(key, instance, out);
  const bool same_trouble =
      !record.request_id.empty() &&
      std::ranges::find(instance.requests, record.request_id) != instance.requests.end();
  Fresh& said = fresh[key];
  said.at = std::max(said.at, std::min(record.time, out.now()));
  if (!same_trouble) {
    if (!record.request_id.empty()) {
      instance.requests.push_back(record.request_id);
      if (instance.requests.size() > kMaxRequests) instance.requests.erase(instance.requests.begin());
    }
    const Time at = std::min(record.time, out.now());
    instance.times.insert(std::ranges::upper_bound(instance.times, at), at);
    if (watched.what->baseline) instance.usual.add(at);
    while (instance.times.size() > needed(watched, instance, at))
      instance.times.erase(instance.times.begin());
  }
  if (instance.firing) {
    said.count += !same_trouble;
    add_evidence(said.evidence, std::move(line));
    return;
  }
  add_evidence(instance.evidence, std::move(line));
  const auto& baseline = watched.what->baseline;
  const bool enough = instance.times.size() >= needed(watched, instance, instance.times.back()) &&
                      instance.times.back() - instance.times.front() <= watched.what->window &&
                      (!baseline || memory_.observed(record, out.now()) >= baseline->learn);
  if (!enough) return;
  instance.firing = said.fires = true;
  instance.event = watched.rule->event;
  ++watched.firing;
  said.evidence = std::exchange(instance.evidence, {});
}

void LogWatch::touch_match(const Key& key, Instance& instance, const Emitter& out) {
  instance.last_match = out.now();
  dirty_.insert(key);
}

void LogWatch::emit(const Key& key, Fresh& fresh, bool silent, Emitter& out) {
  Watched& watched = *find_watched(key.first);
  Instance& instance = instances_.at(key);
  if (!instance.firing) {
    for (EvidenceLine& line : instance.evidence) {
      line.text.resize(std::min(line.text.size(), kMaxPendingTextBytes));
      line.traceback.resize(std::min(line.traceback.size(), kMaxPendingTextBytes));
    }
    instance.deadline = out.now() + watched.what->window + (watched.what->baseline ? kRemember : kForget);
    return expiry_.set(key, instance.deadline);
  }
  expiry_.cancel(key);
  instance.deadline = out.now() + watched.what->quiet;
  instance.paused = silent;
  instance.left = watched.what->quiet;
  if (silent) {
    quiet_.cancel(key);
  } else {
    quiet_.set(key, instance.deadline);
  }
  const auto say = [&](Signal::State state) -> Signal& {
    Signal& signal = out.signal(*watched.rule, state, fresh.at);
    signal.event = instance.event;
    signal.host = instance.host;
    signal.service = instance.service;
    signal.resource = instance.resource;
    signal.count = fresh.count;
    return signal;
  };
  const std::string newest = fresh.evidence.empty() ? watched.rule->summary : fresh.evidence.back().text;
  const std::string text = newest.substr(0, 300);
  if (fresh.fires) {
    Signal& signal = say(Signal::State::firing);
    signal.count = 1;
    signal.value = std::to_string(watched.what->count);
    signal.text = text;
    signal.evidence = std::exchange(fresh.evidence, {});
    if (fresh.count == 0) return;
  }
  Signal& signal = say(Signal::State::repeated);
  signal.text = text;
  signal.evidence = std::move(fresh.evidence);
}

/// Resolves every instance of the rule on the record's host and service.
void LogWatch::clear(Watched& watched, const LogRecord& record, Emitter& out) {
  // Host and service come first in a key: only their instances are looked at.
  std::string prefix = "i";
  if (watched.by_host) append_key_part(prefix, record.host);
  if (watched.by_service) append_key_part(prefix, record.service);
  for (auto it = instances_.lower_bound({watched.rule->id, prefix}); it != instances_.end() &&
                                                                     it->first.first == watched.rule->id &&
                                                                     it->first.second.starts_with(prefix);) {
    const Key key = it->first;
    Instance& instance = it->second;
    ++it;
    if (!instance.firing || (watched.by_host && instance.host != record.host) ||
        (watched.by_service && instance.service != record.service))
      continue;
    resolve(key, instance, std::min(record.time, out.now()),
            fmt::format("the log says: {}", record.message.substr(0, 200)), out);
    if (watched.what->baseline) {
      rest(key, instance, out);
    } else {
      erase(key);
    }
  }
}

void LogWatch::resolve(const Key& key, Instance& instance, Time at, std::string text, Emitter& out) {
  Watched* watched = find_watched(key.first);
  if (watched) --watched->firing;
  Rule unknown;
  unknown.id = key.first;
  Signal& signal = out.signal(watched ? *watched->rule : unknown, Signal::State::resolved, at);
  signal.event = instance.event;
  signal.severity = AlertSeverity::normal;
  signal.host = instance.host;
  signal.service = instance.service;
  signal.resource = instance.resource;
  signal.value = "quiet";
  signal.text = std::move(text);
  instance.firing = false;
}

/// What is usual stays known.
void LogWatch::rest(const Key& key, Instance& instance, const Emitter& out) {
  quiet_.cancel(key);
  instance.times.clear();
  instance.requests.clear();
  instance.evidence.clear();
  instance.deadline = out.now() + kRemember;
  expiry_.set(key, instance.deadline);
  dirty_.insert(key);
}

void LogWatch::erase(const Key& key) {
  quiet_.cancel(key);
  expiry_.cancel(key);
  instances_.erase(key);
  dirty_.insert(key);
  const auto count = per_rule_.find(key.first);
  if (count != per_rule_.end() && --count->second == 0) per_rule_.erase(count);
}

void LogWatch::pause(const std::string& host, Emitter& out) {
  for (auto& [key, instance] : instances_) {
    if (!instance.firing || instance.paused || instance.host.empty() || instance.host != host) continue;
    instance.paused = true;
    instance.left = std::max(instance.deadline - out.now(), Duration::zero());
    quiet_.cancel(key);
    dirty_.insert(key);
  }
}

void LogWatch::resume(const std::string& host, Emitter& out) {
  for (auto& [key, instance] : instances_) {
    if (!instance.firing || !instance.paused || instance.host != host) continue;
    instance.paused = false;
    // The first words of an agent that was away are not all that its spool holds.
    instance.deadline = out.now() + std::max(instance.left, kReconnect);
    quiet_.set(key, instance.deadline);
    dirty_.insert(key);
  }
}

void LogWatch::advance(Emitter& out) {
  for (const auto& [at, key] : quiet_.take_due(out.now())) {
    const Watched* watched = find_watched(key.first);
    resolve(
        key, instances_.at(key), at,
        watched ? fmt::format("no such line for {}", to_text(watched->what->quiet)) : "no such line any more",
        out);
    if (watched && watched->what->baseline) {
      rest(key, instances_.at(key), out);
    } else {
      erase(key);
    }
  }
  for (const auto& [at, key] : expiry_.take_due(out.now())) erase(key);
}

void LogWatch::shift(Time from, Time to) {
  for (auto& [key, instance] : instances_) {
    if (!instance.firing || instance.paused) continue;
    instance.deadline = after_outage(instance.deadline, from, to);
    quiet_.set(key, instance.deadline);
    dirty_.insert(key);
  }
}

void LogWatch::forget(const std::string& host, Emitter& out) {
  std::vector<Key> gone;
  for (auto& [key, instance] : instances_) {
    if (instance.host.empty() || instance.host != host) continue;
    if (instance.firing) resolve(key, instance, out.now(), "host taken out of service", out);
    gone.push_back(key);
  }
  for (const Key& key : gone) erase(key);
}

bool LogWatch::fires_on(const std::string& rule_id, const std::string& host) const {
  for (auto it = instances_.lower_bound({rule_id, ""}); it != instances_.end() && it->first.first == rule_id;
       ++it)
    if (it->second.firing && (host.empty() || it->second.host.empty() || it->second.host == host))
      return true;
  return false;
}

void LogWatch::say_again(const std::string& rule_id, const std::string& host, Emitter& out) {
  const Watched* watched = find_watched(rule_id);
  if (!watched) return;
  for (auto it = instances_.lower_bound({rule_id, ""}); it != instances_.end() && it->first.first == rule_id;
       ++it) {
    if (!it->second.firing || (!host.empty() && it->second.host != host)) continue;
    Signal& signal = out.signal(*watched->rule, Signal::State::firing, it->second.last_match);
    signal.event = it->second.event;
    signal.host = it->second.host;
    signal.service = it->second.service;
    signal.resource = it->second.resource;
  }
}

std::vector<RuleInstance> LogWatch::instances(const std::string& rule_id) const {
  std::vector<RuleInstance> out;
  auto it = rule_id.empty() ? instances_.begin() : instances_.lower_bound({rule_id, ""});
  for (; it != instances_.end() && (rule_id.empty() || it->first.first == rule_id); ++it) {
    const Instance& instance = it->second;
    RuleInstance& one = out.emplace_back();
    one.rule_id = it->first.first;
    one.host = instance.host;
    one.service = instance.service;
    one.resource = instance.resource;
    one.state = instance.firing          ? RuleInstance::State::firing
                : instance.times.empty() ? RuleInstance::State::ok
                                         : RuleInstance::State::pending;
    one.value = std::to_string(instance.times.size());
    one.since = instance.times.empty() ? instance.last_match : instance.times.front();
    one.last_heard = instance.last_match;
  }
  return out;
}

void LogWatch::take_dirty(AccountId account, std::vector<catalog::RuleState>& out) {
  for (const Key& key : dirty_) {
    std::string bytes;
    const auto found = instances_.find(key);
    if (found != instances_.end()) {
      const Instance& instance = found->second;
      ByteWriter writer(bytes);
      writer.fixed(kLogState);
      writer.varint(instance.firing);
      writer.varint(instance.paused);
      for (const std::string* text : {&instance.event, &instance.host, &instance.service, &instance.resource})
        writer.text(*text);
      write_times(writer, instance.times);
      writer.varint(instance.requests.size());
      for (const std::string& request : instance.requests) writer.text(request);
      write_time(writer, instance.last_match);
      write_time(writer, instance.deadline);
      writer.svarint(instance.left.count());
      write_evidence(writer, instance.evidence);
      instance.usual.write(writer);
    }
    out.push_back({account, key.first, "L" + key.second, bytes.empty() ? "" : to_base64(bytes)});
  }
  dirty_.clear();
  for (const std::string& row : memory_.take_dirty())
    out.push_back({account, "", "L" + row, to_base64(memory_.encode(row))});
}

void LogWatch::restore(const std::string& rule_id, const std::string& instance_key, std::string_view state) {
  const auto bytes = from_base64(state);
  if (!bytes) return;
  if (rule_id.empty()) {
    if (!instance_key.empty()) memory_.restore(instance_key, *bytes);
    return;
  }
  ByteReader in(*bytes);
  const auto version = in.fixed<std::uint8_t>();
  if (version == 0 || version > kLogState) return;
  Instance instance;
  instance.firing = in.varint() != 0;
  instance.paused = in.varint() != 0;
  for (std::string* text : {&instance.event, &instance.host, &instance.service, &instance.resource})
    *text = in.text();
  instance.times = read_times(in);
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) instance.requests.emplace_back(in.text());
  instance.last_match = read_time(in);
  instance.deadline = read_time(in);
  instance.left = Duration(in.svarint());
  instance.evidence = read_evidence(in);
  if (version > 1) instance.usual.read(in);
  if (!in.ok()) return;
  const Key key(rule_id, instance_key);
  if (!instance.firing) {
    expiry_.set(key, instance.deadline);
  } else if (!instance.paused) {
    quiet_.set(key, instance.deadline);
  }
  if (Watched* watched = find_watched(rule_id)) watched->firing += instance.firing;
  ++per_rule_[rule_id];
  instances_.insert_or_assign(key, std::move(instance));
}

}  // namespace sentinella::rules
