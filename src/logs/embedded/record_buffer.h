// Records one after the other, in a form that is quick to add to and to walk: the newest records, until they
// are sealed (format: docs/formats/logs.md).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "logs/block/block_format.h"
#include "logs/block/record_view.h"

namespace sentinella::logs {

/// Grows by one record at a time; ids must ascend.
class RecordBuffer {
 public:
  RecordBuffer() = default;
  /// Takes up a buffer where it was left.
  RecordBuffer(BlockHeader header, std::string records)
      : header_(std::move(header)), records_(std::move(records)) {}

  void add(RecordId id, const LogRecord& record);
  bool empty() const { return header_.records == 0; }
  const BlockHeader& header() const { return header_; }
  const std::string& records() const { return records_; }

 private:
  BlockHeader header_;
  std::string records_;
};

std::string encode_buffer(const RecordBuffer& buffer);
Result<RecordBuffer> decode_buffer(std::string_view row);

/// Walks the records of a buffer.
class RecordReader {
 public:
  explicit RecordReader(std::string_view records) : rest_(records) {}
  /// False at the end. kCorrupt: no record begins here.
  Result<bool> next(RecordView& view);

 private:
  std::string_view rest_;
};

}  // namespace sentinella::logs
