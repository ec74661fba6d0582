// About the logs themselves: who logs at which level, what was not understood, how much is kept and how long.
#include "api/native/handlers.h"
#include "api/native/render.h"
#include "api/parameters.h"
#include "api/reply.h"

namespace sentinella::api::native {
namespace {

void write_bounds(JsonWriter& json, Duration age, std::uint64_t bytes) {
  json.key("max_age_seconds");
  if (age.count() == 0)
    json.null();
  else
    json.value(age.count() / 1'000'000'000);
  json.key("max_bytes");
  if (bytes == 0)
    json.null();
  else
    json.value(bytes);
}

}  // namespace

Result<Reply> log_levels(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  JsonWriter json;
  json.object().key("items").array();
  for (const auto& one :
       call.server.intake.log_census().levels(call.caller.account, call.server.clock.now())) {
    json.object().field("host", one.host).field("service", one.service);
    json.field("level", to_string(one.level));
    json.field("debug_on", one.level == Severity::debug || one.level == Severity::trace);
    write_time_or_null(json, "last_debug", one.last_debug);
    write_time_or_null(json, "last_line", one.last_line);
    json.end();
  }
  json.end().end();
  return json_reply(json.take());
}

Result<Reply> log_sources(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  JsonWriter json;
  json.object().key("items").array();
  for (const auto& one : call.server.intake.log_census().sources(call.caller.account)) {
    json.object().field("host", one.host).field("service", one.service).field("source", one.source);
    json.field("records", one.records).field("unparsed", one.unparsed);
    json.field("unparsed_text", one.unparsed_text);
    write_time_or_null(json, "last_record", one.last_record);
    json.end();
  }
  json.end().end();
  return json_reply(json.take());
}

Result<Reply> log_retention(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  const AccountId account = call.caller.account;
  const logs::Retention retention =
      call.server.log_retention ? call.server.log_retention() : logs::Retention{};
  JsonWriter json;
  json.object();
  write_bounds(json, retention.max_age, retention.max_bytes);
  json.key("limits").array();
  for (const auto& limit : retention.limits) {
    if (limit.account && *limit.account != account) continue;
    json.object().field("service", limit.service);
    write_bounds(json, limit.max_age, limit.max_bytes);
    json.end();
  }
  json.end().key("services").array();
  for (const auto& used : call.server.logs.usage(account)) {
    json.object()
        .field("service", used.service)
        .field("raw_bytes", used.raw_bytes)
        .field("bytes", used.bytes);
    json.field("oldest", used.oldest).field("newest", used.newest).end();
  }
  json.end().end();
  return json_reply(json.take());
}

}  // namespace sentinella::api::native
