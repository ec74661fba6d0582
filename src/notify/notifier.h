// The durable outbox and its workers: one per channel, so that a hung one delays only itself.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "catalog/alerting.h"
#include "model/alert.h"

namespace sentinella::notify {

struct NotifierOptions {
  std::string public_url;                          ///< of the UI, for links
  Duration first_retry = std::chrono::seconds(1);  ///< then doubling with jitter
  Duration max_retry = std::chrono::minutes(5);
  Duration give_up_after = std::chrono::hours(24);
};

/// Thread-safe.
class Notifier {
 public:
  /// Takes up the pending entries of the outbox. `to_json` renders an alert.
  static Result<std::unique_ptr<Notifier>> create(catalog::Database& database, const Clock& clock,
                                                  std::function<std::string(const Alert&)> to_json,
                                                  NotifierOptions options);
  ~Notifier();

  /// Writes the intent, inside the caller's transaction: one outbox entry per notification and enabled
  /// channel of the account whose min_tier lets it through. A closed notice goes only to channels that were
  /// sent the opening; when such a channel is disabled meanwhile, the notice waits until it is enabled.
  Result<void> enqueue(catalog::Transaction& tx, const std::vector<Notification>& notifications, Time now);
  /// After the commit: wakes the workers.
  void wake();
  /// A channel was added, changed or removed.
  void reload_channels();
  /// Sends a marked test message now. What the other side said, or the error.
  Result<std::string> test(AccountId account, const std::string& channel_id);

 private:
  Notifier();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sentinella::notify
