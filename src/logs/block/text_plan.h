// Finds in a record's text what its message and its traceback are made of, so that a block need not keep
// them.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "logs/block/record_view.h"

namespace sentinella::logs {

/// Fields are looked for in this much of the first line.
inline constexpr std::size_t kMaxHead = 1024;

struct TextPlan {
  bool message_in_text = false;  ///< line by line, the ends of the first `message_lines` lines
  std::size_t message_at = 0;    ///< where it begins in the first line
  std::size_t first_part = 0;    ///< not 0: so many of its bytes stand there, the others at second_at
  std::size_t second_at = 0;
  std::size_t message_end = 0;     ///< not 0: it ends there in the first line, before a carriage return
  std::size_t message_lines = 0;   ///< the traceback follows them
  bool traceback_in_text = false;  ///< line by line, the ends of the other lines
};

/// Reusable; the lines are views into the last record planned.
class TextPlanner {
 public:
  TextPlan plan(const RecordView& record);
  const std::vector<std::string_view>& lines() const { return lines_; }
  /// Where in line i the part begins that belongs to the message or the traceback; 0 when to neither.
  std::size_t inner_offset(std::size_t i, const TextPlan& plan) const;

 private:
  bool are_ends(const std::vector<std::string_view>& parts, std::size_t from) const;
  bool find_pieces(std::string_view message, TextPlan& plan) const;

  std::vector<std::string_view> lines_, message_lines_, traceback_lines_;
};

}  // namespace sentinella::logs
