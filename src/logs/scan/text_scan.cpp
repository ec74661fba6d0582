// The search for a text within a block: the shapes say where it can lie, the columns of slots which lines
// have it there. Only what crosses the border of something repeated, or of lines, is looked for in records
// put together.
#include <algorithm>
#include <numeric>

#include "logs/block/word_char.h"
#include "logs/scan/block_scan.h"
#include "logs/scan/shape_ways.h"
#include "logs/scan/slot_tester.h"

namespace sentinella::logs {
namespace {

/// Newlines are between the lines of shapes, marks have a meaning in them.
bool fits_one_line(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return is_mark(c) || c == '\n'; });
}

class LineScan {
 public:
  LineScan(const LogBlock& block, std::string_view lower, const Selection& among)
      : block_(block), text_(lower), among_(among), found_(among.size()), unsure_(among.size()) {}

  Result<void> run() {
    SENT_TRY_ASSIGN(const ShapeWays ways, find_ways(block_, text_));
    if (std::ranges::all_of(ways.verdicts, [](auto v) { return v == ShapeWays::no; })) return {};
    SENT_TRY_ASSIGN(const RowTable* rows, block_.rows());
    SENT_TRY_ASSIGN(const LineTable* lines, block_.lines());
    SENT_TRY_ASSIGN(const ShapeTable* shapes, block_.shapes());
    const auto rows_of = [&](std::size_t shape) {
      return shapes->shapes[shape].traits.continuation ? lines->by_shape[shape] : rows->by_shape[shape];
    };
    for (std::size_t shape = 0; shape < ways.verdicts.size(); ++shape) {
      if (ways.verdicts[shape] == ShapeWays::yes)
        for (const std::uint32_t row : rows_of(shape)) found_.add(row);
      if (ways.verdicts[shape] == ShapeWays::look)
        for (const std::uint32_t row : rows_of(shape)) unsure_.add(row);
    }
    SlotTester tester(block_);
    const bool all = among_.count() == among_.size();
    for (const ShapeWays::Way& way : ways.ways) {
      const auto of = rows_of(way.shape);
      ordinals_.resize(of.size());
      std::iota(ordinals_.begin(), ordinals_.end(), 0u);
      if (!all) std::erase_if(ordinals_, [&](std::uint32_t o) { return !among_.has(of[o]); });
      for (std::uint32_t i = 0; i < way.count && !ordinals_.empty(); ++i)
        SENT_TRY(tester.keep(ways.asks[way.first + i], of, ordinals_));
      for (const std::uint32_t ordinal : ordinals_) found_.add(of[ordinal]);
    }
    found_.keep(among_);
    unsure_.keep(among_);
    unsure_.remove(found_);
    return {};
  }

  Selection& found() { return found_; }
  const Selection& unsure() const { return unsure_; }

 private:
  const LogBlock& block_;
  const std::string_view text_;
  const Selection& among_;
  Selection found_, unsure_;
  std::vector<std::uint32_t> ordinals_;
};

/// The records that have every word of a text that goes over lines.
Result<Selection> with_all_words(const LogBlock& block, std::string_view text, const Selection& among) {
  Selection left = among;
  for (std::size_t at = 0; at < text.size() && !left.empty(); ++at) {
    if (!is_word_char(text[at])) continue;
    std::size_t end = at;
    while (end < text.size() && is_word_char(text[end])) ++end;
    LineScan scan(block, text.substr(at, end - at), left);
    SENT_TRY(scan.run());
    scan.found().add(scan.unsure());
    left = std::move(scan.found());
    at = end;
  }
  return left;
}

}  // namespace

Result<Selection> scan_text(const LogBlock& block, std::string_view lower, const Selection& among,
                            const std::function<Result<RecordAssembler*>()>& assembler) {
  if (lower.empty() || among.empty()) return among;
  Selection found(among.size()), unsure;
  if (fits_one_line(lower)) {
    LineScan scan(block, lower, among);
    SENT_TRY(scan.run());
    found = std::move(scan.found());
    unsure = scan.unsure();
  } else {
    SENT_TRY_ASSIGN(unsure, with_all_words(block, lower, among));
  }
  if (unsure.empty()) return found;
  SENT_TRY_ASSIGN(const RecordAssembler* records, assembler());
  std::string raw;
  found.add(unsure.where([&](std::size_t row) {
    records->raw(row, raw);
    return contains_ignoring_case(raw, lower);
  }));
  return found;
}

}  // namespace sentinella::logs
