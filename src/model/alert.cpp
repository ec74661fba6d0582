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
  }
  return "indeterminate";
}

std::optional<AlertSeverity> parse_alert_severity(std::string_view text) {
  using enum AlertSeverity;
  return parse_one_of(text,
                      std::array{critical, major, minor, warning, indeterminate, informational, normal});
}

std::string_view to_string(AlertStatus status) {
  switch (status) {
    case AlertStatus::open:
      return "open";
    case AlertStatus::ack:
      return "ack";
    case AlertStatus::closed:
      return "closed";
  }
  return "open";
}

std::optional<AlertStatus> parse_alert_status(std::string_view text) {
  return parse_one_of(text, std::array{AlertStatus::open, AlertStatus::ack, AlertStatus::closed});
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
  }
  return "opened";
}

}  // namespace sentinella
