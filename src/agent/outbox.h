// Collects what the agent has to say into batches: at most 512 KiB, at most 200 ms old, at once when asked.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "agent/event_loop.h"
#include "agent/tail/file_identity.h"
#include "base/time.h"
#include "model/batch.h"

namespace sentinella::agent {

/// Not thread-safe; lives on the loop's thread.
class Outbox {
 public:
  struct Callbacks {
    /// Makes a batch durable. `positions`: how far the logs are read once the batch counts. On failure the
    /// outbox keeps the batch and tries again.
    std::function<Result<void>(SignalKind signal, const Batch& batch,
                               const std::vector<FilePosition>& positions)>
        deliver;
    std::function<std::vector<FilePosition>()> take_positions;
  };

  Outbox(EventLoop& loop, Callbacks callbacks) : loop_(loop), callbacks_(std::move(callbacks)) {}
  ~Outbox() { loop_.cancel(timer_); }
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void add(LogRecord record);
  void add(StateReport report);
  void add(Event event);
  /// Metrics are a batch of their own; they are not kept when the disk refuses them.
  void send_metrics(const Batch& metrics);
  /// Everything waiting goes now.
  void flush();
  /// Over its bound because the disk refuses: give no more log records.
  bool full() const { return bytes_ >= kMaxBytes; }
  std::uint64_t lost_metrics() const { return lost_metrics_; }

  static constexpr std::size_t kMaxBytes = 512 << 10;
  static constexpr Duration kMaxAge = 200ms;

 private:
  void added(std::size_t bytes);
  void flush_after(Duration delay);

  EventLoop& loop_;
  const Callbacks callbacks_;
  Batch waiting_;
  std::vector<FilePosition> positions_;
  std::size_t bytes_ = 0;
  std::uint64_t lost_metrics_ = 0;
  bool scheduled_ = false;
  bool failing_ = false;
  EventLoop::TimerId timer_{};
};

}  // namespace sentinella::agent
