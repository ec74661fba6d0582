// One queue of the spool: segments in order, a reading place, what is acknowledged.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/spool/segment.h"

namespace sentinella::agent {

/// What the writer left with a batch that is still on disk.
struct SpoolNote {
  std::string note;
  bool acknowledged = false;
};

/// Not thread-safe.
class SpoolQueue {
 public:
  /// `name` begins the files' names. kIo, kCorrupt.
  static Result<SpoolQueue> open(const std::filesystem::path& directory, std::string name);

  /// Before the first append: the epoch to write in, and the sequence that comes next.
  Result<void> begin_epoch(std::uint64_t epoch, std::uint64_t next_sequence);
  Result<void> append(std::string_view note, std::string_view body, std::uint64_t segment_bytes,
                      bool durable);
  std::optional<SegmentRecord> front();
  std::uint64_t front_epoch() const { return segments_[place_.segment].epoch(); }
  /// Moves past the front record.
  void acknowledge_front();
  /// Removes the segments that are acknowledged whole. `before_forgetting` as in spool.h.
  void forget_acknowledged(const std::function<Result<void>()>& before_forgetting);
  /// Ends the segment being written to when all in it is acknowledged, so that it can be forgotten too.
  Result<void> end_acknowledged_segment();
  /// Removes the oldest segment, waiting or not; false when only the one being written is left.
  /// `dropped` grows by the batches that were still waiting.
  bool drop_oldest_segment(std::uint64_t& dropped);
  std::vector<SpoolNote> notes() const;
  Result<void> sync();

  std::uint64_t bytes() const;
  std::uint64_t waiting() const { return waiting_; }
  std::uint64_t next_sequence() const { return next_sequence_; }

 private:
  Result<void> start_segment();
  void load_acknowledged();
  void save_acknowledged(std::uint64_t epoch, std::uint64_t sequence);
  void skip_acknowledged();
  void step();

  std::filesystem::path directory_;
  std::string name_;
  std::deque<Segment> segments_;  ///< oldest first; the last is written to
  std::uint64_t next_number_ = 1;
  struct Place {
    std::size_t segment = 0;
    std::uint64_t offset = Segment::kHeaderBytes;
    std::uint64_t passed = 0;  ///< records of the segment before the offset
  };
  Place place_;  ///< of the oldest batch not acknowledged
  std::uint64_t waiting_ = 0;
  std::uint64_t epoch_ = 0;
  std::uint64_t next_sequence_ = 1;
  std::uint64_t acked_epoch_ = 0, acked_sequence_ = 0;
  FileDescriptor acked_file_;
};

}  // namespace sentinella::agent
