#include "telemetry/notification_agent.h"

#include <algorithm>

#include "base/file.h"
#include "base/log.h"
#include "telemetry/store_records.h"

namespace sentinella::telemetry {
namespace {

constexpr std::string_view kLog = "telemetry";
constexpr Duration kFirstPause = 500ms, kLongestPause = 20s, kIdle = 250ms, kRetry = 1s;
constexpr Duration kReplayPatience = 5s;
constexpr std::size_t kBatchMessages = 250;
constexpr std::size_t kBatchBytes = 8u << 20;

}  // namespace

NotificationAgent::NotificationAgent(AgentOptions options, Processor processor, DeadLetters& dead_letters,
                                     Receivers receivers, const Clock& clock)
    : options_(std::move(options)),
      dead_letters_(dead_letters),
      receivers_(std::move(receivers)),
      clock_(clock),
      processor_(std::move(processor)) {
  for (const TransportUrl& broker : options_.brokers)
    status_.brokers.push_back({broker.name(), false, clock.now(), "", 0, 0});
}

Result<std::unique_ptr<NotificationAgent>> NotificationAgent::start(AgentOptions options, Processor processor,
                                                                    DeadLetters& dead_letters,
                                                                    Receivers receivers, const Clock& clock) {
  if (!options.state_file.empty() && std::filesystem::exists(options.state_file)) {
    const auto state = read_file(options.state_file);
    const auto restored = state ? processor.restore(*state) : std::unexpected(state.error());
    if (!restored) log::warning(kLog, "rates begin anew: {}", describe(restored.error()));
  }
  std::unique_ptr<NotificationAgent> agent(new NotificationAgent(std::move(options), std::move(processor),
                                                                 dead_letters, std::move(receivers), clock));
  for (std::size_t i = 0; i < agent->options_.brokers.size(); ++i)
    agent->threads_.emplace_back([self = agent.get(), i] { self->listen(i); });
  return agent;
}

void NotificationAgent::stop() {
  {
    Lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
}

NotificationAgent::~NotificationAgent() {
  stop();
  for (std::thread& thread : threads_) thread.join();
  Lock lock(processing_);
  save_state(true);
}

bool NotificationAgent::stopping() const {
  Lock lock(mutex_);
  return stopping_;
}

bool NotificationAgent::wait(Duration span) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, span, [this] { return stopping_; });
  return !stopping_;
}

template <typename Change>
void NotificationAgent::note(std::size_t broker, Change change) {
  Lock lock(mutex_);
  change(status_.brokers[broker]);
}

/// Connects to one node after the other, for ever, pausing longer each time that all fail.
void NotificationAgent::listen(std::size_t index) {
  const TransportUrl& broker = options_.brokers[index];
  Duration pause = kFirstPause;
  for (std::size_t node = 0; !stopping(); node = (node + 1) % broker.nodes.size()) {
    auto connection = AmqpConnection::open(broker.nodes[node], broker, options_.tls, options_.subscription);
    Result<void> outcome;
    if (connection) {
      log::info(kLog, "listening at {} on the queue {}", broker.name(), options_.subscription.queue);
      note(index, [&](BrokerStatus& status) {
        status.connected = true;
        status.since = clock_.now();
      });
      pause = kFirstPause;
      outcome = consume(index, **connection);
    } else {
      outcome = std::unexpected(connection.error());
    }
    if (outcome) return;  // stopping
    bool told = false;
    note(index, [&](BrokerStatus& status) {
      told = !status.connected && status.last_error == outcome.error().message;
      if (status.connected) status.since = clock_.now();
      status.connected = false;
      status.last_error = outcome.error().message;
    });
    if (!told) log::warning(kLog, "{}; trying again", outcome.error().message);
    if (!wait(pause)) return;
    pause = std::min(pause * 2, kLongestPause);
  }
}

/// Until the connection ends (an error) or we stop.
Result<void> NotificationAgent::consume(std::size_t broker, AmqpConnection& connection) {
  std::vector<Delivery> batch;
  std::size_t bytes = 0;
  while (!stopping()) {
    SENT_TRY_ASSIGN(auto delivery, connection.next(batch.empty() ? kIdle : Duration::zero()));
    if (delivery) {
      bytes += delivery->body.size();
      batch.push_back(*std::move(delivery));
      if (batch.size() < kBatchMessages && bytes < kBatchBytes) continue;
    }
    if (batch.empty()) continue;
    const std::uint64_t tag = batch.back().tag;
    const std::size_t count = batch.size();
    note(broker, [&](BrokerStatus& status) { status.received += count; });
    SENT_TRY(settle(broker, batch));
    if (stopping()) return {};
    SENT_TRY(connection.acknowledge(tag));
    note(broker, [&](BrokerStatus& status) { status.acknowledged += count; });
    batch.clear();
    bytes = 0;
  }
  return {};
}

/// Returns when every message of the batch is durable in one way or the other, or when we stop.
Result<void> NotificationAgent::settle(std::size_t broker, std::vector<Delivery>& batch) {
  {
    Lock lock(processing_);
    const Time now = clock_.now();
    std::vector<DeadLetter> dead;
    for (Delivery& delivery : batch) {
      const auto taken = processor_.take(delivery.body, now);
      if (taken) continue;
      log::warning(kLog, "a message of {} ({}) is put among the dead letters: {}", delivery.exchange,
                   delivery.routing_key, describe(taken.error()));
      dead.push_back({0, now, options_.brokers[broker].name(), std::move(delivery.exchange),
                      std::move(delivery.routing_key), describe(taken.error()), std::move(delivery.body), 0});
    }
    if (!hand_over() || !keep_dead_letters(dead)) return {};
    undelivered_ = false;
    Lock status(mutex_);
    status_.newest = now;
    status_.counts = processor_.counts();
  }
  // Not under the lock: other brokers, polls and replays go on meanwhile.
  while (!receivers_.settled(kIdle))
    if (stopping()) return {};
  Lock lock(processing_);
  save_state(false);
  return {};
}

/// False when we stop before they are on disk.
bool NotificationAgent::keep_dead_letters(const std::vector<DeadLetter>& dead) {
  for (;;) {
    const auto kept = dead_letters_.add(dead);
    if (kept) return true;
    log::error(kLog, "cannot keep dead letters: {}", describe(kept.error()));
    if (!wait(kRetry)) return false;
  }
}

/// To every receiver once, as often as it takes; false when we stop before that. Our own store is first: what
/// is wrong with others is none of its business.
bool NotificationAgent::hand_over() {
  undelivered_ = true;
  std::vector<Outgoing> all = processor_.take_outgoing();
  std::ranges::stable_partition(all, is_own_store, &Outgoing::publisher);
  for (const Outgoing& outgoing : all) {
    for (;;) {
      if (noted(receivers_.deliver(outgoing))) break;
      if (!wait(kRetry)) return false;
    }
  }
  return true;
}

/// Keeps and tells how a delivery went; whether it went well.
bool NotificationAgent::noted(const Result<void>& delivered) {
  bool told = true;
  {
    Lock lock(mutex_);
    held_up_ = !delivered;
    if (delivered) return true;
    ++status_.deliver_failures;
    told = status_.last_failure == delivered.error().message;
    status_.last_failure = delivered.error().message;
  }
  if (!told) log::error(kLog, "notifications wait: {}", describe(delivered.error()));
  return false;
}

/// Only what is durable elsewhere is written here: else a message that comes again would count as a
/// duplicate.
void NotificationAgent::save_state(bool now) {
  if (options_.state_file.empty() || undelivered_ || !receivers_.settled(Duration::zero())) return;
  if (!now && clock_.now() - saved_ < options_.state_interval) return;
  saved_ = clock_.now();
  if (const auto saved = write_file_atomic(options_.state_file, processor_.save(), 0600); !saved)
    log::error(kLog, "the state of rates is not saved: {}", describe(saved.error()));
}

void NotificationAgent::take(const std::vector<MeterSample>& samples) {
  Lock lock(processing_);
  processor_.take_samples(samples, clock_.now());
  if (!hand_over()) return;
  undelivered_ = false;
  Lock status(mutex_);
  status_.counts = processor_.counts();
}

AgentStatus NotificationAgent::status() const {
  AgentStatus out;
  {
    Lock lock(mutex_);
    out = status_;
  }
  out.dead_letters = dead_letters_.count();
  out.dead_letters_dropped = dead_letters_.dropped();
  return out;
}

Result<void> NotificationAgent::replay(const DeadLetter& letter) {
  if (!letter.whole())
    return fail(Errc::kTooLarge, "only {} of its {} bytes were kept", letter.body.size(), letter.size);
  {
    // Whoever holds `processing_` then may hold it for long.
    Lock lock(mutex_);
    if (held_up_) return fail(Errc::kUnavailable, "other notifications wait to be delivered");
  }
  {
    Lock lock(processing_);
    if (undelivered_) return fail(Errc::kUnavailable, "the server is stopping");
    SENT_TRY(processor_.take(letter.body, clock_.now()));
    if (!hand_over()) return fail(Errc::kUnavailable, "the server is stopping");
    undelivered_ = false;
  }
  // Not under the lock, as in settle(). Sent again, the letter counts as seen before and waits here alone.
  for (int left = kReplayPatience / kIdle; !receivers_.settled(kIdle); --left)
    if (left <= 1 || stopping())
      return fail(Errc::kUnavailable, "a publisher does not have it yet: the letter is kept");
  return dead_letters_.erase(letter.id);
}

}  // namespace sentinella::telemetry
