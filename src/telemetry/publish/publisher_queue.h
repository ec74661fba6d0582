// A publisher with a queue before it and a thread behind it: retries, back-pressure, counts.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "telemetry/publish/publisher.h"

namespace sentinella::telemetry {

struct PublisherStatus {
  std::string name;
  std::uint64_t delivered = 0;  ///< samples and events
  std::uint64_t dropped = 0;    ///< that the other side refused, or that were tried too often
  std::uint64_t failures = 0;   ///< attempts that failed
  std::uint64_t queued = 0;
  std::string last_error;
};

struct PublisherQueueOptions {
  std::size_t max_queued = 20'000;  ///< samples and events; beyond, whoever brings more waits
  std::uint64_t max_retries = 100;  ///< of one batch; then it is dropped
  Duration first_pause = std::chrono::seconds(1), longest_pause = std::chrono::seconds(60);
};

/// Thread-safe. What is queued lives in memory: it goes with the process.
class PublisherQueue {
 public:
  PublisherQueue(std::string name, std::unique_ptr<Publisher> publisher, PublisherQueueOptions options);
  ~PublisherQueue();  ///< one more attempt at what is queued, then it is gone

  /// kUnavailable: the queue is full; try again.
  Result<void> accept(Outgoing outgoing);
  PublisherStatus status() const;

 private:
  void work();
  bool settled(const Outgoing& outgoing, std::uint64_t attempt);

  const std::string name_;
  const std::unique_ptr<Publisher> publisher_;
  const PublisherQueueOptions options_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::deque<Outgoing> queue_ SENT_GUARDED_BY(mutex_);
  std::size_t queued_ SENT_GUARDED_BY(mutex_) = 0;
  bool stopping_ SENT_GUARDED_BY(mutex_) = false;
  PublisherStatus status_ SENT_GUARDED_BY(mutex_);
  std::thread thread_;
};

/// The queues of all foreign publishers that pipelines name.
class PublisherSet {
 public:
  /// URLs of our own store are left out. Options max_retry and max_queue_length of a URL are the queue's.
  static Result<PublisherSet> make(const std::vector<std::string>& urls);
  /// Does nothing for our own store.
  Result<void> accept(const Outgoing& outgoing);
  std::vector<PublisherStatus> status() const;

 private:
  std::vector<std::pair<std::string, std::unique_ptr<PublisherQueue>>> queues_;
};

}  // namespace sentinella::telemetry
