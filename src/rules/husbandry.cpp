#include "rules/husbandry.h"

#include <algorithm>

#include <re2/re2.h>

#include "base/text.h"
#include "rules/rule_file.h"

namespace sentinella::rules {
namespace {

constexpr Duration kShort = std::chrono::minutes(2);
constexpr std::size_t kMaxRules = 10;
constexpr std::size_t kNotes = 5;

bool is_opening(const std::string& type) {
  return type == "new" || type == "open";
}
/// What people say that they did.
bool is_note(const catalog::RuleHistoryEntry& entry) {
  const bool says = entry.type == "note" || entry.type == "close" || entry.type == "ack";
  return says && !entry.user.empty() && !entry.text.empty();
}
bool is_end(const std::string& type) {
  return type == "close" || type == "expired";
}

/// From 22 to 7 o'clock, UTC.
bool at_night(Time t) {
  const auto hour = t.ns / 3'600'000'000'000 % 24;
  return hour >= 22 || hour < 7;
}

bool looks_like_a_test(const catalog::RuleHistoryEntry& entry) {
  static const re2::RE2 pattern("(?i)(^|[-_.])(test|dev|lab|tmp|stag(e|ing))([-_.0-9]|$)");
  return re2::RE2::PartialMatch(entry.host, pattern) || re2::RE2::PartialMatch(entry.environment, pattern);
}

/// "... is 0.91, threshold > 0.9 ...": what the alert's text says.
bool barely_over(const std::string& text) {
  static const re2::RE2 pattern("is (-?[0-9.e+-]+), threshold [<>=!]+ (-?[0-9.e+-]+[0-9])");
  double value = 0, limit = 0;
  if (!re2::RE2::PartialMatch(text, pattern, &value, &limit) || limit == 0) return false;
  return std::abs(value - limit) < 0.02 * std::abs(limit);
}

void begin_episode(RuleRecord& record, const catalog::RuleHistoryEntry& entry) {
  ++record.episodes;
  record.spans.emplace_back(entry.time, Time{});
  record.last_fired = std::max(record.last_fired, entry.time);
  if (entry.tier == Tier::page) ++record.pages, record.night_pages += at_night(entry.time);
  record.non_production += looks_like_a_test(entry);
  record.barely_over += barely_over(entry.text);
  if (!entry.host.empty()) record.hosts.insert(entry.host);
}

Duration median_length(std::vector<std::pair<Time, Time>> spans, Time now) {
  if (spans.empty()) return {};
  std::vector<Duration> lengths;
  for (const auto& [from, until] : spans) lengths.push_back((until == Time{} ? now : until) - from);
  std::ranges::nth_element(lengths, lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2));
  return lengths[lengths.size() / 2];
}

}  // namespace

std::map<std::string, RuleRecord> records_of(const std::vector<catalog::RuleHistoryEntry>& history,
                                             const std::map<std::string, std::size_t>& messages, Time now) {
  std::map<std::string, RuleRecord> out;
  std::map<std::string, std::multimap<Time, std::string>> notes;
  std::string alert;
  bool open = false, acted = false, reassigned = false;
  std::string owner;  // the last one that the episode had
  for (const catalog::RuleHistoryEntry& entry : history) {
    RuleRecord& record = out[entry.rule_id];
    if (entry.alert_id != alert) open = acted = false;
    alert = entry.alert_id;
    if (is_opening(entry.type) && !open) {
      begin_episode(record, entry);
      open = true;
      acted = reassigned = false;
      owner.clear();
    }
    if (!entry.user.empty() && open && !acted) {
      ++record.acted;
      acted = true;
    }
    if (open && !reassigned && !owner.empty() && !entry.owner.empty() && entry.owner != owner) {
      ++record.reassigned;
      reassigned = true;
    }
    if (!entry.owner.empty()) owner = entry.owner;
    if (is_note(entry)) notes[entry.rule_id].emplace(entry.time, entry.text);
    if (!is_end(entry.type) || !open) continue;
    open = false;
    record.spans.back().second = entry.time;
    const Duration length = entry.time - record.spans.back().first;
    record.short_ones += length < kShort;
    (acted ? record.acted_lengths : record.left_lengths).push_back(length);
  }
  for (auto& [id, texts] : notes) {
    const std::size_t skipped = texts.size() - std::min(texts.size(), kNotes);
    for (auto it = std::next(texts.begin(), static_cast<std::ptrdiff_t>(skipped)); it != texts.end(); ++it)
      out[id].notes.push_back(it->second);
  }
  for (auto& [id, record] : out) {
    std::ranges::sort(record.spans);
    record.median_length = median_length(record.spans, now);
    if (const auto sent = messages.find(id); sent != messages.end()) record.notifications = sent->second;
  }
  return out;
}

WeeklyReport weekly_report(const std::vector<Rule>& rules, const std::map<std::string, RuleRecord>& records,
                           const std::string& team, TimeRange range) {
  std::map<std::string, TeamReport> teams;
  std::map<std::string, std::vector<std::pair<Time, Time>>> spans;
  std::map<std::string, std::size_t> acted;
  for (const Rule& rule : rules) {
    if (!team.empty() && rule.owner != team) continue;
    TeamReport& one = teams[rule.owner];
    one.team = rule.owner;
    const auto record = records.find(rule.id);
    if (record == records.end() || record->second.episodes == 0) continue;
    one.episodes += record->second.episodes;
    one.pages += record->second.pages;
    one.night_pages += record->second.night_pages;
    acted[rule.owner] += record->second.acted;
    auto& all = spans[rule.owner];
    all.insert(all.end(), record->second.spans.begin(), record->second.spans.end());
    one.rules.emplace_back(rule.id, record->second);
  }
  WeeklyReport report{range, {}};
  const double days = std::max(std::chrono::duration<double>(range.until - range.from).count() / 86400, 1e-9);
  for (auto& [name, one] : teams) {
    one.pages_per_day = static_cast<double>(one.pages) / days;
    one.acted_share =
        one.episodes == 0 ? 0 : static_cast<double>(acted[name]) / static_cast<double>(one.episodes);
    one.median_length = median_length(spans[name], range.until);
    std::ranges::stable_sort(one.rules, [](const auto& a, const auto& b) {
      const double x = cost_minutes(a.second), y = cost_minutes(b.second);
      return x != y ? x > y : a.second.episodes > b.second.episodes;
    });
    if (one.rules.size() > kMaxRules) one.rules.resize(kMaxRules);
    report.teams.push_back(std::move(one));
  }
  return report;
}

std::string to_text(const WeeklyReport& report) {
  std::string out =
      fmt::format("Alerts from {} to {}\n", to_rfc3339(report.range.from), to_rfc3339(report.range.until));
  for (const TeamReport& team : report.teams) {
    out += fmt::format(
        "\n{}: {} episodes, {} pages ({} at night, {:.1f} a day; more than 2 a shift are too many), "
        "{:.0f} % acted upon, half of them shorter than {}\n",
        team.team.empty() ? "nobody's" : team.team, team.episodes, team.pages, team.night_pages,
        team.pages_per_day, 100 * team.acted_share,
        sentinella::to_text(std::chrono::duration_cast<std::chrono::seconds>(team.median_length)));
    for (const auto& [id, record] : team.rules)
      out += fmt::format("  {:<40} {:>4} episodes {:>3} pages {:>5.0f} min  attention {:.2f}\n", id,
                         record.episodes, record.pages, cost_minutes(record), attention_score(record).score);
  }
  return out;
}

namespace {

/// Sets a key at the top of the item; one that is there is replaced.
std::string set_key(const std::string& yaml, const std::string& key, const std::string& value) {
  std::string text = yaml;
  const std::string line = fmt::format("{}: {}", key, value);
  if (re2::RE2::Replace(&text, fmt::format("(?m)^{}:[^\\n]*", re2::RE2::QuoteMeta(key)), line)) return text;
  if (!text.ends_with('\n')) text.push_back('\n');
  return text + line + "\n";
}

/// Every level's `clear` becomes a share of its `set`, where it has none of its own.
std::string set_clear(const std::string& yaml, const std::string& share) {
  std::string text = yaml;
  re2::RE2::GlobalReplace(&text, R"re((\{\s*set:\s*("[^"]*"|'[^']*'))(\s*[,}]))re",
                          fmt::format(R"(\1, clear: "{}"\3)", share));
  return text;
}

}  // namespace

Result<std::string> apply_action(const std::string& yaml, std::string_view action, Time now) {
  const std::size_t colon = action.find(':');
  const std::string verb(action.substr(0, colon));
  const std::string value(colon == std::string_view::npos ? "" : action.substr(colon + 1));
  std::string text;
  if (verb == "tier") {
    text = set_key(yaml, "tier", value);
  } else if (verb == "for") {
    text = set_key(yaml, "for", value);
  } else if (verb == "clear") {
    text = set_clear(yaml, value);
  } else if (verb == "review") {
    SENT_TRY_ASSIGN(const Duration span, parse_duration(value));
    text = set_key(yaml, "review_by", to_rfc3339(now + span).substr(0, 10));
  } else if (verb == "depends_on") {
    text = set_key(yaml, "depends_on", "[" + value + "]");
  } else {
    return fail_field(
        Errc::kInvalid, "action",
        "\"{}\" is none of disable, enable, restore:, tier:, for:, clear:, review:, depends_on:", action);
  }
  if (text == yaml)
    return fail_field(Errc::kInvalid, "action", "the rule's text has no place for {}", action);
  const auto read = parse_rule_item(text);
  if (!read)
    return fail_field(Errc::kInvalid, "action", "the rule would not be one any more: {}",
                      describe(read.error()));
  return text;
}

}  // namespace sentinella::rules
