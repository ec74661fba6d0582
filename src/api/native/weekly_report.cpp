#include "api/native/weekly_report.h"

#include <algorithm>
#include <set>

#include "api/native/catalog_access.h"
#include "api/native/findings.h"
#include "api/native/handlers.h"
#include "api/native/rule_lookup.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/ids.h"
#include "base/log.h"
#include "catalog/accounts.h"
#include "catalog/alerting.h"
#include "catalog/policy.h"
#include "notify/addressing.h"
#include "notify/policy.h"
#include "rules/husbandry.h"

namespace sentinella::api::native {
namespace {

constexpr std::string_view kReportLog = "api.report";
constexpr Duration kWeek = std::chrono::hours(24 * 7);
/// The policy item that remembers for which week and by which schedule the last report was.
constexpr std::string_view kReportKind = "report";
constexpr std::string_view kReportId = "weekly";

void write_score(JsonWriter& json, const rules::RuleRecord& record) {
  const rules::AttentionScore score = rules::attention_score(record);
  json.field("attention_score", score.score).key("deductions").array();
  for (const auto& [reason, by] : score.deductions)
    json.object().field("reason", reason).field("by", by).end();
  json.end();
}

void write_record(JsonWriter& json, const std::string& id, const rules::RuleRecord& record) {
  json.object()
      .field("rule_id", id)
      .field("episodes", static_cast<std::uint64_t>(record.episodes))
      .field("acted", static_cast<std::uint64_t>(record.acted))
      .field("pages", static_cast<std::uint64_t>(record.pages))
      .field("night_pages", static_cast<std::uint64_t>(record.night_pages))
      .field("messages", static_cast<std::uint64_t>(record.notifications))
      .field("cost_minutes", rules::cost_minutes(record));
  write_score(json, record);
  json.end();
}

Result<rules::WeeklyReport> report_of(const Context& server, AccountId account, const std::string& team,
                                      Time now) {
  SENT_TRY_ASSIGN(const auto all, enabled_rules(server, account));
  SENT_TRY_ASSIGN(const auto records, rule_records(server, account, now - kWeek));
  return rules::weekly_report(all, records, team, {now - kWeek, now});
}

/// One message: the report of a team that has channels of its own, or of all the others together.
struct Letter {
  std::string team;  ///< "" = all the others
  rules::WeeklyReport report;
  std::optional<std::set<std::string>> channels;  ///< ids; nullopt = all that take tickets
};

/// The channels that are no team's: those of the others, unless there is none.
std::optional<std::set<std::string>> common_channels(const std::vector<catalog::Channel>& channels,
                                                     const notify::Policy& policy) {
  std::set<std::string> ids;
  for (const catalog::Channel& channel : channels) ids.insert(channel.id);
  for (const notify::Team& team : policy.teams)
    for (const std::string& id : team.channels) ids.erase(id);
  return ids.empty() ? std::nullopt : std::optional(std::move(ids));
}

std::vector<Letter> letters_of(const rules::WeeklyReport& report, const notify::Policy& policy,
                               const std::vector<catalog::Channel>& channels) {
  std::vector<Letter> out;
  Letter rest{"", {report.range, {}}, common_channels(channels, policy)};
  for (const rules::TeamReport& one : report.teams) {
    const auto team = std::ranges::find(policy.teams, one.team, &notify::Team::name);
    if (team == policy.teams.end() || team->channels.empty()) {
      rest.report.teams.push_back(one);
    } else {
      out.push_back({one.team,
                     {report.range, {one}},
                     std::set<std::string>(team->channels.begin(), team->channels.end())});
    }
  }
  if (!rest.report.teams.empty()) out.push_back(std::move(rest));
  return out;
}

Alert alert_of(const Letter& letter, AccountId account, Time now) {
  Alert alert;
  alert.id = fmt::format("report-{}", to_text(random_uuid()));
  alert.account = account;
  alert.environment = "Sentinella";
  alert.resource = letter.team.empty() ? "every team" : "team/" + letter.team;
  alert.event = "WeeklyReport";
  alert.severity = AlertSeverity::informational;
  alert.tier = Tier::ticket;
  alert.text = rules::to_text(letter.report);
  alert.create_time = alert.receive_time = alert.last_receive_time = alert.update_time = now;
  return alert;
}

/// Into the outbox, with the caller's transaction.
Result<void> post(catalog::Transaction& tx, const Context& server, AccountId account,
                  const std::vector<Letter>& letters, Time now) {
  std::vector<notify::Post> posts;
  for (const Letter& letter : letters) {
    notify::Post& out = posts.emplace_back();
    out.notification = {Notification::Transition::opened, to_text(random_uuid()),
                        static_cast<std::uint64_t>(now.ns / 1000), alert_of(letter, account, now)};
    out.channels = letter.channels;
  }
  return server.notifier.post(tx, posts, now);
}

using LastReport = std::optional<catalog::PolicyItem>;

std::string text_of(const notify::Recurrence& schedule) {
  JsonWriter json;
  json.object().key("weekdays").array();
  for (const int day : schedule.weekdays) json.value(static_cast<std::uint64_t>(day));
  json.end().field("start", to_text(schedule.start)).field("utc_offset", to_text(schedule.utc_offset)).end();
  return json.take();
}

/// What is to be remembered when the week of the last report is over, or its schedule another.
LastReport next_report(const LastReport& last, AccountId account, const notify::Recurrence& schedule,
                       Time now) {
  const auto week = schedule.window(now);
  if (!week) return std::nullopt;
  catalog::PolicyItem item;
  item.account = account;
  item.kind = kReportKind;
  item.id = kReportId;
  item.starts = week->from;
  item.body = text_of(schedule);
  item.created = now;
  if (last && last->body == item.body && last->starts >= item.starts) return std::nullopt;
  return item;
}

/// Remembers at first sight of a schedule that the week is over, without a report of it.
Result<bool> is_due(catalog::Transaction& tx, AccountId account, const notify::Recurrence& schedule,
                    Time now) {
  LastReport last;
  auto found = catalog::find_policy(tx, account, std::string(kReportKind), std::string(kReportId));
  if (!found && found.error().code != Errc::kNotFound) return std::unexpected(found.error());
  if (found) last = *std::move(found);
  const LastReport next = next_report(last, account, schedule, now);
  if (!next) return false;
  SENT_TRY(catalog::put_policy(tx, *next));
  return last && last->body == next->body;
}

/// The next schedule begins anew, even when it is the same one.
Result<void> forget_schedule(const Context& server, AccountId account) {
  return server.database.write([&](catalog::Transaction& tx) {
    return catalog::delete_policy(tx, account, std::string(kReportKind), std::string(kReportId));
  });
}

Result<void> send_due_report(const Context& server, AccountId account, Time now) {
  SENT_TRY_ASSIGN(const auto items, read_catalog(server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_policy(tx, account, "");
                  }));
  const notify::Policy policy = notify::read_policy(items);
  const auto found = std::ranges::find(items, kReportKind, &catalog::PolicyItem::kind);
  const LastReport last = found == items.end() ? std::nullopt : LastReport(*found);
  if (!policy.settings.report) return last ? forget_schedule(server, account) : Result<void>();
  // The week's reckoning is long, and nearly always for nothing.
  if (!next_report(last, account, *policy.settings.report, now)) return {};
  SENT_TRY_ASSIGN(const rules::WeeklyReport report, report_of(server, account, "", now));
  return server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const bool due, is_due(tx, account, *policy.settings.report, now));
    if (!due) return {};
    SENT_TRY_ASSIGN(const auto channels, catalog::list_channels(tx, account));
    return post(tx, server, account, letters_of(report, policy, channels), now);
  });
}

}  // namespace

Result<Reply> weekly_report(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"format", "team"}));
  SENT_TRY_ASSIGN(const rules::WeeklyReport report,
                  report_of(call.server, call.caller.account, query.text("team"), call.server.clock.now()));
  if (query.text("format") == "text") {
    Reply reply{200, {}, rules::to_text(report), {}};
    reply.headers.set("Content-Type", "text/plain; charset=utf-8");
    return reply;
  }
  JsonWriter json;
  json.object()
      .field("from", report.range.from)
      .field("to", report.range.until)
      .field("text", rules::to_text(report))
      .key("teams")
      .array();
  for (const rules::TeamReport& team : report.teams) {
    json.object()
        .field("team", team.team)
        .field("episodes", static_cast<std::uint64_t>(team.episodes))
        .field("pages", static_cast<std::uint64_t>(team.pages))
        .field("night_pages", static_cast<std::uint64_t>(team.night_pages))
        .field("pages_per_day", team.pages_per_day)
        .field("acted_share", team.acted_share)
        .field("median_length", to_text(team.median_length));
    json.key("rules").array();
    for (const auto& [id, record] : team.rules) write_record(json, id, record);
    json.end().end();
  }
  json.end().end();
  return json_reply(json.take());
}

/// Now, to whoever gets it by the week; or of one team.
Result<Reply> send_weekly_report(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"team"}));
  SENT_TRY_ASSIGN(const std::string team, optional_text(body, "team", 200));
  const AccountId account = call.caller.account;
  const Time now = call.server.clock.now();
  SENT_TRY_ASSIGN(const rules::WeeklyReport report, report_of(call.server, account, team, now));
  if (report.teams.empty()) return fail_field(Errc::kNotFound, "team", "no rule has the owner {}", team);
  std::vector<Letter> letters;
  std::vector<catalog::Channel> channels;
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const auto items, catalog::list_policy(tx, account, "team"));
    SENT_TRY_ASSIGN(channels, catalog::list_channels(tx, account));
    letters = letters_of(report, notify::read_policy(items), channels);
    return post(tx, call.server, account, letters, now);
  }));
  call.server.notifier.wake();
  JsonWriter json;
  json.object().key("sent").array();
  for (const Letter& letter : letters) {
    const Alert alert = alert_of(letter, account, now);
    const auto told = notify::receivers(channels, alert, letter.channels);
    json.object().field("team", letter.team).field("text", alert.text).key("channels").array();
    for (const catalog::Channel& channel : channels)
      if (told.contains(channel.id)) json.value(channel.name);
    json.end().end();
  }
  return json_reply(json.end().end().take());
}

void send_due_reports(const Context& server) {
  const auto accounts =
      read_catalog(server.database, [](catalog::Transaction& tx) { return catalog::list_accounts(tx); });
  if (!accounts) return log::error(kReportLog, "cannot read the accounts: {}", describe(accounts.error()));
  for (const Account& account : *accounts)
    if (const auto sent = send_due_report(server, account.id, server.clock.now()); !sent)
      log::error(kReportLog, "the report of account {} waits: {}", account.name, describe(sent.error()));
  server.notifier.wake();
}

}  // namespace sentinella::api::native
