// A block of log records: encoded one after the other, described by a header that lets a search skip it
// (format: docs/formats/logs.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "logs/log_store.h"

namespace sentinella::logs {

/// A record as it lies in a block; the views point into the block.
struct RecordView {
  RecordId id;
  Time time;
  Severity severity = Severity::unspecified;
  std::uint32_t pid = 0, flags = 0;
  std::uint64_t template_id = 0;
  std::string_view host, service, source, component, request_id, global_request_id, user_id, project_id,
      instance;
  std::string_view message, traceback, raw;
};
LogRecord to_record(const RecordView& view);

/// What is known of a block without reading it.
struct BlockHeader {
  std::uint32_t records = 0;
  Time first_time{INT64_MAX}, last_time{INT64_MIN};
  RecordId first_id, last_id;
  Severity worst = Severity::unspecified;
  std::vector<std::string> hosts, services;  ///< at most kMaxNames; "*" alone = too many to list
  std::uint64_t raw_bytes = 0;               ///< of the records, before compression
};
inline constexpr std::size_t kMaxNames = 32;

std::string encode_header(const BlockHeader& header);
Result<BlockHeader> decode_header(std::string_view bytes);

/// Grows by one record at a time; ids must ascend.
class BlockBuilder {
 public:
  void add(RecordId id, const LogRecord& record);
  bool empty() const { return header_.records == 0; }
  const BlockHeader& header() const { return header_; }
  const std::string& records() const { return records_; }
  /// Takes up an open block where it was left.
  void restore(BlockHeader header, std::string records);
  void clear() { *this = BlockBuilder(); }

 private:
  BlockHeader header_;
  std::string records_;
};

/// Walks the records of a block.
class BlockReader {
 public:
  explicit BlockReader(std::string_view records) : rest_(records) {}
  /// False at the end. kCorrupt: no record begins here.
  Result<bool> next(RecordView& view);

 private:
  std::string_view rest_;
};

}  // namespace sentinella::logs
