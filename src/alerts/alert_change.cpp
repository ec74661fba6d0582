#include "alerts/alert_change.h"

#include <algorithm>

#include "base/ids.h"

namespace sentinella::alerts {
namespace {

using Transition = Notification::Transition;

constexpr std::size_t kMaxHistory = 100;
constexpr std::string_view kPrometheus = "prometheusAlert";

void record(const AlertChange& change, std::string_view type, Time at, const std::string& text,
            const std::string& user) {
  Alert& alert = change.alert;
  AlertHistory entry{at,          std::string(type), alert.severity, alert.status,
                     alert.event, alert.value,       text,           user};
  alert.history.push_back(entry);
  if (alert.history.size() > kMaxHistory) alert.history.erase(alert.history.begin());
  change.fresh.push_back(std::move(entry));
}

/// By a microsecond at least: sequences of notifications are made of it, so that they grow over restarts and
/// clocks that are set back.
void moves_on(const AlertChange& change) {
  change.alert.update_time = std::max(change.now, change.alert.update_time + std::chrono::microseconds(1));
}

void merge(AlertExtras& extras, const AlertExtras& report) {
  extras.timeout = report.timeout;
  const bool as_before = extras.labels == report.labels && extras.annotations == report.annotations &&
                         extras.tags == report.tags && extras.correlate == report.correlate &&
                         extras.group == report.group && extras.type == report.type &&
                         extras.origin == report.origin;
  if (as_before) return;
  for (const Label& label : report.labels) extras.labels.set(label.name, label.value);
  for (const Label& label : report.annotations) extras.annotations.set(label.name, label.value);
  for (const std::string& tag : report.tags)
    if (std::ranges::find(extras.tags, tag) == extras.tags.end()) extras.tags.push_back(tag);
  std::ranges::sort(extras.tags);
  if (!report.correlate.empty()) extras.correlate = report.correlate;
  if (!report.group.empty()) extras.group = report.group;
  if (!report.type.empty()) extras.type = report.type;
  if (!report.origin.empty()) extras.origin = report.origin;
}

/// What every report replaces.
void take_words(Alert& alert, const Signal& signal, Time now) {
  alert.last_receive_time = now;
  alert.rule_id = signal.rule_id;
  if (!signal.service.empty()) alert.service = signal.service;
  if (!signal.text.empty()) alert.text = signal.text;
  if (!signal.value.empty()) alert.value = signal.value;
  merge(alert.extras, signal.extras);
}

Situation situation_of(const Alert& alert) {
  return {alert.status, status_before(alert), alert.severity, alert.previous_severity};
}

void set_status(Alert& alert, AlertStatus status) {
  if (alert.status != status) alert.status_until = {};
  alert.status = status;
}

Told raise(const AlertChange& change, const Signal& signal) {
  Alert& alert = change.alert;
  const bool again = !alert.id.empty();
  alert.previous_severity = again ? alert.severity : AlertSeverity::indeterminate;
  AlertStatus status = signal.status.value_or(AlertStatus::open);
  if (again) {
    status = by_report(situation_of(alert), signal.severity, signal.status);
  } else {
    alert.id = to_text(random_uuid());
    if (is_normal(signal.severity)) status = AlertStatus::closed;
  }
  alert.host = signal.host;
  alert.service = signal.service;
  alert.event = signal.event;
  alert.severity = signal.severity;
  set_status(alert, status);
  alert.tier = signal.tier;
  alert.value = alert.text = "";
  alert.playbook = signal.playbook;
  alert.duplicate_count = 0;
  alert.cause.clear();
  alert.create_time = signal.at;
  alert.receive_time = change.now;
  take_words(alert, signal, change.now);
  moves_on(change);
  record(change, again ? "open" : "new", signal.at, signal.text, "");
  if (!is_live(status)) return std::nullopt;
  return again ? Transition::reopened : Transition::opened;
}

/// A value that the sender measured anew: of its history. Our own rules' values are measurements, of which
/// the store has every one.
bool brings_value(const Alert& alert, const Signal& signal) {
  return !alert.extras.origin.empty() && !signal.value.empty() && signal.value != alert.value;
}

/// What it followed from is over, and it still stands: now it wakes somebody by itself.
bool grows_urgent(const Alert& alert, const Signal& signal) {
  return signal.state == Signal::State::firing && alert.extras.origin.empty() && signal.tier < alert.tier;
}

Told repeat(const AlertChange& change, const Signal& signal, AlertStatus status) {
  Alert& alert = change.alert;
  const bool new_value = brings_value(alert, signal);
  const bool more_urgent = grows_urgent(alert, signal);
  take_repeat(alert, signal, change.now);
  if (more_urgent) alert.tier = signal.tier;
  if (status != alert.status || more_urgent) {
    set_status(alert, status);
    moves_on(change);
    record(change, "status", signal.at, signal.text, "");
    if (!is_live(status)) return Transition::closed;
    return more_urgent ? Transition::severity : Transition::status;
  }
  if (new_value) record(change, "value", signal.at, signal.text, "");
  return std::nullopt;
}

Told change_severity(const AlertChange& change, const Signal& signal, AlertStatus status) {
  Alert& alert = change.alert;
  alert.previous_severity = alert.severity;
  alert.severity = signal.severity;
  alert.event = signal.event;
  alert.tier = signal.tier;
  alert.duplicate_count = 0;
  alert.receive_time = change.now;
  if (!alert.extras.origin.empty()) alert.create_time = signal.at;
  set_status(alert, status);
  take_words(alert, signal, change.now);
  moves_on(change);
  record(change, "severity", signal.at, signal.text, "");
  return is_live(status) ? Transition::severity : Transition::closed;
}

void close(const AlertChange& change, std::string_view type, Time at, const std::string& text,
           const std::string& user) {
  change.alert.previous_severity = change.alert.severity;
  change.alert.severity = AlertSeverity::normal;
  set_status(change.alert, AlertStatus::closed);
  moves_on(change);
  record(change, type, at, text, user);
}

bool silent_for_too_long(const Alert& alert, Time now, Time since) {
  return alert.extras.timeout > Duration{} &&
         std::max(alert.last_receive_time, since) + alert.extras.timeout <= now;
}

}  // namespace

bool only_repeats(const Alert& alert, const Signal& signal) {
  if (!is_live(alert.status) || signal.state == Signal::State::resolved || is_normal(signal.severity))
    return false;
  if (signal.state == Signal::State::firing && signal.severity != alert.severity) return false;
  // The service says what others follow from it.
  if (signal.event != alert.event || (!signal.service.empty() && signal.service != alert.service))
    return false;
  if (brings_value(alert, signal) || grows_urgent(alert, signal)) return false;
  return by_report(situation_of(alert), signal.severity, signal.status) == alert.status;
}

void take_repeat(Alert& alert, const Signal& signal, Time now) {
  alert.duplicate_count += signal.count;
  take_words(alert, signal, now);
}

Told take_report(const AlertChange& change, const Signal& signal) {
  Alert& alert = change.alert;
  const bool known = !alert.id.empty();
  const bool ended = !known || !is_live(alert.status);
  if (known && ended && is_normal(signal.severity)) {
    alert.duplicate_count += signal.count;
    alert.event = signal.event;
    take_words(alert, signal, change.now);
    return std::nullopt;
  }
  if (ended) return raise(change, signal);
  const AlertStatus status = by_report(situation_of(alert), signal.severity, signal.status);
  const bool same = signal.severity == alert.severity && signal.event == alert.event;
  if (same || signal.state == Signal::State::repeated) return repeat(change, signal, status);
  return change_severity(change, signal, status);
}

Told take_resolution(const AlertChange& change, const Signal& signal) {
  Alert& alert = change.alert;
  if (alert.id.empty() || !is_live(alert.status)) return std::nullopt;
  alert.last_receive_time = change.now;
  if (!signal.value.empty()) alert.value = signal.value;
  if (!signal.text.empty()) alert.text = signal.text;
  close(change, "close", signal.at, signal.text, "");
  return Transition::closed;
}

Result<Told> take_action(const AlertChange& change, const ActionRequest& request) {
  Alert& alert = change.alert;
  const AlertStatus before = alert.status;
  SENT_TRY_ASSIGN(const Verdict verdict, by_action(situation_of(alert), request.action));
  const std::string_view type = to_string(request.action);
  if (verdict.status == before) {
    record(change, type, change.now, request.text, request.user);
    return Told{};
  }
  if (verdict.status == AlertStatus::closed) {
    close(change, type, change.now, request.text, request.user);
    return Told(Transition::closed);
  }
  const bool reopens = !is_live(before);
  if (reopens && before == AlertStatus::closed) {
    std::swap(alert.severity, alert.previous_severity);
    if (is_normal(alert.severity)) alert.severity = AlertSeverity::warning;
  }
  set_status(alert, verdict.status);
  if (request.timeout > Duration{} && verdict.status != AlertStatus::open)
    alert.status_until = change.now + request.timeout;
  if (reopens) alert.last_receive_time = change.now;
  moves_on(change);
  record(change, type, change.now, request.text, request.user);
  if (!is_live(verdict.status)) return Told(Transition::closed);
  return Told(reopens ? Transition::reopened : Transition::status);
}

Time deadline_of(const Alert& alert, Time since) {
  Time deadline = alert.status_until;
  if (alert.extras.timeout > Duration{}) {
    const Time end = std::max(alert.last_receive_time, since) + alert.extras.timeout;
    if (deadline == Time{} || end < deadline) deadline = end;
  }
  return deadline;
}

Told take_deadline(const AlertChange& change, Time since) {
  Alert& alert = change.alert;
  if (silent_for_too_long(alert, change.now, since)) {
    if (alert.extras.type == kPrometheus) {
      alert.extras.annotations.set("resolved", "absent");
      close(change, "close", change.now, "no report any more: resolved as its sender means it", "");
    } else {
      set_status(alert, AlertStatus::expired);
      moves_on(change);
      record(change, "expired", change.now, "no report came within the alert's timeout", "");
    }
    return Transition::closed;
  }
  if (alert.status_until == Time{} || alert.status_until > change.now) return std::nullopt;
  const auto verdict = by_action(situation_of(alert), Action::timeout);
  set_status(alert, verdict ? verdict->status : AlertStatus::open);
  alert.status_until = {};
  moves_on(change);
  record(change, "timeout", change.now, "", "");
  return alert.status == AlertStatus::open ? Told(Transition::reminder) : Told(Transition::status);
}

}  // namespace sentinella::alerts
