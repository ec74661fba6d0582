// How status and severity of an alert change: Alerta's model (docs.alerta.io, "Alarm models"), as pure
// functions. The first matching row of its table decides:
//
//   SET    a report that names a status      normal severity: closed, else as named
//   UNACK  ack + unack                       the status before ack
//   UNSHL  shelved + unshelve                the status before shelving
//   EXP-0  expire                            expired
//   ACK-0  timeout                           ack if it was ack before, else open
//   OPEN   open + ack, shelve, close         ack, shelved, closed
//   ACK    ack + open, shelve, close         open, shelved, closed
//   ACK-4  ack + a report that is worse      open
//   SHL    shelved + open, close             open, closed
//   BLK    blackout + close, a report        closed, the status before (blackout: as it is)
//   CLS-1  closed + open                     open, with the severity it had
//   CLS-2  closed + a report                 shelved if it was before, else open
//   CLS-*  a report of normal severity       closed, from every status
//   EXP-1  expired + a report or open        open
//   ALL    anything else                     unchanged
//
// One row comes earlier than Alerta has it: a normal report closes an alert in a blackout, too, because the
// end of a trouble must not be lost.
#pragma once

#include <optional>

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

struct Situation {
  AlertStatus status = AlertStatus::open;
  AlertStatus previous_status = AlertStatus::open;  ///< before the one it has
  AlertSeverity severity = AlertSeverity::normal;
  AlertSeverity previous_severity = AlertSeverity::indeterminate;
};

struct Verdict {
  AlertSeverity severity = AlertSeverity::normal;
  AlertStatus status = AlertStatus::open;
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// kConflict: the status forbids the action.
Result<Verdict> by_action(const Situation& now, Action action);
/// `sent`: a status other than open that the sender names. The severity of the verdict is the reported one.
AlertStatus by_report(const Situation& now, AlertSeverity reported,
                      std::optional<AlertStatus> sent = std::nullopt);

/// The status that an alert had before the one it has, by its history; open when that is not known.
AlertStatus status_before(const Alert& alert);

}  // namespace sentinella::alerts
