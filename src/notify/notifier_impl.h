// What the files of the notifier share: notifier.cpp, notifier_digest.cpp.
#pragma once

#include <map>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "catalog/policy.h"
#include "notify/channel.h"
#include "notify/delivery_queue.h"
#include "notify/notifier.h"

namespace sentinella::notify {

/// One channel and its thread. All but `config`'s identity is guarded by the notifier's mutex.
struct Worker {
  catalog::Channel config;
  bool changed = true;  ///< kind or settings: the thread makes the channel anew
  bool stop = false;
  DeliveryQueue queue;
  CondVar wake;
  std::thread thread;
};

struct Staged {
  catalog::OutboxEntry entry;
  std::chrono::steady_clock::time_point since;
};

/// Held back for a digest, where the channel makes one.
bool may_wait(const catalog::OutboxEntry& entry);
/// When an entry that may wait is due at a channel that makes digests.
Time digest_time(Time now, Duration digest);

struct Notifier::Impl {
  Impl(catalog::Database& db, const Clock& c, std::function<std::string(const Alert&)> json,
       NotifierOptions opts)
      : database(db), clock(c), to_json(std::move(json)), options(std::move(opts)) {}

  Result<void> load();
  Result<void> reload();
  Result<void> post(catalog::Transaction& tx, const Post& post, const std::vector<catalog::Channel>& channels,
                    Time now);
  void stop();

  void dispatch();
  void take_in_staged();
  void run(Worker& worker);
  void attempt(Worker& worker, DeliveryQueue::Place place, Result<std::unique_ptr<Channel>>& channel)
      SENT_REQUIRES(mutex);
  void attempt_together(Worker& worker, Channel& channel) SENT_REQUIRES(mutex);
  std::vector<DeliveryQueue::Place> due_together(Worker& worker, Time now) SENT_REQUIRES(mutex);
  void ask(Worker& worker, DeliveryQueue::Place place) SENT_REQUIRES(mutex);
  catalog::DeliveryAttempt send(catalog::OutboxEntry& entry, Result<std::unique_ptr<Channel>>& channel,
                                std::string_view channel_name, Time since, bool follows);
  Message message_of(const catalog::OutboxEntry& entry) const;
  void settle(catalog::OutboxEntry& entry, const Result<std::string>& result, std::string_view channel_name,
              Time since);
  bool record(const catalog::OutboxEntry& entry, const std::optional<catalog::DeliveryAttempt>& tried);
  Result<std::string> state_of(const catalog::OutboxEntry& entry) const;
  Duration back_off(std::uint32_t attempts);
  Message trial(AccountId account, const std::string& transition, std::string text);
  Result<std::string> prove(const catalog::Channel& config, const Message& message, bool note_failure);
  Worker& worker_for(const catalog::Channel& channel) SENT_REQUIRES(mutex);

  catalog::Database& database;
  const Clock& clock;
  const std::function<std::string(const Alert&)> to_json;
  const NotifierOptions options;

  /// Over the whole of reload(), so that what was read first never comes into force last. Taken before
  /// `mutex`, and never inside a transaction.
  Mutex reloading;
  Mutex mutex;
  CondVar dispatch_wake;
  bool stopping SENT_GUARDED_BY(mutex) = false;
  bool woken SENT_GUARDED_BY(mutex) = false;
  std::map<std::string, std::unique_ptr<Worker>> workers SENT_GUARDED_BY(mutex);  ///< by channel id
  std::vector<std::unique_ptr<Worker>> retired SENT_GUARDED_BY(mutex);
  std::vector<Staged> staged
      SENT_GUARDED_BY(mutex);  ///< written by transactions that may not be committed yet
  /// As Delivery::claimed, for entries between `staged` and a queue.
  std::set<std::pair<std::string, std::string>> claimed_on_the_way SENT_GUARDED_BY(mutex);
  std::minstd_rand jitter SENT_GUARDED_BY(mutex){std::random_device{}()};
  std::thread dispatcher;
};

}  // namespace sentinella::notify
