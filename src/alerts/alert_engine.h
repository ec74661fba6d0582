// Signals -> alerts: de-duplication, correlation, severity and status by a model (alerts/alarm_model.h), root
// causes (alerts/cause.h), history. The live table is in memory; the catalogue has every transition. Reports
// that only repeat an alert are counted in memory, and reach the catalogue with the next transition or
// checkpoint: until then the journal has them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "alerts/alarm_model.h"
#include "alerts/alert_change.h"
#include "base/result.h"
#include "catalog/alerting.h"
#include "model/alert.h"

namespace sentinella::alerts {

/// Answers questions that the engine may not ask itself (it knows no log store and no inventory).
struct Surroundings {
  /// The last log lines of a service on a host before `at`, oldest first: what is kept as evidence.
  std::function<std::vector<EvidenceLine>(AccountId, const std::string& host, const std::string& service,
                                          Time at)>
      evidence;
  /// The name of the cloud a host belongs to.
  std::function<std::string(AccountId, const std::string& host)> environment;
  /// Runs `work` while nothing is absorbed or applied, after all that was absorbed has been stored. Not
  /// needed when nothing is absorbed.
  std::function<Result<void>(const std::function<Result<void>()>& work)> alone = {};
};

/// The environment of alerts about hosts that nobody has classified.
inline constexpr std::string_view kNoCloud = "Production";

/// Thread-safe.
class AlertEngine {
 public:
  /// Writes what follows from a change into its transaction.
  using Enqueue = std::function<Result<void>(catalog::Transaction&, const std::vector<Notification>&)>;

  /// Loads the live alerts.
  static Result<std::unique_ptr<AlertEngine>> create(catalog::Database& database, Surroundings surroundings,
                                                     AlarmModel::Name model = AlarmModel::Name::alerta);
  ~AlertEngine();

  AlarmModel::Name model() const;

  /// Applies signals and what the clock brings inside the caller's transaction and returns whom to tell what.
  /// Call published() after the commit, or rolled_back() when it failed (the live table follows the
  /// database). Stores what was absorbed, too.
  Result<std::vector<Notification>> apply(catalog::Transaction& tx, const std::vector<Signal>& signals,
                                          Time now);
  void published();
  void rolled_back();
  /// Counts in memory those signals that only repeat a live alert; returns the others, in their order, for
  /// apply(). Not between apply() and published().
  std::vector<Signal> absorb(const std::vector<Signal>& signals, Time now);
  /// Whether nothing was absorbed since the last commit of apply().
  bool all_stored() const;
  /// When the clock may change an alert next: an acknowledgement runs out, a sender has been silent for too
  /// long.
  std::optional<Time> next_deadline() const;

  /// A person's doing: own transaction, durable on return. kNotFound; kConflict (ack of a closed alert ...);
  /// returns the alert as it is then and the notifications it causes (closing tells the channels).
  Result<std::pair<Alert, std::vector<Notification>>> act(AccountId account, const std::string& alert_id,
                                                          const ActionRequest& request, Time now,
                                                          const Enqueue& enqueue);
  /// As act(), for tags and attributes: `change` may touch alert.extras' tags and annotations only.
  Result<Alert> edit(AccountId account, const std::string& alert_id,
                     const std::function<Result<void>(Alert&)>& change);
  /// Of a note in the alert's history, which its time names: other words, or none, and it is gone. kNotFound;
  /// kForbidden: it is another's, and `user` is nobody who may change others' notes ("" = may).
  Result<Alert> change_note(AccountId account, const std::string& alert_id, Time of,
                            const std::optional<std::string>& text, const std::string& user);
  /// The alert and all that is known of it. Its rule may raise it anew.
  Result<void> remove(AccountId account, const std::string& alert_id);

  std::vector<Alert> live(AccountId account) const;
  /// Without evidence, history and playbook: what a list of thousands shows.
  std::vector<Alert> live_in_short(AccountId account) const;
  /// Shows each without copying it, some hundreds at a time: meanwhile nothing changes, between them it may.
  /// `look` must not ask this engine for anything.
  void for_each_live(AccountId account, const std::function<void(const Alert&)>& look) const;
  /// Only among the live ones.
  std::optional<Alert> find(AccountId account, const std::string& id) const;
  std::optional<Alert> find(const Signal& signal) const;
  /// Gives alerts that were read from the catalogue what has been counted since.
  void refresh(std::vector<Alert>& alerts) const;

 private:
  AlertEngine();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The alert as the API and webhooks show it (Alerta's field names, camelCase, plus evidence).
std::string to_json(const Alert& alert, bool with_history_and_evidence);

}  // namespace sentinella::alerts
