#include "rules/lint_setup.h"

#include <algorithm>

namespace sentinella::rules {
namespace {

constexpr Duration kOneDay = std::chrono::hours(24);
constexpr Duration kLongSilence = 7 * kOneDay;
constexpr Duration kTested = 30 * kOneDay;
constexpr Duration kCanaryLate = 26 * std::chrono::hours(1);
constexpr std::size_t kShareOfRules = 10;  ///< a silence hides more than one in ten
constexpr std::string_view kMail = "smtp", kHeartbeat = "heartbeat";

class SetupLint {
 public:
  SetupLint(const std::vector<Rule>& rules, const SetupFacts& facts) : rules_(rules), facts_(facts) {
    for (const ChannelFacts& one : facts.channels)
      (one.kind == kHeartbeat ? heartbeats_ : channels_).push_back(&one);
  }

  std::vector<Finding> run() {
    if (std::ranges::any_of(rules_, [](const Rule& rule) { return rule.tier == Tier::page; })) reachable();
    for (const TrialFacts& trial : facts_.trials)
      if (!trial.approved) waits(trial);
    for (const SilenceFacts& silence : facts_.silences) check(silence);
    noticed();
    return std::move(out_);
  }

 private:
  Finding& add(std::string code, std::string name, LintLevel level, std::string text) {
    Finding& finding = out_.emplace_back();
    finding.code = std::move(code);
    finding.name = std::move(name);
    finding.level = level;
    finding.text = std::move(text);
    return finding;
  }
  static std::string last_delivery(const ChannelFacts& channel) {
    return channel.last_success == Time{} ? "nothing was ever delivered"
                                          : "last delivery on " + to_rfc3339(channel.last_success);
  }

  /// H11, H16.
  void reachable() {
    if (channels_.empty()) {
      add("H16", "not-ready", LintLevel::error, "rules page, and there is no channel to tell anybody");
      return;
    }
    if (std::ranges::all_of(channels_, [](const ChannelFacts* one) { return one->kind == kMail; }))
      add("H11", "mail-only", LintLevel::warning,
          "pages go out by mail only: nobody acknowledges a mail, and filters take it within weeks");
    for (const ChannelFacts* one : channels_)
      if (one->last_success + kTested < facts_.now)
        add("H16", "not-ready", LintLevel::warning,
            fmt::format("channel {} has delivered nothing for 30 days: test it", one->name))
            .evidence = {last_delivery(*one)};
    if (facts_.rotas.empty())
      add("H16", "not-ready", LintLevel::hint, "rules page, and no rota says who is on call");
    for (const RotaFacts& rota : facts_.rotas)
      if (rota.members == 1)
        add("H16", "not-ready", LintLevel::hint,
            fmt::format("rota {} has one member: nobody stands in for them", rota.name));
  }

  /// H14.
  void waits(const TrialFacts& trial) {
    const auto record = facts_.records.find(trial.rule_id);
    Finding& finding =
        add("H14", "not-approved", LintLevel::warning,
            "it is new and pages nobody until somebody on call approves it: read what it has said so far");
    finding.rule_id = trial.rule_id;
    finding.action = "approve";
    finding.evidence = {
        fmt::format("by {}, since {}", trial.by, to_rfc3339(trial.since)),
        fmt::format("{} episodes in 30 days", record == facts_.records.end() ? 0 : record->second.episodes)};
  }

  /// H15.
  void check(const SilenceFacts& silence) {
    const auto say = [&](LintLevel level, std::string_view text) -> Finding& {
      Finding& finding = add("H15", "silence", level, fmt::format("silence {} {}", silence.id, text));
      finding.evidence = {
          fmt::format("{}, by {}, since {}", silence.reason, silence.owner, to_rfc3339(silence.starts))};
      return finding;
    };
    const Duration age = facts_.now - silence.starts;
    if (silence.catch_all) say(LintLevel::warning, "has a matcher that matches anything");
    if (age > kLongSilence && !silence.recurs)
      say(LintLevel::warning, "has been active for more than a week: mend or remove what it hides");
    if (silence.rules.size() * kShareOfRules > rules_.size() && silence.rules.size() > 1) {
      auto& evidence =
          say(LintLevel::warning, fmt::format("hides {} of {} rules", silence.rules.size(), rules_.size()))
              .evidence;
      evidence.insert(evidence.end(), silence.rules.begin(), silence.rules.end());
    }
    if (age > kOneDay && silence.hides == 0 && !silence.recurs) say(LintLevel::hint, "hides nothing now");
  }

  /// H17.
  void noticed() {
    if (heartbeats_.empty())
      add("H17", "dead-man", LintLevel::hint,
          "no channel of kind heartbeat: nobody outside would notice that this server is silent");
    for (const ChannelFacts* one : channels_)
      if (one->last_success + kCanaryLate < facts_.now)
        add("H17", "dead-man", LintLevel::warning,
            fmt::format("channel {} has not taken its daily test message", one->name))
            .evidence = {last_delivery(*one)};
  }

  const std::vector<Rule>& rules_;
  const SetupFacts& facts_;
  std::vector<const ChannelFacts*> channels_, heartbeats_;
  std::vector<Finding> out_;
};

}  // namespace

std::vector<Finding> lint_setup(const std::vector<Rule>& rules, const SetupFacts& facts) {
  return SetupLint(rules, facts).run();
}

}  // namespace sentinella::rules
