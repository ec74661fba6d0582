#include "logs/scan/slot_tester.h"

#include <algorithm>

#include "logs/block/id_text.h"
#include "logs/block/time_text.h"

namespace sentinella::logs {
namespace {

bool answers(const SlotAsk& ask, std::string_view text) {
  switch (ask.kind) {
    case SlotAsk::equal:
      return text == ask.text;
    case SlotAsk::begins:
      return text.starts_with(ask.text);
    case SlotAsk::ends:
      return text.ends_with(ask.text);
    case SlotAsk::holds:
      return text.find(ask.text) != text.npos;
    case SlotAsk::at:
      return text.size() > ask.offset && text.substr(ask.offset).starts_with(ask.text);
  }
  return false;
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

std::string lower_hex(std::string_view bytes, bool dashed) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (dashed && (i == 4 || i == 6 || i == 8 || i == 10)) text += '-';
    text += kDigits[static_cast<unsigned char>(bytes[i]) >> 4];
    text += kDigits[static_cast<unsigned char>(bytes[i]) & 15];
  }
  return text;
}

/// Written times, one after the other, mostly of the same second as the one before.
class TimeAnswers {
 public:
  TimeAnswers(const SlotAsk& ask, TimeFormat format)
      : ask_(ask), format_(format), unit_(format.unit_ns()), per_second_(1'000'000'000 / unit_) {
    // A number lies wholly in the fraction or wholly before it.
    apart_ = format.digits() > 0 && ask.kind == SlotAsk::holds &&
             std::ranges::all_of(ask.text, [](char c) { return c >= '0' && c <= '9'; });
    std::string sample;
    write_time(sample, format, 0);
    const std::size_t tail =
        (format.digits() > 0 ? format.digits() + 1 : 0u) + (format.style() == TimeFormat::kZulu ? 1u : 0u);
    before_ = ask.kind == SlotAsk::at && ask.offset + ask.text.size() <= sample.size() - tail;
  }

  bool operator()(std::int64_t time_ns, std::uint64_t slot, const NumberText& digits) {
    if (slot == 0 && (before_ || apart_)) {
      if (time_ns < from_ || time_ns - from_ >= 1'000'000'000) new_second(time_ns);
      if (answer_ || before_) return answer_;
      return digits.holds(static_cast<std::uint64_t>((time_ns - from_) / unit_), format_.digits());
    }
    text_.clear();
    write_slot_time(text_, {Section::numbers, SlotKind::time, format_.code, 0}, slot, time_ns);
    lower();
    return answers(ask_, text_);
  }

 private:
  void new_second(std::int64_t time_ns) {
    const std::int64_t second = time_ns / 1'000'000'000 - (time_ns % 1'000'000'000 < 0 ? 1 : 0);
    from_ = second * 1'000'000'000;
    text_.clear();
    write_time(text_, format_, second * per_second_);
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
  bool apart_ = false, before_ = false;
  std::int64_t from_ = INT64_MAX;
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
  SENT_TRY_ASSIGN(const std::string* bytes, block_.ids());
  const std::size_t count = bytes->size() / kIdBytes;
  entries.answer.assign(count, 0);
  if (const auto whole = parse_id(ask.text); whole && dashed == (ask.text.size() == kDashedId)) {
    for (std::size_t i = 0; i < count; ++i)
      if (bytes->compare(i * kIdBytes, kIdBytes, *whole) == 0) entries.answer[i] = entries.any = true;
    return &entries;
  }
  for (std::size_t i = 0; i < count; ++i)
    if (answers(ask, lower_hex(std::string_view(*bytes).substr(i * kIdBytes, kIdBytes), dashed)))
      entries.answer[i] = entries.any = true;
  return &entries;
}

}  // namespace sentinella::logs
