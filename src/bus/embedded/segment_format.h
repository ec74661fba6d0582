// One segment file of the journal: a header, then records back to back (format: docs/formats/journal.md).
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "bus/journal.h"

namespace sentinella::bus {

inline constexpr std::size_t kMaxRecordBytes = 64u << 20;
inline constexpr std::size_t kSegmentHeaderBytes = 28;
inline constexpr std::size_t kRecordHeaderBytes = 24;

struct SegmentHeader {
  Offset first = 0;        ///< of the first record that is, or will be, in the file
  std::uint32_t salt = 0;  ///< random; seeds every checksum, so that no payload can pose as a record
};

std::string encode_segment_header(const SegmentHeader& header);
/// kCorrupt, kUnsupported (a newer version).
Result<SegmentHeader> decode_segment_header(std::string_view bytes);

/// `durable`: the newest offset that was on disk when this record was written.
std::array<char, kRecordHeaderBytes> encode_record_header(std::string_view payload, Offset offset,
                                                          Offset durable, std::uint32_t salt);

struct SegmentRecord {
  Offset offset = 0;
  Offset durable = 0;
  std::string_view payload;
};

/// Reads one file front to back, as long as it was when opened. Not thread-safe.
class SegmentReader {
 public:
  /// Errors name the path.
  static Result<SegmentReader> open(const std::filesystem::path& path);

  const SegmentHeader& header() const { return header_; }
  /// The next record, valid until the next call. nullopt: the end of the file, or bytes that are no record.
  Result<std::optional<SegmentRecord>> next();
  /// Where the next record begins; after nullopt, where the intact part of the file ends.
  std::uint64_t position() const { return position_; }
  std::uint64_t file_bytes() const { return file_bytes_; }
  Offset expected() const { return expected_; }
  /// After nullopt before the end of the file: does a later record prove that the broken one had been
  /// durable? Else it is the torn tail of the last commit.
  Result<bool> broken_record_was_durable() const;

 private:
  SegmentReader() = default;
  Result<bool> fill(std::size_t bytes);

  FileDescriptor file_;
  std::filesystem::path path_;
  SegmentHeader header_;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t position_ = kSegmentHeaderBytes;
  Offset expected_ = 0;
  std::string buffer_;  // bytes of the file from buffer_at_ on
  std::uint64_t buffer_at_ = 0;
};

}  // namespace sentinella::bus
