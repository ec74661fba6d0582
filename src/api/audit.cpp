#include "api/audit.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/router.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"

namespace sentinella::api {
namespace {

constexpr std::string_view kDoor = "/api/v1/";
constexpr std::size_t kMaxAuditName = 200;

/// What Alerta's doors make and remove that our own do, too.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kOfAlerta{
    {{"/alerta/key", "keys"},
     {"/alerta/blackout", "blackouts"},
     {"/alerta/user", "users"},
     {"/alerta/alert/{id}/note/{note}", "alerts"}}};

/// Of routes that change nothing that lasts, or whose doings are told elsewhere.
constexpr std::array<std::string_view, 10> kSilent{"/api/v1/silences/preview",  "/api/v1/rules/check",
                                                   "/api/v1/rules/backtest",    "/api/v1/channels/{id}/test",
                                                   "/api/v1/changes",           "/api/v1/logs/lines",
                                                   "/api/v1/rules/report/send", "/api/v1/alerts/{id}/actions",
                                                   "/api/v1/alert-actions",     "/api/v1/auth/password"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 24> kNouns{{
    {"silences", "silence"},
    {"maintenances", "maintenance"},
    {"blackouts", "blackout"},
    {"inhibitions", "inhibition"},
    {"rotas", "rota"},
    {"escalations", "escalation chain"},
    {"teams", "team"},
    {"alerting", "alerting settings"},
    {"rules", "rule"},
    {"channels", "channel"},
    {"users", "user"},
    {"alerts", "note of alert"},
    {"keys", "API key"},
    {"account-key", "account key"},
    {"accounts", "account"},
    {"agents", "agent"},
    {"agent-settings", "agent settings"},
    {"enrolment-tokens", "enrolment token"},
    {"nodes", "node"},
    {"clouds", "cloud"},
    {"boards", "board"},
    {"metrics", "series"},
    {"backup", "backup"},
    {"status-page", "status page"},
}};

/// "" of what is not recorded.
std::string_view segment_of(std::string_view pattern) {
  for (const auto& [path, segment] : kOfAlerta)
    if (pattern == path || (pattern.starts_with(path) && pattern[path.size()] == '/')) return segment;
  if (!pattern.starts_with(kDoor)) return "";
  const auto rest = pattern.substr(kDoor.size());
  return rest.substr(0, rest.find('/'));
}

std::string_view noun_of(std::string_view segment) {
  const auto found = std::ranges::find(kNouns, segment, [](const auto& pair) { return pair.first; });
  return found == kNouns.end() ? segment : found->second;
}

std::string_view verb_of(std::string_view method) {
  if (method == "DELETE") return "removed";
  return method == "PUT" ? "changed" : "made";
}

/// What the answer calls the thing: its name, a silence's reason, its id; in Alerta's words its text, one
/// floor down. Never `key`: that is the secret.
std::string name_in(const std::string& answer) {
  const auto object = parse_json_object(answer);
  if (!object) return "";
  const auto first_of = [](const boost::json::object& in, std::initializer_list<std::string_view> fields) {
    for (const std::string_view field : fields)
      if (const auto text = optional_string(in, field); text && *text && !(*text)->empty())
        return (*text)->substr(0, kMaxAuditName);
    return std::string();
  };
  for (const std::string_view inner : {"data", "blackout"})
    if (const auto* found = object->if_contains(inner); found != nullptr && found->is_object())
      if (std::string name = first_of(found->get_object(), {"text"}); !name.empty()) return name;
  return first_of(*object, {"name", "reason", "id", "host"});
}

}  // namespace

std::optional<Act> act_of(const Route& route, const RequestContext& call) {
  const bool by_people = route.access == Access::responder || route.access == Access::operator_ ||
                         route.access == Access::admin || route.access == Access::server_admin ||
                         route.pattern.starts_with("/api/v1/boards");
  if (!by_people || route.method == "GET" || segment_of(route.pattern).empty()) return std::nullopt;
  if (std::ranges::find(kSilent, route.pattern) != kSilent.end()) return std::nullopt;
  const std::string& host = call.path_value("host");
  return Act{.method = std::string(route.method),
             .pattern = std::string(route.pattern),
             .path = call.request.path,
             .id = host.empty() ? call.path_value("id") : host,
             .request_id = call.request_id,
             .caller = call.caller};
}

Event audit_event(const Act& act, const std::string& answer, Time now) {
  const auto segment = segment_of(act.pattern);
  const bool acted = act.pattern.ends_with("/actions") || act.pattern.ends_with("/rotate");
  const auto verb = acted ? std::string_view("changed") : verb_of(act.method);
  std::string name = name_in(answer);
  if (name.empty()) name = act.id;
  Event event;
  event.id = to_text(random_uuid());
  event.type = fmt::format("audit.{}.{}", segment, verb);
  event.time = now;
  event.summary =
      fmt::format("{} {} {}{}{}", act.caller.name, verb, noun_of(segment), name.empty() ? "" : " ", name);
  event.origin = "api";
  if (segment == "nodes") event.host = act.id;
  event.traits = {
      {"user", act.caller.name}, {"method", act.method}, {"path", act.path}, {"request_id", act.request_id}};
  return event;
}

Answer audited(Context& server, Act act, Answer answer) {
  return [&server, act = std::move(act), answer = std::move(answer)](Result<Reply> result) mutable {
    if (!result || result->status >= 300 || result->later) return answer(std::move(result));
    Batch batch;
    batch.account = act.caller.account;
    batch.received = server.clock.now();
    batch.events.push_back(audit_event(act, result->body, batch.received));
    server.intake.submit(std::move(batch), ingest::Until::durable,
                         [answer = std::move(answer), result = std::move(result),
                          what = act.method + " " + act.path](Result<bus::Offset> kept) mutable {
                           // What was done is done: the answer says so, and our log that its record is
                           // missing.
                           if (!kept)
                             log::error("api", "{} is not in the audit log: {}", what,
                                        describe(kept.error()));
                           answer(std::move(result));
                         });
  };
}

}  // namespace sentinella::api
