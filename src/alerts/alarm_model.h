// How status and severity of an alert change, by one of two models: Alerta's (alerts/alerta_model.h), or that
// of ANSI/ISA 18.2 (alerts/isa_model.h). The server's configuration chooses one for all alerts.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "model/alert.h"

namespace sentinella::alerts {

enum class Action : std::uint8_t {
  open,
  assign,
  ack,
  unack,
  shelve,
  unshelve,
  close,
  note,
  expire,  ///< the engine's: no report came within the alert's timeout
  timeout  ///< the engine's: an acknowledgement or a shelving has run out
};
/// What people may ask for: all but expire and timeout.
std::optional<Action> parse_action(std::string_view text);
std::string_view to_string(Action action);

/// What a model sees of an alert. A new one is closed and normal.
struct Situation {
  AlertStatus status = AlertStatus::closed;
  AlertStatus previous_status = AlertStatus::open;  ///< before the one it has
  AlertSeverity severity = AlertSeverity::normal;
  AlertSeverity previous_severity = AlertSeverity::indeterminate;
  std::optional<AlarmState> state = {};  ///< as the model left it; nullopt: another model did
};

struct Verdict {
  AlertSeverity severity = AlertSeverity::normal;
  AlertStatus status = AlertStatus::open;
  std::optional<AlarmState> state = {};
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// Without state, thread-safe.
class AlarmModel {
 public:
  enum class Name : std::uint8_t { alerta, isa_18_2 };

  virtual ~AlarmModel() = default;
  virtual Name name() const = 0;
  /// kConflict: the status forbids the action.
  virtual Result<Verdict> by_action(const Situation& now, Action action) const = 0;
  /// A report, or with a normal severity the end of the trouble. `sent`: a status other than open that the
  /// sender names. The severity of the verdict is the reported one.
  virtual Verdict by_report(const Situation& now, AlertSeverity reported,
                            std::optional<AlertStatus> sent = std::nullopt) const = 0;
};
const AlarmModel& alarm_model(AlarmModel::Name name);
/// "alerta", "isa_18_2": as the configuration has them.
std::optional<AlarmModel::Name> parse_alarm_model(std::string_view text);

/// The status that an alert had before the one it has, by its history; open when that is not known.
AlertStatus status_before(const Alert& alert);

}  // namespace sentinella::alerts
