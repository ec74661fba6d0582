#include "logs/block/shape_patterns.h"

#include <cstring>
#include <string>

#include "logs/block/char_class.h"
#include "logs/block/time_text.h"

namespace sentinella::logs {
namespace {

/// As memcmp; the texts are mostly short.
bool equal_bytes(const char* a, const char* b, std::size_t size) {
  if (size < 8) {
    for (std::size_t i = 0; i < size; ++i)
      if (a[i] != b[i]) return false;
    return true;
  }
  const auto differ = [&](std::size_t at) {
    std::uint64_t x = 0, y = 0;
    std::memcpy(&x, a + at, sizeof x);
    std::memcpy(&y, b + at, sizeof y);
    return x != y;
  };
  for (std::size_t at = 0; at + 8 < size; at += 8)
    if (differ(at)) return false;
  return !differ(size - 8);
}

bool is_name_of_time(std::string_view word) {
  constexpr std::string_view kNames = "SunMonTueWedThuFriSatJanFebMarAprMayJunJulAugSepOctNovDec";
  for (std::size_t at = 0; at < kNames.size(); at += 3)
    if (kNames.substr(at, 3) == word) return true;
  return false;
}

/// Reads slots as LineCoder finds them. What it might see otherwise is not read at all.
class SlotReader {
 public:
  SlotReader(std::string_view line, bool first_line, int year)
      : line_(line), first_line_(first_line), year_(year) {}

  /// The slot that begins at `at`, moved past it.
  bool read(Mark mark, std::uint8_t argument, std::size_t& at, SlotValue& value) const {
    switch (mark) {
      case Mark::kTime:
        return read_time(argument, at, value);
      case Mark::kDashed:
        value.kind = SlotKind::dashed;
        return read_dashed(line_.substr(at), value.id) && ends(at += kDashedId);
      case Mark::kPlain:
        value.kind = SlotKind::plain;
        return read_plain(line_.substr(at), value.id) && ends(at += kPlainId);
      default:
        return read_word(slot_kind(mark), argument, at, value);
    }
  }

 private:
  /// Whether a time or an id can end at `end`.
  bool ends(std::size_t end) const {
    return end == line_.size() || (!(class_of(line_[end]) & kWordChar) && !may_begin_id(line_, end));
  }

  bool read_time(std::uint8_t format, std::size_t& at, SlotValue& value) const {
    const auto time = scan_time(line_.substr(at), year_);
    if (!time || time->format.code != format) return false;
    value.kind = SlotKind::time;
    value.number = static_cast<std::uint64_t>(time->units);
    value.unit_ns = time->format.unit_ns();
    return ends(at += time->length);
  }

  bool read_word(SlotKind kind, std::uint8_t argument, std::size_t& at, SlotValue& value) const {
    if (at == line_.size() || !(class_of(line_[at]) & kWordChar)) return false;
    const Word word = word_from(line_, at);
    const std::size_t length = word.end - at;
    const bool all_digits = (word.all & kDigit) != 0;
    if (first_line_ ? !(word.any & kDigit) : !all_digits || length < kLongNumber) return false;
    if (may_be_more(word, at, length)) return false;
    value = word_value(line_, at, length, all_digits);
    if (value.kind != kind || (kind == SlotKind::padded && length != argument)) return false;
    at = word.end;
    return true;
  }
  /// An id, or the beginning of one or of a time.
  bool may_be_more(const Word& word, std::size_t at, std::size_t length) const {
    if (length >= 8 && may_begin_id(line_, word.end)) return true;
    if (length == kPlainId) return (word.all & kLowerHex) != 0;
    if (length != 2 && length != 4) return false;
    const char after = word.end < line_.size() ? line_[word.end] : '\0';
    return (class_of(line_[at]) & kDigit) && after == (length == 4 ? '-' : '/');
  }

  const std::string_view line_;
  const bool first_line_;
  const int year_;
};

}  // namespace

/// Takes a shape apart into steps, and says whether its constant text leaves no doubt.
class ShapePatterns::Builder {
 public:
  Builder(std::string_view shape, std::vector<Step>& steps) : shape_(shape), steps_(steps) {}

  bool build(Pattern& pattern) {
    walk_shape(
        shape_, [this](std::string_view text) { literal(text); },
        [this](Mark mark, std::uint8_t argument) { on_mark(mark, argument); });
    pattern.fields = fields_;
    pattern.in_pieces = in_pieces_;
    pattern.message_ends = message_ends_;
    return sound_ && slots_ < kMaxSlots && words_are_clear();
  }

 private:
  void literal(std::string_view text) {
    const auto begin = static_cast<std::uint32_t>(text.data() - shape_.data());
    if (begin > 0 && static_cast<Mark>(shape_[begin - 1]) == Mark::kLiteral) sound_ = false;
    steps_.push_back({.begin = begin, .size = static_cast<std::uint32_t>(text.size())});
    plain_ += text;
  }
  void on_mark(Mark mark, std::uint8_t argument) {
    if (mark == Mark::kWhole) sound_ = false;
    if (mark == Mark::kHeadEnd) {
      steps_.push_back({.kind = StepKind::head_end});
    } else if (is_slot(mark)) {
      steps_.push_back({.kind = StepKind::slot, .mark = mark, .argument = argument});
      plain_ += kSlot;
      ++slots_;
    } else {
      steps_.push_back({.kind = StepKind::pin, .mark = mark, .argument = argument});
      note_pin(mark, argument);
    }
  }
  void note_pin(Mark mark, std::uint8_t argument) {
    const auto bit = static_cast<std::uint16_t>(1u << argument % 16);
    if (mark == Mark::kBegin && argument < kFields && !(fields_ & bit))
      fields_ |= bit;
    else if (mark != Mark::kEnd)
      in_pieces_ = true;
    message_ends_ |= mark == Mark::kEnd && argument == static_cast<std::uint8_t>(Field::message);
  }

  /// Of no word of the constant text it depends on a slot whether a time or an id begins with it.
  bool words_are_clear() const {
    for (std::size_t at = 0; at < plain_.size(); ++at) {
      if (!(class_of(plain_[at]) & kWordChar)) continue;
      const std::size_t end = word_from(plain_, at).end, length = end - at;
      const char after = end < plain_.size() ? plain_[end] : '\0';
      if (length == 3 && after == ' ' && is_name_of_time(std::string_view(plain_).substr(at, 3)))
        return false;
      if ((class_of(plain_[at]) & kDigit) && ((length == 4 && after == '-') || (length == 2 && after == '/')))
        return false;
      const std::string_view next = std::string_view(plain_).substr(end, 6);
      if (length >= 8 && after == '-' && (next.find(kSlot) != next.npos || may_begin_id(plain_, end)))
        return false;
      at = end;
    }
    return true;
  }

  static constexpr char kSlot = '\1';
  const std::string_view shape_;
  std::vector<Step>& steps_;
  std::string plain_;  ///< the constant text, a kSlot for each slot
  std::size_t slots_ = 0;
  std::uint16_t fields_ = 0;
  bool sound_ = true, in_pieces_ = false, message_ends_ = false;
};

void ShapePatterns::add(std::string_view shape, bool first_line) {
  Pattern& pattern = patterns_.emplace_back();
  pattern.first = static_cast<std::uint32_t>(steps_.size());
  pattern.first_line = first_line;
  pattern.usable = Builder(shape, steps_).build(pattern);
  if (!pattern.usable) steps_.resize(pattern.first);
  pattern.count = static_cast<std::uint32_t>(steps_.size()) - pattern.first;
}

/// `pinned(mark, argument, at)` says whether a pin of that kind is there.
template <typename Pinned>
bool ShapePatterns::follow(const Pattern& pattern, std::string_view shape, std::string_view line, int year,
                           Pinned&& pinned, CodedLine& out) const {
  const SlotReader slots(line, pattern.first_line, year);
  out.values.clear();
  out.head_end = 0;
  out.hides_ids = false;
  std::size_t at = 0;
  for (const Step& step : std::span(steps_).subspan(pattern.first, pattern.count)) {
    switch (step.kind) {
      case StepKind::literal:
        if (line.size() - at < step.size ||
            !equal_bytes(line.data() + at, shape.data() + step.begin, step.size))
          return false;
        at += step.size;
        break;
      case StepKind::slot:
        if (!slots.read(step.mark, step.argument, at, out.values.emplace_back())) return false;
        break;
      case StepKind::pin:
        if (!pinned(step.mark, step.argument, at)) return false;
        break;
      case StepKind::head_end:
        out.head_end = at;
        break;
    }
  }
  return at == line.size();
}

bool ShapePatterns::match(std::uint32_t number, std::string_view shape, std::string_view line,
                          std::span<const Pin> pins, int year, CodedLine& out) const {
  const Pattern& pattern = patterns_[number];
  std::size_t pin = 0;
  const auto pinned = [&](Mark mark, std::uint8_t argument, std::size_t at) {
    if (pin == pins.size()) return false;
    const Pin& next = pins[pin++];
    return next.offset == at && next.mark == mark && next.argument == argument;
  };
  return pattern.usable && follow(pattern, shape, line, year, pinned, out) && pin == pins.size();
}

bool ShapePatterns::match(std::uint32_t number, std::string_view shape, std::string_view line,
                          const FieldPlaces& places, int year, CodedLine& out) const {
  const Pattern& pattern = patterns_[number];
  const auto pinned = [&](Mark mark, std::uint8_t argument, std::size_t at) {
    const FieldPlaces::Place& place = places.of[argument];
    if (place.number == 0) return at == (mark == Mark::kBegin ? place.begin : place.end);
    return mark == Mark::kBegin || (!out.values.empty() && out.values.back().kind == SlotKind::number &&
                                    out.values.back().number == place.number);
  };
  return pattern.usable && pattern.first_line && !pattern.in_pieces && pattern.fields == places.present &&
         pattern.message_ends != places.message_to_end && follow(pattern, shape, line, year, pinned, out);
}

}  // namespace sentinella::logs
