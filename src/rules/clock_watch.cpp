#include "rules/clock_watch.h"

#include <algorithm>

#include "rules/state_codec.h"

namespace sentinella::rules {
namespace {

Duration magnitude(Duration span) {
  return std::max(span, -span);
}

/// "3600.2 s ahead of"
std::string distance_text(Duration ahead) {
  return fmt::format("{:.1f} s {}", std::chrono::duration<double>(magnitude(ahead)).count(),
                     ahead > Duration{} ? "ahead of" : "behind");
}

}  // namespace

void ClockWatch::set_rules(const std::vector<const Rule*>& rules, Emitter& out) {
  const auto first = std::ranges::min_element(rules, {}, [](const Rule* rule) { return rule->id; });
  rule_ = first == rules.end() ? nullptr : *first;
  for (auto& [host, state] : hosts_)
    if (!state.rule_id.empty() && (rule_ == nullptr || rule_->id != state.rule_id))
      resolve(host, state, "rule deleted", out);
}

void ClockWatch::report(const StateReport& report, Emitter& out) {
  if (rule_ == nullptr || report.kind != StateReport::Kind::heartbeat || report.host.empty()) return;
  const Duration ahead = report.at - out.now();
  const Duration limit = std::get<BinaryRule>(rule_->what).clock_limit;
  const auto [found, fresh] = hosts_.try_emplace(report.host, Host{out.now(), ahead, {}, {}});
  Host& state = found->second;
  if (fresh || magnitude(ahead - state.ahead) > kWobble) {
    state.since = out.now();
    state.ahead = ahead;
    dirty_.insert(report.host);
  }
  if (magnitude(ahead) <= limit / 2) {
    if (!state.rule_id.empty())
      resolve(report.host, state, fmt::format("the clock of {} is right again", report.host), out);
  } else if (magnitude(ahead) > limit && state.rule_id.empty() && out.now() - state.since >= kProof) {
    tell(report.host, state, out);
  }
}

bool ClockWatch::all_agree_with(const Host& state) const {
  return hosts_.size() > 1 && std::ranges::all_of(hosts_, [&](const auto& other) {
           return magnitude(other.second.ahead - state.ahead) <= 2 * kWobble;
         });
}

void ClockWatch::tell(const std::string& host, Host& state, Emitter& out) {
  state.rule_id = rule_->id;
  state.event = rule_->event;
  dirty_.insert(host);
  Signal& signal = out.signal(*rule_, Signal::State::firing, state.since);
  signal.resource = signal.host = host;
  signal.value = fmt::format("{:.1f} s", std::chrono::duration<double>(state.ahead).count());
  signal.text = fmt::format("the clock of {} is {} this server's", host, distance_text(state.ahead));
  if (all_agree_with(state))
    signal.text += fmt::format("; so are those of all {} hosts: this server's own clock is wrong, rather",
                               hosts_.size());
}

void ClockWatch::resolve(const std::string& host, Host& state, const std::string& text, Emitter& out) {
  Rule gone;
  gone.id = state.rule_id;
  const bool governs = rule_ != nullptr && rule_->id == state.rule_id;
  Signal& signal = out.signal(governs ? *rule_ : gone, Signal::State::resolved, out.now());
  signal.event = state.event;
  signal.severity = AlertSeverity::normal;
  signal.resource = signal.host = host;
  signal.value = "right";
  signal.text = text;
  state.rule_id.clear();
  state.event.clear();
  dirty_.insert(host);
}

void ClockWatch::forget(const std::string& host, Emitter& out) {
  const auto found = hosts_.find(host);
  if (found == hosts_.end()) return;
  if (!found->second.rule_id.empty()) resolve(host, found->second, "host taken out of service", out);
  hosts_.erase(found);
  dirty_.insert(host);
}

bool ClockWatch::fires_on(const std::string& rule_id, const std::string& host) const {
  return std::ranges::any_of(hosts_, [&](const auto& one) {
    return one.second.rule_id == rule_id && (host.empty() || one.first == host);
  });
}

void ClockWatch::take_dirty(AccountId account, std::vector<catalog::RuleState>& out) {
  for (const std::string& host : dirty_) {
    std::string instance, bytes;
    append_key_part(instance, host);
    if (const auto found = hosts_.find(host); found != hosts_.end()) {
      ByteWriter writer(bytes);
      writer.fixed(kStateVersion);
      write_time(writer, found->second.since);
      writer.svarint(found->second.ahead.count());
      writer.text(found->second.rule_id);
      writer.text(found->second.event);
    }
    out.push_back({account, "", "K" + instance, bytes.empty() ? "" : to_base64(bytes)});
  }
  dirty_.clear();
}

void ClockWatch::restore(std::string_view host, std::string_view state) {
  const auto bytes = from_base64(state);
  if (!bytes) return;
  ByteReader in(*bytes);
  if (in.fixed<std::uint8_t>() != kStateVersion) return;
  Host read;
  read.since = read_time(in);
  read.ahead = Duration(in.svarint());
  read.rule_id = in.text();
  read.event = in.text();
  if (in.ok()) hosts_.insert_or_assign(std::string(host), std::move(read));
}

}  // namespace sentinella::rules
