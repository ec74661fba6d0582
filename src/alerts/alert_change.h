// What a signal, an action or the clock makes of one alert: severity, status, counters, texts, history.
#pragma once

#include <string>
#include <vector>

#include "alerts/alarm_model.h"
#include "model/alert.h"

namespace sentinella::alerts {

/// An alert while it is being changed, and what its history got. `now`: by the clock.
struct AlertChange {
  Alert& alert;
  Time now;
  std::vector<AlertHistory>& fresh;  ///< entries to be stored, oldest first
  const AlarmModel& model;
};

/// What somebody may have to be told; nothing for duplicates and notes.
using Told = std::optional<Notification::Transition>;

/// A new alert (empty id) gets one. An alert that is closed or expired opens again; a live one counts a
/// duplicate or changes its severity; a report of normal severity closes it.
Told take_report(const AlertChange& change, const Signal& signal);
/// The condition is over, by evidence of our own rules.
Told take_resolution(const AlertChange& change, const Signal& signal);

/// A report that changes nothing of a live alert but its counter, its words and when it was last heard of: no
/// status, no severity, nothing for its history.
bool only_repeats(const Alert& alert, const Signal& signal, const AlarmModel& model);
/// Counts such a report.
void take_repeat(Alert& alert, const Signal& signal, Time now);

struct ActionRequest {
  Action action = Action::note;
  std::string text;
  std::string user;
  Duration timeout{};      ///< ack and shelve end after this; 0 = never, or as the account has it
  std::string owner = {};  ///< assign: who is to see to it; "" = nobody any more
};
/// kConflict: the alert's status forbids it; nothing is changed then.
Result<Told> take_action(const AlertChange& change, const ActionRequest& request);

/// When the clock will change the alert: an acknowledgement or shelving ends, or reports have stayed away for
/// its timeout (counted from `since` at the earliest: while we did not run nobody could report). Zero =
/// never.
Time deadline_of(const Alert& alert, Time since);
/// Does what the deadline asks for. Alerts of Prometheus close, as upstream has it; others expire.
Told take_deadline(const AlertChange& change, Time since);

}  // namespace sentinella::alerts
