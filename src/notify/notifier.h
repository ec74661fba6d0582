// The durable outbox and its workers: one per channel, so that a hung one delays only itself.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
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

/// A notification that is already worded.
struct Post {
  Notification notification;
  std::string payload = {};                            ///< JSON; "" = that of the alert
  std::optional<std::set<std::string>> channels = {};  ///< ids; nullopt = all that take the alert's tier
  std::string lane = {};                               ///< as OutboxEntry's
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
  /// As enqueue(), worded and addressed.
  Result<void> post(catalog::Transaction& tx, const std::vector<Post>& posts, Time now);
  /// After the commit: wakes the workers.
  void wake();
  /// A channel was added, changed or removed.
  void reload_channels();
  /// Once a day each channel proves itself: those that nothing was delivered to for `interval` get a marked
  /// message. Returns the names of those that failed. Call it every now and then, from a thread that may
  /// wait.
  std::vector<std::pair<AccountId, std::string>> canary(Duration interval);
  /// Pings every receiver that watches over us. Call it as long as all is well, from a thread that may wait.
  void heartbeat();
  /// Sends a marked test message now. What the other side said, or the error. One that goes through ends the
  /// alert of a channel that failed; one that does not is no reason for an alert.
  Result<std::string> test(AccountId account, const std::string& channel_id);

 private:
  Notifier();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sentinella::notify
