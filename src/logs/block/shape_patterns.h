// Recognises lines of known shapes. Most lines have the shape of one before, and to compare a line with what
// is expected costs a fraction of taking it apart.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "logs/block/field_places.h"
#include "logs/block/line_coder.h"

namespace sentinella::logs {

/// Patterns of shapes, numbered as they are added. Not thread-safe.
class ShapePatterns {
 public:
  /// `shape` as LineCoder made it, of a record's first line or of a later one.
  void add(std::string_view shape, bool first_line);
  /// True: LineCoder::code() would make shape `number` of this line, and `out`. False says nothing. `shape`:
  /// the text that was added under that number, or one that begins with it.
  bool match(std::uint32_t number, std::string_view shape, std::string_view line, std::span<const Pin> pins,
             int year, CodedLine& out) const;
  /// The same of a record whose only line `line` is, without a look for the pins: its fields are where the
  /// shape has them, all of them and no others.
  bool match(std::uint32_t number, std::string_view shape, std::string_view line, const FieldPlaces& places,
             int year, CodedLine& out) const;

 private:
  enum class StepKind : std::uint8_t { literal, slot, pin, head_end };
  struct Step {
    StepKind kind = StepKind::literal;
    Mark mark = Mark::kNumber;  ///< slot, pin
    std::uint8_t argument = 0;
    std::uint32_t begin = 0, size = 0;  ///< literal: its place in the shape's text
  };
  struct Pattern {
    std::uint32_t first = 0, count = 0;
    bool usable = false;  ///< a line may have all of it and yet be of another shape
    bool first_line = false;
    std::uint16_t fields = 0;   ///< bit f: it has Field f
    bool in_pieces = false;     ///< one of them more than once, or pins that are of no field
    bool message_ends = false;  ///< before the line does
  };
  class Builder;
  template <typename Pinned>
  bool follow(const Pattern& pattern, std::string_view shape, std::string_view line, int year,
              Pinned&& pinned, CodedLine& out) const;

  std::vector<Pattern> patterns_;
  std::vector<Step> steps_;  ///< of all patterns
};

}  // namespace sentinella::logs
