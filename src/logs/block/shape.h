// The shape of a line: its constant text with marks where something varies. Two lines of one shape differ in
// nothing but the values of its slots. Byte values are part of the block format (docs/formats/logs.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sentinella::logs {

/// What may stand in a shape's text beside literal bytes. A literal byte that is_mark() follows a kLiteral.
enum class Mark : std::uint8_t {
  kNumber = 1,  ///< slot: a decimal number without leading zeros
  kPadded = 2,  ///< slot: decimal digits; the next byte is how many
  kWord = 3,    ///< slot: an entry of the word dictionary
  kDashed = 4,  ///< slot: an id of 16 bytes, written 8-4-4-4-12
  kPlain = 5,   ///< slot: an id of 16 bytes, written as 32 digits
  kTime = 6,    ///< slot: a time; the next byte is a TimeFormat
  kHead = 7,    ///< the record's first line up to its kHeadEnd, again
  kLogger = 8,  ///< the record's first line up to the end of its component, again
  kBegin = 14,  ///< of the field that the next byte names
  kEnd = 15,
  kLiteral = 16,
  kWhole = 17,  ///< slot: an entry of the word dictionary that is a whole record
  kInner = 18,  ///< what of the line belongs to the message or the traceback begins here
  kHeadEnd = 19,
  kPreface = 20,  ///< the record's first line up to its message, again
};

constexpr bool is_mark(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 9 || (byte >= 14 && byte < 21);
}

/// A part of a record that has a name and, as a rule, is a part of its text.
enum class Field : std::uint8_t {
  component,
  request_id,
  global_request_id,
  user_id,
  project_id,
  instance,
  pid,
  message,
  domain_id,
  http_client,
  http_method,
  http_path,
  http_status
};
inline constexpr std::size_t kFields = 13;

enum class SlotKind : std::uint8_t { number, padded, word, dashed, plain, time, whole };

constexpr bool is_slot(Mark mark) {
  return (mark >= Mark::kNumber && mark <= Mark::kTime) || mark == Mark::kWhole;
}
constexpr SlotKind slot_kind(Mark mark) {
  return mark == Mark::kWhole ? SlotKind::whole : static_cast<SlotKind>(static_cast<std::uint8_t>(mark) - 1);
}
constexpr bool has_argument(Mark mark) {
  return mark == Mark::kPadded || mark == Mark::kTime || mark == Mark::kBegin || mark == Mark::kEnd ||
         mark == Mark::kLiteral;
}

/// Takes a shape's text apart: for each piece calls `literal(std::string_view)` or `mark(Mark, argument)`.
template <typename Literal, typename OnMark>
void walk_shape(std::string_view text, Literal&& literal, OnMark&& on_mark) {
  std::size_t from = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_mark(text[at])) {
      ++at;
      continue;
    }
    if (at > from) literal(text.substr(from, at - from));
    const auto mark = static_cast<Mark>(text[at++]);
    if (mark == Mark::kLiteral) {
      literal(text.substr(at, 1));
      ++at;
    } else if (has_argument(mark)) {
      on_mark(mark, static_cast<std::uint8_t>(at < text.size() ? text[at] : 0));
      ++at;
    } else {
      on_mark(mark, std::uint8_t{0});
    }
    from = at;
  }
  if (from < text.size()) literal(text.substr(from));
}

/// How a record's message and traceback lie in its text. The inner part of a line is what follows its kInner;
/// of the first line what lies between kBegin and kEnd of the message; of a line without a mark all of it.
enum TextMode : std::uint8_t {
  kCountedLines = 1,    ///< message: the inner parts of the first n lines; else of all
  kTracebackLines = 2,  ///< traceback: the inner parts of the lines from the n-th on
};

/// What all records of a shape share beside the text.
struct ShapeTraits {
  std::uint64_t template_id = 0;  ///< 0 when `derived_template`
  std::uint32_t flags = 0;
  std::uint8_t severity = 0;
  std::uint8_t text_mode = 0;     ///< TextMode bits
  std::uint16_t apart = 0;        ///< bit f: Field f is not part of the text but a word of the dictionary
  bool traceback_apart = false;   ///< the traceback is a word of the dictionary
  bool derived_template = false;  ///< the template id is codec::log_template_id() of the message
  bool continuation = false;      ///< a second or later line; nothing above applies
  friend bool operator==(const ShapeTraits&, const ShapeTraits&) = default;
};

}  // namespace sentinella::logs
