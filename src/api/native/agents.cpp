// Agents: enrolment, their tokens, their list.
#include <map>

#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "catalog/agent_settings.h"

namespace sentinella::api::native {
namespace {

constexpr Duration kEnrolmentLife = std::chrono::hours(24);
constexpr Duration kLongestEnrolmentLife = kEnrolmentLife * 30;

/// An empty body asks for nothing special.
Result<Duration> enrolment_life(const net::Request& request) {
  if (request.body.empty()) return kEnrolmentLife;
  SENT_TRY_ASSIGN(const auto body, json_body(request, {"life"}));
  SENT_TRY_ASSIGN(const auto text, optional_text(body, "life", 32));
  if (text.empty()) return kEnrolmentLife;
  const auto life = parse_duration(text);
  if (!life || *life < 1s || *life > kLongestEnrolmentLife)
    return fail_field(Errc::kInvalid, "life", "is \"{}\"; must be 1s to {}", text,
                      to_text(kLongestEnrolmentLife));
  return *life;
}

}  // namespace

Result<Reply> enrol_agent(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body,
                  json_body(call.request, {"secret", "agent_id", "host", "machine_id", "version"}));
  SENT_TRY_ASSIGN(const auto secret, required_text(body, "secret", 200));
  SENT_TRY_ASSIGN(const auto agent_id, optional_text(body, "agent_id", 64));
  SENT_TRY_ASSIGN(const auto host, required_text(body, "host", 253));
  SENT_TRY_ASSIGN(const auto machine_id, required_text(body, "machine_id", 200));
  SENT_TRY_ASSIGN(const auto version, optional_text(body, "version", 64));
  SENT_TRY_ASSIGN(const auto enrolment,
                  call.server.authenticator.enrol(secret, agent_id, host, machine_id, version));
  JsonWriter json;
  json.object().field("agent_id", enrolment.agent_id).field("agent_key", enrolment.agent_key).end();
  return json_reply(json.take(), 201);
}

Result<Reply> agent_token(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"agent_id", "agent_key"}));
  SENT_TRY_ASSIGN(const auto id, required_string(body, "agent_id"));
  SENT_TRY_ASSIGN(const auto key, required_string(body, "agent_key"));
  SENT_TRY_ASSIGN(const auto tokens, call.server.authenticator.agent_token(id, key));
  JsonWriter json;
  json.object()
      .field("access_token", tokens.access_token)
      .field("expires_in", std::chrono::duration_cast<std::chrono::seconds>(tokens.access_life).count())
      .end();
  return json_reply(json.take());
}

Result<Reply> list_agents(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"page", "page_size"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  std::map<std::string, catalog::AgentSettingsReport> reports;
  SENT_TRY_ASSIGN(const auto agents, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    if (auto said = catalog::list_agent_settings_reports(tx, call.caller.account))
                      for (auto& report : *said) reports[report.agent_id] = std::move(report);
                    return catalog::list_agents(tx, call.caller.account);
                  }));
  return list_reply(agents, page, [&](JsonWriter& json, const Agent& agent) {
    const catalog::AgentSettingsReport& report = reports[agent.id];
    json.object()
        .field("id", agent.id)
        .field("host", agent.host)
        .field("version", agent.version)
        .field("created", agent.created)
        .field("revoked", agent.revoked)
        .field("settings_version", report.version)
        .field("settings_problem", report.problem)
        .end();
  });
}

Result<Reply> revoke_agent(RequestContext& call) {
  const auto& id = call.path_value("id");
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    auto agent = catalog::find_agent(tx, id);
    if (!agent || agent->account != call.caller.account) return fail(Errc::kNotFound, "no such agent");
    agent->revoked = true;
    return catalog::update_agent(tx, *agent);
  }));
  return no_content();
}

Result<Reply> make_enrolment_token(RequestContext& call) {
  SENT_TRY_ASSIGN(const Duration life, enrolment_life(call.request));
  const Time expires = call.server.clock.now() + life;
  SENT_TRY_ASSIGN(const auto token,
                  call.server.authenticator.make_enrolment_token(call.caller.account, life));
  JsonWriter json;
  json.object()
      .field("token", token)
      .field("expires", expires)
      .field("certificate_sha256", call.server.certificate_sha256 ? call.server.certificate_sha256() : "")
      .end();
  return json_reply(json.take(), 201);
}

}  // namespace sentinella::api::native
