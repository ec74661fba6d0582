// Where a message may be other than constant text: the places that log_template.cpp must look at. The rest,
// usually most of it, is skipped 64 bytes at a time.
#pragma once

#include <cstdint>
#include <string_view>

namespace sentinella::codec {

/// Finds, in order: digits, slashes, quotes, blanks that are not a single space, the dash of `q-`, and the
/// eighth (and later) of hexadecimal letters in a row.
class InterestScanner {
 public:
  explicit InterestScanner(std::string_view text) : text_(text) {}

  /// The first such place at or after `from`, which never goes back; npos when there is none.
  std::size_t next(std::size_t from);

 private:
  /// The bits of the 64 bytes from `block` on; beyond the text's end they are 0.
  std::uint64_t scan(std::size_t block);

  std::string_view text_;
  std::size_t block_ = SIZE_MAX;  ///< whose bits are in bits_; SIZE_MAX = none yet
  std::uint64_t bits_ = 0;
  // What the block before leaves to the next: for pairs and runs across their border.
  std::uint64_t blanks_ = 0, qs_ = 0, hex1_ = 0, hex2_ = 0, hex4_ = 0;
};

}  // namespace sentinella::codec
