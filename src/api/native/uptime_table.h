// How long the clouds, services and nodes of an account were up, from the states that the rule engine
// recorded.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/context.h"
#include "base/json.h"
#include "rules/uptime.h"

namespace sentinella::api::native {

/// What the cloud of nodes that nobody has classified is called, as their alerts have it.
inline constexpr std::string_view kUnnamedCloud = "Production";

struct UptimeQuery {
  AccountId account{};
  TimeRange range;
  std::string cloud = {}, host = {};  ///< "" = all
};

/// One host's outage.
struct UptimeIncident {
  std::string alert_id;  ///< "" = nobody was told, or the alert is gone
  std::string host;
  TimeRange range;  ///< until zero = it lasts
};
struct UptimeRow {
  rules::Uptime sum;
  Time down_since;  ///< zero = nothing is down now
  std::vector<UptimeIncident> incidents;
};
struct UptimeTable {
  UptimeRow whole;
  std::map<std::string, UptimeRow> clouds, services;
  std::map<std::pair<std::string, std::string>, UptimeRow> nodes;  ///< cloud, host
};

/// The key `known` and its spans, the newest 200 of them.
void write_known(JsonWriter& json, const rules::Uptime& of);

/// A service is the sum of its instances, a cloud the sum of its services.
Result<UptimeTable> read_uptime(const Context& server, const UptimeQuery& asked);

}  // namespace sentinella::api::native
