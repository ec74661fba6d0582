#include "model/alert.h"

#include <array>

namespace sentinella {
namespace {

/// The enumerator whose text this is, trying `values` in turn.
template <typename T, std::size_t N>
std::optional<T> parse_one_of(std::string_view text, const std::array<T, N>& values) {
  for (T value : values)
    if (text == to_string(value)) return value;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(AlertSeverity severity) {
  switch (severity) {
    case AlertSeverity::security:
      return "security";
    case AlertSeverity::critical:
      return "critical";
    case AlertSeverity::major:
      return "major";
    case AlertSeverity::minor:
      return "minor";
    case AlertSeverity::warning:
      return "warning";
    case AlertSeverity::indeterminate:
      return "indeterminate";
    case AlertSeverity::informational:
      return "informational";
    case AlertSeverity::normal:
      return "normal";
    case AlertSeverity::debug:
      return "debug";
    case AlertSeverity::trace:
      return "trace";
    case AlertSeverity::unknown:
      return "unknown";
    case AlertSeverity::ok:
      return "ok";
    case AlertSeverity::cleared:
      return "cleared";
  }
  return "indeterminate";
}

std::optional<AlertSeverity> parse_alert_severity(std::string_view text) {
  using enum AlertSeverity;
  return parse_one_of(text,
                      std::array{critical, major, minor, warning, indeterminate, informational, normal});
}

std::optional<AlertSeverity> parse_any_severity(std::string_view text) {
  using enum AlertSeverity;
  if (const auto ours = parse_alert_severity(text)) return ours;
  return parse_one_of(text, std::array{security, debug, trace, unknown, ok, cleared});
}

std::string_view to_string(AlertStatus status) {
  switch (status) {
    case AlertStatus::open:
      return "open";
    case AlertStatus::assign:
      return "assign";
    case AlertStatus::ack:
      return "ack";
    case AlertStatus::shelved:
      return "shelved";
    case AlertStatus::blackout:
      return "blackout";
    case AlertStatus::closed:
      return "closed";
    case AlertStatus::expired:
      return "expired";
    case AlertStatus::unknown:
      return "unknown";
  }
  return "open";
}

std::optional<AlertStatus> parse_alert_status(std::string_view text) {
  using enum AlertStatus;
  return parse_one_of(text, std::array{open, assign, ack, shelved, blackout, closed, expired, unknown});
}

std::string_view to_string(AlarmState state) {
  switch (state) {
    case AlarmState::norm:
      return "NORM";
    case AlarmState::unack:
      return "UNACK";
    case AlarmState::acked:
      return "ACKED";
    case AlarmState::rtnun:
      return "RTNUN";
    case AlarmState::shlvd:
      return "SHLVD";
    case AlarmState::dsupr:
      return "DSUPR";
    case AlarmState::oosrv:
      return "OOSRV";
  }
  return "NORM";
}

std::optional<AlarmState> parse_alarm_state(std::string_view text) {
  using enum AlarmState;
  return parse_one_of(text, std::array{norm, unack, acked, rtnun, shlvd, dsupr, oosrv});
}

std::string_view to_string(Tier tier) {
  switch (tier) {
    case Tier::page:
      return "page";
    case Tier::ticket:
      return "ticket";
    case Tier::info:
      return "info";
  }
  return "info";
}

std::optional<Tier> parse_tier(std::string_view text) {
  return parse_one_of(text, std::array{Tier::page, Tier::ticket, Tier::info});
}

std::string_view to_string(Notification::Transition transition) {
  switch (transition) {
    case Notification::Transition::opened:
      return "opened";
    case Notification::Transition::severity:
      return "severity";
    case Notification::Transition::reopened:
      return "reopened";
    case Notification::Transition::closed:
      return "closed";
    case Notification::Transition::status:
      return "status";
    case Notification::Transition::update:
      return "update";
    case Notification::Transition::reminder:
      return "reminder";
    case Notification::Transition::flapping:
      return "flapping";
  }
  return "opened";
}

std::optional<Notification::Transition> parse_transition(std::string_view text) {
  using enum Notification::Transition;
  return parse_one_of(text,
                      std::array{opened, severity, reopened, closed, status, update, reminder, flapping});
}

}  // namespace sentinella
