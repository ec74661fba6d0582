// The notification agent: listens at brokers, processes what comes, hands it to our own store and then to the
// publishers, and only then acknowledges. One thread per broker; one processor for all, so that a resource's
// samples meet.
//
// Nothing is lost: a message is acknowledged after what became of it is durable, or after it lies among the
// dead letters. Nothing counts twice: a message that comes again within the window is a duplicate; after a
// crash series take the same instant once, and events the same id.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"
#include "telemetry/bus/amqp_connection.h"
#include "telemetry/bus/transport_url.h"
#include "telemetry/dead_letters.h"
#include "telemetry/processor.h"

namespace sentinella::telemetry {

struct AgentOptions {
  std::vector<TransportUrl> brokers;
  SubscriptionOptions subscription;
  TlsFilesOfBroker tls;
  std::filesystem::path state_file;  ///< "" = nothing outlives the process
  Duration state_interval = std::chrono::seconds(10);
};

/// How it stands with one broker.
struct BrokerStatus {
  std::string name;  ///< "host:port/vhost"
  bool connected = false;
  Time since;              ///< of that
  std::string last_error;  ///< "" = none yet
  std::uint64_t received = 0, acknowledged = 0;
};

struct AgentStatus {
  std::vector<BrokerStatus> brokers;
  ProcessorCounts counts;
  std::uint64_t dead_letters = 0, dead_letters_dropped = 0;
  std::uint64_t deliver_failures = 0;  ///< times that our own store or a publisher did not take a batch
  std::string last_failure;
  Time newest;  ///< when a notification was last taken; 0 = never
};

/// Thread-safe.
class NotificationAgent {
 public:
  /// Where what becomes of notifications goes.
  struct Receivers {
    /// Returns when our own store has it on disk, or the publisher's queue took it; else why not, and then it
    /// is called again with the same.
    std::function<Result<void>(const Outgoing&)> deliver;
    /// Whether publishers that acknowledgement waits for have all of it, after at most so long.
    std::function<bool(Duration)> settled = [](Duration) { return true; };
  };

  /// Reads the state and starts the threads. All references must outlive it. kCorrupt and the like of the
  /// state file are logged, not returned: without it only rates begin anew.
  static Result<std::unique_ptr<NotificationAgent>> start(AgentOptions options, Processor processor,
                                                          DeadLetters& dead_letters, Receivers receivers,
                                                          const Clock& clock);
  ~NotificationAgent();  ///< stops; what is not acknowledged stays with the brokers
  /// Nobody waits for publishers any more; take() and replay() return.
  void stop();

  AgentStatus status() const;
  /// Samples that came another way than by a bus, through the same pipelines. Returns when our own store has
  /// them and the publishers' queues took them; nobody waits until those are sent.
  void take(const std::vector<MeterSample>& samples);
  /// A dead letter once more; on success it is gone, and every publisher that is waited for has it. The error
  /// says why it is still there; kUnavailable: what came before it waits to be delivered, or after some
  /// seconds a publisher does not have it yet.
  Result<void> replay(const DeadLetter& letter);

 private:
  NotificationAgent(AgentOptions options, Processor processor, DeadLetters& dead_letters, Receivers receivers,
                    const Clock& clock);
  void listen(std::size_t broker);
  Result<void> consume(std::size_t broker, AmqpConnection& connection);
  Result<void> settle(std::size_t broker, std::vector<Delivery>& batch);
  bool keep_dead_letters(const std::vector<DeadLetter>& dead);
  bool hand_over() SENT_REQUIRES(processing_);
  bool noted(const Result<void>& delivered);
  void save_state(bool now) SENT_REQUIRES(processing_);
  bool wait(Duration span);  ///< false = stopping
  bool stopping() const;
  template <typename Change>
  void note(std::size_t broker, Change change);

  const AgentOptions options_;
  DeadLetters& dead_letters_;
  const Receivers receivers_;
  const Clock& clock_;

  Mutex processing_;  ///< one batch at a time
  Processor processor_ SENT_GUARDED_BY(processing_);
  Time saved_ SENT_GUARDED_BY(processing_);
  bool undelivered_ SENT_GUARDED_BY(processing_) = false;  ///< the state must not be saved any more

  mutable Mutex mutex_;
  CondVar changed_;
  bool stopping_ SENT_GUARDED_BY(mutex_) = false;
  bool held_up_ SENT_GUARDED_BY(mutex_) = false;  ///< a receiver does not take what hand_over() brings
  AgentStatus status_ SENT_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace sentinella::telemetry
