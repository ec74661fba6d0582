// The model of ANSI/ISA 18.2, alarms of the process industries, as Alerta has it (docs.alerta.io, "Alarm
// models"). A state tells both whether the trouble stands and whether somebody has taken note of it:
//
//   NORM   well                                 trouble: UNACK
//   UNACK  trouble, nobody has taken note       ack: ACKED      over: RTNUN
//   ACKED  trouble, somebody has                unack, run out, worse: UNACK      over: NORM
//   RTNUN  over, and nobody had taken note      ack: NORM       trouble: UNACK
//   SHLVD  put aside                            unshelve, run out: NORM or UNACK, by the severity
//   DSUPR  suppressed by design                 any report, open: NORM or UNACK, by the severity
//   OOSRV  out of service                       as DSUPR
//
// Every state but SHLVD may be shelved. DSUPR and OOSRV are a sender's to say. What Alerta's table leaves
// out, and people of ours may do: open leads to UNACK from every state but that, close to NORM from every but
// that. A sender that falls silent for the alert's timeout ends the trouble.
//
// Our own status follows from the state: NORM and RTNUN closed, UNACK open, ACKED ack, SHLVD shelved, DSUPR
// and OOSRV blackout. So whom to tell is decided as under Alerta's model. RTNUN waits for a person all the
// same: it is listed with what is not over, and may be assigned.
#pragma once

#include "alerts/alarm_model.h"

namespace sentinella::alerts {

class IsaModel final : public AlarmModel {
 public:
  Name name() const override { return Name::isa_18_2; }
  Result<Verdict> by_action(const Situation& now, Action action) const override;
  /// Of `sent` only blackout (OOSRV) and unknown (DSUPR) are heard.
  Verdict by_report(const Situation& now, AlertSeverity reported,
                    std::optional<AlertStatus> sent = std::nullopt) const override;
};

AlertStatus status_of(AlarmState state);
/// Of an alert that Alerta's model had left in this status.
AlarmState state_of(AlertStatus status);

}  // namespace sentinella::alerts
