// Where Alerta's clients start, and what they ask of the server itself.
#include <string_view>

#include "api/alerta/alerta_door.h"
#include "api/alerta/alerta_parts.h"
#include "api/native/catalog_access.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "catalog/heartbeats.h"

namespace sentinella::api::alerta {
namespace {

void write_severities(JsonWriter& json, const AlarmTerms& terms) {
  json.key("severity").object();
  for (const AlarmTerms::Level& level : terms.levels) json.field(level.word, level.code);
  json.end();
}

void write_colours(JsonWriter& json, const AlarmTerms& terms) {
  json.key("colors").object().key("severity").object();
  for (const AlarmTerms::Level& level : terms.levels) json.field(level.word, level.colour);
  json.end().field("text", "black").field("highlight", "skyblue").end();
}

/// The command checks severities against it, and sends its all-clear with its normal one.
void write_alarm_model(JsonWriter& json, const AlarmTerms& terms) {
  json.key("alarm_model").object().field("name", terms.title);
  write_severities(json, terms);
  write_colours(json, terms);
  json.key("defaults")
      .object()
      .field("normal_severity", terms.normal)
      .field("previous_severity", terms.previous)
      .end()
      .end();
}

struct Figure {
  std::string_view group, name, title;
  std::uint64_t value = 0;
};

void write_figure(JsonWriter& json, const Figure& figure, std::string_view type) {
  json.object()
      .field("group", figure.group)
      .field("name", figure.name)
      .field("title", figure.title)
      .field("description", figure.title)
      .field("type", type)
      .field(type == "gauge" ? "value" : "count", figure.value)
      .end();
}

}  // namespace

/// Nothing of any account is in it.
Result<Reply> config(RequestContext& call) {
  const AlarmTerms& terms = terms_of(call.server);
  JsonWriter json;
  json.object().field("endpoint", "/alerta");
  write_alarm_model(json, terms);
  write_severities(json, terms);  // where clients before version 7 look
  write_colours(json, terms);
  json.field("auth_required", true).field("allow_readonly", false).field("provider", "basic");
  json.key("client_id").null().field("customer_views", false).field("signup_enabled", false);
  json.field("email_verification", false).key("actions").array().end();
  json.key("environments").array().value("Production").value("Development").end();
  json.key("columns").array();
  for (const char* name : {"severity", "status", "lastReceiveTime", "duplicateCount", "environment",
                           "service", "resource", "event", "value", "text"})
    json.value(name);
  json.end().key("timeouts").object().field("alert", 86400).field("heartbeat", 86400).field("ack", 0);
  json.field("shelve", 7200).end().key("blackouts").object().field("duration", 3600).end();
  json.field("refresh_interval", 5000).field("debug", false);
  return json_reply(json.end().take());
}

Result<Reply> good_to_go(RequestContext&) {
  Reply reply{200, {}, "OK", {}};
  reply.headers.set("Content-Type", "text/plain; charset=utf-8");
  return reply;
}

Result<Reply> management_status(RequestContext& call) {
  const Context& server = call.server;
  SENT_TRY_ASSIGN(const auto beats, native::read_catalog(server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_heartbeats(tx, call.caller.account);
                  }));
  const Time now = server.clock.now();
  JsonWriter json;
  json.object()
      .field("application", "sentinella-server")
      .field("version", server.info.version)
      .field("time", now.ns / 1'000'000)
      .field("uptime", (now - server.info.started) / std::chrono::milliseconds(1));
  json.key("metrics").array();
  write_figure(json,
               {"alerts", "live", "Live alerts", server.alerts.live_in_short(call.caller.account).size()},
               "gauge");
  write_figure(json, {"heartbeats", "total", "Heartbeats", beats.size()}, "gauge");
  for (std::size_t digit = 2; digit < server.answers->size(); ++digit) {
    const std::string name = fmt::format("{}xx", digit);
    write_figure(json, {"requests", name, "Answers of this server", (*server.answers)[digit]}, "counter");
  }
  json.end();
  return ok_reply(json);
}

/// What Alerta leaves to a cron job happens here by itself. Nothing is deleted on demand: how long alerts are
/// kept is the server's configuration.
Result<Reply> housekeeping(RequestContext& call) {
  const auto query = Query::read_any(call.request);
  for (const char* hours : {"expired", "info"})
    if (!query.all(hours).empty())
      return fail_field(Errc::kInvalid, hours,
                        "alerts are kept as long as the server's retention says, not for some hours");
  JsonWriter json;
  json.object().key("expired").array().end().key("unshelve").array().end().key("unack").array().end();
  json.field("count", 0).field("message", "alerts expire by themselves here: there was nothing to do");
  return ok_reply(json);
}

}  // namespace sentinella::api::alerta
