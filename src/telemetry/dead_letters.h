// Messages that could not be taken, with the reason, on disk: to be read, mended or replayed by people.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"
#include "kv/database.h"

namespace sentinella::telemetry {

struct DeadLetter {
  std::uint64_t id = 0;  ///< ascending; given by the store
  Time at;
  std::string broker, exchange, routing_key;
  std::string reason;
  std::string body;        ///< as it came, up to kMaxKept bytes
  std::uint64_t size = 0;  ///< that it had
  bool whole() const { return body.size() == size; }
};

struct DeadLetterPage {
  std::vector<DeadLetter> letters;  ///< newest first
  std::uint64_t next = 0;           ///< `before` of the next page; 0 = there is none
};

/// Thread-safe. Beyond `max_bytes` the oldest go, and are counted.
class DeadLetters {
 public:
  static constexpr std::size_t kMaxKept = 1u << 20;

  static Result<std::unique_ptr<DeadLetters>> open(const std::filesystem::path& directory,
                                                   std::uint64_t max_bytes);
  /// On disk when it returns.
  Result<void> add(std::vector<DeadLetter> letters);
  /// Those with ids below `before` (0 = all).
  Result<DeadLetterPage> list(std::uint64_t before, std::size_t limit) const;
  Result<std::optional<DeadLetter>> get(std::uint64_t id) const;
  Result<void> erase(std::uint64_t id);
  std::uint64_t count() const;
  std::uint64_t dropped() const;  ///< since the start
  /// A copy of this moment that open() takes; `directory` must not exist.
  Result<void> copy_to(const std::filesystem::path& directory) const;

 private:
  DeadLetters(std::unique_ptr<kv::Database> database, std::uint64_t max_bytes);
  Result<void> count_all();
  Result<void> drop_oldest() SENT_REQUIRES(mutex_);

  const std::unique_ptr<kv::Database> database_;
  const std::uint64_t max_bytes_;
  mutable Mutex mutex_;
  std::uint64_t next_id_ SENT_GUARDED_BY(mutex_) = 1;
  std::uint64_t count_ SENT_GUARDED_BY(mutex_) = 0, bytes_ SENT_GUARDED_BY(mutex_) = 0;
  std::uint64_t dropped_ SENT_GUARDED_BY(mutex_) = 0;
};

/// The body for people's eyes: valid UTF-8, with tokens and passwords masked. Replay uses the body itself.
std::string readable_body(const DeadLetter& letter);

}  // namespace sentinella::telemetry
