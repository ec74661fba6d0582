// What the embedded store has of one account: sealed blocks, then the head, in order of arrival.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "logs/embedded/record_buffer.h"
#include "logs/embedded/stored_block.h"

namespace sentinella::logs {

/// The newest records: buffers that are full and never change again, and one that grows.
struct Head {
  std::vector<std::shared_ptr<const RecordBuffer>> full;
  RecordBuffer open;
  std::size_t on_disk = 0;  ///< so many of `full` are on disk as they are
  bool dirty = false;       ///< something is not on disk
  std::size_t raw_bytes = 0;
  std::size_t records = 0;

  void add(const RecordView& record) {
    constexpr std::size_t kBufferBytes = 256u << 10;
    if (open.records().size() >= kBufferBytes) {
      full.push_back(std::make_shared<const RecordBuffer>(std::move(open)));
      open = RecordBuffer();
      open.reserve(kBufferBytes + kBufferBytes / 8);
    }
    open.add(record);
    raw_bytes += record.raw.size();
    ++records;
    dirty = true;
  }
  /// All of it, fit to be read while it grows on.
  std::vector<std::shared_ptr<const RecordBuffer>> view() const {
    auto all = full;
    if (!open.empty()) all.push_back(std::make_shared<const RecordBuffer>(open));
    return all;
  }
};

struct AccountLog {
  std::vector<std::shared_ptr<const StoredBlock>> blocks;  ///< in order of record ids
  Head head;
  RecordId newest;
  std::uint64_t next_number = 1;
};

}  // namespace sentinella::logs
