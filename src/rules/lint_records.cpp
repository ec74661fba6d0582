// Lints by what became of a rule's alerts.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "rules/lint.h"
#include "rules/mann_whitney.h"

namespace sentinella::rules {
namespace {

constexpr double kPageMinutes = 5, kNightMinutes = 30;
constexpr std::size_t kEnough = 10;
constexpr Duration kYear = std::chrono::hours(24 * 365);

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

class RecordLint {
 public:
  RecordLint(const Rule& rule, const RuleRecord& record, Duration span, Time now, std::vector<Finding>& out)
      : rule_(rule),
        record_(record),
        weeks_(std::chrono::duration<double>(span).count() / 604800),
        now_(now),
        out_(out) {}

  void run() {
    const std::size_t episodes = record_.episodes;
    const std::size_t ignored = episodes - std::min(record_.acted, episodes);
    if (record_.edited != Time{} && now_ - std::max(record_.edited, record_.last_fired) > kYear)
      add("H1", "obsolete", "it has neither fired nor been edited for a year", 0, "disable");
    if (episodes >= kEnough && share(ignored, episodes) >= 0.7)
      add("H2", "unactionable",
          fmt::format("{} of {} ended by themselves, and nobody did anything", ignored, episodes),
          pages(ignored), demotion());
    if (episodes >= kEnough && share(record_.reassigned, episodes) >= 0.5)
      add("H2", "unactionable",
          fmt::format("{} of {} were handed from one owner to another: it goes to those who cannot act",
                      record_.reassigned, episodes),
          pages(record_.reassigned), "");
    if (episodes >= 4 && 2 * record_.barely_over >= episodes)
      add("H6", "hair-trigger",
          fmt::format("{} of {} were within 2 % of the threshold", record_.barely_over, episodes),
          pages(record_.barely_over), "for:5m");
    if (episodes >= 4 && 2 * record_.short_ones >= episodes)
      add("H6", "hair-trigger",
          fmt::format("{} of {} were over within two minutes", record_.short_ones, episodes),
          pages(record_.short_ones), "for:5m");
    if (static_cast<double>(episodes) / std::max(weeks_ * 7, 1.0) > 3)
      add("H6", "hair-trigger", fmt::format("{} episodes, more than three a day", episodes),
          pages(episodes) / 2, "for:5m");
    if (episodes > 0 && record_.notifications > 5 * episodes)
      add("H8", "spamming", fmt::format("{} messages about {} episodes", record_.notifications, episodes), 0,
          "");
    const bool lasts = std::ranges::any_of(record_.spans, [&](const auto& one) {
      return one.second == Time{} && now_ - one.first > std::chrono::hours(24 * 7);
    });
    if (lasts) add("H8", "spamming", "an alert has been open for more than a week", 0, "");
    if (record_.non_production >= 5 && record_.acted == 0)
      add("H9", "nobody-cares",
          fmt::format("{} episodes on hosts that look like tests", record_.non_production),
          pages(record_.non_production), demotion());
    no_lever();
    same_fix();
    const AttentionScore score = attention_score(record_);
    if (episodes >= kEnough && score.score < 0.3)
      add("H10", "dont-care",
          fmt::format("attention score {:.2f}: {} of {} were acted upon", score.score, record_.acted,
                      episodes),
          pages(ignored), demotion());
  }

 private:
  /// H3: whether somebody acts makes no difference.
  void no_lever() {
    const std::size_t ended = record_.acted_lengths.size() + record_.left_lengths.size();
    if (ended < 8 || record_.acted_lengths.size() < 3 || record_.left_lengths.size() < 3) return;
    const auto seconds = [](const std::vector<Duration>& lengths) {
      std::vector<double> out;
      for (const Duration one : lengths) out.push_back(std::chrono::duration<double>(one).count());
      return out;
    };
    const double p = mann_whitney_p(seconds(record_.acted_lengths), seconds(record_.left_lengths));
    if (p > 0.2)
      add("H3", "symptom-without-lever",
          fmt::format(
              "it lasts as long when somebody acts as when nobody does ({} and {} episodes, p = {:.2f})",
              record_.acted_lengths.size(), record_.left_lengths.size(), p),
          pages(record_.left_lengths.size()), rule_.tier == Tier::page ? "tier:ticket" : "");
  }

  /// H13: what people write that they did is the same each time.
  void same_fix() {
    std::vector<std::set<std::string>> words;
    for (const std::string& note : record_.notes) words.push_back(words_of(note));
    for (std::size_t i = 0; i < words.size(); ++i) {
      std::vector<std::string> alike;
      for (std::size_t j = 0; j < words.size(); ++j)
        if (alike_enough(words[i], words[j])) alike.push_back(record_.notes[j]);
      if (alike.size() < 3) continue;
      add("H13", "document-actions",
          fmt::format(
              "{} of the last {} notes say the same was done: put it into the playbook, and let a program "
              "do it",
              alike.size(), words.size()),
          0, "");
      out_.back().evidence = std::move(alike);
      return;
    }
  }
  static std::set<std::string> words_of(const std::string& note) {
    std::set<std::string> out;
    std::string word;
    for (const char c : to_lower(note) + " ") {
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<signed char>(c) < 0) {
        word.push_back(c);
      } else if (!word.empty()) {
        out.insert(std::exchange(word, {}));
      }
    }
    return out;
  }
  static bool alike_enough(const std::set<std::string>& a, const std::set<std::string>& b) {
    const auto both = static_cast<std::size_t>(
        std::ranges::count_if(a, [&](const std::string& word) { return b.contains(word); }));
    return !a.empty() && both * 10 >= (a.size() + b.size() - both) * 6;
  }

  double pages(std::size_t episodes) const {
    return rule_.tier == Tier::page && weeks_ > 0 ? static_cast<double>(episodes) / weeks_ : 0;
  }
  std::string demotion() const {
    return rule_.tier == Tier::page ? "tier:ticket" : rule_.tier == Tier::ticket ? "tier:info" : "disable";
  }
  void add(std::string code, std::string name, std::string text, double saved, std::string action) {
    Finding finding{std::move(code), std::move(name),  LintLevel::warning, rule_.id, std::move(text), {},
                    saved,           std::move(action)};
    const std::size_t count = std::min<std::size_t>(record_.spans.size(), 5);
    for (auto it = record_.spans.end() - static_cast<std::ptrdiff_t>(count); it != record_.spans.end(); ++it)
      finding.evidence.push_back(fmt::format("{} to {}", to_rfc3339(it->first),
                                             it->second == Time{} ? "now" : to_rfc3339(it->second)));
    out_.push_back(std::move(finding));
  }

  const Rule& rule_;
  const RuleRecord& record_;
  double weeks_;
  Time now_;
  std::vector<Finding>& out_;
};

Duration overlap(const std::vector<std::pair<Time, Time>>& a, const std::vector<std::pair<Time, Time>>& b,
                 Time now) {
  Duration sum{};
  std::size_t i = 0, j = 0;
  const auto end = [&](const std::pair<Time, Time>& one) { return one.second == Time{} ? now : one.second; };
  while (i < a.size() && j < b.size()) {
    const Time from = std::max(a[i].first, b[j].first), until = std::min(end(a[i]), end(b[j]));
    if (from < until) sum += until - from;
    end(a[i]) < end(b[j]) ? ++i : ++j;
  }
  return sum;
}

Duration total(const std::vector<std::pair<Time, Time>>& spans, Time now) {
  Duration sum{};
  for (const auto& [from, until] : spans) sum += (until == Time{} ? now : until) - from;
  return sum;
}

}  // namespace

AttentionScore attention_score(const RuleRecord& record) {
  AttentionScore out;
  if (record.episodes == 0) return out;
  const auto deduct = [&](std::string reason, double by) {
    if (by < 0.005) return;
    out.deductions.emplace_back(std::move(reason), by);
    out.score -= by;
  };
  deduct("nobody acted", 0.7 * (1 - std::min(share(record.acted, record.episodes), 1.0)));
  deduct("over within two minutes", 0.15 * share(record.short_ones, record.episodes));
  deduct("barely over the threshold", 0.1 * share(record.barely_over, record.episodes));
  deduct("hosts that look like tests", 0.05 * share(record.non_production, record.episodes));
  out.score = std::max(out.score, 0.0);
  return out;
}

double cost_minutes(const RuleRecord& record) {
  const auto day = static_cast<double>(record.pages - std::min(record.night_pages, record.pages));
  return kPageMinutes * day + kNightMinutes * static_cast<double>(record.night_pages);
}

std::vector<Finding> lint_records(const std::vector<Rule>& rules,
                                  const std::map<std::string, RuleRecord>& records, Duration span, Time now) {
  std::vector<Finding> out;
  for (const Rule& rule : rules)
    if (const auto record = records.find(rule.id); record != records.end())
      RecordLint(rule, record->second, span, now, out).run();
  // H18: two that fire together.
  for (auto a = records.begin(); a != records.end(); ++a)
    for (auto b = std::next(a); b != records.end(); ++b) {
      if (a->second.episodes < 5 || b->second.episodes < 5) continue;
      const Duration both = overlap(a->second.spans, b->second.spans, now);
      const Duration either = total(a->second.spans, now) + total(b->second.spans, now) - both;
      if (either <= Duration::zero() || both.count() * 10 < either.count() * 8) continue;
      out.push_back({"H18",
                     "duplicates",
                     LintLevel::warning,
                     b->first,
                     fmt::format("it fires together with {} for {} % of the time", a->first,
                                 100 * both.count() / either.count()),
                     {},
                     0,
                     "depends_on:" + a->first});
    }
  return out;
}

}  // namespace sentinella::rules
