// The sections of a block, decoded. Each is read by itself and never changes afterwards. Whatever the bytes,
// decoding is bounded by their number, and every index in a table that decoded well is within its bounds.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "logs/block/block_format.h"
#include "logs/block/int_column.h"
#include "logs/block/shape.h"

namespace sentinella::logs {

/// More records, lines or words are in no block.
inline constexpr std::size_t kMaxRows = 16u << 20;

Section section_of(SlotKind kind);

class TextTable {
 public:
  static Result<TextTable> decode(std::string_view bytes, std::size_t& used);
  std::string_view operator[](std::size_t i) const {
    return std::string_view(bytes_).substr(ends_[i], ends_[i + 1] - ends_[i]);
  }
  std::size_t size() const { return ends_.size() - 1; }
  /// All texts, one after the other; entry i begins at begin_of(i).
  const std::string& bytes() const { return bytes_; }
  std::size_t begin_of(std::size_t i) const { return ends_[i]; }
  std::size_t footprint() const { return bytes_.size() + ends_.size() * 4; }

 private:
  std::string bytes_;
  std::vector<std::uint32_t> ends_{0};
};

struct SlotPlace {
  Section section = Section::numbers;
  SlotKind kind = SlotKind::number;
  std::uint8_t argument = 0;
  std::uint32_t column = 0;  ///< among those of its section
};

struct Shape {
  ShapeTraits traits;
  std::uint32_t first_slot = 0, slots = 0;  ///< in ShapeTable::slots
};

struct ShapeTable {
  std::vector<Shape> shapes;
  std::vector<SlotPlace> slots;  ///< of all shapes, in order
  TextTable texts;               ///< with marks
  static Result<ShapeTable> decode(std::string_view bytes);
  std::size_t footprint() const {
    return shapes.size() * sizeof(Shape) + slots.size() * sizeof(SlotPlace) + texts.footprint();
  }
};

/// The records of each shape, or those that its lines belong to, by ordinal.
struct ShapeRows {
  std::vector<std::uint32_t> begin;  ///< of shape s: begin[s] to begin[s + 1]
  std::vector<std::uint32_t> rows;
  static ShapeRows of(const std::vector<std::uint32_t>& counts);
  std::span<const std::uint32_t> operator[](std::size_t shape) const {
    return std::span(rows).subspan(begin[shape], begin[shape + 1] - begin[shape]);
  }
  std::size_t footprint() const { return (begin.size() + rows.size()) * 4; }
};

struct Stream {
  std::string host, service, source;
};

/// When the first and the last of some neighbouring records were.
struct TimeSpan {
  std::int64_t first_ns, last_ns;
};

struct RowTable {
  static constexpr std::size_t kSpanRows = 64;
  std::vector<Stream> streams;
  std::vector<RecordId> ids;
  IntColumn stream, shape;
  std::vector<std::int64_t> time_ns;
  std::vector<TimeSpan> spans;            ///< of each kSpanRows records; the last of fewer
  std::vector<std::uint32_t> ordinal;     ///< how many earlier records have the same shape
  std::vector<std::uint32_t> shape_rows;  ///< records of each shape
  ShapeRows by_shape;
  static Result<RowTable> decode(std::string_view bytes, const BlockHeader& header, const ShapeTable& shapes);
  std::size_t footprint() const;
};

struct LineTable {
  std::vector<std::uint32_t> begin;  ///< record r has the lines begin[r] to begin[r + 1]
  IntColumn shape;
  std::vector<std::uint32_t> ordinal;
  std::vector<std::uint32_t> shape_lines;  ///< lines of each shape
  ShapeRows by_shape;
  IntColumn text_lines, apart;
  std::vector<std::uint32_t> text_line_at, apart_at;  ///< record r's first entries in those
  static Result<LineTable> decode(std::string_view bytes, const ShapeTable& shapes, const RowTable& rows,
                                  std::size_t words);
  std::size_t footprint() const;
};

/// The columns of all slots of one section, in the order of ShapeTable::slots.
struct SlotTable {
  std::vector<IntColumn> columns;
  /// `limit`: values must be below it.
  static Result<SlotTable> decode(std::string_view bytes, Section section, const ShapeTable& shapes,
                                  const RowTable& rows, const LineTable& lines, std::uint64_t limit);
  std::size_t footprint() const;
};

Result<TextTable> decode_words(std::string_view bytes);

}  // namespace sentinella::logs
