// A publisher with a queue of its own before it and a thread behind it: retries, bounds, counts. One that is
// slow, away or hanging holds nobody up, unless its policy says so.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "telemetry/publish/publisher.h"

namespace sentinella::telemetry {

/// What becomes of more than the other side takes: `policy` of a publisher's URL.
enum class QueuePolicy : std::uint8_t {
  queue,        ///< tried again; of a full queue the oldest goes. Ours when a URL says nothing
  drop_newest,  ///< tried again; what comes when the queue is full goes
  drop,         ///< tried once
  wait,         ///< "default" in Ceilometer's words: whoever brings it waits until the other side has it
};
std::string_view to_string(QueuePolicy policy);

struct PublisherStatus {
  std::string name;
  QueuePolicy policy = QueuePolicy::queue;
  std::uint64_t delivered = 0;  ///< samples and events
  std::uint64_t dropped = 0;  ///< that the other side refused, has no form for, or that were tried too often
  std::uint64_t overflowed = 0;  ///< that went because the queue was full
  std::uint64_t failures = 0;    ///< attempts that failed
  std::uint64_t queued = 0;      ///< those being sent, too
  std::uint64_t max_queued = 0;
  bool failing = false;    ///< the last attempt failed, and something waits, or it is not long ago
  std::string last_error;  ///< of an attempt; without one, what the other side has no form for
};

struct PublisherQueueOptions {
  QueuePolicy policy = QueuePolicy::queue;
  std::size_t max_queued = 20'000;  ///< samples and events that wait behind those being sent
  std::uint64_t max_retries = 100;  ///< of one batch; then it is dropped. Of `drop` there are none
  Duration first_pause = std::chrono::seconds(1), longest_pause = std::chrono::seconds(60);
  Duration farewell = std::chrono::seconds(5);   ///< after stop(): how long what is queued is still sent
  Duration last_word = std::chrono::seconds(2);  ///< after stop(): how long one request may take
  /// How long a batch that was given up is a failure, when nothing is left to show whether that goes on.
  Duration failing_for = std::chrono::minutes(10);
};

/// Thread-safe. What is queued lives in memory: it goes with the process.
class PublisherQueue {
 public:
  PublisherQueue(std::string name, std::unique_ptr<Publisher> publisher, PublisherQueueOptions options);
  /// For as long as the farewell waits for one more attempt at what is queued; a request that takes too long
  /// then is given up, and so is what has not ended with the farewell. How much is left is logged. Under the
  /// policy `wait` brokers still have it, else it is gone.
  ~PublisherQueue();
  /// Begins the farewell; does not wait for it.
  void stop();

  /// Never waits. kUnavailable, under the policy `wait` alone: the queue is full; try again with the same.
  Result<void> accept(Outgoing outgoing);
  /// Whether nothing is left that somebody waits for, after at most `patience`; true under other policies.
  bool settled(Duration patience);
  PublisherStatus status() const;

 private:
  using SteadyTime = Publisher::SteadyTime;

  std::size_t taken_of(const Outgoing& outgoing) const;
  void cut_to_kind(Outgoing& outgoing) SENT_REQUIRES(mutex_);
  std::size_t cut_to_fit(Outgoing& outgoing) SENT_REQUIRES(mutex_);
  void work();
  void send_all(std::unique_lock<Mutex>& lock);
  void give_up_in_time();
  bool done_with(const Outgoing& outgoing, std::uint64_t attempt);

  const std::string name_;
  const std::unique_ptr<Publisher> publisher_;
  const PublisherQueueOptions options_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::deque<Outgoing> queue_ SENT_GUARDED_BY(mutex_);
  std::size_t waiting_ SENT_GUARDED_BY(mutex_) = 0, in_flight_ SENT_GUARDED_BY(mutex_) = 0;
  bool stopping_ SENT_GUARDED_BY(mutex_) = false;
  bool given_up_ SENT_GUARDED_BY(mutex_) = false;  ///< after stop(): a request took too long
  bool ended_ SENT_GUARDED_BY(mutex_) = false;     ///< nothing more is sent
  SteadyTime stopped_ SENT_GUARDED_BY(mutex_), attempt_began_ SENT_GUARDED_BY(mutex_);
  SteadyTime last_failed_ SENT_GUARDED_BY(mutex_);
  bool overflowing_ SENT_GUARDED_BY(mutex_) = false;  ///< said so, and not yet that it is over
  std::string kind_error_ SENT_GUARDED_BY(mutex_);    ///< what it has no form for; "" = it met none
  PublisherStatus status_ SENT_GUARDED_BY(mutex_);
  std::thread thread_;
};

/// The queues of all foreign publishers that pipelines name. Thread-safe.
class PublisherSet {
 public:
  PublisherSet(PublisherSet&&) = default;
  ~PublisherSet();  ///< all end at the same time, so that several that hang take no longer than one
  /// URLs of our own store are left out. The options policy, max_retry (or max_retries) and max_queue_length
  /// of a URL are the queue's; one with the policy `wait` tries for ever unless told otherwise. kInvalid
  /// names the option.
  static Result<PublisherSet> make(const std::vector<std::string>& urls);
  /// As of the queue that is meant; does nothing for our own store.
  Result<void> accept(const Outgoing& outgoing);
  /// Whether every publisher that somebody waits for has all it was given, after at most `patience`.
  bool settled(Duration patience);
  std::vector<PublisherStatus> status() const;

 private:
  PublisherSet() = default;

  std::vector<std::pair<std::string, std::unique_ptr<PublisherQueue>>> queues_;
};

}  // namespace sentinella::telemetry
