// An alert in Alerta's JSON (docs.alerta.io, API reference), in both directions.
#pragma once

#include <string>
#include <vector>

#include "api/alerta/alarm_terms.h"
#include "base/json.h"
#include "model/alert.h"

namespace sentinella::api::alerta {

/// Exactly three digits of fraction: Alerta's clients parse nothing else.
std::string alerta_time(Time time);

struct Shown {
  bool history = true;
  bool raw_data = true;
};
void write_alert(JsonWriter& json, const Alert& alert, const AlarmTerms& terms, Shown shown = {});
/// One entry of its history, with the alert's own fields when `flat`.
void write_history(JsonWriter& json, const Alert& alert, const AlertHistory& entry, const AlarmTerms& terms,
                   bool flat);
std::vector<std::string> services_of(const Alert& alert);
std::string group_of(const Alert& alert);

/// The body of POST /alert. `environments`: those that are taken. kInvalid, kForbidden as Alerta says it.
Result<Signal> read_alert(const boost::json::object& body, const AlarmTerms& terms,
                          const std::vector<std::string>& environments, AccountId account, Time now);

}  // namespace sentinella::api::alerta
