// Digests: what may wait is gathered until a multiple of the channel's span, and goes out as one message.
// Each entry of the outbox keeps its own record.
#include <algorithm>

#include "notify/alert_summary.h"
#include "notify/notifier_impl.h"

namespace sentinella::notify {

namespace {

constexpr std::size_t kMostTogether = 1000;

}  // namespace

bool may_wait(const catalog::OutboxEntry& entry) {
  return summarise(entry.payload).tier != to_string(Tier::page);
}

Time digest_time(Time now, Duration digest) {
  return Time{(now.ns / digest.count() + 1) * digest.count()};
}

std::vector<DeliveryQueue::Place> Notifier::Impl::due_together(Worker& worker, Time now) {
  std::vector<DeliveryQueue::Place> out;
  for (auto at = worker.queue.begin(); at != worker.queue.end() && out.size() < kMostTogether; ++at)
    if (!at->claimed && at->unrecorded == 0 && at->entry.next_attempt <= now && may_wait(at->entry))
      out.push_back(at);
  return out;
}

/// Leaves the mutex while it sends and writes; the deliveries stay in the queue and are ours meanwhile.
void Notifier::Impl::attempt_together(Worker& worker, Channel& channel) {
  const auto places = due_together(worker, clock.now());
  std::vector<catalog::OutboxEntry> entries;
  std::vector<Time> since;
  for (const DeliveryQueue::Place place : places) {
    place->attempted = true;
    if (place->since == Time{})
      place->since = place->entry.attempts == 0 ? clock.now() : place->entry.created;
    entries.push_back(place->entry);
    since.push_back(place->since);
  }
  const std::string name = worker.config.name;
  mutex.unlock();
  std::vector<Message> messages;
  for (const catalog::OutboxEntry& entry : entries) messages.push_back(message_of(entry));
  const Time begin = clock.now();
  const auto answer = channel.deliver_together(messages);
  std::vector<bool> recorded;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    catalog::OutboxEntry& entry = entries[i];
    settle(entry, answer, name, since[i]);
    const catalog::DeliveryAttempt tried{entry.delivery_id,
                                         entry.channel_id,
                                         entry.account,
                                         entry.attempts,
                                         begin,
                                         clock.now() - begin,
                                         answer.has_value(),
                                         (answer ? *answer : answer.error().message).substr(0, 1000)};
    recorded.push_back(record(entry, tried));
    if (!recorded[i] && entry.state != "pending") entry.next_attempt = clock.now() + back_off(1);
  }
  mutex.lock();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].state != "pending" && recorded[i]) {
      worker.queue.erase(places[i]);
      continue;
    }
    if (entries[i].state != "pending") places[i]->unrecorded = 1;
    places[i]->entry = std::move(entries[i]);
  }
}

}  // namespace sentinella::notify
