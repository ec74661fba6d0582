#include "logs/scan/shape_ways.h"

#include <algorithm>
#include <array>
#include <string>

#include "logs/block/id_text.h"
#include "logs/block/time_text.h"
#include "logs/block/word_char.h"

namespace sentinella::logs {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}
bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

std::size_t word_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && is_word_char(text[length])) ++length;
  return length;
}

constexpr std::string_view kDashedTemplate = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";

/// What can stand at each place of a text of fixed width: 'd' a digit, 'h' a hex digit, 'a' a letter, '_' a
/// blank or a digit, anything else itself.
std::string time_template(TimeFormat format) {
  std::string text;
  write_time(text, format, 0);
  const bool names = format.style() == TimeFormat::kCtime || format.style() == TimeFormat::kAccess ||
                     format.style() == TimeFormat::kSyslog;
  for (char& c : text) {
    if (is_digit(c))
      c = 'd';
    else if (c == ' ')
      c = '_';
    else if (c == 'T')
      c = names ? 'a' : 't';
    else if (c == 'Z')
      c = 'z';
    else if ((c >= 'A' && c <= 'Z') || is_letter(c))
      c = 'a';
  }
  return text;
}

bool fits(char place, char c) {
  switch (place) {
    case 'd':
      return is_digit(c);
    case 'h':
      return is_hex(c);
    case 'a':
      return is_letter(c);
    case '_':
      return c == ' ' || is_digit(c);
    default:
      return c == place;
  }
}

bool fits(std::string_view places, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (!fits(places[i], text[i])) return false;
  return true;
}

bool has_fixed_width(SlotKind kind) {
  return kind == SlotKind::dashed || kind == SlotKind::time;
}

class WayFinder {
 public:
  WayFinder(const ShapeTable& shapes, const LowerTexts& lower, const LowerTexts& words, std::string_view text)
      : shapes_(shapes),
        lower_(lower),
        words_(words),
        text_(text),
        one_word_(word_length(text) == text.size()) {
    out_.verdicts.assign(shapes.shapes.size(), ShapeWays::no);
    for (const SlotPlace& slot : shapes.slots)
      if (slot.kind == SlotKind::time && times_[slot.argument].empty())
        times_[slot.argument] = time_template(TimeFormat{slot.argument});
  }

  ShapeWays find() {
    in_constant_text();
    for (std::size_t shape = 0; shape < shapes_.shapes.size(); ++shape) {
      if (out_.verdicts[shape] == ShapeWays::yes) continue;
      shape_ = static_cast<std::uint32_t>(shape);
      end_ = lower_.begin[shape + 1];
      const Shape& of = shapes_.shapes[shape];
      for (std::uint32_t k = 0; k < of.slots; ++k) begin_in_slot(of.first_slot + k);
      if (one_word_ || lower_.begin[shape] == end_) continue;
      begin_before_slots(of);
      if (lower_.bytes[lower_.begin[shape]] == LowerTexts::kAgainByte) begin_in_repetition();
    }
    return std::move(out_);
  }

 private:
  void in_constant_text() {
    lower_.find_all(text_, [&](std::size_t shape, std::size_t) { out_.verdicts[shape] = ShapeWays::yes; });
  }

  /// The text begins within this slot or with it.
  void begin_in_slot(std::uint32_t slot) {
    const SlotPlace& place = shapes_.slots[slot];
    const std::size_t at = lower_.slot_at[slot];
    if (place.kind == SlotKind::whole) {
      if (words_.trigrams.may_have(text_)) add_way({{SlotAsk::holds, 0, slot, text_}});
      if (!one_word_) must_look();
      return;
    }
    if (has_fixed_width(place.kind)) {
      const std::string_view places = template_for(place);
      for (std::size_t o = 0; o < places.size(); ++o) {
        const std::size_t n = std::min(places.size() - o, text_.size());
        if ((one_word_ && n < text_.size()) || !fits(places.substr(o), text_.substr(0, n))) continue;
        if (one_word_) return add_way({{SlotAsk::holds, 0, slot, text_}});
        asks_.assign({{SlotAsk::at, static_cast<std::uint8_t>(o), slot, text_.substr(0, n)}});
        go_on(at + 1, n, slot + 1);
      }
      return;
    }
    const std::size_t run = one_word_ ? text_.size() : word_length(text_);
    if (run == 0 || !word_fits(place, text_.substr(0, run), false)) return;
    asks_.assign({{run == text_.size() ? SlotAsk::holds : SlotAsk::ends, 0, slot, text_.substr(0, run)}});
    go_on(at + 1, run, slot + 1);
  }

  /// The text begins in constant text and reaches a slot. Only as far before a slot as the text is long.
  void begin_before_slots(const Shape& of) {
    std::size_t from = lower_.begin[shape_];
    for (std::uint32_t k = 0; k < of.slots; ++k) {
      const std::uint32_t slot = of.first_slot + k;
      const std::size_t at = lower_.slot_at[slot];
      const std::size_t first = at - std::min(at - from, text_.size() - 1);
      for (std::size_t p = first; p < at; ++p) {
        if (lower_.bytes[p] != text_[0]) continue;
        asks_.clear();
        go_on(p, 0, slot);
      }
      from = at + 1;
    }
  }

  /// The text begins in what is repeated of the record's first line, and ends after it.
  void begin_in_repetition() {
    const std::uint32_t slot = shapes_.shapes[shape_].first_slot;
    for (std::size_t k = 1; k < text_.size(); ++k) {
      asks_.clear();
      if (matches_from(lower_.begin[shape_] + 1, k, slot)) return must_look();
    }
  }

  void go_on(std::size_t at, std::size_t matched, std::uint32_t next_slot) {
    if (matches_from(at, matched, next_slot)) add_way(asks_);
  }

  /// Whether text_ from `matched` on can stand at `at`; adds what slots must hold for it.
  bool matches_from(std::size_t at, std::size_t matched, std::uint32_t next_slot) {
    for (; matched < text_.size(); ++at) {
      if (at == end_) return false;
      if (lower_.bytes[at] != LowerTexts::kSlotByte) {
        if (lower_.bytes[at] != text_[matched]) return false;
        ++matched;
        continue;
      }
      const std::uint32_t slot = next_slot++;
      const SlotPlace& place = shapes_.slots[slot];
      const std::string_view rest = text_.substr(matched);
      if (has_fixed_width(place.kind)) {
        const std::string_view places = template_for(place);
        const std::size_t n = std::min(places.size(), rest.size());
        if (!fits(places, rest.substr(0, n))) return false;
        asks_.push_back({SlotAsk::at, 0, slot, rest.substr(0, n)});
        matched += n;
        continue;
      }
      const std::size_t run = word_length(rest);
      const bool whole = run < rest.size();
      if (run == 0 || !word_fits(place, rest.substr(0, run), whole)) return false;
      asks_.push_back({whole ? SlotAsk::equal : SlotAsk::begins, 0, slot, rest.substr(0, run)});
      matched += run;
    }
    return true;
  }

  /// Whether a slot that is one word can have `run` as its text, or as a part of it.
  bool word_fits(const SlotPlace& slot, std::string_view run, bool whole) const {
    switch (slot.kind) {
      case SlotKind::number:
        return run.size() <= 20 && std::ranges::all_of(run, is_digit);
      case SlotKind::padded:
        return std::ranges::all_of(run, is_digit) &&
               (whole ? run.size() == slot.argument : run.size() <= slot.argument);
      case SlotKind::plain:
        return std::ranges::all_of(run, is_hex) && (whole ? run.size() == kPlainId : run.size() <= kPlainId);
      default:
        return words_.trigrams.may_have(run);
    }
  }

  void add_way(const std::vector<SlotAsk>& asks) {
    auto& verdict = out_.verdicts[shape_];
    if (verdict == ShapeWays::no) verdict = ShapeWays::ask;
    out_.ways.push_back(
        {shape_, static_cast<std::uint32_t>(out_.asks.size()), static_cast<std::uint32_t>(asks.size())});
    out_.asks.insert(out_.asks.end(), asks.begin(), asks.end());
  }
  void must_look() { out_.verdicts[shape_] = ShapeWays::look; }

  std::string_view template_for(const SlotPlace& slot) const {
    return slot.kind == SlotKind::dashed ? kDashedTemplate : std::string_view(times_[slot.argument]);
  }

  const ShapeTable& shapes_;
  const LowerTexts& lower_;
  const LowerTexts& words_;
  const std::string_view text_;
  const bool one_word_;
  std::array<std::string, 256> times_;  // templates, by format
  ShapeWays out_;
  std::uint32_t shape_ = 0;
  std::size_t end_ = 0;
  std::vector<SlotAsk> asks_;
};

}  // namespace

Result<ShapeWays> find_ways(const LogBlock& block, std::string_view lower) {
  SENT_TRY_ASSIGN(const ShapeTable* shapes, block.shapes());
  SENT_TRY_ASSIGN(const LowerTexts* texts, block.lower_shapes());
  SENT_TRY_ASSIGN(const LowerTexts* words, block.lower_words());
  return WayFinder(*shapes, *texts, *words, lower).find();
}

}  // namespace sentinella::logs
