// A sealed block, read section by section as they are asked for, and its records put together again.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "logs/block/block_tables.h"
#include "logs/block/record_view.h"
#include "logs/block/text_search.h"
#include "logs/block/trigrams.h"

namespace sentinella::logs {

/// Texts made ready for searching, one after the other.
struct LowerTexts {
  static constexpr char kSlotByte = 1, kAgainByte = 2;
  std::string bytes;
  std::vector<std::uint32_t> begin;    ///< one more than there are texts
  std::vector<std::uint32_t> slot_at;  ///< where each slot stands, in the order of ShapeTable::slots
  Trigrams trigrams;

  /// Calls `found(index, at)` for each place where `needle` lies within one text, ascending.
  template <typename Found>
  void find_all(std::string_view needle, Found&& found) const;
  std::size_t footprint() const {
    return bytes.size() + (begin.size() + slot_at.size()) * 4 + trigrams.footprint();
  }
};

/// Thread-safe. What was decoded stays until the block is destroyed.
class LogBlock {
 public:
  /// Gives a section as it was packed. kNotFound: retention has taken the block.
  using Fetch = std::function<Result<std::string>(Section)>;

  LogBlock(BlockHeader header, Fetch fetch);

  const BlockHeader& header() const { return header_; }
  Result<const ShapeTable*> shapes() const;
  Result<const TextTable*> words() const;
  Result<const RowTable*> rows() const;
  Result<const LineTable*> lines() const;
  /// numbers, texts or links.
  Result<const SlotTable*> slots(Section section) const;
  /// 16 bytes each.
  Result<const std::string*> ids() const;
  /// Their hex digits, 32 each, in lower case.
  Result<const std::string*> id_digits() const;
  /// Every shape's constant text in lower case, with a kSlotByte for each slot and a kAgainByte for each
  /// repetition; a literal byte that is_mark() stands as a 3.
  Result<const LowerTexts*> lower_shapes() const;
  /// The words in lower case.
  Result<const LowerTexts*> lower_words() const;
  /// Bytes of memory that the decoded sections take.
  std::size_t footprint() const { return footprint_; }

 private:
  template <typename T>
  struct Part {
    std::mutex mutex;
    std::atomic<bool> ready = false;
    T value;
  };
  template <typename T, typename Make>
  Result<const T*> part(Part<T>& part, Make&& make) const;
  template <typename Decode>
  auto decoded(Section section, Decode&& decode) const;

  const BlockHeader header_;
  const Fetch fetch_;
  mutable Part<ShapeTable> shapes_;
  mutable Part<TextTable> words_;
  mutable Part<RowTable> rows_;
  mutable Part<LineTable> lines_;
  mutable Part<SlotTable> numbers_, texts_, links_;
  mutable Part<std::string> ids_, id_digits_;
  mutable Part<LowerTexts> lower_shapes_, lower_words_;
  mutable std::atomic<std::size_t> footprint_ = 0;
};

/// Appends the time in a slot of a record of `time_ns`.
void write_slot_time(std::string& out, const SlotPlace& slot, std::uint64_t value, std::int64_t time_ns);

/// A record put together; reusable, so that many in turn allocate nothing.
struct AssembledRecord {
  RecordView view;  ///< into the texts below and into the block
  std::string raw, traceback;
  std::string fields[kFields];
};

/// Puts records of one block together. Not thread-safe; the block must outlive it and what it gives.
class RecordAssembler {
 public:
  static Result<RecordAssembler> open(const LogBlock& block);
  /// Only raw; its bytes.
  void raw(std::size_t row, std::string& out) const;
  void record(std::size_t row, AssembledRecord& out) const;
  /// Only the texts of `out`, not its view.
  void fields(std::size_t row, AssembledRecord& out) const;
  /// Of all records of a shape.
  std::uint64_t template_of(std::size_t shape) const;

 private:
  struct Sink;
  void write_slot(std::string& out, const SlotPlace& slot, std::size_t ordinal, std::int64_t time_ns) const;
  void write_line(std::size_t shape, std::size_t ordinal, std::int64_t time_ns, Sink& sink) const;
  void write_lines(std::size_t row, Sink& sink) const;
  void add_inner_lines(std::size_t row, bool has_message, const std::vector<std::size_t>& inner,
                       AssembledRecord& out) const;

  mutable std::vector<std::uint64_t> templates_;  // derived ones, once known
  const ShapeTable* shapes_ = nullptr;
  const TextTable* words_ = nullptr;
  const RowTable* rows_ = nullptr;
  const LineTable* lines_ = nullptr;
  const SlotTable* numbers_ = nullptr;
  const SlotTable* texts_ = nullptr;
  const SlotTable* links_ = nullptr;
  const std::string* ids_ = nullptr;
};

template <typename Found>
void LowerTexts::find_all(std::string_view needle, Found&& found) const {
  if (needle.empty() || !trigrams.may_have(needle)) return;
  std::size_t index = 0;
  for (std::size_t at = 0; (at = find_text(bytes, needle, at)) != std::string_view::npos; ++at) {
    // Few finds lie far apart, many close together.
    if (begin[index + 1] <= at)
      index = static_cast<std::size_t>(
          std::upper_bound(begin.begin() + static_cast<std::ptrdiff_t>(index) + 1, begin.end(), at) -
          begin.begin() - 1);
    if (at + needle.size() <= begin[index + 1]) found(index, at);
  }
}

}  // namespace sentinella::logs
