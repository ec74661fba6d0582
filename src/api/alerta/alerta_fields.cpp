#include "api/alerta/alerta_fields.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/alerta/alerta_alert.h"

namespace sentinella::api::alerta {

std::optional<std::vector<std::string>> field_values(const Alert& alert, std::string_view field,
                                                     const AlarmTerms& terms) {
  const AlertExtras& extras = alert.extras;
  if (field.starts_with("attributes.")) return {{std::string(extras.annotations.get(field.substr(11)))}};
  if (field.starts_with("_.")) return {{std::string(extras.annotations.get(field.substr(2)))}};
  if (field == "service") return services_of(alert);
  if (field == "tags" || field == "tag") return extras.tags;
  if (field == "correlate") return extras.correlate;
  const std::array<std::pair<std::string_view, std::string>, 20> one{{
      {"id", alert.id},
      {"environment", alert.environment},
      {"resource", alert.resource},
      {"event", alert.event},
      {"severity", std::string(terms.severity(alert.severity))},
      {"previousSeverity", std::string(terms.severity(alert.previous_severity))},
      {"status", std::string(terms.status(alert))},
      {"group", group_of(alert)},
      {"value", alert.value},
      {"text", alert.text},
      {"origin", extras.origin},
      {"type", extras.type},
      {"customer", std::string(extras.labels.get("customer"))},
      {"host", alert.host},
      {"owner", alert.owner},
      {"duplicateCount", std::to_string(alert.duplicate_count)},
      {"createTime", alerta_time(alert.create_time)},
      {"receiveTime", alerta_time(alert.receive_time)},
      {"lastReceiveTime", alerta_time(alert.last_receive_time)},
      {"updateTime", alerta_time(alert.update_time)},
  }};
  const auto found = std::ranges::find(one, field, [](const auto& pair) { return pair.first; });
  if (found == one.end()) return std::nullopt;
  return {{found->second}};
}

}  // namespace sentinella::api::alerta
