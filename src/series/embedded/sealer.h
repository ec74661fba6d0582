// Turns sealed samples into chunks on disk, on a thread of its own, so that appending waits for neither the
// codec nor the disk.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "series/embedded/chunk_rows.h"
#include "series/embedded/sample_head.h"

namespace sentinella::series {

/// Thread-safe. The destructor drops what is not written yet: the journal has it.
class Sealer {
 public:
  using Written = std::function<void(const std::vector<Sealed>&)>;

  /// `written` is called on the sealer's thread with what can be read from `rows` from then on.
  Sealer(ChunkRows& rows, Written written);
  ~Sealer();

  void add(Sealed sealed);
  /// Waits until all that was added before is written, or the disk refuses.
  Result<void> drain();
  /// While the disk refuses: tries again at once.
  void retry();
  std::size_t waiting_bytes() const { return waiting_bytes_; }

 private:
  void run();
  std::vector<Sealed> next_group() SENT_REQUIRES(mutex_);
  Result<void> write(const std::vector<Sealed>& group);

  ChunkRows& rows_;
  const Written written_;
  std::atomic<std::size_t> waiting_bytes_ = 0;
  Mutex mutex_;
  CondVar changed_;
  std::deque<Sealed> queue_ SENT_GUARDED_BY(mutex_);
  std::uint64_t added_ SENT_GUARDED_BY(mutex_) = 0, done_ SENT_GUARDED_BY(mutex_) = 0;
  std::uint64_t tries_ SENT_GUARDED_BY(mutex_) = 0;
  std::optional<Error> trouble_ SENT_GUARDED_BY(mutex_);
  bool stopping_ SENT_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace sentinella::series
