// Records one after the other, in a form that is quick to add to and to walk: the newest records, until they
// are sealed (format: docs/formats/logs.md).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "logs/block/block_format.h"
#include "logs/block/record_view.h"

namespace sentinella::logs {

/// Grows by one record at a time; ids must ascend.
class RecordBuffer {
 public:
  RecordBuffer() = default;
  /// Takes up a buffer where it was left.
  RecordBuffer(BlockHeader header, std::string records);

  void add(const RecordView& record);
  void reserve(std::size_t bytes) { records_.reserve(bytes); }
  bool empty() const { return header_.records == 0; }
  const BlockHeader& header() const { return header_; }
  const std::string& records() const { return records_; }
  /// Where the record begins that the byte at `place` belongs to, and the one after it.
  std::pair<std::size_t, std::size_t> record_around(std::size_t place) const;

 private:
  BlockHeader header_;
  std::string records_;
  std::vector<std::uint32_t> begins_;  ///< of each record in records_
};

std::string encode_buffer(const RecordBuffer& buffer);
Result<RecordBuffer> decode_buffer(std::string_view row);

/// Walks the records of a buffer.
class RecordReader {
 public:
  explicit RecordReader(std::string_view records) : rest_(records) {}
  /// False at the end. kCorrupt: no record begins here.
  Result<bool> next(RecordView& view);
  std::size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
};

}  // namespace sentinella::logs
