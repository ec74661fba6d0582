// Notification channels and what became of each delivery.
#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/native/render.h"
#include "api/native/secrets.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/ids.h"
#include "catalog/alerting.h"
#include "notify/alert_summary.h"
#include "notify/channel.h"
#include "notify/words.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMaxDeliveries = 1000;

Result<const notify::ChannelKind*> find_kind(std::string_view name) {
  std::string known;
  for (const auto& kind : notify::channel_kinds()) {
    if (kind.name == name) return &kind;
    known += (known.empty() ? "" : ", ") + std::string(kind.name);
  }
  return fail_field(Errc::kInvalid, "kind", "is \"{}\"; must be one of {}", name, known);
}

boost::json::object shown_settings(const catalog::Channel& channel) {
  const auto kind = find_kind(channel.kind);
  auto settings = parse_json_object(channel.settings);
  if (!kind || !settings) return {};  // nothing is shown of what cannot be told from a secret
  return mask_secrets(*std::move(settings), (*kind)->secrets);
}

void write_channel(JsonWriter& json, const catalog::Channel& channel) {
  json.object()
      .field("id", channel.id)
      .field("name", channel.name)
      .field("kind", channel.kind)
      .field("min_tier", to_string(channel.min_tier))
      .field("enabled", channel.enabled)
      .key("settings")
      .raw(boost::json::serialize(shown_settings(channel)))
      .end();
}

Reply channel_reply(const catalog::Channel& channel, int status = 200) {
  JsonWriter json;
  write_channel(json, channel);
  return json_reply(json.take(), status);
}

/// Applies a request's fields to `channel`; a new one has no settings yet.
Result<void> read_channel(const net::Request& request, catalog::Channel& channel) {
  SENT_TRY_ASSIGN(const auto body, json_body(request, {"name", "kind", "settings", "min_tier", "enabled"}));
  SENT_TRY_ASSIGN(channel.name, required_text(body, "name", 100));
  SENT_TRY_ASSIGN(const auto kind_name, required_text(body, "kind", 40));
  SENT_TRY_ASSIGN(const auto* kind, find_kind(kind_name));
  const auto* settings = body.if_contains("settings");
  if (settings == nullptr || !settings->is_object())
    return fail_field(Errc::kInvalid, "settings", "must be an object");
  boost::json::object old;
  if (channel.kind == kind_name) {
    SENT_TRY_ASSIGN(old, parse_json_object(channel.settings));
  }
  SENT_TRY_ASSIGN(const auto complete, restore_secrets(settings->get_object(), old, kind->secrets));
  channel.kind = kind_name;
  channel.settings = boost::json::serialize(complete);
  SENT_TRY(notify::make_channel(channel.kind, channel.settings));
  SENT_TRY_ASSIGN(const auto tier, optional_string(body, "min_tier"));
  if (tier) {
    SENT_TRY_ASSIGN(channel.min_tier, parse_word(*tier, "min_tier", parse_tier, kTierWords));
  }
  SENT_TRY_ASSIGN(const auto enabled, optional_bool(body, "enabled"));
  channel.enabled = enabled.value_or(channel.enabled);
  return {};
}

Result<catalog::Channel> load(const RequestContext& call) {
  return read_catalog(call.server.database, [&](catalog::Transaction& tx) {
    return catalog::find_channel(tx, call.caller.account, call.path_value("id"));
  });
}

/// What a page may look like.
Alert example_alert(AccountId account, Time now) {
  Alert alert;
  alert.id = "example";
  alert.account = account;
  alert.environment = "Production";
  alert.host = "compute1";
  alert.service = "nova-compute";
  alert.resource = "compute1/nova-compute";
  alert.event = "ServiceDown";
  alert.severity = AlertSeverity::critical;
  alert.tier = Tier::page;
  alert.value = "down";
  alert.text = "nova-compute on compute1 was killed by signal 9 (SIGKILL)";
  alert.rule_id = "openstack-service-down";
  alert.create_time = alert.receive_time = alert.last_receive_time = alert.update_time = now;
  return alert;
}

Result<void> store(RequestContext& call, const catalog::Channel& channel) {
  SENT_TRY(call.server.database.write(
      [&](catalog::Transaction& tx) { return catalog::put_channel(tx, channel); }));
  call.server.notifier.reload_channels();
  return {};
}

}  // namespace

Result<Reply> list_channels(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"page", "page_size"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  SENT_TRY_ASSIGN(const auto channels, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_channels(tx, call.caller.account);
                  }));
  return list_reply(channels, page, write_channel);
}

Result<Reply> create_channel(RequestContext& call) {
  catalog::Channel channel;
  channel.account = call.caller.account;
  channel.id = to_text(random_uuid());
  SENT_TRY(read_channel(call.request, channel));
  SENT_TRY(store(call, channel));
  return channel_reply(channel, 201);
}

Result<Reply> get_channel(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const auto channel, load(call));
  return channel_reply(channel);
}

Result<Reply> put_channel(RequestContext& call) {
  SENT_TRY_ASSIGN(auto channel, load(call));
  SENT_TRY(read_channel(call.request, channel));
  SENT_TRY(store(call, channel));
  return channel_reply(channel);
}

Result<Reply> delete_channel(RequestContext& call) {
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) {
    return catalog::delete_channel(tx, call.caller.account, call.path_value("id"));
  }));
  call.server.notifier.reload_channels();
  return no_content();
}

Result<Reply> test_channel(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto channel, load(call));
  const auto said = call.server.notifier.test(call.caller.account, channel.id);
  JsonWriter json;
  json.object().field("ok", said.has_value()).field("detail", said ? *said : describe(said.error())).end();
  return json_reply(json.take());
}

/// How the templates of some settings would word a message: about a given alert, or one that is made up.
Result<Reply> preview_channel(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"title", "text", "alert_id", "transition"}));
  SENT_TRY_ASSIGN(const std::string alert_id, optional_text(body, "alert_id", 100));
  SENT_TRY_ASSIGN(const std::string transition, optional_text(body, "transition", 40));
  boost::json::object settings;
  for (const char* name : {"title", "text"})
    if (const auto* given = body.if_contains(name)) settings[name] = *given;
  SENT_TRY_ASSIGN(const notify::Words words, notify::Words::read(settings));
  Alert alert = example_alert(call.caller.account, call.server.clock.now());
  if (!alert_id.empty()) {
    SENT_TRY_ASSIGN(alert, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                      return catalog::find_alert(tx, call.caller.account, alert_id);
                    }));
  }
  notify::Message message;
  message.transition = transition.empty() ? "opened" : transition;
  message.alert_json = alerts::to_json(alert, true);
  const auto summary = notify::summarise(message.alert_json);
  message.alert_url = notify::link_to("", alert.id, summary);
  JsonWriter json;
  json.object().field("title", words.title(message, summary)).field("text", words.text(message, summary));
  return json_reply(json.end().take());
}

Result<Reply> list_deliveries(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"page", "page_size"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  SENT_TRY_ASSIGN(const auto channel, load(call));
  SENT_TRY_ASSIGN(const auto entries, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::deliveries_of_channel(tx, call.caller.account, channel.id,
                                                          kMaxDeliveries);
                  }));
  return list_reply(entries, page, [&](JsonWriter& json, const catalog::OutboxEntry& entry) {
    write_delivery(json, entry, channel.name);
  });
}

}  // namespace sentinella::api::native
