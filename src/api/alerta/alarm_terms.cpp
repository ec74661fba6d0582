#include "api/alerta/alarm_terms.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "alerts/isa_model.h"

namespace sentinella::api::alerta {
namespace {

using alerts::Action;
using Level = AlarmTerms::Level;
using enum AlertSeverity;

/// Worst first, as in both models' own lists; colours as Alerta's console has them.
constexpr std::array kAlertasLevels{Level{security, "security", "blue", 0},
                                    Level{critical, "critical", "red", 1},
                                    Level{major, "major", "orange", 2},
                                    Level{minor, "minor", "yellow", 3},
                                    Level{warning, "warning", "dodgerblue", 4},
                                    Level{indeterminate, "indeterminate", "lightblue", 5},
                                    Level{informational, "informational", "#00CC00", 6},
                                    Level{AlertSeverity::normal, "normal", "#00CC00", 7},
                                    Level{ok, "ok", "#00CC00", 7},
                                    Level{cleared, "cleared", "#00CC00", 7},
                                    Level{debug, "debug", "#9D006D", 8},
                                    Level{trace, "trace", "#7554BF", 9},
                                    Level{unknown, "unknown", "silver", 10}};
constexpr std::array kIsaLevels{Level{critical, "Critical", "red", 5},
                                Level{major, "High", "orange", 4},
                                Level{minor, "Medium", "yellow", 3},
                                Level{warning, "Low", "dodgerblue", 2},
                                Level{informational, "Advisory", "lightblue", 1},
                                Level{AlertSeverity::normal, "OK", "#00CC00", 0}};

constexpr std::array<std::pair<std::string_view, Action>, 4> kByHand{
    {{"open", Action::open}, {"ack", Action::ack}, {"shelved", Action::shelve}, {"closed", Action::close}}};
constexpr std::array<std::pair<std::string_view, Action>, 4> kIsaByHand{
    {{"UNACK", Action::open}, {"ACKED", Action::ack}, {"SHLVD", Action::shelve}, {"NORM", Action::close}}};

std::string words_of(std::span<const Level> levels) {
  std::string out;
  for (const Level& level : levels) out.append(out.empty() ? "" : ", ").append(level.word);
  return out;
}

}  // namespace

const AlarmTerms& AlarmTerms::of(alerts::AlarmModel::Name model) {
  using Name = alerts::AlarmModel::Name;
  static constexpr AlarmTerms kAlerta{.name = Name::alerta,
                                      .title = "ALERTA",
                                      .levels = kAlertasLevels,
                                      .normal = "normal",
                                      .previous = "indeterminate"};
  static constexpr AlarmTerms kIsa{.name = Name::isa_18_2,
                                   .title = "ANSI/ISA 18.2",
                                   .levels = kIsaLevels,
                                   .normal = "OK",
                                   .previous = "OK"};
  return model == Name::isa_18_2 ? kIsa : kAlerta;
}

std::string_view AlarmTerms::severity(AlertSeverity severity) const {
  const auto same = std::ranges::find(levels, severity, &Level::severity);
  if (same != levels.end()) return same->word;
  if (is_normal(severity)) return normal;
  for (const Level& level : levels)
    if (severity_code(level.severity) >= severity_code(severity)) return level.word;
  return levels[levels.size() - 2].word;
}

Result<AlertSeverity> AlarmTerms::parse_severity(std::string_view word) const {
  const auto found = std::ranges::find(levels, word, &Level::word);
  if (found != levels.end()) return found->severity;
  if (const auto ours = parse_any_severity(word)) return *ours;
  return fail_field(Errc::kInvalid, "severity", "\"{}\" is no severity: {}", word.substr(0, 40),
                    words_of(levels));
}

std::string_view AlarmTerms::status(const Alert& alert) const {
  return status(alert.status, alert.alarm_state);
}

std::string_view AlarmTerms::status(const AlertHistory& entry) const {
  return status(entry.status, entry.alarm_state);
}

std::string_view AlarmTerms::status(AlertStatus status, std::optional<AlarmState> state) const {
  return isa() ? to_string(state.value_or(alerts::state_of(status))) : to_string(status);
}

Result<std::optional<AlertStatus>> AlarmTerms::parse_status(std::string_view word) const {
  if (isa()) {
    const auto state = parse_alarm_state(word);
    if (state == AlarmState::dsupr) return AlertStatus::unknown;
    if (state == AlarmState::oosrv) return AlertStatus::blackout;
    if (state == AlarmState::norm || state == AlarmState::unack) return std::nullopt;
    if (const auto ours = parse_alert_status(word)) {
      const bool kept = ours == AlertStatus::unknown || ours == AlertStatus::blackout;
      return kept ? ours : std::optional<AlertStatus>();
    }
    return fail_field(Errc::kInvalid, "status", "\"{}\" is no status that a report may have: DSUPR, OOSRV",
                      word.substr(0, 40));
  }
  const auto status = parse_alert_status(word);
  if (!status) return fail_field(Errc::kInvalid, "status", "\"{}\" is no status", word.substr(0, 40));
  return status == AlertStatus::open ? std::nullopt : status;
}

Result<Action> AlarmTerms::action_to(std::string_view status) const {
  const auto& by_hand = isa() ? kIsaByHand : kByHand;
  std::string words;
  for (const auto& [word, action] : by_hand) {
    if (word == status) return action;
    words.append(words.empty() ? "" : ", ").append(word);
  }
  return fail_field(Errc::kInvalid, "status", "Must supply 'status' as json data: {}", words);
}

}  // namespace sentinella::api::alerta
