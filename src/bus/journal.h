// The durable log at the heart: every accepted batch is one record. Stores and rules consume it in order and
// keep their own offset; after a crash they replay from there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sentinella::bus {

/// The place of a record; the first is 1, without gaps. 0 = before all.
using Offset = std::uint64_t;

/// Thread-safe.
class Journal {
 public:
  using Appended = std::move_only_function<void(Result<Offset>)>;
  /// Return false to stop reading.
  using Visitor = std::function<bool(Offset, std::string_view record)>;

  virtual ~Journal() = default;

  /// Queues `record`, which is not empty; `appended` is called once it is durable (or, where the adapter is
  /// told so, once the operating system has it, to be on disk a moment later), in offset order, one at a
  /// time, on the journal's own thread or before append() returns to whoever called it (it must not block,
  /// nor hold what a caller of append() holds). kNoSpace: the disk (or the configured size) is full, nothing
  /// was kept. kIo: the journal has failed and refuses everything until the process restarts. kTooLarge: over
  /// 64 MiB. kUnavailable: the queue is full.
  virtual void append(std::string record, Appended appended) = 0;

  /// Waits until every record whose `appended` was called is on disk. At once where that is always so.
  virtual Result<void> sync() = 0;
  /// Makes `offset` the newest one, when it is not yet reached: nothing will ever be read up to there. For a
  /// journal that lost its last records in a power failure, when others have seen them already.
  virtual Result<void> skip_to(Offset offset) = 0;

  /// Calls `visit` for each durable record from `from` on, in order. kCorrupt: a record in the middle fails
  /// its checksum (names segment and byte); a torn tail is cut at open and is not an error.
  virtual Result<void> read(Offset from, const Visitor& visit) const = 0;

  virtual Offset first() const = 0;  ///< oldest record kept; last() + 1 when empty
  virtual Offset last() const = 0;   ///< newest one that was answered; 0 when there never was one

  /// Records before `offset` are no longer needed; whole segments of them are deleted.
  virtual void truncate_before(Offset offset) = 0;
  virtual std::uint64_t size_bytes() const = 0;

  /// A journal of the records kept now, up to last(), in a directory that is empty or made; on disk on
  /// return, with the newest record in it as the answer. Not to be called beside truncate_before().
  virtual Result<Offset> copy_to(const std::filesystem::path& directory) const = 0;
};

}  // namespace sentinella::bus
