// Knows a message again by the template that one like it had: to compare constant text, and to look where the
// words between it end, costs a fraction of finding out what varies.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/text_span.h"

namespace sentinella::codec {

/// Not thread-safe. Messages are given without blanks at their end.
class TemplateMemo {
 public:
  /// The id of the message's template, and its holes appended, when they surely are what was noted of
  /// another; else 0.
  std::uint64_t find(std::string_view message, std::uint32_t base, std::vector<TextSpan>& holes);
  /// What was found out of a message that find() did not know; offsets count from `base`.
  void note(std::string_view message, std::uint64_t id, std::uint32_t base, std::span<const TextSpan> holes);

 private:
  /// Constant text, and what follows it.
  struct Piece {
    enum Hole : std::uint8_t { word, quoted, end } hole = end;
    char quote = '\0';
    std::uint16_t size = 0;  ///< of the constant text
  };
  struct Entry {
    std::uint64_t id = 0;
    std::string constant;  ///< of all pieces
    std::vector<Piece> pieces;
  };
  static constexpr std::size_t kBuckets = 128, kWays = 4;

  static bool take_apart(std::string_view message, std::uint32_t base, std::span<const TextSpan> holes,
                         Entry& out);
  static bool fits(const Entry& entry, std::string_view message, std::uint32_t base,
                   std::vector<TextSpan>& holes);

  std::vector<Entry> entries_;
  Entry scratch_;
  /// By how a message begins; the one found last first. 0 = none, else the entry's number and 1.
  std::array<std::array<std::uint16_t, kWays>, kBuckets> buckets_{};
};

}  // namespace sentinella::codec
