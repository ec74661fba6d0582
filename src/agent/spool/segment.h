// One segment file of the spool (format: spool.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace sentinella::agent {

struct SegmentRecord {
  std::uint64_t sequence = 0;
  std::string note;
  std::string body;
};

inline constexpr std::size_t kMaxSpoolRecord = 64u << 20;

/// `bytes` begins at a record. nullopt: torn, or not a record. `used` = its size.
std::optional<SegmentRecord> parse_segment_record(std::string_view bytes, std::size_t& used);
std::string encode_segment_record(std::uint64_t sequence, std::string_view note, std::string_view body);

/// Not thread-safe.
class Segment {
 public:
  static Result<Segment> create(const std::filesystem::path& path, std::uint64_t epoch);
  /// Checks every record and cuts off what is torn. kCorrupt: not a segment at all.
  static Result<Segment> open(const std::filesystem::path& path);

  /// All or nothing: a partial write is cut off again, and so is one that should be `durable` and is not.
  Result<void> append(std::uint64_t sequence, std::string_view note, std::string_view body, bool durable);
  Result<void> sync();
  /// The record at `offset`; moves `offset` behind it. nullopt: the end.
  Result<std::optional<SegmentRecord>> read(std::uint64_t& offset) const;
  Result<void> remove();

  static constexpr std::uint64_t kHeaderBytes = 16;
  std::uint64_t epoch() const { return epoch_; }
  std::uint64_t size() const { return size_; }
  std::uint64_t records() const { return records_; }
  std::uint64_t last_sequence() const { return last_sequence_; }  ///< 0 = empty
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
  std::uint64_t epoch_ = 0;
  std::uint64_t size_ = kHeaderBytes;
  std::uint64_t records_ = 0;
  std::uint64_t last_sequence_ = 0;
};

}  // namespace sentinella::agent
