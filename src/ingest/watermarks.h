// Which batches of agents have been applied, so that sending one again changes nothing.
// File format: docs/formats/watermarks.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/batch.h"

namespace sentinella::ingest {

/// A table of the highest sequence per (agent, signal, epoch). Not thread-safe.
class Watermarks {
 public:
  /// Of an agent's epochs the newest few are kept: an old spool may still drain beside a new one.
  static constexpr std::size_t kEpochsKept = 4;

  bool seen(const BatchId& id) const;
  void advance(const BatchId& id);
  std::size_t size() const { return marks_.size(); }

  /// The table as of `offset` of the journal.
  std::string encode(std::uint64_t offset) const;
  struct Saved;
  /// kCorrupt, kUnsupported.
  static Result<Saved> decode(std::string_view bytes);

 private:
  struct Mark {
    std::uint64_t epoch = 0;
    std::uint64_t sequence = 0;
  };
  using Key = std::pair<std::string, SignalKind>;
  std::map<Key, std::vector<Mark>> marks_;  ///< each list: newest epoch last
};

struct Watermarks::Saved {
  Watermarks table;
  std::uint64_t offset = 0;
};

}  // namespace sentinella::ingest
