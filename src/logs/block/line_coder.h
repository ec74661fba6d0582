// A line -> its shape and the values of its slots. The one place that decides what in a log line varies.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "logs/block/id_text.h"
#include "logs/block/pins.h"
#include "logs/block/shape.h"

namespace sentinella::logs {

struct SlotValue {
  SlotKind kind = SlotKind::number;
  std::uint64_t number = 0;  ///< number, padded; time: units of its format
  std::string_view text{};   ///< word, whole: as written
  std::int64_t unit_ns = 0;  ///< time
  IdBytes id{};              ///< dashed, plain
  friend bool operator==(const SlotValue&, const SlotValue&) = default;
};

/// What a line is beside its shape.
struct CodedLine {
  std::vector<SlotValue> values;
  /// Where the head of a first line ends: after its time and the number that follows; 0 when it has none.
  std::size_t head_end = 0;
  /// The line may hold an 8-4-4-4-12 that became no slot (in capitals, part of a longer word, too far on).
  bool hides_ids = false;
};

/// A line has no more slots: with more it is data, not a message, and its rest is kept as it is.
inline constexpr std::size_t kMaxSlots = 200;

/// Whether the word that ends at `end` may be the beginning of an 8-4-4-4-12.
inline bool may_begin_id(std::string_view line, std::size_t end) {
  return line.size() - end > 5 && line[end] == '-' && line[end + 5] == '-';
}
/// The slot of a word with a digit in it (of a later line: of a long number), or of a number: its value, and
/// the argument of its mark.
SlotValue word_value(std::string_view line, std::size_t begin, std::size_t length, bool all_digits);
/// Numbers shorter than this are part of a later line's text: line numbers, error codes.
inline constexpr std::size_t kLongNumber = 7;

/// Reusable; keeps its memory. A record's first line is taken apart wholly; of the lines after it only ids
/// and times vary, because they mostly return unchanged (a traceback's frames).
class LineCoder {
 public:
  /// `pins` ascend by offset, within the line or at its end. False: a pin stands inside of a slot (then
  /// failed_pin() tells which).
  bool code(std::string_view line, std::span<const Pin> pins, bool first_line, int year);
  /// A shape without slots.
  void code_constant(std::string_view line, std::span<const Pin> pins);
  /// A text too long to be looked at: `preface`, then the message.
  void code_whole(std::string_view preface, std::string_view message);
  /// Until the next line its caller may add to it.
  std::string& shape() { return shape_; }
  const CodedLine& line() const { return coded_; }
  const Pin& failed_pin() const { return failed_; }

 private:
  void begin(std::string_view line, std::span<const Pin> pins);
  void word_at(std::size_t begin);
  bool try_time(std::size_t begin);
  bool try_id(std::size_t begin, std::size_t length);
  void number_or_word(std::size_t begin, std::size_t length, bool all_digits);
  void slot(std::size_t begin, std::size_t length, Mark mark, const SlotValue& value,
            std::uint8_t argument = 0);
  void literal_until(std::size_t end);
  void put_literal(std::string_view text);
  void put_pins(std::size_t offset);

  std::string_view line_;
  std::span<const Pin> pins_;
  bool first_line_ = false;
  int year_ = 1970;
  std::size_t done_ = 0;  ///< everything before is in shape_
  std::size_t at_ = 0;    ///< everything before is looked at
  std::size_t time_end_ = 0;
  bool marks_ = false;  ///< the line may hold bytes that are marks
  std::string shape_;
  CodedLine coded_;
  bool pin_failed_ = false;
  Pin failed_;
};

}  // namespace sentinella::logs
