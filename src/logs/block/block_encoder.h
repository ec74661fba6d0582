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
  /// 16 bytes each: every 8-4-4-4-12 in the texts, whatever stands around it, and every id at the end of a
  /// field that is asked for by its id is here or in Section::ids.
  std::string hidden_ids;
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
