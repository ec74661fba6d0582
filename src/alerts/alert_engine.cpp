#include "alerts/alert_engine.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include "alerts/cause.h"
#include "alerts/live_table.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "catalog/policy.h"

namespace sentinella::alerts {
namespace {

constexpr Duration kShortlyBefore = 5min;
constexpr std::size_t kMaxEvidence = 20;  ///< of more, the first and the last half are kept

void add_evidence(Alert& alert, std::vector<EvidenceLine> lines) {
  for (EvidenceLine& line : lines) {
    const bool known = std::ranges::any_of(
        alert.evidence, [&](const EvidenceLine& e) { return line.id != RecordId{} && e.id == line.id; });
    if (known) continue;
    alert.evidence.push_back(std::move(line));
    if (alert.evidence.size() > kMaxEvidence) alert.evidence.erase(alert.evidence.begin() + kMaxEvidence / 2);
  }
}

Result<void> check_text(const std::string& text) {
  constexpr std::size_t kMost = 10000;
  if (text.size() > kMost)
    return fail_field(Errc::kTooLarge, "text", "{} bytes, at most {}", text.size(), kMost);
  return {};
}

/// Of what concerns nobody but whoever reads the alert.
Result<void> tell_nobody(catalog::Transaction&, const std::vector<Notification>&) {
  return {};
}

/// Copies nothing that it leaves out.
Alert in_short(const Alert& alert) {
  Alert out;
  out.id = alert.id;
  out.account = alert.account;
  out.environment = alert.environment;
  out.resource = alert.resource;
  out.event = alert.event;
  out.host = alert.host;
  out.service = alert.service;
  out.severity = alert.severity;
  out.previous_severity = alert.previous_severity;
  out.status = alert.status;
  out.alarm_state = alert.alarm_state;
  out.tier = alert.tier;
  out.value = alert.value;
  out.text = alert.text;
  out.rule_id = alert.rule_id;
  out.duplicate_count = alert.duplicate_count;
  out.create_time = alert.create_time;
  out.receive_time = alert.receive_time;
  out.last_receive_time = alert.last_receive_time;
  out.update_time = alert.update_time;
  out.status_until = alert.status_until;
  out.cause = alert.cause;
  out.owner = alert.owner;
  out.extras = alert.extras;
  return out;
}

}  // namespace

struct AlertEngine::Impl {
  Impl(catalog::Database& db, Surroundings around, const AlarmModel& alarms)
      : database(db), surroundings(std::move(around)), model(alarms) {}

  /// One transaction's work on alerts: what changed, and whom to tell.
  struct Work {
    catalog::Transaction& tx;
    Time now;
    std::map<AlertKey, Alert> changed = {};
    std::set<AlertKey> causes = {};    ///< of changed, those that may_cause() or did
    std::vector<AlertKey> moved = {};  ///< keys under which an alert was live before its event changed
    std::map<std::string, std::vector<AlertHistory>> history = {};  ///< by alert id, to be appended
    std::vector<Notification> notifications = {};
  };

  Result<void> take(Work& work, const Signal& signal) SENT_REQUIRES(mutex);
  Result<Alert*> find(Work& work, const Signal& signal) SENT_REQUIRES(mutex);
  Alert* find_live(Work& work, const Signal& signal) SENT_REQUIRES(mutex);
  Result<Alert> find_ended(Work& work, const Signal& signal);
  Alert& move(Work& work, const AlertKey& from, Alert alert, const std::string& event);
  std::vector<EvidenceLine> lines_around(const Signal& signal);
  void gather_evidence(Alert& alert, const Signal& signal);
  bool count(const Signal& signal, Time now) SENT_REQUIRES(mutex);
  bool nothing_on(const Signal& signal) const SENT_REQUIRES(mutex);
  void tell(Work& work, Alert& alert, const Told& told) SENT_REQUIRES(mutex);
  void find_cause(Work& work, Alert& alert) SENT_REQUIRES(mutex);
  void find_symptoms(Work& work, const Alert& cause) SENT_REQUIRES(mutex);
  Result<void> run_clock(Work& work) SENT_REQUIRES(mutex);
  Result<void> store(Work& work);
  Result<void> store_repeats(Work& work) SENT_REQUIRES(mutex);
  void publish(Work& work) SENT_REQUIRES(mutex);
  void settle(bool committed);
  Result<void> alone(const std::function<Result<void>()>& work) const;
  /// A transaction of its own on one alert. `work` changes it and says what to tell.
  using Step = std::function<Result<Told>(catalog::Transaction&, const AlertChange&)>;
  Result<std::pair<Alert, std::vector<Notification>>> change(AccountId account, const std::string& id,
                                                             bool only_newest, Time now, const Step& step,
                                                             const Enqueue& enqueue);

  catalog::Database& database;
  Surroundings surroundings;
  const AlarmModel& model;
  mutable Mutex mutex;
  CondVar settled;
  LiveTable live SENT_GUARDED_BY(mutex){model};
  std::map<AlertKey, std::optional<Alert>> undo
      SENT_GUARDED_BY(mutex);  ///< as it was before the open transaction
  /// Whose changes are in the table although nobody knows yet whether their transaction was committed.
  enum class Pending : std::uint8_t { nobody, apply, act } pending SENT_GUARDED_BY(mutex) = Pending::nobody;
  std::optional<Time> since SENT_GUARDED_BY(mutex);  ///< when this process first took signals
};

/// The alert under its new event, in this transaction.
Alert& AlertEngine::Impl::move(Work& work, const AlertKey& from, Alert alert, const std::string& event) {
  AlertKey to = from;
  to.event = event;
  if (to != from) work.moved.push_back(from);
  return work.changed.insert_or_assign(to, std::move(alert)).first->second;
}

/// Changed in this transaction already, live, or live under an event that it correlates with this one.
Alert* AlertEngine::Impl::find_live(Work& work, const Signal& signal) {
  const AlertKey key = key_of(signal);
  if (const auto found = work.changed.find(key); found != work.changed.end()) return &found->second;
  const auto is_moved = [&](const AlertKey& k) {
    return std::ranges::find(work.moved, k) != work.moved.end();
  };
  if (const Alert* const found = live.find(key); found && !is_moved(key))
    return &work.changed.emplace(key, *found).first->second;
  const auto correlated = [&](const AlertKey& k, const Alert& alert) {
    return k.fingerprint == signal.extras.fingerprint &&
           std::ranges::find(alert.extras.correlate, signal.event) != alert.extras.correlate.end();
  };
  const auto here = [&](const AlertKey& k) {
    return k.account == signal.account && k.resource == signal.resource;
  };
  for (auto it = work.changed.lower_bound({signal.account, signal.resource, "", ""});
       it != work.changed.end() && here(it->first); ++it)
    if (correlated(it->first, it->second)) {
      auto node = work.changed.extract(it);
      return &move(work, node.key(), std::move(node.mapped()), signal.event);
    }
  const auto [first, last] = live.of_resource(signal.account, signal.resource);
  for (auto it = first; it != last; ++it)
    if (correlated(it->first, it->second) && !is_moved(it->first))
      return &move(work, it->first, it->second, signal.event);
  return nullptr;
}

/// The alert that is over and begins again, or an empty one.
Result<Alert> AlertEngine::Impl::find_ended(Work& work, const Signal& signal) {
  Alert alert;
  alert.account = signal.account;
  alert.resource = signal.resource;
  alert.event = signal.event;
  alert.extras.fingerprint = signal.extras.fingerprint;
  std::string environment = signal.environment;
  if (environment.empty() && surroundings.environment)
    environment = surroundings.environment(signal.account, signal.host);
  if (environment.empty()) environment = kNoCloud;
  SENT_TRY_ASSIGN(const auto earlier, catalog::previous_alerts(work.tx, alert, 1));
  std::string id = earlier.empty() ? "" : earlier.front().id;
  if (id.empty()) {
    SENT_TRY_ASSIGN(id, catalog::correlated_alert(work.tx, alert));
  }
  if (!id.empty()) {
    SENT_TRY_ASSIGN(alert, catalog::find_alert(work.tx, signal.account, id));
  }
  alert.environment = environment;
  return alert;
}

/// nullptr: there is none, and a resolution needs none.
Result<Alert*> AlertEngine::Impl::find(Work& work, const Signal& signal) {
  if (Alert* const alert = find_live(work, signal)) return alert;
  if (signal.state == Signal::State::resolved) return nullptr;
  SENT_TRY_ASSIGN(Alert alert, find_ended(work, signal));
  return &work.changed.insert_or_assign(key_of(signal), std::move(alert)).first->second;
}

/// False: it does more than repeat a live alert.
bool AlertEngine::Impl::count(const Signal& signal, Time now) {
  Alert* const alert = live.count(signal, now);
  if (alert) add_evidence(*alert, signal.evidence);
  return alert != nullptr;
}

/// An all-clear for what is well already: Prometheus repeats it for a quarter of an hour.
bool AlertEngine::Impl::nothing_on(const Signal& signal) const {
  const auto [first, last] = live.of_resource(signal.account, signal.resource);
  return first == last;
}

/// Of a service that is down its last lines, however old. Where lines themselves are what is wrong, only
/// those shortly before tell of it.
std::vector<EvidenceLine> AlertEngine::Impl::lines_around(const Signal& signal) {
  auto lines = surroundings.evidence(signal.account, signal.host, signal.service, signal.at);
  if (!signal.evidence.empty())
    std::erase_if(lines, [&](const EvidenceLine& line) { return line.time < signal.at - kShortlyBefore; });
  return lines;
}

void AlertEngine::Impl::gather_evidence(Alert& alert, const Signal& signal) {
  alert.evidence.clear();
  // A sender at a door has seen logs of its own, if any.
  if (surroundings.evidence && signal.extras.origin.empty()) add_evidence(alert, lines_around(signal));
}

Result<void> AlertEngine::Impl::take(Work& work, const Signal& signal) {
  SENT_TRY_ASSIGN(Alert* const alert, find(work, signal));
  if (!alert) return {};
  std::vector<AlertHistory> fresh;
  const AlertChange change{*alert, work.now, fresh, model};
  Told told;
  const bool was_live = !alert->id.empty() && is_live(alert->status);
  if (signal.state == Signal::State::resolved) {
    told = take_resolution(change, signal);
  } else if (was_live || signal.state == Signal::State::firing || signal.count > 0) {
    told = take_report(change, signal);
    if (!was_live && is_live(alert->status)) gather_evidence(*alert, signal);
    add_evidence(*alert, signal.evidence);
  }
  if (alert->id.empty()) {
    work.changed.erase(key_of(signal));
    return {};
  }
  auto& history = work.history[alert->id];
  history.insert(history.end(), fresh.begin(), fresh.end());
  if (!was_live && is_live(alert->status)) find_cause(work, *alert);
  tell(work, *alert, told);
  return {};
}

void AlertEngine::Impl::tell(Work& work, Alert& alert, const Told& told) {
  if (!told) return;
  work.notifications.push_back(
      {*told, to_text(random_uuid()),
       static_cast<std::uint64_t>(std::max<std::int64_t>(alert.update_time.ns / 1000, 0)), alert});
  const bool opened = *told != Notification::Transition::closed && *told != Notification::Transition::status;
  if (may_cause(alert)) {
    work.causes.insert(key_of(alert));
    if (opened) find_symptoms(work, alert);
  }
}

void AlertEngine::Impl::find_cause(Work& work, Alert& alert) {
  const Alert* best = nullptr;
  const auto consider = [&](const Alert& other) {
    if (may_cause(other) && follows_from(alert, other) && (!best || is_deeper(other, *best))) best = &other;
  };
  for (const AlertKey& key : live.causes())
    if (key.account == alert.account && !work.changed.contains(key)) consider(*live.find(key));
  for (const AlertKey& key : work.causes)
    if (const auto found = work.changed.find(key); found != work.changed.end()) consider(found->second);
  if (best) alert.cause = best->cause.empty() ? best->id : best->cause;
}

/// What was noticed shortly before its cause was.
void AlertEngine::Impl::find_symptoms(Work& work, const Alert& cause) {
  const std::string root = cause.cause.empty() ? cause.id : cause.cause;
  const auto follows = [&](const Alert& alert) {
    return is_live(alert.status) && alert.cause.empty() && alert.id != root && follows_from(alert, cause);
  };
  const auto mark = [&](Alert& alert) {
    alert.cause = root;
    alert.update_time = alert.update_time + std::chrono::microseconds(1);
    work.notifications.push_back({Notification::Transition::status, to_text(random_uuid()),
                                  static_cast<std::uint64_t>(alert.update_time.ns / 1000), alert});
  };
  for (auto& [key, alert] : work.changed)
    if (follows(alert)) mark(alert);
  const auto [first, last] = live.of_account(cause.account);
  for (auto it = first; it != last; ++it)
    if (!work.changed.contains(it->first) && follows(it->second))
      mark(work.changed.emplace(it->first, it->second).first->second);
}

Result<void> AlertEngine::Impl::run_clock(Work& work) {
  if (!since) since = work.now;
  for (const AlertKey& key : live.due(work.now, *since)) {
    if (work.changed.contains(key)) continue;
    Alert& alert = work.changed.emplace(key, *live.find(key)).first->second;
    const Told told = take_deadline({alert, work.now, work.history[alert.id], model}, *since);
    tell(work, alert, told);
  }
  return {};
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

/// What absorb() has counted.
Result<void> AlertEngine::Impl::store_repeats(Work& work) {
  for (const Alert* const alert : live.unstored())
    if (!work.changed.contains(key_of(*alert))) SENT_TRY(catalog::put_repeats(work.tx, *alert));
  return {};
}

void AlertEngine::Impl::publish(Work& work) {
  const auto remember = [&](const AlertKey& key) {
    const Alert* const before = live.find(key);
    undo.try_emplace(key, before ? std::optional(*before) : std::nullopt);
  };
  for (const AlertKey& key : work.moved) {
    remember(key);
    live.put(key, std::nullopt);
  }
  for (auto& [key, alert] : work.changed) {
    remember(key);
    live.put(key, is_live(alert.status) ? std::optional(std::move(alert)) : std::nullopt);
  }
}

AlertEngine::AlertEngine() = default;
AlertEngine::~AlertEngine() = default;

Result<std::unique_ptr<AlertEngine>> AlertEngine::create(catalog::Database& database,
                                                         Surroundings surroundings, AlarmModel::Name model) {
  std::vector<Alert> alerts;
  SENT_TRY(database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(alerts, catalog::load_live_alerts(tx));
    return {};
  }));
  std::unique_ptr<AlertEngine> engine(new AlertEngine());
  engine->impl_ = std::make_unique<Impl>(database, std::move(surroundings), alarm_model(model));
  Lock lock(engine->impl_->mutex);
  for (Alert& alert : alerts) {
    const AlertKey key = key_of(alert);
    engine->impl_->live.put(key, std::move(alert));
  }
  return engine;
}

AlarmModel::Name AlertEngine::model() const {
  return impl_->model.name();
}

std::vector<Signal> AlertEngine::absorb(const std::vector<Signal>& signals, Time now) {
  Lock lock(impl_->mutex);
  while (impl_->pending != Impl::Pending::nobody) impl_->settled.wait(impl_->mutex);
  std::vector<Signal> rest;
  std::unordered_set<std::string> busy;  // resources whose alerts are about to change
  for (const Signal& signal : signals) {
    if (rest.empty() || !busy.contains(signal.resource)) {
      if (impl_->count(signal, now)) continue;
      if (signal.state == Signal::State::resolved && impl_->nothing_on(signal)) continue;
    }
    busy.insert(signal.resource);
    rest.push_back(signal);
  }
  return rest;
}

bool AlertEngine::all_stored() const {
  Lock lock(impl_->mutex);
  return impl_->live.all_stored();
}

Result<std::vector<Notification>> AlertEngine::apply(catalog::Transaction& tx,
                                                     const std::vector<Signal>& signals, Time now) {
  Lock lock(impl_->mutex);
  while (impl_->pending == Impl::Pending::act) impl_->settled.wait(impl_->mutex);
  impl_->pending = Impl::Pending::apply;
  Impl::Work work{.tx = tx, .now = now};
  for (const Signal& signal : signals) SENT_TRY(impl_->take(work, signal));
  SENT_TRY(impl_->run_clock(work));
  // First, because an alert that has moved to another event still stands in the table as it was.
  SENT_TRY(impl_->store_repeats(work));
  SENT_TRY(impl_->store(work));
  impl_->publish(work);
  return std::move(work.notifications);
}

/// How the open transaction ended.
void AlertEngine::Impl::settle(bool committed) {
  Lock lock(mutex);
  if (!committed) {
    for (auto& [key, before] : undo) live.put(key, std::move(before));
    live.forget_deadlines();
  }
  if (committed && pending == Pending::apply) live.stored();
  undo.clear();
  pending = Pending::nobody;
  settled.notify_all();
}

void AlertEngine::published() {
  impl_->settle(true);
}

void AlertEngine::rolled_back() {
  impl_->settle(false);
}

std::optional<Time> AlertEngine::next_deadline() const {
  Lock lock(impl_->mutex);
  return impl_->live.next_deadline();
}

/// Runs what writes alerts of its own accord when everything that was counted is in the catalogue: a replay
/// after a crash would count it again.
Result<void> AlertEngine::Impl::alone(const std::function<Result<void>()>& work) const {
  return surroundings.alone ? surroundings.alone(work) : work();
}

Result<std::pair<Alert, std::vector<Notification>>> AlertEngine::Impl::change(AccountId account,
                                                                              const std::string& id,
                                                                              bool only_newest, Time now,
                                                                              const Step& step,
                                                                              const Enqueue& enqueue) {
  Alert result;
  std::vector<Notification> notifications;
  bool in_table = false;
  const auto in_transaction = [&](catalog::Transaction& tx) -> Result<void> {
    // We hold the database's one writer, so apply() cannot begin; but its last transaction may have ended
    // without word of how. The table is true only then.
    Lock lock(mutex);
    while (pending != Pending::nobody) settled.wait(mutex);
    Work work{.tx = tx, .now = now};
    SENT_TRY_ASSIGN(Alert alert, catalog::find_alert(tx, account, id));
    const AlertKey key = key_of(alert);
    const Alert* const found = live.find(key);
    const bool has_successor = found && found->id != alert.id;
    if (has_successor && only_newest)
      return fail(Errc::kConflict, "this alert has a successor, {}", found->id);
    if (found && !has_successor) alert = *found;
    SENT_TRY_ASSIGN(const Told told, step(tx, {alert, now, work.history[alert.id], model}));
    tell(work, alert, told);
    result = alert;
    work.changed.insert_or_assign(key, std::move(alert));
    SENT_TRY(store(work));
    if (!work.notifications.empty()) SENT_TRY(enqueue(tx, work.notifications));
    notifications = std::move(work.notifications);
    if (has_successor) return {};
    in_table = true;
    pending = Pending::act;
    publish(work);
    return {};
  };
  const auto written = alone([&]() -> Result<void> {
    const auto done = database.write(in_transaction);
    if (in_table) settle(done.has_value());
    return done;
  });
  if (!written) return std::unexpected(written.error());
  return std::pair(std::move(result), std::move(notifications));
}

Result<std::pair<Alert, std::vector<Notification>>> AlertEngine::act(AccountId account,
                                                                     const std::string& alert_id,
                                                                     const ActionRequest& request, Time now,
                                                                     const Enqueue& enqueue) {
  SENT_TRY(check_text(request.text));
  return impl_->change(
      account, alert_id, request.action != Action::note, now,
      [&](catalog::Transaction&, const AlertChange& change) { return take_action(change, request); },
      enqueue);
}

Result<Alert> AlertEngine::edit(AccountId account, const std::string& alert_id,
                                const std::function<Result<void>(Alert&)>& change) {
  SENT_TRY_ASSIGN(auto done, impl_->change(
                                 account, alert_id, false, {},
                                 [&](catalog::Transaction&, const AlertChange& c) -> Result<Told> {
                                   SENT_TRY(change(c.alert));
                                   return Told{};
                                 },
                                 tell_nobody));
  return std::move(done.first);
}

Result<Alert> AlertEngine::change_note(AccountId account, const std::string& alert_id, Time of,
                                       const std::optional<std::string>& text, const std::string& user) {
  if (text) SENT_TRY(check_text(*text));
  const auto step = [&](catalog::Transaction& tx, const AlertChange& change) -> Result<Told> {
    auto& history = change.alert.history;
    const auto note = std::ranges::find_if(
        history, [&](const AlertHistory& entry) { return entry.type == "note" && entry.time == of; });
    if (note == history.end()) return fail(Errc::kNotFound, "the alert has no such note");
    if (!user.empty() && note->user != user)
      return fail(Errc::kForbidden, "the note is {}'s: only its author and admins change it", note->user);
    SENT_TRY(catalog::change_note(tx, alert_id, of, text));
    if (text) {
      note->text = *text;
    } else {
      history.erase(note);
    }
    return Told{};
  };
  SENT_TRY_ASSIGN(auto done, impl_->change(account, alert_id, false, {}, step, tell_nobody));
  return std::move(done.first);
}

Result<void> AlertEngine::remove(AccountId account, const std::string& alert_id) {
  Impl& impl = *impl_;
  bool in_table = false;
  const auto in_transaction = [&](catalog::Transaction& tx) -> Result<void> {
    Lock lock(impl.mutex);
    while (impl.pending != Impl::Pending::nobody) impl.settled.wait(impl.mutex);
    SENT_TRY_ASSIGN(const Alert alert, catalog::find_alert(tx, account, alert_id));
    SENT_TRY(catalog::delete_alert(tx, account, alert_id));
    SENT_TRY(catalog::touch_policy(tx));
    const AlertKey key = key_of(alert);
    const Alert* const found = impl.live.find(key);
    if (!found || found->id != alert_id) return {};
    in_table = true;
    impl.pending = Impl::Pending::act;
    impl.undo.try_emplace(key, *found);
    impl.live.put(key, std::nullopt);
    return {};
  };
  return impl.alone([&]() -> Result<void> {
    const auto done = impl.database.write(in_transaction);
    if (in_table) impl.settle(done.has_value());
    return done;
  });
}

std::vector<Alert> AlertEngine::live(AccountId account) const {
  Lock lock(impl_->mutex);
  std::vector<Alert> out;
  const auto [first, last] = impl_->live.of_account(account);
  for (auto it = first; it != last; ++it) out.push_back(it->second);
  return out;
}

std::vector<Alert> AlertEngine::live_in_short(AccountId account) const {
  Lock lock(impl_->mutex);
  std::vector<Alert> out;
  const auto [first, last] = impl_->live.of_account(account);
  for (auto it = first; it != last; ++it) out.push_back(in_short(it->second));
  return out;
}

void AlertEngine::for_each_live(AccountId account, const std::function<void(const Alert&)>& look) const {
  constexpr std::size_t kAtOnce = 250;
  AlertKey last{account, "", "", ""};
  for (std::size_t shown = kAtOnce; shown == kAtOnce;) {
    Lock lock(impl_->mutex);
    shown = impl_->live.show(last, kAtOnce, look);
  }
}

std::optional<Alert> AlertEngine::find(AccountId account, const std::string& id) const {
  Lock lock(impl_->mutex);
  const Alert* const found = impl_->live.find(account, id);
  return found ? std::optional(*found) : std::nullopt;
}

std::optional<Alert> AlertEngine::find(const Signal& signal) const {
  Lock lock(impl_->mutex);
  const Alert* const found = impl_->live.find(signal);
  return found ? std::optional(*found) : std::nullopt;
}

void AlertEngine::refresh(std::vector<Alert>& alerts) const {
  Lock lock(impl_->mutex);
  for (Alert& alert : alerts) {
    const Alert* const found = impl_->live.find(alert.account, alert.id);
    if (!found) continue;
    alert.duplicate_count = found->duplicate_count;
    alert.last_receive_time = found->last_receive_time;
    alert.value = found->value;
    alert.text = found->text;
  }
}

}  // namespace sentinella::alerts
