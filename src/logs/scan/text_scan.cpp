// The search for a text within a block. A text is cut at everything that is no word character; a piece that
// is left lies, in a record that contains the text, within one word: in a shape's constant text or in one
// slot (word_char.h). So first the shapes are searched, then the dictionary, then only slots whose kind can
// hold the piece; a text of several pieces is looked for in the records that have them all.
#include <algorithm>
#include <array>
#include <charconv>

#include "logs/block/id_text.h"
#include "logs/block/time_text.h"
#include "logs/block/word_char.h"
#include "logs/scan/block_scan.h"
#include "logs/scan/field_plan.h"

namespace sentinella::logs {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

struct Piece {
  std::string_view text;
  bool id = false;  ///< all of an 8-4-4-4-12
};

std::vector<Piece> cut(std::string_view text) {
  std::vector<Piece> pieces;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_word_char(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_word_char(text[end])) ++end;
    const bool id = end - at == 8 && parse_id(text.substr(at, kDashedId)) &&
                    (at + kDashedId == text.size() || !is_word_char(text[at + kDashedId]));
    if (id) end = at + kDashedId;
    pieces.push_back({text.substr(at, end - at), id});
    at = end;
  }
  return pieces;
}

/// Could a written time contain it? Only as digits, with the T or the Z of RFC 3339, or as a name.
bool fits_time(std::string_view piece) {
  if (std::ranges::all_of(piece, [](char c) { return is_digit(c) || c == 't' || c == 'z'; })) return true;
  return piece.size() <= 3 && std::ranges::all_of(piece, [](char c) { return c >= 'a' && c <= 'z'; });
}

/// Looks for one piece; exact.
class PieceScan {
 public:
  PieceScan(const LogBlock& block, std::string_view piece) : block_(block), piece_(piece) {}

  Result<Selection> run(const Selection& among);
  /// Only records with this very id, and those where its first group stands in a text.
  Result<Selection> run_id(const Selection& among);

 private:
  enum Verdict : std::uint8_t { no, yes, look };

  Result<void> find_texts(std::string_view text);
  void look_at(SlotKind kind);
  Result<Selection> pick(const Selection& among);
  bool in_line(std::size_t shape, std::size_t ordinal, std::int64_t time_ns);
  bool in_slot(const SlotPlace& slot, std::size_t ordinal, std::int64_t time_ns);
  bool in_number(std::uint64_t number, std::size_t width) const;
  Result<void> find_ids();
  Result<void> load(Section section, const SlotTable*& table) const;

  const LogBlock& block_;
  std::string_view piece_;
  const ShapeTable* shapes_ = nullptr;
  const RowTable* rows_ = nullptr;
  const SlotTable* numbers_ = nullptr;
  const SlotTable* texts_ = nullptr;
  const SlotTable* links_ = nullptr;
  std::vector<Verdict> verdicts_;     // of shapes
  std::array<bool, 7> kinds_{};       // slot kinds to look at
  std::vector<bool> words_;           // that contain it
  std::vector<bool> dashed_, plain_;  // ids that contain it, as they are written
  std::string scratch_;
};

Result<void> PieceScan::find_texts(std::string_view text) {
  SENT_TRY_ASSIGN(shapes_, block_.shapes());
  SENT_TRY_ASSIGN(rows_, block_.rows());
  SENT_TRY_ASSIGN(const LowerTexts* lower, block_.lower_shapes());
  SENT_TRY_ASSIGN(const LowerTexts* words, block_.lower_words());
  verdicts_.assign(shapes_->shapes.size(), no);
  lower->find(text, [&](std::size_t shape) { verdicts_[shape] = yes; });
  words_.assign(words->begin.size() - 1, false);
  bool any = false;
  words->find(text, [&](std::size_t word) { words_[word] = any = true; });
  if (any) look_at(SlotKind::word);
  if (any) look_at(SlotKind::whole);
  return {};
}

Result<void> PieceScan::load(Section section, const SlotTable*& table) const {
  SENT_TRY_ASSIGN(table, block_.slots(section));
  return {};
}

void PieceScan::look_at(SlotKind kind) {
  kinds_[static_cast<std::size_t>(kind)] = true;
}

Result<void> PieceScan::find_ids() {
  SENT_TRY_ASSIGN(const std::string* ids, block_.ids());
  const std::size_t count = ids->size() / kIdBytes;
  dashed_.assign(count, false);
  plain_.assign(count, false);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 2 * kIdBytes> digits{};
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < kIdBytes; ++k) {
      const auto byte = static_cast<unsigned char>((*ids)[i * kIdBytes + k]);
      digits[2 * k] = kDigits[byte >> 4];
      digits[2 * k + 1] = kDigits[byte & 15];
    }
    const std::string_view text(digits.data(), digits.size());
    std::size_t at = text.find(piece_);
    if (at == text.npos) continue;
    plain_[i] = true;
    look_at(SlotKind::plain);
    // Written with dashes, a piece lies within one of the groups.
    for (; at != text.npos && !dashed_[i]; at = text.find(piece_, at + 1))
      for (const auto& [begin, end] : {std::pair(0, 8), {8, 12}, {12, 16}, {16, 20}, {20, 32}})
        if (at >= static_cast<std::size_t>(begin) && at + piece_.size() <= static_cast<std::size_t>(end))
          dashed_[i] = true;
    if (dashed_[i]) look_at(SlotKind::dashed);
  }
  return {};
}

Result<Selection> PieceScan::run(const Selection& among) {
  SENT_TRY(find_texts(piece_));
  const bool digits = std::ranges::all_of(piece_, is_digit);
  if (digits) look_at(SlotKind::number);
  if (digits) look_at(SlotKind::padded);
  if (fits_time(piece_)) look_at(SlotKind::time);
  if (piece_.size() <= 2 * kIdBytes && std::ranges::all_of(piece_, is_hex)) SENT_TRY(find_ids());
  return pick(among);
}

Result<Selection> PieceScan::run_id(const Selection& among) {
  SENT_TRY(find_texts(piece_.substr(0, 8)));
  if (std::ranges::all_of(piece_.substr(0, 8), is_digit)) {
    look_at(SlotKind::number);
    look_at(SlotKind::padded);
  }
  SENT_TRY_ASSIGN(const std::string* ids, block_.ids());
  dashed_.assign(ids->size() / kIdBytes, false);
  plain_.assign(dashed_.size(), false);
  if (const auto index = find_id_bytes(*ids, *parse_id(piece_))) {
    dashed_[*index] = true;
    look_at(SlotKind::dashed);
  }
  piece_ = piece_.substr(0, 8);
  return pick(among);
}

Result<Selection> PieceScan::pick(const Selection& among) {
  bool any_yes = false, any_look = false;
  for (std::size_t i = 0; i < verdicts_.size(); ++i) {
    const Shape& shape = shapes_->shapes[i];
    for (std::uint32_t k = 0; k < shape.slots && verdicts_[i] == no; ++k) {
      const SlotPlace& slot = shapes_->slots[shape.first_slot + k];
      if (kinds_[static_cast<std::size_t>(slot.kind)]) verdicts_[i] = look;
    }
    any_yes = any_yes || verdicts_[i] == yes;
    any_look = any_look || verdicts_[i] == look;
  }
  if (!any_yes && !any_look) return Selection(among.size());
  if (any_look) {
    const auto wants = [&](SlotKind kind) { return kinds_[static_cast<std::size_t>(kind)]; };
    if (wants(SlotKind::number) || wants(SlotKind::padded) || wants(SlotKind::time))
      SENT_TRY(load(Section::numbers, numbers_));
    if (wants(SlotKind::word) || wants(SlotKind::whole)) SENT_TRY(load(Section::texts, texts_));
    if (wants(SlotKind::dashed) || wants(SlotKind::plain)) SENT_TRY(load(Section::links, links_));
  }
  SENT_TRY_ASSIGN(const LineTable* lines, block_.lines());
  return among.where([&](std::size_t row) {
    const std::int64_t time_ns = rows_->time_ns[row];
    if (in_line(rows_->shape[row], rows_->ordinal[row], time_ns)) return true;
    for (std::size_t line = lines->begin[row]; line < lines->begin[row + 1]; ++line)
      if (in_line(lines->shape[line], lines->ordinal[line], time_ns)) return true;
    return false;
  });
}

bool PieceScan::in_line(std::size_t shape_number, std::size_t ordinal, std::int64_t time_ns) {
  if (verdicts_[shape_number] != look) return verdicts_[shape_number] == yes;
  const Shape& shape = shapes_->shapes[shape_number];
  for (std::uint32_t k = 0; k < shape.slots; ++k) {
    const SlotPlace& slot = shapes_->slots[shape.first_slot + k];
    if (kinds_[static_cast<std::size_t>(slot.kind)] && in_slot(slot, ordinal, time_ns)) return true;
  }
  return false;
}

bool PieceScan::in_slot(const SlotPlace& slot, std::size_t ordinal, std::int64_t time_ns) {
  switch (slot.kind) {
    case SlotKind::number:
      return in_number(numbers_->columns[slot.column][ordinal], 0);
    case SlotKind::padded:
      return in_number(numbers_->columns[slot.column][ordinal], slot.argument);
    case SlotKind::word:
    case SlotKind::whole:
      return words_[texts_->columns[slot.column][ordinal]];
    case SlotKind::dashed:
      return dashed_[links_->columns[slot.column][ordinal]];
    case SlotKind::plain:
      return plain_[links_->columns[slot.column][ordinal]];
    case SlotKind::time:
      scratch_.clear();
      write_slot_time(scratch_, slot, numbers_->columns[slot.column][ordinal], time_ns);
      return contains_ignoring_case(scratch_, piece_);
  }
  return false;
}

bool PieceScan::in_number(std::uint64_t number, std::size_t width) const {
  char digits[40];
  const auto length =
      static_cast<std::size_t>(std::to_chars(digits + 20, digits + 40, number).ptr - (digits + 20));
  const std::size_t zeros = length < width ? std::min<std::size_t>(width - length, 20) : 0;
  std::fill_n(digits + 20 - zeros, zeros, '0');
  return std::string_view(digits + 20 - zeros, length + zeros).find(piece_) != std::string_view::npos;
}

/// The records whose shapes alone show that they contain `lower`.
Result<Selection> in_constant_text(const LogBlock& block, std::string_view lower, const Selection& among) {
  Selection found(among.size());
  if (std::ranges::any_of(lower, [](char c) { return is_mark(c) || c == '\n'; })) return found;
  SENT_TRY_ASSIGN(const LowerTexts* texts, block.lower_shapes());
  SENT_TRY_ASSIGN(const RowTable* rows, block.rows());
  std::vector<bool> shapes(texts->begin.size() - 1);
  bool any = false;
  texts->find(lower, [&](std::size_t shape) { shapes[shape] = any = true; });
  if (!any) return found;
  SENT_TRY_ASSIGN(const LineTable* lines, block.lines());
  return among.where([&](std::size_t row) {
    if (shapes[rows->shape[row]]) return true;
    for (std::size_t line = lines->begin[row]; line < lines->begin[row + 1]; ++line)
      if (shapes[lines->shape[line]]) return true;
    return false;
  });
}

}  // namespace

Result<Selection> scan_text(const LogBlock& block, std::string_view lower, const Selection& among,
                            const std::function<Result<RecordAssembler*>()>& assembler) {
  if (lower.empty()) return among;
  const std::vector<Piece> pieces = cut(lower);
  if (pieces.size() == 1 && pieces[0].text.size() == lower.size() && !pieces[0].id)
    return PieceScan(block, lower).run(among);
  Selection left = among;
  // Ids first: they are rare, and a block's filter may already have said that it has none of them.
  for (const bool ids : {true, false})
    for (const Piece& piece : pieces) {
      if (piece.id != ids) continue;
      PieceScan scan(block, piece.text);
      SENT_TRY_ASSIGN(left, piece.id ? scan.run_id(left) : scan.run(left));
      if (left.empty()) return left;
    }
  SENT_TRY_ASSIGN(Selection found, in_constant_text(block, lower, left));
  left.remove(found);
  if (left.empty()) return found;
  SENT_TRY_ASSIGN(const RecordAssembler* records, assembler());
  std::string raw;
  found.add(left.where([&](std::size_t row) {
    records->raw(row, raw);
    return contains_ignoring_case(raw, lower);
  }));
  return found;
}

}  // namespace sentinella::logs
