// Where events live: deploys, restarts, state changes, later OpenStack notifications.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "events/trait_condition.h"
#include "model/account.h"
#include "model/event.h"

namespace sentinella::events {

/// All given conditions must hold.
struct EventQuery {
  TimeRange range{{0}, {INT64_MAX}};
  std::string host{}, service{};  ///< equal; "" = any
  std::string type_glob{};        ///< "service.*"; "" = any
  bool newest_first = true;
  std::size_t limit = 100;  ///< at most 10,000
  std::string cursor{};
  std::string after_id{};                ///< the event that stands before the page, instead of a cursor
  std::string id{};                      ///< equal; "" = any
  std::string resource{};                ///< the trait resource_id or instance_id is equal; "" = any
  std::vector<TraitCondition> traits{};  ///< at most 16
  bool changes_only = false;             ///< leaves out what is no change (events/change_filter.h)
};

struct EventPage {
  std::vector<Event> events;
  std::string next_cursor;
};

struct Retention {
  Duration max_age = std::chrono::hours(24 * 400);
  std::uint64_t max_bytes = 5ull << 30;
};

/// Thread-safe. Durability as in series/series_store.h. An event id seen before (same account) replaces, so
/// that each event is there once.
class EventStore {
 public:
  virtual ~EventStore() = default;
  virtual Result<void> append(AccountId account, std::span<const Event> batch,
                              std::uint64_t journal_offset) = 0;
  virtual Result<EventPage> search(AccountId account, const EventQuery& query) const = 0;
  virtual std::uint64_t durable_offset() const = 0;
  virtual Result<void> flush() = 0;
  virtual Result<void> enforce(const Retention& retention, Time now) = 0;
  /// As of series/series_store.h.
  virtual Result<void> copy_to(const std::filesystem::path& directory) const = 0;
};

}  // namespace sentinella::events
