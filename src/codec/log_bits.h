// What each byte of a message is, one bit a byte, found 64 bytes at a time: log_template.cpp steps over words
// and constant text by it, without a look at their letters.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sentinella::codec {

/// Of 64 bytes, the first in the lowest bit.
struct MessageBits {
  /// Where a message may be other than constant text: digits, slashes, quotes, blanks that are not a single
  /// space, the dash of `q-`, and the eighth (and later) of hexadecimal letters in a row.
  std::uint64_t interest = 0;
  std::uint64_t breaks = 0;  ///< belongs to no word: blanks, quotes, separators
  std::uint64_t digits = 0, slashes = 0;
};

/// Reusable; keeps its memory unless that grew large. Not thread-safe.
class MessageMap {
 public:
  void read(std::string_view text);

  /// The first place at `from` or later that has the bit; the text's size when there is none.
  std::size_t next(std::uint64_t MessageBits::* bits, std::size_t from) const {
    if (from >= size_) return size_;
    std::size_t block = from / 64;
    std::uint64_t left = blocks_[block].*bits >> from % 64 << from % 64;
    while (left == 0) {
      if (++block * 64 >= size_) return size_;
      left = blocks_[block].*bits;
    }
    return block * 64 + static_cast<std::size_t>(std::countr_zero(left));
  }
  /// Behind the last place before `until` that has the bit; `lowest` when there is none from there on.
  std::size_t behind_last(std::uint64_t MessageBits::* bits, std::size_t until, std::size_t lowest) const {
    for (std::size_t end = until; end > lowest;) {
      const std::size_t block = (end - 1) / 64;
      const std::uint64_t left = blocks_[block].*bits << (63 - (end - 1) % 64);
      if (left != 0) {
        const std::size_t found = end - static_cast<std::size_t>(std::countl_zero(left));
        return found > lowest ? found : lowest;
      }
      end = block * 64;
    }
    return lowest;
  }
  bool has(std::uint64_t MessageBits::* bits, std::size_t from, std::size_t until) const {
    return next(bits, from) < until;
  }

 private:
  std::size_t size_ = 0;
  std::vector<MessageBits> blocks_;
};

}  // namespace sentinella::codec
