// Alerta's model (docs.alerta.io, "Alarm models"). The first matching row of its table decides:
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

#include "alerts/alarm_model.h"

namespace sentinella::alerts {

class AlertaModel final : public AlarmModel {
 public:
  Name name() const override { return Name::alerta; }
  Result<Verdict> by_action(const Situation& now, Action action) const override;
  Verdict by_report(const Situation& now, AlertSeverity reported,
                    std::optional<AlertStatus> sent = std::nullopt) const override;
};

}  // namespace sentinella::alerts
