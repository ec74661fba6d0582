#include "alerts/isa_model.h"

namespace sentinella::alerts {
namespace {

using enum AlarmState;

AlarmState state_in(const Situation& now) {
  return now.state.value_or(state_of(now.status));
}

Verdict verdict(AlertSeverity severity, AlarmState state) {
  return {severity, status_of(state), state};
}

/// Where an alarm is that nothing holds back any more.
AlarmState by_severity(AlertSeverity severity) {
  return is_normal(severity) ? norm : unack;
}

/// nullopt: the state forbids it.
std::optional<AlarmState> acknowledged(AlarmState state) {
  if (state == unack) return acked;
  if (state == rtnun) return norm;
  return std::nullopt;
}

/// When the trouble is over, however that is known.
AlarmState cleared(AlarmState state) {
  if (state == unack || state == rtnun) return rtnun;
  return state == shlvd ? shlvd : norm;
}

AlarmState alarmed(const Situation& now, AlarmState state, AlertSeverity reported) {
  if (state == shlvd) return shlvd;
  return state == acked && !is_worse(reported, now.severity) ? acked : unack;
}

std::unexpected<Error> conflict(AlarmState state, Action action) {
  return fail(Errc::kConflict, "the alarm is {}: {} is not possible", to_string(state), to_string(action));
}

}  // namespace

AlertStatus status_of(AlarmState state) {
  switch (state) {
    case norm:
    case rtnun:
      return AlertStatus::closed;
    case unack:
      return AlertStatus::open;
    case acked:
      return AlertStatus::ack;
    case shlvd:
      return AlertStatus::shelved;
    case dsupr:
    case oosrv:
      return AlertStatus::blackout;
  }
  return AlertStatus::open;
}

AlarmState state_of(AlertStatus status) {
  switch (status) {
    case AlertStatus::open:
    case AlertStatus::assign:
      return unack;
    case AlertStatus::ack:
      return acked;
    case AlertStatus::shelved:
      return shlvd;
    case AlertStatus::blackout:
      return oosrv;
    case AlertStatus::unknown:
      return dsupr;
    case AlertStatus::closed:
    case AlertStatus::expired:
      return norm;
  }
  return unack;
}

Result<Verdict> IsaModel::by_action(const Situation& now, Action action) const {
  const AlarmState state = state_in(now);
  const auto to = [&](AlarmState next) { return verdict(now.severity, next); };
  const bool over = state == norm || state == rtnun;
  switch (action) {
    case Action::note:
      return to(state);
    case Action::assign:
      if (state == norm) return conflict(state, action);
      return to(state);
    case Action::ack:
      if (const auto next = acknowledged(state)) return to(*next);
      return conflict(state, action);
    case Action::unack:
      if (state != acked) return conflict(state, action);
      return to(unack);
    case Action::shelve:
      if (state == shlvd) return conflict(state, action);
      return to(shlvd);
    case Action::unshelve:
      if (state != shlvd) return conflict(state, action);
      return to(by_severity(now.severity));
    case Action::open:
      if (state == unack) return conflict(state, action);
      if (over) return verdict(now.previous_severity, unack);
      return to(by_severity(now.severity));
    case Action::close:
      if (state == norm) return conflict(state, action);
      return verdict(AlertSeverity::normal, norm);
    case Action::expire:
      return verdict(AlertSeverity::normal, state == shlvd ? norm : cleared(state));
    case Action::timeout:
      if (state == acked) return to(unack);
      return to(state == shlvd ? by_severity(now.severity) : state);
  }
  return to(state);
}

Verdict IsaModel::by_report(const Situation& now, AlertSeverity reported,
                            std::optional<AlertStatus> sent) const {
  const AlarmState state = state_in(now);
  if (is_normal(reported)) return verdict(reported, cleared(state));
  if (sent == AlertStatus::blackout || sent == AlertStatus::unknown)
    return verdict(reported, state_of(*sent));
  return verdict(reported, alarmed(now, state, reported));
}

}  // namespace sentinella::alerts
