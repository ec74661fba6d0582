// The words of an alarm model (alerts/alarm_model.h) for severities and states, as Alerta's clients know
// them. Inside there is one scale; a severity that a model has no word for is called by the next worse one's.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "alerts/alarm_model.h"
#include "base/result.h"

namespace sentinella::api::alerta {

struct AlarmTerms {
  struct Level {
    AlertSeverity severity = AlertSeverity::normal;
    std::string_view word, colour;
    int code = 0;  ///< the model's own order
  };

  static const AlarmTerms& of(alerts::AlarmModel::Name model);

  alerts::AlarmModel::Name name = alerts::AlarmModel::Name::alerta;
  std::string_view title;
  std::span<const Level> levels;
  std::string_view normal, previous;  ///< severities of a report that names none, and before the first one

  std::string_view severity(AlertSeverity severity) const;
  /// Our own words are always taken, so that senders need not know the model. kInvalid names the model's.
  Result<AlertSeverity> parse_severity(std::string_view word) const;
  std::string_view status(const Alert& alert) const;
  std::string_view status(const AlertHistory& entry) const;
  /// What a report may name: nullopt, the default one. kInvalid.
  Result<std::optional<AlertStatus>> parse_status(std::string_view word) const;
  /// What leads to a status that somebody sets by hand. kInvalid.
  Result<alerts::Action> action_to(std::string_view status) const;

  bool isa() const { return name == alerts::AlarmModel::Name::isa_18_2; }

 private:
  std::string_view status(AlertStatus status, std::optional<AlarmState> state) const;
};

}  // namespace sentinella::api::alerta
