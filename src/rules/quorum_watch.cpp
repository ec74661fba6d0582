#include "rules/quorum_watch.h"

#include <algorithm>
#include <cmath>

#include "rules/state_codec.h"

namespace sentinella::rules {
namespace {

constexpr std::string_view kHostInfo = "host_info";
constexpr std::size_t kMaxHosts = 100'000;
constexpr std::size_t kNamed = 10;

/// How many of `size` must be up.
std::size_t needed(const Quorum& quorum, std::size_t size) {
  if (!quorum.is_share) return static_cast<std::size_t>(quorum.need);
  return static_cast<std::size_t>(std::ceil(quorum.need * static_cast<double>(size) - 1e-9));
}

}  // namespace

void QuorumWatch::set_rules(const std::vector<const Rule*>& rules, Emitter& out) {
  rules_.clear();
  for (const Rule* rule : rules)
    if (rule->quorum) rules_.push_back(rule);
  std::vector<Key> gone;
  for (const auto& [key, open] : open_)
    if (std::ranges::none_of(rules_, [&](const Rule* rule) { return rule->id == key.first; }))
      gone.push_back(key);
  for (const Key& key : gone) {
    Rule unknown;
    unknown.id = key.first;
    resolve(key, unknown, "rule deleted", out);
  }
}

void QuorumWatch::learn_hosts(const SampleBlock& samples, const LabelsOf& labels, AccountId account) {
  for (const SeriesId id : samples.ids) {
    std::uint8_t& known = known_[id];
    if (known != 0) continue;
    const auto named = labels(account, id);
    known = named && named->get(kMetricName) == kHostInfo ? 2 : 1;
    if (known != 2) continue;
    const std::string host(named->get("host"));
    if (host.empty() || (hosts_.size() >= kMaxHosts && !hosts_.contains(host))) continue;
    hosts_[host] = *named;
    dirty_.insert({"", host});
  }
}

std::string QuorumWatch::group_of(const Rule& rule, const Member& member) const {
  if (rule.quorum->group_by.empty()) return member.service.empty() ? rule.event : member.service;
  std::string name;
  const auto facts = hosts_.find(member.host);
  for (const std::string& label : rule.quorum->group_by) {
    std::string value = label == "service"      ? member.service
                        : label == "host"       ? member.host
                        : facts == hosts_.end() ? ""
                                                : std::string(facts->second.get(label));
    if (value.empty()) value = "hosts without " + label;
    append_key_part(name, value);
  }
  std::ranges::replace(name, kKeySeparator, '/');
  return name;
}

void QuorumWatch::judge(const Rule& rule, const std::vector<Member>& members, Emitter& out) {
  std::map<std::string, Group> groups;
  for (const Member& member : members) {
    Group& group = groups[group_of(rule, member)];
    ++group.size;
    if (member.down) group.down.push_back(member.host.empty() ? member.service : member.host);
  }
  // A group whose last member was taken out is over, too.
  for (auto it = open_.lower_bound({rule.id, ""}); it != open_.end() && it->first.first == rule.id; ++it)
    groups.try_emplace(it->first.second);
  for (const auto& [name, group] : groups) judge_group(rule, name, group, out);
}

void QuorumWatch::judge_group(const Rule& rule, const std::string& name, const Group& group, Emitter& out) {
  const Key key(rule.id, name);
  const auto open = open_.find(key);
  if (group.down.empty()) {
    if (open != open_.end()) resolve(key, rule, fmt::format("all {} of {} are up", group.size, name), out);
    return;
  }
  const std::size_t up = group.size - group.down.size(), need = needed(*rule.quorum, group.size);
  const AlertSeverity severity = up > need    ? AlertSeverity::informational
                                 : up == need ? AlertSeverity::major
                                              : AlertSeverity::critical;
  if (open != open_.end() && open->second.severity == severity) return;
  open_[key] = {rule.event, severity};
  dirty_.insert(key);
  Signal& signal = out.signal(rule, Signal::State::firing, out.now());
  signal.severity = severity;
  signal.tier = severity == AlertSeverity::critical ? rule.tier
                : severity == AlertSeverity::major  ? std::max(rule.tier, Tier::ticket)
                                                    : Tier::info;
  signal.resource = name;
  signal.value = fmt::format("{} of {}", up, group.size);
  const std::size_t named = std::min(group.down.size(), kNamed);
  signal.text = fmt::format(
      "{}: {} of {} are up, {} needed; down: {}{}", name, up, group.size, need,
      fmt::join(group.down.begin(), group.down.begin() + static_cast<std::ptrdiff_t>(named), ", "),
      group.down.size() > named ? " ..." : "");
}

void QuorumWatch::resolve(const Key& key, const Rule& rule, std::string text, Emitter& out) {
  Signal& signal = out.signal(rule, Signal::State::resolved, out.now());
  signal.event = open_.at(key).event;
  signal.severity = AlertSeverity::normal;
  signal.resource = key.second;
  signal.value = "up";
  signal.text = std::move(text);
  open_.erase(key);
  dirty_.insert(key);
}

bool QuorumWatch::fires(const std::string& rule_id) const {
  const auto open = open_.lower_bound({rule_id, ""});
  return open != open_.end() && open->first.first == rule_id;
}

void QuorumWatch::take_dirty(AccountId account, std::vector<catalog::RuleState>& out) {
  for (const Key& key : dirty_) {
    std::string bytes;
    ByteWriter writer(bytes);
    if (const auto host = hosts_.find(key.second); key.first.empty() && host != hosts_.end()) {
      writer.text(host->second.canonical());
    } else if (const auto open = open_.find(key); open != open_.end()) {
      writer.text(open->second.event);
      writer.varint(static_cast<std::uint64_t>(open->second.severity));
    }
    out.push_back({account, key.first, "Q" + key.second, bytes.empty() ? "" : to_base64(bytes)});
  }
  dirty_.clear();
}

void QuorumWatch::restore(const std::string& rule_id, const std::string& instance, std::string_view state) {
  const auto bytes = from_base64(state);
  if (!bytes) return;
  ByteReader in(*bytes);
  const std::string text(in.text());
  if (rule_id.empty()) {
    if (auto labels = Labels::from_canonical(text); in.ok() && labels) hosts_[instance] = *std::move(labels);
    return;
  }
  const auto severity = in.varint();
  if (in.ok() && severity <= static_cast<std::uint64_t>(AlertSeverity::normal))
    open_[{rule_id, instance}] = {text, static_cast<AlertSeverity>(severity)};
}

}  // namespace sentinella::rules
