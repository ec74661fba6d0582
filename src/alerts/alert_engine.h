// Signals -> alerts: de-duplication, severity and status machine (reference: Alerta's), history. The live
// table is in memory; the catalogue has every transition.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/alerting.h"
#include "model/alert.h"

namespace sentinella::alerts {

enum class Action : std::uint8_t { ack, unack, close, open, note };
std::optional<Action> parse_action(std::string_view text);

/// Answers questions that the engine may not ask itself (it knows no log store and no inventory).
struct Surroundings {
  /// The last log lines of a service on a host before `at`, oldest first: what is kept as evidence.
  std::function<std::vector<EvidenceLine>(AccountId, const std::string& host, const std::string& service,
                                          Time at)>
      evidence;
  /// The name of the cloud a host belongs to.
  std::function<std::string(AccountId, const std::string& host)> environment;
};

/// Thread-safe.
class AlertEngine {
 public:
  /// Loads the live alerts.
  static Result<std::unique_ptr<AlertEngine>> create(catalog::Database& database, Surroundings surroundings);
  ~AlertEngine();

  /// Applies signals inside the caller's transaction and returns whom to tell what. Call published() after
  /// the commit, or rolled_back() when it failed (the live table follows the database).
  Result<std::vector<Notification>> apply(catalog::Transaction& tx, const std::vector<Signal>& signals,
                                          Time now);
  void published();
  void rolled_back();

  /// A person's doing: own transaction, durable on return. kNotFound; kConflict (ack of a closed alert ...);
  /// returns the alert as it is then and the notifications it causes (closing tells the channels).
  Result<std::pair<Alert, std::vector<Notification>>> act(
      AccountId account, const std::string& alert_id, Action action, const std::string& text,
      const Caller& caller, Time now,
      const std::function<Result<void>(catalog::Transaction&, const std::vector<Notification>&)>& enqueue);

  std::vector<Alert> live(AccountId account) const;

 private:
  AlertEngine();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The alert as the API and webhooks show it (Alerta's field names, camelCase, plus evidence).
std::string to_json(const Alert& alert, bool with_history_and_evidence);

}  // namespace sentinella::alerts
