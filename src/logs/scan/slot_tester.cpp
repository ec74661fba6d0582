#include "logs/scan/slot_tester.h"

#include <algorithm>
#include <array>

#include "logs/block/id_text.h"
#include "logs/block/time_text.h"

namespace sentinella::logs {
namespace {

/// Of times; the other slots are not asked so.
bool answers(const SlotAsk& ask, std::string_view text) {
  if (ask.kind == SlotAsk::holds) return text.find(ask.text) != text.npos;
  return text.size() > ask.offset && text.substr(ask.offset).starts_with(ask.text);
}

/// Without a jump for each: which lines answer is hard to foresee.
template <typename Test>
void keep_if(std::vector<std::uint32_t>& ordinals, Test&& test) {
  std::size_t kept = 0;
  for (const std::uint32_t ordinal : ordinals) {
    ordinals[kept] = ordinal;
    kept += test(ordinal) ? 1 : 0;
  }
  ordinals.resize(kept);
}

/// Where the digit groups of a dashed id end, in digits.
constexpr std::array<std::size_t, 5> kGroupEnds = {8, 12, 16, 20, 32};

/// Whether `size` digits from the `at`-th of a dashed id on have no dash between them.
bool in_one_group(std::size_t at, std::size_t size) {
  for (const std::size_t end : kGroupEnds)
    if (at < end) return at + size <= end;
  return false;
}

/// Written times, one after the other, mostly of the same second as the one before.
class TimeAnswers {
 public:
  TimeAnswers(const SlotAsk& ask, TimeFormat format)
      : ask_(ask), format_(format), unit_(format.unit_ns()), per_second_(1'000'000'000 / unit_) {
    digits_ = ask.kind == SlotAsk::holds &&
              std::ranges::all_of(ask.text, [](char c) { return c >= '0' && c <= '9'; });
    // A number lies wholly in the fraction or wholly before it.
    apart_ = digits_ && format.digits() > 0;
    std::string sample;
    write_time(sample, format, 0);
    const std::size_t tail =
        (format.digits() > 0 ? format.digits() + 1 : 0u) + (format.style() == TimeFormat::kZulu ? 1u : 0u);
    before_ = format.digits() == 0 ||
              (ask.kind == SlotAsk::at && ask.offset + ask.text.size() <= sample.size() - tail);
  }

  bool operator()(std::int64_t time_ns, std::uint64_t slot, const NumberText& digits) {
    if (slot == 0 && (before_ || apart_)) {
      if (time_ns < from_ || time_ns >= until_) find_span(time_ns);
      if (answer_ || before_) return answer_;
      return digits.holds(static_cast<std::uint64_t>(fraction_ns(time_ns) / unit_), format_.digits());
    }
    text_.clear();
    write_slot_time(text_, {Section::numbers, SlotKind::time, format_.code, 0}, slot, time_ns);
    lower();
    return answers(ask_, text_);
  }

 private:
  static constexpr std::int64_t kSecond = 1'000'000'000, kDay = 86'400 * kSecond;

  static std::int64_t fraction_ns(std::int64_t time_ns) {
    const std::int64_t rest = time_ns % kSecond;
    return rest < 0 ? rest + kSecond : rest;
  }
  /// All times of a second, or of a day where three digits in a row are the year's, answer alike.
  void find_span(std::int64_t time_ns) {
    const std::int64_t span = digits_ && ask_.text.size() > 2 ? kDay : kSecond;
    const std::int64_t number = time_ns / span - (time_ns % span < 0 ? 1 : 0);
    from_ = number * span;
    until_ = from_ + span;
    text_.clear();
    write_time(text_, format_, number * (span / kSecond) * per_second_);
    lower();
    std::string_view shown = text_;
    if (apart_) shown = shown.substr(0, shown.rfind(format_.mark()));
    answer_ = answers(ask_, shown);
  }
  void lower() {
    std::string lowered;
    append_lower(lowered, text_);
    text_.swap(lowered);
  }

  const SlotAsk& ask_;
  const TimeFormat format_;
  const std::int64_t unit_, per_second_;
  bool digits_ = false, apart_ = false, before_ = false;
  std::int64_t from_ = 0, until_ = 0;  // answer_ is of the times between
  bool answer_ = false;
  std::string text_;
};

}  // namespace

Result<void> SlotTester::keep(const SlotAsk& ask, std::span<const std::uint32_t> rows,
                              std::vector<std::uint32_t>& ordinals) {
  SENT_TRY_ASSIGN(const ShapeTable* shapes, block_.shapes());
  const SlotPlace& slot = shapes->slots[ask.slot];
  switch (slot.kind) {
    case SlotKind::number:
    case SlotKind::padded:
      return keep_numbers(ask, slot, ordinals);
    case SlotKind::time:
      return keep_times(ask, slot, rows, ordinals);
    case SlotKind::word:
    case SlotKind::whole: {
      SENT_TRY_ASSIGN(const Entries* entries, words(ask));
      return keep_entries(slot, *entries, ordinals);
    }
    case SlotKind::dashed:
    case SlotKind::plain: {
      SENT_TRY_ASSIGN(const Entries* entries, ids(ask, slot.kind == SlotKind::dashed));
      return keep_entries(slot, *entries, ordinals);
    }
  }
  return {};
}

Result<void> SlotTester::keep_entries(const SlotPlace& slot, const Entries& entries,
                                      std::vector<std::uint32_t>& ordinals) const {
  if (!entries.any) return ordinals.clear(), Result<void>{};
  SENT_TRY_ASSIGN(const SlotTable* table, block_.slots(slot.section));
  table->columns[slot.column].with([&](const auto& column) {
    keep_if(ordinals, [&](std::uint32_t ordinal) { return entries.answer[column[ordinal]] != 0; });
  });
  return {};
}

Result<void> SlotTester::keep_numbers(const SlotAsk& ask, const SlotPlace& slot,
                                      std::vector<std::uint32_t>& ordinals) {
  SENT_TRY_ASSIGN(const SlotTable* table, block_.slots(Section::numbers));
  const NumberText& text = number(ask.text);
  const std::size_t width = slot.kind == SlotKind::padded ? slot.argument : 0;
  table->columns[slot.column].with([&](const auto& column) {
    switch (ask.kind) {
      case SlotAsk::equal:
        return keep_if(ordinals, [&](std::uint32_t o) { return text.equals(column[o], width); });
      case SlotAsk::begins:
        return keep_if(ordinals, [&](std::uint32_t o) { return text.begins(column[o], width); });
      case SlotAsk::ends:
        return keep_if(ordinals, [&](std::uint32_t o) { return text.ends(column[o], width); });
      default:
        return keep_if(ordinals, [&](std::uint32_t o) { return text.holds(column[o], width); });
    }
  });
  return {};
}

Result<void> SlotTester::keep_times(const SlotAsk& ask, const SlotPlace& slot,
                                    std::span<const std::uint32_t> rows,
                                    std::vector<std::uint32_t>& ordinals) {
  SENT_TRY_ASSIGN(const SlotTable* table, block_.slots(Section::numbers));
  SENT_TRY_ASSIGN(const RowTable* records, block_.rows());
  TimeAnswers answer(ask, TimeFormat{slot.argument});
  const NumberText& digits = number(ask.text);
  table->columns[slot.column].with([&](const auto& column) {
    keep_if(ordinals, [&](std::uint32_t o) { return answer(records->time_ns[rows[o]], column[o], digits); });
  });
  return {};
}

const NumberText& SlotTester::number(std::string_view digits) {
  return numbers_.try_emplace(digits, digits).first->second;
}

Result<const SlotTester::Entries*> SlotTester::words(const SlotAsk& ask) {
  const auto [at, added] = words_.try_emplace(Key{ask.text, {ask.kind, ask.offset}});
  Entries& entries = at->second;
  if (!added) return &entries;
  SENT_TRY_ASSIGN(const LowerTexts* texts, block_.lower_words());
  entries.answer.assign(texts->begin.size() - 1, 0);
  texts->find_all(ask.text, [&](std::size_t word, std::size_t place) {
    const bool front = place == texts->begin[word], back = place + ask.text.size() == texts->begin[word + 1];
    const bool fits = (ask.kind != SlotAsk::equal || (front && back)) &&
                      (ask.kind != SlotAsk::begins || front) && (ask.kind != SlotAsk::ends || back);
    if (fits) entries.answer[word] = entries.any = true;
  });
  return &entries;
}

Result<const SlotTester::Entries*> SlotTester::ids(const SlotAsk& ask, bool dashed) {
  const auto [at, added] = (dashed ? dashed_ : plain_).try_emplace(Key{ask.text, {ask.kind, ask.offset}});
  Entries& entries = at->second;
  if (!added) return &entries;
  SENT_TRY_ASSIGN(const std::string* digits, block_.id_digits());
  constexpr std::size_t kDigits = 2 * kIdBytes;
  entries.answer.assign(digits->size() / kDigits, 0);
  std::string wanted(ask.text);
  std::erase(wanted, '-');
  const auto note = [&](std::size_t i) { entries.answer[i] = entries.any = true; };
  if (ask.kind == SlotAsk::holds) {
    for (std::size_t place = 0; (place = find_text(*digits, wanted, place)) != std::string::npos; ++place) {
      const std::size_t within = place % kDigits;
      if (dashed ? in_one_group(within, wanted.size()) : within + wanted.size() <= kDigits)
        note(place / kDigits);
    }
    return &entries;
  }
  std::size_t place = ask.kind == SlotAsk::ends ? kDigits - wanted.size() : 0;
  if (ask.kind == SlotAsk::at) {
    place = ask.offset;
    for (std::size_t group = 0; kGroupEnds[group] + group < ask.offset; ++group) --place;
  }
  for (std::size_t i = 0; i < entries.answer.size(); ++i)
    if (digits->compare(i * kDigits + place, wanted.size(), wanted) == 0) note(i);
  return &entries;
}

}  // namespace sentinella::logs
