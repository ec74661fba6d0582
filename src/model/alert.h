// Rules say Signal, the alert engine makes Alerts of them, notify delivers Notifications. Field names and
// meaning of Alert follow Alerta (docs.alerta.io), so that its clients read ours.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/account.h"
#include "model/labels.h"
#include "model/log_record.h"

namespace sentinella {

/// Alerta's scale, worst first; ok and cleared are other words for normal.
enum class AlertSeverity : std::uint8_t {
  security,
  critical,
  major,
  minor,
  warning,
  indeterminate,
  informational,
  normal,
  debug,
  trace,
  unknown,
  ok,
  cleared
};
std::string_view to_string(AlertSeverity severity);
/// What our own rules and API know: critical to normal.
std::optional<AlertSeverity> parse_alert_severity(std::string_view text);
/// Every word of Alerta's.
std::optional<AlertSeverity> parse_any_severity(std::string_view text);
/// Nothing is wrong (any more).
constexpr bool is_normal(AlertSeverity severity) {
  return severity == AlertSeverity::normal || severity == AlertSeverity::ok ||
         severity == AlertSeverity::cleared;
}
/// Smaller is worse; ok and cleared equal normal.
constexpr int severity_code(AlertSeverity severity) {
  return static_cast<int>(is_normal(severity) ? AlertSeverity::normal : severity);
}
constexpr bool is_worse(AlertSeverity a, AlertSeverity b) {
  return severity_code(a) < severity_code(b);
}

/// Alerta's; alerts/alerta_model.h says how one becomes another.
enum class AlertStatus : std::uint8_t { open, assign, ack, shelved, blackout, closed, expired, unknown };
std::string_view to_string(AlertStatus status);
std::optional<AlertStatus> parse_alert_status(std::string_view text);
/// Something may still be wrong: neither closed nor expired.
constexpr bool is_live(AlertStatus status) {
  return status != AlertStatus::closed && status != AlertStatus::expired;
}

/// Of ANSI/ISA 18.2; alerts/isa_model.h says how one becomes another.
enum class AlarmState : std::uint8_t { norm, unack, acked, rtnun, shlvd, dsupr, oosrv };
std::string_view to_string(AlarmState state);
std::optional<AlarmState> parse_alarm_state(std::string_view text);

/// Who is told: page wakes someone, ticket waits for office hours, info tells nobody.
enum class Tier : std::uint8_t { page, ticket, info };
std::string_view to_string(Tier tier);
std::optional<Tier> parse_tier(std::string_view text);

/// A log line kept with the alert, so that it is still true after the log has rotated away.
struct EvidenceLine {
  RecordId id;
  Time time;
  std::string host;
  std::string service;
  Severity severity = Severity::unspecified;
  std::string text;  ///< the raw line, at most 4 KiB, first line of a joined record
  std::string request_id;
  std::string traceback;  ///< at most 16 KiB
};

/// What a sender at one of the doors may say beyond what our own rules do.
struct AlertExtras {
  std::string fingerprint;  ///< identity within resource and event: two alerts may differ in labels only
  std::string origin;       ///< who sent it; "" = our own rules
  std::string group;
  std::string type;
  Labels labels;                       ///< Prometheus' labels
  Labels annotations;                  ///< Prometheus' annotations, Alerta's attributes
  std::vector<std::string> tags;       ///< united on every report
  std::vector<std::string> correlate;  ///< events that stand for the same trouble: node_down, node_up
  Duration timeout{};                  ///< without a further report the alert ends after this; 0 = never
  friend bool operator==(const AlertExtras&, const AlertExtras&) = default;
};

/// What a rule says of one instance (rule x resource), or a sender at a door.
struct Signal {
  enum class State : std::uint8_t { firing, repeated, resolved } state = State::firing;
  AccountId account{};
  std::string rule_id;
  std::string event;     ///< ServiceDown, NoValidHost, CpuSaturated ...
  std::string resource;  ///< "compute1/nova-compute", "controller"
  std::string host;
  std::string service;
  AlertSeverity severity = AlertSeverity::warning;
  Tier tier = Tier::ticket;
  Time at;            ///< when it became true, by the data
  std::string value;  ///< "372", "down" ...
  std::string text;   ///< one sentence: "nova-compute on compute1 was killed by signal 9"
  std::string playbook;
  std::uint32_t count = 1;             ///< repeated: how many matches it stands for
  std::vector<EvidenceLine> evidence;  ///< TAILABLE: the matching records
  std::string environment;             ///< "" = that of the host
  std::optional<AlertStatus> status;   ///< a sender may name the status itself
  AlertExtras extras;
};

struct AlertHistory {
  Time time;
  /// new, open, assign, ack, unack, shelve, unshelve, close, status, value, severity, note, timeout, expired
  std::string type;
  AlertSeverity severity = AlertSeverity::normal;
  AlertStatus status = AlertStatus::open;
  std::string event;
  std::string value;
  std::string text;
  std::string user;                            ///< "" = the engine
  std::optional<AlarmState> alarm_state = {};  ///< as the alert's
  std::string owner = {};                      ///< the alert's, after this entry
};

struct Alert {
  std::string id;  ///< UUID; that of the first report, for as long as the alert lives
  AccountId account{};
  std::string environment;  ///< the cloud's name; "Production" when the node is not classified
  std::string resource;
  std::string event;
  std::string host;
  std::string service;
  AlertSeverity severity = AlertSeverity::warning;
  AlertSeverity previous_severity = AlertSeverity::indeterminate;
  AlertStatus status = AlertStatus::open;
  std::optional<AlarmState> alarm_state;  ///< where that model is used; the status follows from it
  Tier tier = Tier::ticket;
  std::string value;
  std::string text;
  std::string rule_id;
  std::string playbook;
  std::uint64_t duplicate_count = 0;
  Time create_time;   ///< when the condition became true
  Time receive_time;  ///< when we knew
  Time last_receive_time;
  Time update_time;   ///< last change of status or severity
  Time status_until;  ///< ack and shelved end then; zero = never
  std::string cause;  ///< id of the alert that this one follows from; "" = none is known
  std::string owner;  ///< who sees to it: a person's login name, or a team's name; "" = nobody
  AlertExtras extras;
  std::vector<EvidenceLine> evidence;  ///< fixed at raise time, newest last
  std::vector<AlertHistory> history;   ///< oldest first, at most 100
};

/// A change of an alert that somebody may have to hear of.
struct Notification {
  enum class Transition : std::uint8_t {
    opened,
    severity,
    reopened,
    closed,
    status,    ///< acknowledged, shelved ...: for those who were told already
    update,    ///< some of several alerts told together have closed
    reminder,  ///< still open: by the clock, or after a silence
    flapping   ///< opens and closes so often that each time is not told any more
  } transition = Transition::opened;
  std::string delivery_id;     ///< UUID, the same on every retry
  std::uint64_t sequence = 0;  ///< grows with every transition of an alert
  Alert alert;
};
std::string_view to_string(Notification::Transition transition);
std::optional<Notification::Transition> parse_transition(std::string_view text);

}  // namespace sentinella
