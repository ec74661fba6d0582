#include "logs/block/line_coder.h"

#include <array>
#include <charconv>

#include "logs/block/time_text.h"
#include "logs/block/word_char.h"

namespace sentinella::logs {
namespace {

enum Class : std::uint8_t { kWordChar = 1, kDigit = 2, kLowerHex = 4, kSpecial = 8, kNameStart = 16 };

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool digit = c >= '0' && c <= '9';
    unsigned bits = 0;
    if (is_word_char(static_cast<char>(c))) bits |= kWordChar;
    if (digit) bits |= kDigit;
    if (digit || (c >= 'a' && c <= 'f')) bits |= kLowerHex;
    if (is_mark(static_cast<char>(c))) bits |= kSpecial;
    classes[c] = static_cast<std::uint8_t>(bits);
  }
  // The first letters of the names of days and months.
  for (const char c : std::string_view("SMTWFJAOND"))
    classes[static_cast<unsigned char>(c)] |= std::uint8_t{kNameStart};
  return classes;
}
constexpr auto kClasses = make_classes();

std::uint8_t class_of(char c) {
  return kClasses[static_cast<unsigned char>(c)];
}

constexpr std::size_t kDashedLength = 36, kPlainLength = 32;
constexpr std::size_t kMaxDigits = 18;  // what surely fits 63 bits
/// A line with more is data, not a message; its rest is kept as it is.
constexpr std::size_t kMaxSlots = 200;
/// Numbers shorter than this are part of a continuation line's text: line numbers, error codes.
constexpr std::size_t kLongNumber = 7;
constexpr std::size_t kHeadGap = 3;  // " [" and the like

bool all_hex(std::string_view text) {
  unsigned bits = kLowerHex;
  for (const char c : text) bits &= class_of(c);
  return bits != 0;
}

/// After the first eight digits, which are known to be there.
bool is_dashed_rest(std::string_view text) {
  if (text.size() < kDashedLength ||
      (text.size() > kDashedLength && (class_of(text[kDashedLength]) & kWordChar)))
    return false;
  return text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' &&
         all_hex(text.substr(9, 4)) && all_hex(text.substr(14, 4)) && all_hex(text.substr(19, 4)) &&
         all_hex(text.substr(24, 12));
}

}  // namespace

void LineCoder::begin(std::string_view line, std::span<const Pin> pins) {
  line_ = line;
  pins_ = pins;
  done_ = at_ = time_end_ = head_end_ = 0;
  pin_failed_ = false;
  has_all_ids_ = true;
  marks_ = false;
  shape_.clear();
  values_.clear();
}

bool LineCoder::code(std::string_view line, std::span<const Pin> pins, bool first_line, int year) {
  begin(line, pins);
  first_line_ = first_line;
  year_ = year;
  while (at_ < line.size() && values_.size() < kMaxSlots) {
    const std::uint8_t bits = class_of(line[at_]);
    if (bits & kWordChar) {
      word_at(at_);
    } else {
      marks_ = marks_ || (bits & kSpecial) != 0;
      ++at_;
    }
  }
  if (at_ < line.size()) {
    has_all_ids_ = false;
    marks_ = true;
  }
  literal_until(line.size());
  put_pins(line.size());
  return !pin_failed_;
}

void LineCoder::code_constant(std::string_view line, std::span<const Pin> pins) {
  begin(line, pins);
  has_all_ids_ = false;
  marks_ = true;
  literal_until(line.size());
  put_pins(line.size());
}

void LineCoder::code_whole(std::string_view preface, std::string_view message) {
  begin({}, {});
  has_all_ids_ = false;
  const auto put = [this](std::string_view text) {
    shape_.push_back(static_cast<char>(Mark::kWhole));
    values_.push_back({.kind = SlotKind::whole, .text = text});
  };
  put(preface);
  if (message.empty()) return;
  shape_.push_back(static_cast<char>(Mark::kBegin));
  shape_.push_back(static_cast<char>(Field::message));
  put(message);
}

void LineCoder::word_at(std::size_t begin) {
  std::uint8_t any = 0, all = 0xff;
  const std::uint8_t first = class_of(line_[begin]);
  std::size_t end = begin;
  for (; end < line_.size(); ++end) {
    const std::uint8_t bits = class_of(line_[end]);
    if (!(bits & kWordChar)) break;
    any |= bits;
    all &= bits;
  }
  at_ = end;
  const std::size_t length = end - begin;
  const char after = end < line_.size() ? line_[end] : '\0';
  if ((first & kNameStart) && length == 3 && after == ' ' && try_time(begin)) return;
  if ((all & kLowerHex) && try_id(begin, length)) return;
  // What could be one, or end like the beginning of one.
  if (length >= 8 && after == '-' && line_.size() - end > 5 && line_[end + 5] == '-') has_all_ids_ = false;
  if (!(any & kDigit)) return;
  if ((first & kDigit) && ((length == 4 && after == '-') || (length == 2 && after == '/')) && try_time(begin))
    return;
  number_or_word(begin, length, (all & kDigit) != 0);
}

bool LineCoder::try_time(std::size_t begin) {
  const auto time = scan_time(line_.substr(begin), year_);
  if (!time) return false;
  slot(begin, time->length, Mark::kTime,
       {.kind = SlotKind::time,
        .number = static_cast<std::uint64_t>(time->units),
        .unit_ns = time->format.unit_ns()},
       time->format.code);
  if (begin <= 1) time_end_ = at_;
  return true;
}

bool LineCoder::try_id(std::size_t begin, std::size_t length) {
  if (length == kPlainLength) {
    slot(begin, kPlainLength, Mark::kPlain,
         {.kind = SlotKind::plain, .text = line_.substr(begin, kPlainLength)});
    return true;
  }
  if (length != 8 || !is_dashed_rest(line_.substr(begin))) return false;
  slot(begin, kDashedLength, Mark::kDashed,
       {.kind = SlotKind::dashed, .text = line_.substr(begin, kDashedLength)});
  return true;
}

void LineCoder::number_or_word(std::size_t begin, std::size_t length, bool all_digits) {
  const std::string_view text = line_.substr(begin, length);
  const bool in_head = time_end_ > 0 && head_end_ == 0 && begin <= time_end_ + kHeadGap;
  if (!first_line_ && !(all_digits && length >= kLongNumber)) return;
  if (!all_digits || length > kMaxDigits) {
    slot(begin, length, Mark::kWord, {.kind = SlotKind::word, .text = text});
    return;
  }
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + length, number);
  const bool fraction =
      length >= 4 && begin >= 2 && line_[begin - 1] == '.' && (class_of(line_[begin - 2]) & kDigit);
  if ((text[0] == '0' && length > 1) || fraction) {
    slot(begin, length, Mark::kPadded, {.kind = SlotKind::padded, .number = number},
         static_cast<std::uint8_t>(length));
    return;
  }
  slot(begin, length, Mark::kNumber, {.kind = SlotKind::number, .number = number});
  if (!in_head) return;
  head_end_ = at_;
  shape_.push_back(static_cast<char>(Mark::kHeadEnd));
}

void LineCoder::slot(std::size_t begin, std::size_t length, Mark mark, SlotValue value,
                     std::uint8_t argument) {
  literal_until(begin);
  put_pins(begin);
  shape_.push_back(static_cast<char>(mark));
  if (has_argument(mark)) shape_.push_back(static_cast<char>(argument));
  values_.push_back(value);
  at_ = done_ = begin + length;
  if (!pins_.empty() && pins_.front().offset < at_ && !pin_failed_) {
    pin_failed_ = true;
    failed_ = pins_.front();
  }
}

/// Everything up to `end` is constant; pins inside split it.
void LineCoder::literal_until(std::size_t end) {
  while (!pins_.empty() && pins_.front().offset < end && !pin_failed_) {
    const std::size_t offset = pins_.front().offset;
    put_literal(line_.substr(done_, offset - done_));
    done_ = offset;
    put_pins(offset);
  }
  put_literal(line_.substr(done_, end - done_));
  done_ = end;
}

void LineCoder::put_literal(std::string_view text) {
  std::size_t from = 0;
  for (std::size_t i = 0; marks_ && i < text.size(); ++i) {
    if (!(class_of(text[i]) & kSpecial)) continue;
    shape_.append(text.substr(from, i - from));
    shape_.push_back(static_cast<char>(Mark::kLiteral));
    from = i;
  }
  shape_.append(text.substr(from));
}

void LineCoder::put_pins(std::size_t offset) {
  while (!pins_.empty() && pins_.front().offset == offset) {
    const Pin& pin = pins_.front();
    shape_.push_back(static_cast<char>(pin.mark));
    if (has_argument(pin.mark)) shape_.push_back(static_cast<char>(pin.argument));
    pins_ = pins_.subspan(1);
  }
}

}  // namespace sentinella::logs
