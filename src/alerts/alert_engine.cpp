#include "alerts/alert_engine.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/ids.h"
#include "base/mutex.h"

namespace sentinella::alerts {
namespace {

constexpr std::size_t kMaxHistory = 100;
constexpr std::size_t kMaxEvidence = 20;  ///< of more, the first and the last half are kept
constexpr std::string_view kNoCloud = "Production";

/// A host belongs to one cloud, so the environment follows from the resource and needs no place in the key.
using Key = std::tuple<AccountId, std::string, std::string>;  ///< resource, event

Key key_of(const Alert& alert) {
  return {alert.account, alert.resource, alert.event};
}

bool worse(AlertSeverity a, AlertSeverity b) {
  return a < b;
}

void add_evidence(Alert& alert, std::vector<EvidenceLine> lines) {
  for (EvidenceLine& line : lines) {
    alert.evidence.push_back(std::move(line));
    if (alert.evidence.size() > kMaxEvidence) alert.evidence.erase(alert.evidence.begin() + kMaxEvidence / 2);
  }
}

}  // namespace

std::optional<Action> parse_action(std::string_view text) {
  if (text == "ack") return Action::ack;
  if (text == "unack") return Action::unack;
  if (text == "close") return Action::close;
  if (text == "open") return Action::open;
  if (text == "note") return Action::note;
  return std::nullopt;
}

struct AlertEngine::Impl {
  Impl(catalog::Database& db, Surroundings around) : database(db), surroundings(std::move(around)) {}

  /// One transaction's work on alerts: what changed, and whom to tell.
  struct Work {
    catalog::Transaction& tx;
    Time now;
    std::map<Key, Alert> changed;
    std::map<std::string, std::vector<AlertHistory>> history;  ///< by alert id, to be appended
    std::vector<Notification> notifications;
  };

  Result<void> take(Work& work, const Signal& signal) SENT_REQUIRES(mutex);
  Result<Alert*> find(Work& work, const Signal& signal) SENT_REQUIRES(mutex);
  void raise(Work& work, Alert& alert, const Signal& signal, bool again);
  void repeat(Alert& alert, const Signal& signal, Time now);
  void change_severity(Work& work, Alert& alert, const Signal& signal);
  void close(Work& work, Alert& alert, std::string_view type, Time at, const std::string& value,
             const std::string& text, const std::string& user);
  Result<void> store(Work& work);
  void publish(Work& work, bool with_undo) SENT_REQUIRES(mutex);

  static void record(Work& work, Alert& alert, std::string_view type, Time at, const std::string& text,
                     const std::string& user);
  static void notify(Work& work, const Alert& alert, Notification::Transition transition);
  Result<void> apply_action(Work& work, Alert& alert, Action action, const std::string& text,
                            const std::string& user);

  catalog::Database& database;
  Surroundings surroundings;
  mutable Mutex mutex;
  CondVar settled;
  std::map<Key, Alert> live SENT_GUARDED_BY(mutex);
  std::map<Key, std::optional<Alert>> undo SENT_GUARDED_BY(mutex);  ///< as it was before the open transaction
  /// Whose changes are in the table although nobody knows yet whether their transaction was committed.
  enum class Pending : std::uint8_t { nobody, apply, act } pending SENT_GUARDED_BY(mutex) = Pending::nobody;
};

void AlertEngine::Impl::record(Work& work, Alert& alert, std::string_view type, Time at,
                               const std::string& text, const std::string& user) {
  AlertHistory entry{at,          std::string(type), alert.severity, alert.status,
                     alert.event, alert.value,       text,           user};
  alert.history.push_back(entry);
  if (alert.history.size() > kMaxHistory) alert.history.erase(alert.history.begin());
  work.history[alert.id].push_back(std::move(entry));
}

/// Every transition moves update_time on, by a microsecond at least: it is what the sequence is made of, so
/// that sequences grow over restarts and clocks that are set back.
void AlertEngine::Impl::notify(Work& work, const Alert& alert, Notification::Transition transition) {
  work.notifications.push_back(
      {transition, to_text(random_uuid()),
       static_cast<std::uint64_t>(std::max<std::int64_t>(alert.update_time.ns / 1000, 0)), alert});
}

namespace {

void moves_on(Alert& alert, Time now) {
  alert.update_time = std::max(now, alert.update_time + std::chrono::microseconds(1));
}

}  // namespace

/// The alert that the signal is about: changed in this transaction already, live, or closed and to be
/// reopened. nullptr: there is none and a resolution needs none.
Result<Alert*> AlertEngine::Impl::find(Work& work, const Signal& signal) {
  const Key key{signal.account, signal.resource, signal.event};
  if (const auto found = work.changed.find(key); found != work.changed.end()) return &found->second;
  if (const auto found = live.find(key); found != live.end())
    return &work.changed.emplace(key, found->second).first->second;
  if (signal.state == Signal::State::resolved) return nullptr;
  Alert alert;
  alert.account = signal.account;
  alert.resource = signal.resource;
  alert.event = signal.event;
  alert.environment = surroundings.environment ? surroundings.environment(signal.account, signal.host) : "";
  if (alert.environment.empty()) alert.environment = kNoCloud;
  SENT_TRY_ASSIGN(const auto earlier, catalog::previous_alerts(work.tx, alert, 1));
  if (!earlier.empty()) {
    const std::string environment = alert.environment;
    SENT_TRY_ASSIGN(alert, catalog::find_alert(work.tx, signal.account, earlier.front().id));
    alert.environment = environment;
  }
  return &work.changed.emplace(key, std::move(alert)).first->second;
}

Result<void> AlertEngine::Impl::take(Work& work, const Signal& signal) {
  SENT_TRY_ASSIGN(Alert* const alert, find(work, signal));
  if (!alert) return {};
  const bool is_live = !alert->id.empty() && alert->status != AlertStatus::closed;
  if (signal.state == Signal::State::resolved) {
    if (is_live) {
      alert->last_receive_time = work.now;
      close(work, *alert, "close", signal.at, signal.value, signal.text, "");
    }
  } else if (is_live) {
    if (signal.state == Signal::State::firing && signal.severity != alert->severity) {
      change_severity(work, *alert, signal);
    } else {
      repeat(*alert, signal, work.now);
    }
  } else if (signal.state == Signal::State::firing || signal.count > 0) {
    raise(work, *alert, signal, !alert->id.empty());
  } else {
    work.changed.erase(key_of(*alert));
  }
  return {};
}

void AlertEngine::Impl::raise(Work& work, Alert& alert, const Signal& signal, bool again) {
  alert.previous_severity = again ? alert.severity : AlertSeverity::indeterminate;
  if (!again) alert.id = to_text(random_uuid());
  alert.host = signal.host;
  alert.service = signal.service;
  alert.severity = signal.severity;
  alert.status = AlertStatus::open;
  alert.tier = signal.tier;
  alert.value = signal.value;
  alert.text = signal.text;
  alert.rule_id = signal.rule_id;
  alert.playbook = signal.playbook;
  alert.duplicate_count = 0;
  alert.create_time = signal.at;
  alert.receive_time = alert.last_receive_time = work.now;
  moves_on(alert, work.now);
  alert.evidence.clear();
  if (surroundings.evidence)
    add_evidence(alert, surroundings.evidence(signal.account, signal.host, signal.service, signal.at));
  for (const EvidenceLine& line : signal.evidence) {
    const bool known =
        std::ranges::any_of(alert.evidence, [&](const EvidenceLine& e) { return e.id == line.id; });
    if (!known) add_evidence(alert, {line});
  }
  record(work, alert, again ? "open" : "new", signal.at, signal.text, "");
  notify(work, alert, again ? Notification::Transition::reopened : Notification::Transition::opened);
}

void AlertEngine::Impl::repeat(Alert& alert, const Signal& signal, Time now) {
  alert.duplicate_count += signal.count;
  alert.last_receive_time = now;
  alert.rule_id = signal.rule_id;
  if (!signal.text.empty()) alert.text = signal.text;
  if (!signal.value.empty()) alert.value = signal.value;
  add_evidence(alert, signal.evidence);
}

void AlertEngine::Impl::change_severity(Work& work, Alert& alert, const Signal& signal) {
  const bool got_worse = worse(signal.severity, alert.severity);
  alert.previous_severity = alert.severity;
  alert.severity = signal.severity;
  alert.tier = signal.tier;
  alert.value = signal.value;
  alert.text = signal.text;
  alert.duplicate_count = 0;
  alert.last_receive_time = work.now;
  if (got_worse) alert.status = AlertStatus::open;  // whoever acknowledged it acknowledged something milder
  moves_on(alert, work.now);
  add_evidence(alert, signal.evidence);
  record(work, alert, "severity", signal.at, signal.text, "");
  notify(work, alert, Notification::Transition::severity);
}

void AlertEngine::Impl::close(Work& work, Alert& alert, std::string_view type, Time at,
                              const std::string& value, const std::string& text, const std::string& user) {
  alert.previous_severity = alert.severity;
  alert.severity = AlertSeverity::normal;
  alert.status = AlertStatus::closed;
  if (!value.empty()) alert.value = value;
  if (!text.empty()) alert.text = text;
  moves_on(alert, work.now);
  record(work, alert, type, at, text, user);
  notify(work, alert, Notification::Transition::closed);
}

Result<void> AlertEngine::Impl::store(Work& work) {
  for (const auto& [key, alert] : work.changed) {
    SENT_TRY(catalog::put_alert(work.tx, alert));
    const auto entries = work.history.find(alert.id);
    if (entries == work.history.end()) continue;
    for (const AlertHistory& entry : entries->second)
      SENT_TRY(catalog::append_history(work.tx, alert.id, entry));
  }
  return {};
}

void AlertEngine::Impl::publish(Work& work, bool with_undo) {
  for (auto& [key, alert] : work.changed) {
    if (with_undo) {
      const auto before = live.find(key);
      undo.try_emplace(key, before == live.end() ? std::nullopt : std::optional(before->second));
    }
    if (alert.status == AlertStatus::closed) {
      live.erase(key);
    } else {
      live.insert_or_assign(key, std::move(alert));
    }
  }
}

AlertEngine::AlertEngine() = default;
AlertEngine::~AlertEngine() = default;

Result<std::unique_ptr<AlertEngine>> AlertEngine::create(catalog::Database& database,
                                                         Surroundings surroundings) {
  std::vector<Alert> alerts;
  SENT_TRY(database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(alerts, catalog::load_live_alerts(tx));
    return {};
  }));
  std::unique_ptr<AlertEngine> engine(new AlertEngine());
  engine->impl_ = std::make_unique<Impl>(database, std::move(surroundings));
  Lock lock(engine->impl_->mutex);
  for (Alert& alert : alerts) engine->impl_->live.insert_or_assign(key_of(alert), std::move(alert));
  return engine;
}

Result<std::vector<Notification>> AlertEngine::apply(catalog::Transaction& tx,
                                                     const std::vector<Signal>& signals, Time now) {
  Lock lock(impl_->mutex);
  while (impl_->pending == Impl::Pending::act) impl_->settled.wait(impl_->mutex);
  impl_->pending = Impl::Pending::apply;
  Impl::Work work{tx, now, {}, {}, {}};
  for (const Signal& signal : signals) SENT_TRY(impl_->take(work, signal));
  SENT_TRY(impl_->store(work));
  impl_->publish(work, true);
  return std::move(work.notifications);
}

void AlertEngine::published() {
  Lock lock(impl_->mutex);
  impl_->undo.clear();
  impl_->pending = Impl::Pending::nobody;
  impl_->settled.notify_all();
}

void AlertEngine::rolled_back() {
  Lock lock(impl_->mutex);
  for (auto& [key, before] : impl_->undo) {
    if (before) {
      impl_->live.insert_or_assign(key, std::move(*before));
    } else {
      impl_->live.erase(key);
    }
  }
  impl_->undo.clear();
  impl_->pending = Impl::Pending::nobody;
  impl_->settled.notify_all();
}

Result<void> AlertEngine::Impl::apply_action(Work& work, Alert& alert, Action action, const std::string& text,
                                             const std::string& user) {
  const auto refuse = [&](std::string_view verb) {
    return fail(Errc::kConflict, "the alert is {}: it cannot be {}", to_string(alert.status), verb);
  };
  const auto set = [&](AlertStatus status, std::string_view type) {
    alert.status = status;
    moves_on(alert, work.now);
    record(work, alert, type, work.now, text, user);
  };
  switch (action) {
    case Action::note:
      record(work, alert, "note", work.now, text, user);
      return {};
    case Action::ack:
      if (alert.status != AlertStatus::open) return refuse("acknowledged");
      set(AlertStatus::ack, "ack");
      return {};
    case Action::unack:
      if (alert.status != AlertStatus::ack) return refuse("taken back");
      set(AlertStatus::open, "unack");
      return {};
    case Action::close:
      if (alert.status == AlertStatus::closed) return refuse("closed");
      close(work, alert, "close", work.now, "", "", user);
      // What the person said belongs into the history, not into the alert's own text.
      alert.history.back().text = work.history[alert.id].back().text = text;
      work.notifications.back().alert = alert;
      return {};
    case Action::open:
      if (alert.status == AlertStatus::open) return refuse("opened");
      if (alert.status == AlertStatus::closed) {
        std::swap(alert.severity, alert.previous_severity);
        if (alert.severity >= AlertSeverity::normal) alert.severity = AlertSeverity::warning;
        set(AlertStatus::open, "open");
        notify(work, alert, Notification::Transition::reopened);
        return {};
      }
      set(AlertStatus::open, "open");
      return {};
  }
  return fail(Errc::kInvalid, "no such action");
}

Result<std::pair<Alert, std::vector<Notification>>> AlertEngine::act(
    AccountId account, const std::string& alert_id, Action action, const std::string& text,
    const Caller& caller, Time now,
    const std::function<Result<void>(catalog::Transaction&, const std::vector<Notification>&)>& enqueue) {
  if (text.size() > 10000) return fail_field(Errc::kTooLarge, "text", "{} bytes, at most 10000", text.size());
  Alert result;
  std::vector<Notification> notifications;
  bool in_table = false;
  Impl& impl = *impl_;
  const auto written = impl.database.write([&](catalog::Transaction& tx) -> Result<void> {
    // We hold the database's one writer, so apply() cannot begin; but its last transaction may have ended
    // without word of how. The table is true only then.
    Lock lock(impl.mutex);
    while (impl.pending != Impl::Pending::nobody) impl.settled.wait(impl.mutex);
    Impl::Work work{tx, now, {}, {}, {}};
    SENT_TRY_ASSIGN(Alert alert, catalog::find_alert(tx, account, alert_id));
    const Key key = key_of(alert);
    const auto found = impl.live.find(key);
    const bool has_successor = found != impl.live.end() && found->second.id != alert.id;
    if (has_successor && action != Action::note)
      return fail(Errc::kConflict, "this alert has a successor, {}", found->second.id);
    SENT_TRY(impl.apply_action(work, alert, action, text, caller.name));
    result = alert;
    work.changed.emplace(key, std::move(alert));
    SENT_TRY(impl.store(work));
    if (!work.notifications.empty()) SENT_TRY(enqueue(tx, work.notifications));
    notifications = std::move(work.notifications);
    if (has_successor) return {};
    in_table = true;
    impl.pending = Impl::Pending::act;
    impl.publish(work, true);
    return {};
  });
  if (in_table) written ? published() : rolled_back();
  if (!written) return std::unexpected(written.error());
  return std::pair(std::move(result), std::move(notifications));
}

std::vector<Alert> AlertEngine::live(AccountId account) const {
  Lock lock(impl_->mutex);
  std::vector<Alert> out;
  for (auto it = impl_->live.lower_bound({account, "", ""});
       it != impl_->live.end() && std::get<0>(it->first) == account; ++it)
    out.push_back(it->second);
  return out;
}

}  // namespace sentinella::alerts
