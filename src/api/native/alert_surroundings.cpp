// What an alert hangs on and what hangs on it: its cause, its symptoms, the services that its service needs
// and those that need its service, each as it is now. A need is a fact of OpenStack's architecture
// (service_map.h), no claim of a cause: only a rule claims that (alerts/cause.h).
#include <algorithm>
#include <map>
#include <utility>

#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/native/service_map.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "catalog/alerting.h"
#include "rules/rule_engine.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMaxSymptoms = 200;
constexpr std::size_t kMaxMembers = 50;

/// A service with how it stands on each of its hosts, and why it is named.
struct Neighbour {
  std::string service;
  std::string_view why;
  std::vector<const rules::ServiceState*> members;
};

class Situation {
 public:
  Situation(std::vector<rules::ServiceState> services, std::vector<Alert> alerts)
      : services_(std::move(services)), alerts_(std::move(alerts)) {
    std::erase_if(services_,
                  [](const rules::ServiceState& one) { return one.status == rules::CheckStatus::not_here; });
    for (const Alert& alert : alerts_) {
      const Alert*& worst = worst_[{alert.host, alert.service}];
      if (worst == nullptr || alert.severity < worst->severity) worst = &alert;
    }
  }
  const std::vector<Alert>& alerts() const { return alerts_; }

  std::vector<Neighbour> needs(const Alert& alert) const {
    std::vector<Neighbour> out;
    for (const Need& need : needs_of(alert.service))
      for (const rules::ServiceState& state : services_)
        if (is_named(state.service, need.service) && (!need.same_host || state.host == alert.host) &&
            state.service != alert.service)
          add(out, state, need.why);
    return out;
  }

  /// Without a service the alert is about its host: what runs there hangs on it.
  std::vector<Neighbour> needed_by(const Alert& alert) const {
    std::vector<Neighbour> out;
    for (const rules::ServiceState& state : services_) {
      if (alert.service.empty()) {
        if (state.host == alert.host) add(out, state, "runs on it");
        continue;
      }
      if (state.service == alert.service) continue;
      const auto needs = needs_of(state.service);
      const auto need =
          std::ranges::find_if(needs, [&](const Need& one) { return is_named(alert.service, one.service); });
      if (need != needs.end() && (!need->same_host || state.host == alert.host)) add(out, state, need->why);
    }
    return out;
  }

  std::string alert_of(const rules::ServiceState& state) const {
    const auto found = worst_.find({state.host, state.service});
    return found == worst_.end() ? "" : found->second->id;
  }

 private:
  static void add(std::vector<Neighbour>& out, const rules::ServiceState& state, std::string_view why) {
    auto found = std::ranges::find(out, state.service, &Neighbour::service);
    if (found == out.end()) found = out.insert(out.end(), Neighbour{state.service, why, {}});
    found->members.push_back(&state);
  }

  std::vector<rules::ServiceState> services_;
  std::vector<Alert> alerts_;
  std::map<std::pair<std::string, std::string>, const Alert*> worst_;
};

/// Members that are not up first.
void write_neighbours(JsonWriter& json, std::vector<Neighbour> neighbours, const Situation& now) {
  json.array();
  for (Neighbour& one : neighbours) {
    std::ranges::stable_partition(one.members,
                                  [](const auto* state) { return state->status != rules::CheckStatus::up; });
    json.object().field("service", one.service).field("why", one.why);
    json.field("total", static_cast<std::uint64_t>(one.members.size())).key("members").array();
    for (std::size_t i = 0; i < std::min(one.members.size(), kMaxMembers); ++i) {
      const rules::ServiceState& state = *one.members[i];
      json.object()
          .field("host", state.host)
          .field("status", rules::to_string(state.status))
          .field("since", state.since)
          .key("alert_id");
      const std::string id = now.alert_of(state);
      if (id.empty())
        json.null();
      else
        json.value(id);
      json.end();
    }
    json.end().end();
  }
  json.end();
}

void write_symptoms(JsonWriter& json, const Alert& alert, const std::vector<Alert>& live) {
  std::size_t count = 0;
  json.key("symptoms").array();
  for (const Alert& one : live)
    if (one.cause == alert.id && ++count <= kMaxSymptoms) json.raw(alerts::to_json(one, false));
  json.end().field("symptoms_total", static_cast<std::uint64_t>(count));
}

}  // namespace

Result<Reply> alert_surroundings(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  const auto account = call.caller.account;
  Alert alert;
  std::optional<Alert> cause;
  SENT_TRY(call.server.database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(alert, catalog::find_alert(tx, account, call.path_value("id")));
    if (alert.cause.empty()) return {};
    if (auto found = catalog::find_alert(tx, account, alert.cause)) cause = *std::move(found);
    return {};
  }));
  const Situation now(call.server.rules.services(account), call.server.alerts.live(account));
  JsonWriter json;
  json.object().key("cause");
  if (cause)
    json.raw(alerts::to_json(*cause, false));
  else
    json.null();
  write_symptoms(json, alert, now.alerts());
  json.key("needs");
  write_neighbours(json, now.needs(alert), now);
  json.key("needed_by");
  write_neighbours(json, now.needed_by(alert), now);
  json.end();
  return json_reply(json.take());
}

}  // namespace sentinella::api::native
