// Silences, maintenance, inhibition, rotas, escalation chains, teams and the account's alerting settings.
#include <algorithm>
#include <set>

#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/ids.h"
#include "catalog/alerting.h"
#include "catalog/policy.h"
#include "notify/policy.h"

namespace sentinella::api::native {
namespace {

std::string_view word(PolicyKind kind) {
  switch (kind) {
    case PolicyKind::silence:
      return "silence";
    case PolicyKind::maintenance:
      return "maintenance";
    case PolicyKind::inhibition:
      return "inhibition";
    case PolicyKind::rota:
      return "rota";
    case PolicyKind::escalation:
      return "escalation";
    case PolicyKind::team:
      return "team";
  }
  return "silence";
}

bool has_end(PolicyKind kind) {
  return kind == PolicyKind::silence || kind == PolicyKind::maintenance;
}

/// Maintenance and blackout are one list: they differ in whether the time counts against the uptime.
bool belongs(PolicyKind kind, std::string_view stored) {
  return stored == word(kind) || (kind == PolicyKind::maintenance && stored == "blackout");
}

std::string_view state_of(const catalog::PolicyItem& item, Time now) {
  if (now < item.starts) return "pending";
  return item.ends == Time{} || now < item.ends ? "active" : "expired";
}

void write_item(JsonWriter& json, const catalog::PolicyItem& item, Time now) {
  json.object().field("id", item.id).field("kind", item.kind).field("state", state_of(item, now));
  json.field("starts", item.starts).key("ends");
  if (item.ends == Time{}) {
    json.null();
  } else {
    json.value(item.ends);
  }
  json.field("created", item.created).field("created_by", item.created_by);
  if (const auto body = parse_json_object(item.body))
    for (const auto& field : *body) json.key(field.key()).raw(boost::json::serialize(field.value()));
  json.end();
}

Result<std::optional<Time>> read_time(boost::json::object& body, std::string_view field, Time now) {
  SENT_TRY_ASSIGN(const auto text, optional_string(body, field));
  body.erase(field);
  if (!text) return std::optional<Time>();
  SENT_TRY_ASSIGN(const Time time, parse_when(*text, now, field));
  return std::optional(time);
}

/// Takes starts, ends and duration out of the body; the rest is the kind's own.
Result<void> read_span(boost::json::object& body, PolicyKind kind, Time now, catalog::PolicyItem& item) {
  SENT_TRY_ASSIGN(const auto starts, read_time(body, "starts", now));
  SENT_TRY_ASSIGN(const auto ends, read_time(body, "ends", now));
  SENT_TRY_ASSIGN(const auto duration, optional_string(body, "duration"));
  body.erase("duration");
  item.starts = starts.value_or(item.starts == Time{} ? now : item.starts);
  if (!has_end(kind)) return {};
  if (ends) item.ends = *ends;
  if (duration) {
    auto span = parse_duration(*duration);
    if (!span) return fail_field(Errc::kInvalid, "duration", "{}", span.error().message);
    item.ends = item.starts + std::min<Duration>(*span, notify::kLongestRecurringMute + 1s);
  }
  if (item.ends == Time{})
    return fail_field(Errc::kInvalid, "ends", "is missing: ends or duration is required");
  return {};
}

/// What a chain, a rota or a team names must be there: it is looked for again only when somebody is to be
/// woken.
Result<void> check_names(const RequestContext& call, const catalog::PolicyItem& item) {
  std::set<std::string> channels, rotas;
  SENT_TRY(call.server.database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const auto all, catalog::list_channels(tx, call.caller.account));
    for (const catalog::Channel& channel : all) channels.insert(channel.id);
    SENT_TRY_ASSIGN(const auto items, catalog::list_policy(tx, call.caller.account, "rota"));
    for (const catalog::PolicyItem& rota : items) rotas.insert(rota.id);
    return {};
  }));
  const auto check = [](const std::set<std::string>& known, const std::string& id, std::string_view field,
                        std::string_view what) -> Result<void> {
    if (id.empty() || known.contains(id)) return {};
    return fail_field(Errc::kInvalid, field, "there is no {} {}", what, id);
  };
  const notify::Policy policy = notify::read_policy({item});
  for (const notify::Escalation& chain : policy.escalations)
    for (const notify::Escalation::Step& step : chain.steps) {
      SENT_TRY(check(rotas, step.rota, "steps.rota", "rota"));
      for (const std::string& id : step.channels) SENT_TRY(check(channels, id, "steps.channels", "channel"));
    }
  for (const notify::Rota& rota : policy.rotas)
    for (const notify::Rota::Member& member : rota.members)
      SENT_TRY(check(channels, member.channel, "members.channel", "channel"));
  for (const notify::Team& team : policy.teams) {
    SENT_TRY(check(rotas, team.rota, "rota", "rota"));
    for (const std::string& id : team.channels) SENT_TRY(check(channels, id, "channels", "channel"));
  }
  return {};
}

Result<void> read_policy_item(RequestContext& call, PolicyKind kind, catalog::PolicyItem& item) {
  SENT_TRY_ASSIGN(auto body,
                  json_body(call.request, {"kind", "starts", "ends", "duration", "matchers", "reason",
                                           "recurrence", "comment", "source", "target", "equal", "name",
                                           "members", "shift", "overrides", "steps", "channels", "rota"}));
  if (kind == PolicyKind::maintenance) {
    SENT_TRY_ASSIGN(const auto named, optional_string(body, "kind"));
    item.kind = named.value_or("maintenance");
    if (!belongs(kind, item.kind))
      return fail_field(Errc::kInvalid, "kind", "maintenance or blackout expected");
  }
  body.erase("kind");
  SENT_TRY(read_span(body, kind, call.server.clock.now(), item));
  item.body = boost::json::serialize(body);
  item.reminded = false;
  SENT_TRY(notify::check_policy(item));
  return check_names(call, item);
}

Result<catalog::PolicyItem> load(RequestContext& call, PolicyKind kind) {
  return read_catalog(call.server.database, [&](catalog::Transaction& tx) -> Result<catalog::PolicyItem> {
    auto found =
        catalog::find_policy(tx, call.caller.account, std::string(word(kind)), call.path_value("id"));
    if (found || kind != PolicyKind::maintenance) return found;
    return catalog::find_policy(tx, call.caller.account, "blackout", call.path_value("id"));
  });
}

/// Durable before the answer, and in force.
Result<void> store(RequestContext& call, const catalog::PolicyItem& item) {
  SENT_TRY(
      call.server.database.write([&](catalog::Transaction& tx) { return catalog::put_policy(tx, item); }));
  if (call.server.policy_changed) SENT_TRY(call.server.policy_changed());
  return {};
}

Reply item_reply(const RequestContext& call, const catalog::PolicyItem& item, int status = 200) {
  JsonWriter json;
  write_item(json, item, call.server.clock.now());
  return json_reply(json.take(), status);
}

}  // namespace

Result<Reply> list_policy(RequestContext& call, PolicyKind kind) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"page", "page_size"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  SENT_TRY_ASSIGN(auto items, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_policy(tx, call.caller.account, "");
                  }));
  std::erase_if(items, [&](const auto& item) { return !belongs(kind, item.kind); });
  const Time now = call.server.clock.now();
  return list_reply(items, page,
                    [&](JsonWriter& json, const catalog::PolicyItem& item) { write_item(json, item, now); });
}

Result<Reply> create_policy(RequestContext& call, PolicyKind kind) {
  catalog::PolicyItem item;
  item.account = call.caller.account;
  item.kind = word(kind);
  item.id = to_text(random_uuid());
  item.created = call.server.clock.now();
  item.created_by = call.caller.name;
  SENT_TRY(read_policy_item(call, kind, item));
  SENT_TRY(store(call, item));
  return item_reply(call, item, 201);
}

Result<Reply> get_policy(RequestContext& call, PolicyKind kind) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const auto item, load(call, kind));
  return item_reply(call, item);
}

Result<Reply> put_policy(RequestContext& call, PolicyKind kind) {
  SENT_TRY_ASSIGN(auto item, load(call, kind));
  const std::string before = item.kind;
  item.created_by = call.caller.name;
  SENT_TRY(read_policy_item(call, kind, item));
  if (item.kind != before)
    return fail_field(Errc::kInvalid, "kind", "a {} stays one; remove it and make another", before);
  SENT_TRY(store(call, item));
  return item_reply(call, item);
}

Result<Reply> delete_policy(RequestContext& call, PolicyKind kind) {
  SENT_TRY_ASSIGN(const auto item, load(call, kind));
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) {
    return catalog::delete_policy(tx, item.account, item.kind, item.id);
  }));
  if (call.server.policy_changed) SENT_TRY(call.server.policy_changed());
  return no_content();
}

/// What a silence with these matchers would hide just now.
Result<Reply> preview_silence(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"matchers"}));
  const auto* given = body.if_contains("matchers");
  if (given == nullptr) return fail_field(Errc::kInvalid, "matchers", "is missing");
  SENT_TRY_ASSIGN(const auto matchers, notify::Matchers::from_json(*given, "matchers"));
  const auto live = call.server.alerts.live(call.caller.account);
  std::size_t hit = 0;
  JsonWriter json;
  json.object().key("alerts").array();
  for (const Alert& alert : live) {
    if (!matchers.match(alert)) continue;
    if (++hit <= 100) json.raw(alerts::to_json(alert, false));
  }
  json.end().field("total", static_cast<std::uint64_t>(hit));
  json.field("live", static_cast<std::uint64_t>(live.size()));
  json.field("hides_everything", matchers.empty() || matchers.matches_nothing_in_particular());
  return json_reply(json.end().take());
}

Result<Reply> on_call(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const auto items, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_policy(tx, call.caller.account, "rota");
                  }));
  const Time now = call.server.clock.now();
  JsonWriter json;
  json.object().key("items").array();
  for (const auto& rota : notify::read_policy(items).rotas) {
    const auto* member = rota.on_call(now);
    json.object().field("rota", rota.id).field("name", rota.name);
    json.field("person", member ? member->person : "").field("until", rota.next_handover(now)).end();
  }
  json.end().field("total", static_cast<std::uint64_t>(items.size()));
  return json_reply(json.end().take());
}

namespace {

catalog::PolicyItem settings_item(const RequestContext& call) {
  catalog::PolicyItem item;
  item.account = call.caller.account;
  item.kind = item.id = "settings";
  item.created = call.server.clock.now();
  item.created_by = call.caller.name;
  return item;
}

}  // namespace

Result<Reply> get_alerting_settings(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const auto items, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_policy(tx, call.caller.account, "settings");
                  }));
  return json_reply(notify::to_json(notify::read_policy(items).settings));
}

/// Fields that are absent get their default.
Result<Reply> put_alerting_settings(RequestContext& call) {
  SENT_TRY_ASSIGN(
      const auto body,
      json_body(call.request, {"group_by", "group_wait", "group_interval", "repeat", "storm_messages",
                               "storm_window", "flapping", "fold_symptoms", "symptom_window", "symptom_grace",
                               "trial", "ack_expiry", "shelve_expiry", "no_page", "report"}));
  catalog::PolicyItem item = settings_item(call);
  item.body = boost::json::serialize(body);
  SENT_TRY(notify::check_policy(item));
  SENT_TRY(store(call, item));
  return json_reply(notify::to_json(notify::read_policy({item}).settings));
}

}  // namespace sentinella::api::native
