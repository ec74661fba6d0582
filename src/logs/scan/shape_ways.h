// Where a text can lie in the lines of a shape. A slot is always whole words (word_char.h), so once the place
// where the text begins is chosen, what each slot that it reaches must hold is certain.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "logs/block/log_block.h"

namespace sentinella::logs {

/// Something that a slot's text, in lower case, must have.
struct SlotAsk {
  enum Kind : std::uint8_t { equal, begins, ends, holds, at } kind = equal;
  std::uint8_t offset = 0;  ///< at: where `text` stands in it
  std::uint32_t slot = 0;   ///< in ShapeTable::slots
  std::string_view text;    ///< part of the text searched for
};

struct ShapeWays {
  enum Verdict : std::uint8_t {
    no,    ///< no line of this shape has it
    yes,   ///< all have
    ask,   ///< those have it that answer all asks of one of the ways
    look,  ///< as `ask`; other lines must be put together
  };
  struct Way {
    std::uint32_t shape = 0, first = 0, count = 0;  ///< the asks [first, first + count)
  };
  std::vector<Verdict> verdicts;  ///< of each shape
  std::vector<Way> ways;          ///< by shape, ascending
  std::vector<SlotAsk> asks;
};

/// `lower` is in lower case, not empty, without newline or is_mark() bytes, and must outlive the answer.
Result<ShapeWays> find_ways(const LogBlock& block, std::string_view lower);

}  // namespace sentinella::logs
