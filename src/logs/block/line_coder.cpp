#include "logs/block/line_coder.h"

#include <charconv>

#include "logs/block/char_class.h"
#include "logs/block/time_text.h"

namespace sentinella::logs {
namespace {

constexpr std::size_t kMaxDigits = 18;  // what surely fits 63 bits
constexpr std::size_t kHeadGap = 3;     // " [" and the like

Mark mark_of(SlotKind kind) {
  return static_cast<Mark>(static_cast<std::uint8_t>(kind) + 1);
}

}  // namespace

SlotValue word_value(std::string_view line, std::size_t begin, std::size_t length, bool all_digits) {
  const std::string_view text = line.substr(begin, length);
  if (!all_digits || length > kMaxDigits) return {.kind = SlotKind::word, .text = text};
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + length, number);
  const bool fraction =
      length >= 4 && begin >= 2 && line[begin - 1] == '.' && (class_of(line[begin - 2]) & kDigit);
  const bool padded = (text[0] == '0' && length > 1) || fraction;
  return {.kind = padded ? SlotKind::padded : SlotKind::number, .number = number};
}

void LineCoder::begin(std::string_view line, std::span<const Pin> pins) {
  line_ = line;
  pins_ = pins;
  done_ = at_ = time_end_ = 0;
  pin_failed_ = false;
  marks_ = false;
  shape_.clear();
  coded_.values.clear();
  coded_.head_end = 0;
  coded_.hides_ids = false;
}

bool LineCoder::code(std::string_view line, std::span<const Pin> pins, bool first_line, int year) {
  begin(line, pins);
  first_line_ = first_line;
  year_ = year;
  while (at_ < line.size() && coded_.values.size() < kMaxSlots) {
    const std::uint8_t bits = class_of(line[at_]);
    if (bits & kWordChar) {
      word_at(at_);
    } else {
      marks_ = marks_ || (bits & kSpecial) != 0;
      ++at_;
    }
  }
  if (at_ < line.size()) {
    coded_.hides_ids = true;
    marks_ = true;
  }
  literal_until(line.size());
  put_pins(line.size());
  return !pin_failed_;
}

void LineCoder::code_constant(std::string_view line, std::span<const Pin> pins) {
  begin(line, pins);
  coded_.hides_ids = true;
  marks_ = true;
  literal_until(line.size());
  put_pins(line.size());
}

void LineCoder::code_whole(std::string_view preface, std::string_view message) {
  begin({}, {});
  coded_.hides_ids = true;
  const auto put = [this](std::string_view text) {
    shape_.push_back(static_cast<char>(Mark::kWhole));
    coded_.values.push_back({.kind = SlotKind::whole, .text = text});
  };
  put(preface);
  if (message.empty()) return;
  shape_.push_back(static_cast<char>(Mark::kBegin));
  shape_.push_back(static_cast<char>(Field::message));
  put(message);
}

void LineCoder::word_at(std::size_t begin) {
  const Word word = word_from(line_, begin);
  const std::uint8_t first = class_of(line_[begin]);
  at_ = word.end;
  const std::size_t length = word.end - begin;
  const char after = word.end < line_.size() ? line_[word.end] : '\0';
  if ((first & kNameStart) && length == 3 && after == ' ' && try_time(begin)) return;
  if ((word.all & kLowerHex) && try_id(begin, length)) return;
  if (length >= 8 && may_begin_id(line_, word.end)) coded_.hides_ids = true;
  if (!(word.any & kDigit)) return;
  if ((first & kDigit) && ((length == 4 && after == '-') || (length == 2 && after == '/')) && try_time(begin))
    return;
  number_or_word(begin, length, (word.all & kDigit) != 0);
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
  if (may_begin_id(line_, at_)) coded_.hides_ids = true;
  return true;
}

bool LineCoder::try_id(std::size_t begin, std::size_t length) {
  const std::string_view text = line_.substr(begin);
  SlotValue value;
  if (length == kPlainId && read_plain(text, value.id)) {
    value.kind = SlotKind::plain;
    slot(begin, kPlainId, Mark::kPlain, value);
  } else if (length == 8 && read_dashed(text, value.id) &&
             (text.size() == kDashedId || !(class_of(text[kDashedId]) & kWordChar))) {
    value.kind = SlotKind::dashed;
    slot(begin, kDashedId, Mark::kDashed, value);
  } else {
    return false;
  }
  if (may_begin_id(line_, at_)) coded_.hides_ids = true;
  return true;
}

void LineCoder::number_or_word(std::size_t begin, std::size_t length, bool all_digits) {
  const bool in_head = time_end_ > 0 && coded_.head_end == 0 && begin <= time_end_ + kHeadGap;
  if (!first_line_ && !(all_digits && length >= kLongNumber)) return;
  const SlotValue value = word_value(line_, begin, length, all_digits);
  slot(begin, length, mark_of(value.kind), value, static_cast<std::uint8_t>(length));
  if (!in_head || value.kind != SlotKind::number) return;
  coded_.head_end = at_;
  shape_.push_back(static_cast<char>(Mark::kHeadEnd));
}

void LineCoder::slot(std::size_t begin, std::size_t length, Mark mark, const SlotValue& value,
                     std::uint8_t argument) {
  literal_until(begin);
  put_pins(begin);
  shape_.push_back(static_cast<char>(mark));
  if (has_argument(mark)) shape_.push_back(static_cast<char>(argument));
  coded_.values.push_back(value);
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
