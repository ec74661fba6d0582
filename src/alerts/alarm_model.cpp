#include "alerts/alarm_model.h"

#include <array>

#include "alerts/alerta_model.h"
#include "alerts/isa_model.h"

namespace sentinella::alerts {

std::string_view to_string(Action action) {
  switch (action) {
    case Action::open:
      return "open";
    case Action::assign:
      return "assign";
    case Action::ack:
      return "ack";
    case Action::unack:
      return "unack";
    case Action::shelve:
      return "shelve";
    case Action::unshelve:
      return "unshelve";
    case Action::close:
      return "close";
    case Action::note:
      return "note";
    case Action::expire:
      return "expired";
    case Action::timeout:
      return "timeout";
  }
  return "note";
}

std::optional<Action> parse_action(std::string_view text) {
  using enum Action;
  for (const Action action : {Action::open, assign, Action::ack, unack, shelve, unshelve, close, note})
    if (to_string(action) == text) return action;
  return std::nullopt;
}

const AlarmModel& alarm_model(AlarmModel::Name name) {
  static const AlertaModel alerta;
  static const IsaModel isa;
  if (name == AlarmModel::Name::isa_18_2) return isa;
  return alerta;
}

std::optional<AlarmModel::Name> parse_alarm_model(std::string_view text) {
  if (text == "alerta") return AlarmModel::Name::alerta;
  if (text == "isa_18_2") return AlarmModel::Name::isa_18_2;
  return std::nullopt;
}

AlertStatus status_before(const Alert& alert) {
  for (std::size_t i = alert.history.size(); i-- > 0;) {
    const AlertStatus before = alert.history[i].status;
    if (before != alert.status && is_live(before)) return before;  // nothing goes back to what is over
  }
  return AlertStatus::open;
}

}  // namespace sentinella::alerts
