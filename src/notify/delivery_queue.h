// What one channel still has to deliver, and in which order: per alert strictly one after the other, oldest
// first; alerts do not wait for each other.
#pragma once

#include <list>
#include <optional>
#include <string>

#include "catalog/alerting.h"

namespace sentinella::notify {

struct Delivery {
  catalog::OutboxEntry entry;
  /// The other side may have seen it: from this process, or from one that died before it could say.
  bool attempted = false;
  /// A transaction has marked it superseded; whether it was committed must be asked before sending.
  bool claimed = false;
  /// How often what came of it (`entry.state`) could not be written down. Above 0 only that is left to do.
  std::uint32_t unrecorded = 0;
  /// When the channel first tried; zero = not yet. Giving up counts from then.
  Time since;
};

/// Not thread-safe.
class DeliveryQueue {
 public:
  using Place = std::list<Delivery>::iterator;

  void push(Delivery delivery) { items_.push_back(std::move(delivery)); }
  void erase(Place place) { items_.erase(place); }
  Place begin() { return items_.begin(); }
  Place end() { return items_.end(); }
  bool empty() const { return items_.empty(); }

  /// The first whose turn has come and whose time, too; end(): none. Without `sending` only those that need
  /// no more than the database. `next`: when to ask again, if ever.
  Place pick(Time now, bool sending, std::optional<Time>& next);
  Delivery* find(const std::string& delivery_id);
  /// The other side answers again: whatever waits for its next attempt need not.
  void hurry(Time now);

 private:
  std::list<Delivery> items_;
};

}  // namespace sentinella::notify
