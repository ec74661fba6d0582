// The columns of the table alert and where each belongs in an Alert, so that every query names those it wants
// and reads them in the same order.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <type_traits>

#include "catalog/alert_condition.h"
#include "catalog/alerting.h"
#include "catalog/sql.h"

namespace sentinella::catalog {

struct AlertField {
  std::string_view column;
  void (*read)(Alert& alert, Columns& from);
};

/// A text, a time or a number of an Alert.
template <auto member>
void read_member(Alert& alert, Columns& from) {
  auto& value = alert.*member;
  using T = std::remove_reference_t<decltype(value)>;
  if constexpr (std::is_same_v<T, std::string>) value = from.text();
  if constexpr (std::is_same_v<T, Time>) value = from.time();
  if constexpr (std::is_same_v<T, std::uint64_t>) value = from.natural();
  if constexpr (std::is_same_v<T, AccountId>) value = from.account();
  if constexpr (std::is_same_v<T, AlertSeverity>) value = read_severity(from.integer());
  if constexpr (std::is_same_v<T, AlertStatus>)
    value = parse_alert_status(from.text()).value_or(AlertStatus::open);
  if constexpr (std::is_same_v<T, std::optional<AlarmState>>) value = parse_alarm_state(from.text());
  if constexpr (std::is_same_v<T, Tier>) value = parse_tier(from.text()).value_or(Tier::page);
}
template <auto member>
void read_extra(Alert& alert, Columns& from) {
  alert.extras.*member = from.text();
}

/// What a row of a long list shows comes first.
inline constexpr std::array kAlertFields{
    AlertField{"id", read_member<&Alert::id>},
    AlertField{"account", read_member<&Alert::account>},
    AlertField{"event", read_member<&Alert::event>},
    AlertField{"host", read_member<&Alert::host>},
    AlertField{"service", read_member<&Alert::service>},
    AlertField{"severity", read_member<&Alert::severity>},
    AlertField{"status", read_member<&Alert::status>},
    AlertField{"alarm_state", read_member<&Alert::alarm_state>},
    AlertField{"owner", read_member<&Alert::owner>},
    AlertField{"tier", read_member<&Alert::tier>},
    AlertField{"value", read_member<&Alert::value>},
    AlertField{"text", read_member<&Alert::text>},
    AlertField{"duplicate_count", read_member<&Alert::duplicate_count>},
    AlertField{"create_time", read_member<&Alert::create_time>},
    AlertField{"last_receive_time", read_member<&Alert::last_receive_time>},
    AlertField{"cause", read_member<&Alert::cause>},
    AlertField{"environment", read_member<&Alert::environment>},
    AlertField{"rule_id", read_member<&Alert::rule_id>},
    AlertField{"resource", read_member<&Alert::resource>},
    AlertField{"previous_severity", read_member<&Alert::previous_severity>},
    AlertField{"playbook", read_member<&Alert::playbook>},
    AlertField{"receive_time", read_member<&Alert::receive_time>},
    AlertField{"update_time", read_member<&Alert::update_time>},
    AlertField{"fingerprint", read_extra<&AlertExtras::fingerprint>},
    AlertField{"origin", read_extra<&AlertExtras::origin>},
    AlertField{"alert_group", read_extra<&AlertExtras::group>},
    AlertField{"type", read_extra<&AlertExtras::type>},
    AlertField{"timeout",
               [](Alert& alert, Columns& from) { alert.extras.timeout = Duration(from.integer()); }},
    AlertField{"status_until", read_member<&Alert::status_until>}};
inline constexpr std::size_t kAlertFieldsOfARow = 18;

/// "SELECT id, account ... FROM alert ", of the first `count` columns.
inline std::string select_alerts(std::size_t count) {
  std::string out = "SELECT ";
  for (std::size_t i = 0; i < count; ++i) out.append(i == 0 ? "" : ", ").append(kAlertFields.at(i).column);
  return out + " FROM alert ";
}

/// The rest of the Alert is empty.
template <std::size_t count>
Alert read_alert(Columns from) {
  Alert alert;
  for (std::size_t i = 0; i < count; ++i) kAlertFields.at(i).read(alert, from);
  return alert;
}

}  // namespace sentinella::catalog
