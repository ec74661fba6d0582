#include "rules/log_watch.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "rules/state_codec.h"

namespace sentinella::rules {
namespace {

constexpr std::size_t kMaxRequests = 32;
constexpr std::size_t kMaxEvidence = 20;  ///< the first half and the last half of a longer list
constexpr std::size_t kMaxTextBytes = 4 << 10;
constexpr std::size_t kMaxSaidBytes = 600;  ///< of a line, in the sentence of an alert
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

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

/// What a line says, without what its format puts before it; that is in the evidence.
std::string said_by(const LogRecord& record) {
  const std::string_view message = first_line(record.message.empty() ? record.raw : record.message);
  return record.component.empty() ? std::string(message) : fmt::format("{}: {}", record.component, message);
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
  instances_.erase_if([&](const InstanceKey& key, Instance& instance) {
    Watched* const watched = find_watched(key.first);
    if (watched != nullptr) {
      watched->firing += instance.firing;
      return false;
    }
    if (instance.firing) resolve(key, instance, out.now(), "rule deleted", out);
    return true;
  });
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
  std::map<InstanceKey, Fresh> fresh;
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
  for (auto& [key, said] : fresh)
    if (Instance* const instance = instances_.find(key))
      emit(key, *instance, said, silent(instance->host), out);
}

void LogWatch::match(Watched& watched, const LogRecord& record, EvidenceLine line,
                     std::map<InstanceKey, Fresh>& fresh, Emitter& out) {
  const InstanceKey key(watched.rule->id, instance_key(watched, record));
  Instance* const found = instances_.find_or_make(key, watched.by_host ? record.host : "",
                                                  watched.by_service ? record.service : "");
  if (found == nullptr) return;
  Instance& instance = *found;
  instance.last = out.now();
  instances_.touch(key);
  const bool same_trouble =
      !record.request_id.empty() &&
      std::ranges::find(instance.requests, record.request_id) != instance.requests.end();
  Fresh& said = fresh[key];
  said.at = std::max(said.at, std::min(record.time, out.now()));
  said.text = said_by(record);
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

void LogWatch::emit(const InstanceKey& key, Instance& instance, Fresh& fresh, bool silent, Emitter& out) {
  Watched& watched = *find_watched(key.first);
  if (!instance.firing) {
    for (EvidenceLine& line : instance.evidence) {
      line.text.resize(std::min(line.text.size(), kMaxPendingTextBytes));
      line.traceback.resize(std::min(line.traceback.size(), kMaxPendingTextBytes));
    }
    const Duration memory = watched.what->baseline ? kRemember : kForget;
    return instances_.forget_at(key, instance, out.now() + watched.what->window + memory);
  }
  instance.left = watched.what->quiet;
  instance.paused = false;
  instances_.quiet_at(key, instance, out.now() + watched.what->quiet);
  if (silent) instances_.pause(key, instance);
  const auto say = [&](Signal::State state) -> Signal& {
    Signal& signal = signal_of(instance, *watched.rule, state, fresh.at, out);
    signal.count = fresh.count;
    return signal;
  };
  const std::string text = shortened(fresh.text.empty() ? watched.rule->summary : fresh.text, kMaxSaidBytes);
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
  std::vector<InstanceKey> cleared;
  instances_.for_each_from(watched.rule->id, prefix, [&](const InstanceKey& key, Instance& instance) {
    if (!instance.firing || (watched.by_host && instance.host != record.host) ||
        (watched.by_service && instance.service != record.service))
      return;
    resolve(key, instance, std::min(record.time, out.now()),
            fmt::format("the log says: {}", shortened(record.message, kMaxSaidBytes)), out);
    cleared.push_back(key);
  });
  for (const InstanceKey& key : cleared) rest(key, out);
}

void LogWatch::resolve(const InstanceKey& key, Instance& instance, Time at, std::string text, Emitter& out) {
  Watched* const watched = find_watched(key.first);
  if (watched != nullptr) --watched->firing;
  say_resolved(key, instance, watched != nullptr ? watched->rule : nullptr, at, std::move(text), out);
}

/// It has resolved. What is usual stays known.
void LogWatch::rest(const InstanceKey& key, const Emitter& out) {
  const Watched* const watched = find_watched(key.first);
  if (watched == nullptr || !watched->what->baseline) return instances_.erase(key);
  Instance& instance = *instances_.find(key);
  instance.times.clear();
  instance.requests.clear();
  instance.evidence.clear();
  instances_.forget_at(key, instance, out.now() + kRemember);
}

void LogWatch::pause(const std::string& host, Emitter& out) {
  instances_.for_each("", [&](const InstanceKey& key, Instance& instance) {
    if (!instance.firing || instance.paused || instance.host.empty() || instance.host != host) return;
    instance.left = std::max(instance.deadline - out.now(), Duration::zero());
    instances_.pause(key, instance);
  });
}

void LogWatch::resume(const std::string& host, Emitter& out) {
  instances_.for_each("", [&](const InstanceKey& key, Instance& instance) {
    if (!instance.firing || !instance.paused || instance.host != host) return;
    instance.paused = false;
    // The first words of an agent that was away are not all that its spool holds.
    instances_.quiet_at(key, instance, out.now() + std::max(instance.left, kReconnect));
  });
}

void LogWatch::advance(Emitter& out) {
  for (const auto& [at, key] : instances_.take_quiet(out.now())) {
    const Watched* const watched = find_watched(key.first);
    resolve(key, *instances_.find(key), at,
            watched != nullptr ? fmt::format("no such line for {}", to_text(watched->what->quiet))
                               : "no such line any more",
            out);
    rest(key, out);
  }
  instances_.forget_due(out.now());
}

void LogWatch::forget(const std::string& host, Emitter& out) {
  instances_.erase_if([&](const InstanceKey& key, Instance& instance) {
    if (instance.host.empty() || instance.host != host) return false;
    if (instance.firing) resolve(key, instance, out.now(), "host taken out of service", out);
    return true;
  });
}

void LogWatch::say_again(const std::string& rule_id, const std::string& host, Emitter& out) {
  const Watched* const watched = find_watched(rule_id);
  if (watched == nullptr) return;
  instances_.for_firing(rule_id, host, [&](const Instance& instance) {
    signal_of(instance, *watched->rule, Signal::State::firing, instance.last, out);
  });
}

void LogWatch::take_dirty(AccountId account, std::vector<catalog::RuleState>& out) {
  for (const InstanceKey& key : instances_.take_dirty()) {
    std::string bytes;
    if (const Instance* const found = instances_.find(key)) {
      const Instance& instance = *found;
      ByteWriter writer(bytes);
      writer.fixed(kLogState);
      writer.varint(instance.firing);
      writer.varint(instance.paused);
      for (const std::string* text : {&instance.event, &instance.host, &instance.service, &instance.resource})
        writer.text(*text);
      write_times(writer, instance.times);
      writer.varint(instance.requests.size());
      for (const std::string& request : instance.requests) writer.text(request);
      write_time(writer, instance.last);
      write_time(writer, instance.deadline);
      writer.svarint(instance.left.count());
      write_evidence(writer, instance.evidence);
      instance.usual.write(writer);
    }
    out.push_back({account, key.first, "L" + key.second, bytes.empty() ? "" : to_base64(bytes)});
  }
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
  instance.last = read_time(in);
  instance.deadline = read_time(in);
  instance.left = Duration(in.svarint());
  instance.evidence = read_evidence(in);
  if (version > 1) instance.usual.read(in);
  if (!in.ok()) return;
  if (Watched* const watched = find_watched(rule_id)) watched->firing += instance.firing;
  instances_.restore({rule_id, instance_key}, std::move(instance));
}

}  // namespace sentinella::rules
