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
  AlertHistory entry{at,   std::string(type), alert.severity, alert.status, alert.event, alert.value, text,
                     user, alert.alarm_state, alert.owner};
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
  if (alert.id.empty()) return {};
  return {alert.status, status_before(alert), alert.severity, alert.previous_severity, alert.alarm_state};
}

/// A shelving outlives the end of the trouble: it may be back before it runs out, and not be shelved for
/// ever.
void set_status(Alert& alert, const Verdict& verdict) {
  const bool rests = alert.status == AlertStatus::shelved && verdict.status == AlertStatus::closed;
  if (alert.status != verdict.status && !rests) alert.status_until = {};
  alert.status = verdict.status;
  alert.alarm_state = verdict.state;
}

/// A change that no report brings: the severity it had is remembered.
void adopt(Alert& alert, const Verdict& verdict) {
  if (alert.severity != verdict.severity) alert.previous_severity = alert.severity;
  alert.severity = verdict.severity;
  set_status(alert, verdict);
}

Told raise(const AlertChange& change, const Signal& signal) {
  Alert& alert = change.alert;
  const bool again = !alert.id.empty();
  Verdict verdict = change.model.by_report(situation_of(alert), signal.severity, signal.status);
  const bool still_shelved = verdict.status == AlertStatus::shelved && !signal.status && !alert.id.empty();
  const Time until = still_shelved ? alert.status_until : Time{};
  if (until != Time{} && until <= change.now) verdict.status = AlertStatus::open;
  alert.previous_severity = again ? alert.severity : AlertSeverity::indeterminate;
  if (!again) alert.id = to_text(random_uuid());
  alert.host = signal.host;
  alert.service = signal.service;
  alert.event = signal.event;
  alert.severity = signal.severity;
  // New trouble is nobody's yet. What nobody had taken note of is not over for whoever sees to it.
  if (alert.alarm_state != AlarmState::rtnun) alert.owner.clear();
  set_status(alert, verdict);
  if (verdict.status == AlertStatus::shelved) alert.status_until = until;
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
  if (!is_live(alert.status)) return std::nullopt;
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

Told repeat(const AlertChange& change, const Signal& signal, const Verdict& verdict) {
  Alert& alert = change.alert;
  const bool new_value = brings_value(alert, signal);
  const bool more_urgent = grows_urgent(alert, signal);
  take_repeat(alert, signal, change.now);
  if (more_urgent) alert.tier = signal.tier;
  const bool other_status = verdict.status != alert.status;
  set_status(alert, verdict);
  if (other_status || more_urgent) {
    moves_on(change);
    record(change, "status", signal.at, signal.text, "");
    if (!is_live(alert.status)) return Transition::closed;
    return more_urgent ? Transition::severity : Transition::status;
  }
  if (new_value) record(change, "value", signal.at, signal.text, "");
  return std::nullopt;
}

Told change_severity(const AlertChange& change, const Signal& signal, const Verdict& verdict) {
  Alert& alert = change.alert;
  alert.previous_severity = alert.severity;
  alert.severity = signal.severity;
  alert.event = signal.event;
  alert.tier = signal.tier;
  alert.duplicate_count = 0;
  alert.receive_time = change.now;
  if (!alert.extras.origin.empty()) alert.create_time = signal.at;
  set_status(alert, verdict);
  take_words(alert, signal, change.now);
  moves_on(change);
  record(change, "severity", signal.at, signal.text, "");
  return is_live(alert.status) ? Transition::severity : Transition::closed;
}

/// The condition is over.
Told end(const AlertChange& change, Time at, const std::string& text) {
  Alert& alert = change.alert;
  adopt(alert, change.model.by_report(situation_of(alert), AlertSeverity::normal));
  moves_on(change);
  record(change, "close", at, text, "");
  return is_live(alert.status) ? Transition::severity : Transition::closed;
}

/// The clock's doing, which no state forbids.
void run_out(const AlertChange& change, Action action, const std::string& text) {
  if (const auto verdict = change.model.by_action(situation_of(change.alert), action))
    adopt(change.alert, *verdict);
  moves_on(change);
  record(change, to_string(action), change.now, text, "");
}

bool silent_for_too_long(const Alert& alert, Time now, Time since) {
  return alert.extras.timeout > Duration{} &&
         std::max(alert.last_receive_time, since) + alert.extras.timeout <= now;
}

}  // namespace

bool only_repeats(const Alert& alert, const Signal& signal, const AlarmModel& model) {
  if (!is_live(alert.status) || signal.state == Signal::State::resolved || is_normal(signal.severity))
    return false;
  if (signal.state == Signal::State::firing && signal.severity != alert.severity) return false;
  // The service says what others follow from it.
  if (signal.event != alert.event || (!signal.service.empty() && signal.service != alert.service))
    return false;
  if (brings_value(alert, signal) || grows_urgent(alert, signal)) return false;
  const Verdict verdict = model.by_report(situation_of(alert), signal.severity, signal.status);
  return verdict.status == alert.status && verdict.state == alert.alarm_state;
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
  const Verdict verdict = change.model.by_report(situation_of(alert), signal.severity, signal.status);
  const bool same = signal.severity == alert.severity && signal.event == alert.event;
  if (same || signal.state == Signal::State::repeated) return repeat(change, signal, verdict);
  return change_severity(change, signal, verdict);
}

Told take_resolution(const AlertChange& change, const Signal& signal) {
  Alert& alert = change.alert;
  if (alert.id.empty() || !is_live(alert.status)) return std::nullopt;
  alert.last_receive_time = change.now;
  if (!signal.value.empty()) alert.value = signal.value;
  if (!signal.text.empty()) alert.text = signal.text;
  return end(change, signal.at, signal.text);
}

Result<Told> take_action(const AlertChange& change, const ActionRequest& request) {
  Alert& alert = change.alert;
  // Not even where another model had left the alert, for whose status this one has no word.
  if (request.action == Action::note) {
    record(change, to_string(request.action), change.now, request.text, request.user);
    return Told{};
  }
  const AlertStatus before = alert.status;
  SENT_TRY_ASSIGN(Verdict verdict, change.model.by_action(situation_of(alert), request.action));
  // What it had before it closed may have been evicted, or never been worse.
  if (verdict.status == AlertStatus::open && is_normal(verdict.severity))
    verdict.severity = AlertSeverity::warning;
  const bool changes = verdict.status != before || verdict.state != alert.alarm_state;
  adopt(alert, verdict);
  if (request.action == Action::assign) alert.owner = request.owner;
  if (request.action == Action::close) alert.status_until = {};
  if (changes) moves_on(change);
  if (verdict.status != before) {
    if (request.timeout > Duration{} && is_live(verdict.status) && verdict.status != AlertStatus::open)
      alert.status_until = change.now + request.timeout;
    if (!is_live(before)) alert.last_receive_time = change.now;
  }
  record(change, to_string(request.action), change.now, request.text, request.user);
  if (verdict.status == before) return Told{};
  if (!is_live(verdict.status)) return Told(Transition::closed);
  return Told(!is_live(before) && verdict.status == AlertStatus::open ? Transition::reopened
                                                                      : Transition::status);
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
      return end(change, change.now, "no report any more: resolved as its sender means it");
    }
    run_out(change, Action::expire, "no report came within the alert's timeout");
    return Transition::closed;
  }
  if (alert.status_until == Time{} || alert.status_until > change.now) return std::nullopt;
  run_out(change, Action::timeout, "");
  alert.status_until = {};
  if (!is_live(alert.status)) return Transition::closed;
  return alert.status == AlertStatus::open ? Told(Transition::reminder) : Told(Transition::status);
}

}  // namespace sentinella::alerts
