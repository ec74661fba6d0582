// Cuts a log's text into chunks that end between records, as the server joins them (codec/record_joiner.h),
// so that no traceback is torn apart. The same text is always cut at the same places.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codec/record_joiner.h"

namespace sentinella::agent {

struct RecordChunk {
  std::string text;
  std::uint64_t end = 0;  ///< position in the whole text after it
};

/// Not thread-safe.
class RecordChunks {
 public:
  static constexpr std::size_t kWanted = 1u << 20;
  static constexpr std::size_t kMost = 8u << 20;  ///< then it is cut at a line's end, wherever it is

  RecordChunks() : joiner_(kMost) {}

  void put(std::string_view piece);
  /// Nothing follows.
  void finish() { finished_ = true; }
  /// The next one, when there is enough text for it.
  std::optional<RecordChunk> next();

 private:
  void read_lines();
  std::optional<RecordChunk> cut(std::uint64_t end);

  codec::RecordJoiner joiner_;
  std::string text_;
  std::uint64_t begin_ = 0;    ///< position of `text_`
  std::uint64_t read_to_ = 0;  ///< the joiner has seen the lines up to here
  bool finished_ = false;
};

}  // namespace sentinella::agent
