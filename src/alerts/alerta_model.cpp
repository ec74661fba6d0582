#include "alerts/alerta_model.h"

namespace sentinella::alerts {
namespace {

using enum AlertStatus;

std::unexpected<Error> refuse(const Situation& now, Action action) {
  return fail(Errc::kConflict, "the alert is {}: {} is not possible", to_string(now.status),
              to_string(action));
}

/// open, ack, shelve and close, where the status knows them.
std::optional<AlertStatus> target(Action action) {
  switch (action) {
    case Action::open:
      return open;
    case Action::ack:
      return ack;
    case Action::shelve:
      return shelved;
    case Action::close:
      return closed;
    default:
      return std::nullopt;
  }
}

/// What each status refuses of open, ack, shelve and close.
bool refuses(AlertStatus status, Action action) {
  switch (status) {
    case open:
      return action == Action::open;
    case ack:
      return action == Action::ack;
    case shelved:
      return action == Action::ack || action == Action::shelve;
    case closed:
    case expired:
      return action != Action::open;
    default:
      return false;
  }
}

AlertStatus status_after(const Situation& now, AlertSeverity reported, std::optional<AlertStatus> sent) {
  if (is_normal(reported)) return closed;
  if (sent && *sent != open) return *sent;
  switch (now.status) {
    case ack: {
      const bool known = now.severity != AlertSeverity::indeterminate;
      return known && is_worse(reported, now.severity) ? open : ack;
    }
    case blackout:
      return now.previous_status;
    case closed:
      return now.previous_status == shelved ? shelved : open;
    case expired:
      return open;
    default:
      return now.status;
  }
}

}  // namespace

Result<Verdict> AlertaModel::by_action(const Situation& now, Action action) const {
  const Verdict unchanged{now.severity, now.status};
  const auto become = [&](AlertStatus status) { return Verdict{now.severity, status}; };
  switch (action) {
    case Action::note:
      return unchanged;
    case Action::unack:
      if (now.status != ack) return refuse(now, action);
      return become(now.previous_status);
    case Action::unshelve:
      if (now.status != shelved) return refuse(now, action);
      return become(now.previous_status);
    case Action::expire:
      return become(expired);
    case Action::timeout:
      return become(now.previous_status == ack ? ack : open);
    case Action::assign:
      if (!is_live(now.status)) return refuse(now, action);
      return unchanged;
    default:
      break;
  }
  if (refuses(now.status, action)) return refuse(now, action);
  if (action == Action::close && now.status != assign && now.status != unknown)
    return Verdict{AlertSeverity::normal, closed};
  if (now.status == closed) return Verdict{now.previous_severity, open};
  if (now.status == expired || now.status == open || now.status == ack || now.status == shelved)
    return become(*target(action));
  return unchanged;
}

Verdict AlertaModel::by_report(const Situation& now, AlertSeverity reported,
                               std::optional<AlertStatus> sent) const {
  return {reported, status_after(now, reported, sent)};
}

}  // namespace sentinella::alerts
