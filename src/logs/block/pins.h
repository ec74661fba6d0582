// Where the parts of a record lie in a line of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "logs/block/shape.h"

namespace sentinella::logs {

/// A mark without width, to be set before the byte at `offset`.
struct Pin {
  std::size_t offset = 0;
  Mark mark = Mark::kBegin;
  std::uint8_t argument = 0;
};

/// The pins of one line, ascending by offset.
class Pins {
 public:
  void clear() { count_ = 0; }
  void add(std::size_t offset, Mark mark, Field field = {}) {
    if (count_ == pins_.size()) return;
    std::size_t at = count_++;
    // Insertion keeps the order of marks at one offset that the caller gave.
    for (; at > 0 && pins_[at - 1].offset > offset; --at) pins_[at] = pins_[at - 1];
    pins_[at] = {offset, mark, static_cast<std::uint8_t>(field)};
  }
  std::span<const Pin> all() const { return {pins_.data(), count_}; }

 private:
  std::array<Pin, 2 * kFields + 2> pins_;
  std::size_t count_ = 0;
};

}  // namespace sentinella::logs
