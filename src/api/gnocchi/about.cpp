#include <array>

#include "api/gnocchi/handlers.h"

namespace sentinella::api::gnocchi {
namespace {

constexpr std::array<std::string_view, 12> kNouns{
    "aggregates", "aggregation", "archive_policy", "archive_policy_rule", "batch",  "capabilities",
    "influxdb",   "metric",      "resource",       "resource_type",       "search", "status"};

void write_link(JsonText& json, std::string_view relation, const std::string& target) {
  json.object().field("rel", relation).field("href", target).end();
}

}  // namespace

Outcome<Reply> list_versions(Call& call) {
  JsonText json = call.json();
  json.object().field("build", "sentinella " + call.server.info.version).key("versions").array();
  json.object().field("id", "v1.0").field("status", "CURRENT").field("updated", "2015-03-19");
  json.key("links").array();
  write_link(json, "self", call.base + "/v1/");
  json.end().end().end();
  return json_answer(std::move(json.end()));
}

Outcome<Reply> list_links(Call& call) {
  JsonText json = call.json();
  json.object().field("version", "1.0").key("links").array();
  write_link(json, "self", call.base + "/v1");
  for (const auto noun : kNouns) write_link(json, noun, call.base + "/v1/" + std::string(noun));
  json.end();
  return json_answer(std::move(json.end()));
}

Outcome<Reply> healthcheck(Call&) {
  Reply reply;
  reply.headers.set("Content-Type", "text/plain; charset=UTF-8");
  reply.body = "OK";
  return reply;
}

Outcome<Reply> capabilities(Call& call) {
  JsonText json = call.json();
  json.object().key("aggregation_methods").array();
  for (const auto& name : all_methods()) json.value(name);
  json.end();
  return json_answer(std::move(json.end()));
}

/// Samples can be read when their request is answered: nothing ever waits.
Outcome<Reply> status(Call& call) {
  if (!call.who.admin) return denied();
  SENT_TRY_ASSIGN(const bool details, call.query.flag("details", true));
  JsonText json = call.json();
  json.object()
      .key("storage")
      .object()
      .key("summary")
      .object()
      .field("metrics", 0)
      .field("measures", 0)
      .end();
  if (details) json.key("measures_to_process").object().end();
  json.end().key("metricd").object().key("processors").array().end().key("statistics").object().end().end();
  return json_answer(std::move(json.end()));
}

}  // namespace sentinella::api::gnocchi
