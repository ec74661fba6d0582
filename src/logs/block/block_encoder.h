// Records -> a block. Made for being fed millions of lines: nothing is allocated per record once it is warm.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "logs/block/block_format.h"
#include "logs/block/record_view.h"

namespace sentinella::logs {

struct EncodedBlock {
  BlockHeader header;
  std::array<std::string, kSections> sections;  ///< not yet packed
  /// Whether every 8-4-4-4-12 id in the texts, and every one that is a field, is in Section::ids.
  bool has_all_ids = true;
};

/// Not thread-safe.
class BlockEncoder {
 public:
  BlockEncoder();
  ~BlockEncoder();
  /// Ids must ascend. The views are not needed afterwards.
  void add(const RecordView& record);
  /// The encoder is spent then.
  EncodedBlock finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sentinella::logs
