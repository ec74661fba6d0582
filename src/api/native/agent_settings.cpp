#include "api/native/agent_settings.h"

#include <algorithm>

#include "api/native/catalog_access.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/text.h"
#include "catalog/agent_settings.h"
#include "codec/agent_settings.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMaxHost = 253;
constexpr std::size_t kMaxPatterns = 100;
constexpr std::size_t kMaxProblem = 1000;

void write_layer(JsonWriter& json, const catalog::AgentSettings& layer) {
  json.object().field("name", layer.name).key("hosts").array();
  for (std::string_view pattern : split(layer.hosts, ' ')) json.value(pattern);
  json.end()
      .field("version", layer.version)
      .field("updated", layer.updated)
      .field("updated_by", layer.updated_by)
      .key("settings")
      .raw(layer.body)
      .end();
}

Reply layer_reply(const catalog::AgentSettings& layer, int status = 200) {
  JsonWriter json;
  write_layer(json, layer);
  return json_reply(json.take(), status);
}

/// Of a host name, and in patterns also * and ?.
bool has_only(std::string_view text, std::string_view more) {
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || more.contains(c);
  });
}

Result<void> check_layer_name(std::string_view name) {
  if (name == "default") return {};
  for (const std::string_view kind : {"group:", "node:"})
    if (name.starts_with(kind) && name.size() > kind.size() && name.size() <= kind.size() + kMaxHost &&
        has_only(name.substr(kind.size()), ""))
      return {};
  return fail_field(Errc::kInvalid, "id", "\"{}\" is neither default nor group:NAME nor node:HOST", name);
}

/// Blank-separated, as the catalogue keeps them.
Result<std::string> read_patterns(const boost::json::object& request, std::string_view layer) {
  SENT_TRY_ASSIGN(const auto patterns, optional_strings(request, "hosts"));
  if (layer.starts_with("group:") == patterns.empty())
    return fail_field(Errc::kInvalid, "hosts", "a group, and only a group, has patterns of host names");
  if (patterns.size() > kMaxPatterns)
    return fail_field(Errc::kTooLarge, "hosts", "{} patterns, at most {}", patterns.size(), kMaxPatterns);
  std::string joined;
  for (const std::string& pattern : patterns) {
    if (pattern.empty() || pattern.size() > kMaxHost || !has_only(pattern, "*?"))
      return fail_field(Errc::kInvalid, "hosts", "\"{}\" is not a host name with * and ?", pattern);
    joined += (joined.empty() ? "" : " ") + pattern;
  }
  return joined;
}

bool concerns(const catalog::AgentSettings& layer, const std::string& host) {
  if (layer.name == "default") return true;
  if (layer.name.starts_with("node:")) return layer.name.substr(5) == host;
  return std::ranges::any_of(split(layer.hosts, ' '),
                             [&](std::string_view pattern) { return glob_match(pattern, host); });
}

struct Effective {
  std::uint64_t version = 0;
  boost::json::object settings;
  std::vector<std::string> layers;
};

Result<Effective> settings_of(catalog::Transaction& tx, AccountId account, const std::string& host) {
  Effective effective;
  SENT_TRY_ASSIGN(effective.version, catalog::agent_settings_version(tx, account));
  SENT_TRY_ASSIGN(const auto layers, catalog::list_agent_settings(tx, account));
  for (const auto& layer : layers) {
    if (!concerns(layer, host)) continue;
    SENT_TRY_ASSIGN(const auto body, parse_json_object(layer.body));
    codec::lay_over(effective.settings, body);
    effective.layers.push_back(layer.name);
  }
  return effective;
}

Result<std::uint64_t> version_in(const boost::json::object& body, std::string_view field) {
  SENT_TRY_ASSIGN(const auto number, optional_number(body, field));
  if (number && !(*number >= 0 && *number <= 1e15))
    return fail_field(Errc::kInvalid, field, "{} is not a version", *number);
  return static_cast<std::uint64_t>(number.value_or(0));
}

Result<catalog::AgentSettingsReport> report_of(catalog::Transaction& tx, AccountId account,
                                               const std::string& agent) {
  SENT_TRY_ASSIGN(const auto reports, catalog::list_agent_settings_reports(tx, account));
  const auto found = std::ranges::find(reports, agent, &catalog::AgentSettingsReport::agent_id);
  return found == reports.end() ? catalog::AgentSettingsReport{} : *found;
}

}  // namespace

Result<Reply> list_agent_settings(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  std::uint64_t version = 0;
  SENT_TRY_ASSIGN(const auto layers, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    if (const auto now = catalog::agent_settings_version(tx, call.caller.account))
                      version = *now;
                    return catalog::list_agent_settings(tx, call.caller.account);
                  }));
  JsonWriter json;
  json.object().field("version", version).key("items").array();
  for (const auto& layer : layers) write_layer(json, layer);
  json.end().field("total", static_cast<std::uint64_t>(layers.size())).end();
  return json_reply(json.take());
}

Result<Reply> get_agent_settings(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const auto layer, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::find_agent_settings(tx, call.caller.account, call.path_value("id"));
                  }));
  return layer_reply(layer);
}

Result<Reply> put_agent_settings(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"hosts", "settings", "version"}));
  catalog::AgentSettings layer;
  layer.account = call.caller.account;
  layer.name = call.path_value("id");
  SENT_TRY(check_layer_name(layer.name));
  SENT_TRY_ASSIGN(layer.hosts, read_patterns(body, layer.name));
  const auto* settings = body.if_contains("settings");
  if (!settings || !settings->is_object())
    return fail_field(Errc::kInvalid, "settings", "an object is expected");
  if (const auto good = codec::check_agent_settings(settings->get_object()); !good)
    return fail_field(good.error().code,
                      good.error().field.empty() ? "settings" : "settings." + good.error().field, "{}",
                      good.error().message);
  layer.body = boost::json::serialize(*settings);
  if (layer.body.size() > codec::kMaxAgentSettings)
    return fail_field(Errc::kTooLarge, "settings", "has {} bytes, at most {}", layer.body.size(),
                      codec::kMaxAgentSettings);
  SENT_TRY_ASSIGN(const std::uint64_t expected, version_in(body, "version"));
  layer.updated = call.server.clock.now();
  layer.updated_by = call.caller.name;
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(layer.version, catalog::put_agent_settings(tx, layer, expected));
    return {};
  }));
  return layer_reply(layer);
}

Result<Reply> delete_agent_settings(RequestContext& call) {
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) {
    return catalog::delete_agent_settings(tx, call.caller.account, call.path_value("id"));
  }));
  return no_content();
}

Result<Reply> settings_of_agent(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  catalog::AgentSettingsReport report;
  std::string host;
  SENT_TRY_ASSIGN(const auto effective,
                  read_catalog(call.server.database, [&](catalog::Transaction& tx) -> Result<Effective> {
                    const auto agent = catalog::find_agent(tx, call.path_value("id"));
                    if (!agent || agent->account != call.caller.account)
                      return fail(Errc::kNotFound, "no such agent");
                    host = agent->host;
                    SENT_TRY_ASSIGN(report, report_of(tx, call.caller.account, agent->id));
                    return settings_of(tx, call.caller.account, host);
                  }));
  JsonWriter json;
  json.object().field("host", host).field("version", effective.version).key("layers").array();
  for (const std::string& layer : effective.layers) json.value(layer);
  json.end().key("settings").raw(boost::json::serialize(effective.settings));
  json.field("in_use", report.version).field("refused", report.refused).field("problem", report.problem);
  json.key("asked");
  if (report.agent_id.empty())
    json.null();
  else
    json.value(report.time);
  json.end();
  return json_reply(json.take());
}

Result<Reply> ask_for_settings(RequestContext& call) {
  if (call.caller.kind != Caller::Kind::agent)
    return fail(Errc::kForbidden, "only an agent asks for its settings");
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"host", "version", "refused", "problem"}));
  SENT_TRY_ASSIGN(const auto host, required_text(body, "host", kMaxHost));
  catalog::AgentSettingsReport report;
  report.agent_id = call.caller.id;
  report.time = call.server.clock.now();
  SENT_TRY_ASSIGN(report.version, version_in(body, "version"));
  SENT_TRY_ASSIGN(report.refused, version_in(body, "refused"));
  SENT_TRY_ASSIGN(report.problem, optional_text(body, "problem", kMaxProblem));
  catalog::AgentSettingsReport before;
  SENT_TRY_ASSIGN(const auto effective, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    if (auto said = report_of(tx, call.caller.account, report.agent_id)) before = *said;
                    return settings_of(tx, call.caller.account, host);
                  }));
  // Thousands ask each minute, and mostly to say the same.
  const bool news = before.agent_id.empty() || before.version != report.version ||
                    before.refused != report.refused || before.problem != report.problem;
  const bool worth_telling = effective.version > 0 || report.version > 0;
  if (news && worth_telling)
    SENT_TRY(call.server.database.write(
        [&](catalog::Transaction& tx) { return catalog::report_agent_settings(tx, report); }));
  JsonWriter json;
  json.object().field("version", effective.version);
  if (effective.version != report.version)
    json.key("settings").raw(boost::json::serialize(effective.settings));
  json.end();
  return json_reply(json.take());
}

}  // namespace sentinella::api::native
