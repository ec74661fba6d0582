#include "api/native/findings.h"

#include <algorithm>
#include <set>

#include "api/native/catalog_access.h"
#include "api/native/rule_lookup.h"
#include "base/ids.h"
#include "base/log.h"
#include "catalog/alerting.h"
#include "catalog/policy.h"
#include "catalog/rule_history.h"
#include "notify/policy.h"
#include "rules/husbandry.h"
#include "rules/lint_setup.h"
#include "rules/threshold_drift.h"

namespace sentinella::api::native {
namespace {

constexpr std::string_view kLog = "api.husbandry";
constexpr Duration kSpan = std::chrono::hours(24 * 30);
constexpr Duration kHour = std::chrono::hours(1);
constexpr Duration kNightBegins = 2 * kHour, kNightEnds = 6 * kHour;  ///< UTC
constexpr query::Limits kDriftLimits{.max_samples = 5'000'000, .max_series = 20'000};
constexpr std::size_t kNamed = 5;

bool is_catch_all(const catalog::PolicyItem& item) {
  const auto body = parse_json_object(item.body);
  const auto* matchers = body ? body->if_contains("matchers") : nullptr;
  if (matchers == nullptr || !matchers->is_array()) return false;
  return std::ranges::any_of(matchers->get_array(), [](const boost::json::value& one) {
    if (!one.is_object()) return false;
    const auto value = optional_string(one.get_object(), "value");
    const auto regex = optional_bool(one.get_object(), "isRegex");
    return regex && regex->value_or(false) && value && (*value == ".*" || *value == ".+");
  });
}

/// A silence hides a rule when it hides its alerts whatever they are about.
std::vector<std::string> hidden_rules(const notify::Mute& mute, const std::vector<rules::Rule>& all) {
  std::vector<std::string> out;
  for (const rules::Rule& rule : all) {
    Alert alert;
    alert.event = rule.event;
    alert.rule_id = rule.id;
    alert.severity = rule.severity;
    alert.tier = rule.tier;
    if (mute.matchers.match(alert)) out.push_back(rule.id);
  }
  return out;
}

void add_silence(const Context& server, const catalog::PolicyItem& item, const std::vector<rules::Rule>& all,
                 rules::SetupFacts& facts) {
  const auto mute = notify::read_mute(item);
  if (!mute || !mute->window(facts.now)) return;
  rules::SilenceFacts& out = facts.silences.emplace_back();
  out.id = item.id;
  out.reason = mute->reason;
  out.owner = mute->owner;
  out.starts = mute->starts;
  out.ends = mute->ends;
  out.recurs = mute->recurrence.has_value();
  out.catch_all = is_catch_all(item);
  out.rules = hidden_rules(*mute, all);
  for (const Alert& alert : server.alerts.live(item.account)) out.hides += mute->matchers.match(alert);
}

Result<rules::SetupFacts> setup_facts(const Context& server, AccountId account,
                                      const std::vector<rules::Rule>& all) {
  rules::SetupFacts facts;
  facts.now = server.clock.now();
  std::vector<catalog::PolicyItem> items;
  SENT_TRY(server.database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const auto channels, catalog::list_channels(tx, account));
    for (const catalog::Channel& one : channels) {
      if (!one.enabled) continue;
      SENT_TRY_ASSIGN(const Time last, catalog::last_success(tx, account, one.id));
      facts.channels.push_back({one.name, one.kind, last});
    }
    SENT_TRY_ASSIGN(items, catalog::list_policy(tx, account, ""));
    return {};
  }));
  for (const catalog::PolicyItem& item : items)
    if (item.kind == "silence") add_silence(server, item, all, facts);
  const notify::Policy policy = notify::read_policy(items);
  for (const notify::Rota& rota : policy.rotas) facts.rotas.push_back({rota.name, rota.members.size()});
  for (const notify::Trial& trial : policy.trials)
    facts.trials.push_back({trial.rule_id, trial.by, trial.starts, !trial.approved_by.empty()});
  return facts;
}

/// The last night's, as it is stored.
catalog::PolicyItem nightly_item(AccountId account) {
  catalog::PolicyItem item;
  item.account = account;
  item.kind = "lints";
  item.id = "nightly";
  item.created_by = "server";
  return item;
}

/// What a finding is about; how much it is changes every day.
std::string subject(std::string_view code, std::string_view rule_id) {
  return fmt::format("{} {}", code, rule_id);
}

std::set<std::string> subjects_of(const std::string& body) {
  std::set<std::string> out;
  const auto object = parse_json_object(body);
  const auto* items = object ? object->if_contains("items") : nullptr;
  if (items == nullptr || !items->is_array()) return out;
  for (const boost::json::value& one : items->get_array()) {
    if (!one.is_object()) continue;
    const auto code = required_string(one.get_object(), "code");
    const auto rule = required_string(one.get_object(), "rule_id");
    if (code && rule) out.insert(subject(*code, *rule));
  }
  return out;
}

/// By day people work on rules; and once is enough.
bool is_due(Time last, Time now) {
  const Duration of_day = now.ns % (24 * kHour).count() * Duration(1);
  return of_day >= kNightBegins && of_day < kNightEnds && now - last > 12 * kHour;
}

void tell_news(const Context& server, AccountId account, const std::vector<std::string>& fresh,
               std::size_t all) {
  Event event;
  event.id = to_text(random_uuid());
  event.type = "husbandry.findings";
  event.time = server.clock.now();
  event.origin = "server";
  const std::vector<std::string> named(
      fresh.begin(), fresh.begin() + static_cast<std::ptrdiff_t>(std::min(kNamed, fresh.size())));
  event.summary = fmt::format("{} findings about rules, {} of them new: {}{}", all, fresh.size(),
                              fmt::join(named, ", "), fresh.size() > kNamed ? " ..." : "");
  Batch batch;
  batch.account = account;
  batch.received = event.time;
  batch.events.push_back(std::move(event));
  server.intake.submit(std::move(batch), ingest::Until::durable, [](const Result<bus::Offset>& kept) {
    if (!kept) log::warning(kLog, "what is new among the lints was not told: {}", describe(kept.error()));
  });
}

Result<void> lint_account(const Context& server, AccountId account) {
  const Time now = server.clock.now();
  catalog::PolicyItem item = nightly_item(account);
  auto before = read_catalog(server.database, [&](catalog::Transaction& tx) {
    return catalog::find_policy(tx, account, item.kind, item.id);
  });
  if (!before && before.error().code != Errc::kNotFound) return std::unexpected(before.error());
  if (!is_due(before ? before->starts : Time{}, now)) return {};
  SENT_TRY_ASSIGN(const auto findings, all_findings(server, account));
  const auto known = subjects_of(before ? before->body : "{}");
  std::set<std::string> fresh;
  JsonWriter json;
  json.object().key("items").array();
  for (const rules::Finding& one : findings) {
    write_finding(json, one);
    const std::string about = subject(one.code, one.rule_id);
    if (one.level != rules::LintLevel::hint && !known.contains(about)) fresh.insert(about);
  }
  json.end().key("fresh").array();
  for (const std::string& about : fresh) json.value(about);
  item.body = json.end().end().take();
  item.starts = item.created = now;
  SENT_TRY(server.database.write([&](catalog::Transaction& tx) { return catalog::put_policy(tx, item); }));
  if (before && !fresh.empty()) tell_news(server, account, {fresh.begin(), fresh.end()}, findings.size());
  return {};
}

}  // namespace

Result<std::map<std::string, rules::RuleRecord>> rule_records(const Context& server, AccountId account,
                                                              Time since) {
  std::vector<catalog::RuleHistoryEntry> history;
  std::map<std::string, std::size_t> messages;
  std::vector<catalog::StoredRule> stored;
  SENT_TRY(server.database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(history, catalog::rule_history(tx, account, since));
    SENT_TRY_ASSIGN(messages, catalog::messages_by_rule(tx, account, since));
    SENT_TRY_ASSIGN(stored, catalog::list_rules(tx, account));
    return {};
  }));
  auto records = rules::records_of(history, messages, server.clock.now());
  for (const catalog::StoredRule& one : stored) records[one.id].edited = one.updated;
  return records;
}

Result<std::vector<rules::Finding>> all_findings(const Context& server, AccountId account) {
  const Time now = server.clock.now();
  SENT_TRY_ASSIGN(const auto all, enabled_rules(server, account));
  SENT_TRY_ASSIGN(rules::LintFacts facts, lint_facts(server, account));
  SENT_TRY_ASSIGN(const auto records, rule_records(server, account, now - kSpan));
  facts.drifts = rules::threshold_drifts({.store = server.series, .account = account, .clock = server.clock},
                                         all, records, now, kDriftLimits);
  auto findings = rules::lint(all, facts);
  std::ranges::move(rules::lint_records(all, records, kSpan, now), std::back_inserter(findings));
  SENT_TRY_ASSIGN(rules::SetupFacts setup, setup_facts(server, account, all));
  setup.records = records;
  std::ranges::move(rules::lint_setup(all, setup), std::back_inserter(findings));
  std::ranges::stable_sort(findings, [](const rules::Finding& a, const rules::Finding& b) {
    return a.level != b.level ? a.level > b.level : a.pages_saved_per_week > b.pages_saved_per_week;
  });
  return findings;
}

void lint_nightly(const Context& server) {
  const auto accounts = read_catalog(server.database, catalog::list_accounts);
  if (!accounts) return log::error(kLog, "cannot read the accounts: {}", describe(accounts.error()));
  for (const Account& account : *accounts)
    if (const auto done = lint_account(server, account.id); !done)
      log::error(kLog, "the nightly lints of {} failed: {}", account.name, describe(done.error()));
}

}  // namespace sentinella::api::native
