#include "notify/delivery_queue.h"

#include <algorithm>
#include <unordered_set>

namespace sentinella::notify {

DeliveryQueue::Place DeliveryQueue::pick(Time now, bool sending, std::optional<Time>& next) {
  next.reset();
  std::unordered_set<std::string_view> waiting;
  for (auto it = items_.begin(); it != items_.end(); ++it) {
    const bool able = sending || it->claimed || it->unrecorded > 0;
    if (!waiting.insert(it->entry.alert_id).second || !able) continue;
    if (it->entry.next_attempt <= now) return it;
    if (!next || it->entry.next_attempt < *next) next = it->entry.next_attempt;
  }
  return items_.end();
}

Delivery* DeliveryQueue::find(const std::string& delivery_id) {
  const auto found =
      std::ranges::find(items_, delivery_id, [](const Delivery& d) { return d.entry.delivery_id; });
  return found == items_.end() ? nullptr : &*found;
}

void DeliveryQueue::hurry(Time now) {
  for (Delivery& delivery : items_)
    if (delivery.entry.attempts > 0) delivery.entry.next_attempt = std::min(delivery.entry.next_attempt, now);
}

}  // namespace sentinella::notify
