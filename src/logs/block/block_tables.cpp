#include "logs/block/block_tables.h"

#include <array>
#include <bit>

#include "base/bytes.h"
#include "logs/block/time_text.h"

namespace sentinella::logs {
namespace {

std::unexpected<Error> damaged(std::string_view what) {
  return fail(Errc::kCorrupt, "the {} of a log block make no sense", what);
}

/// A column that was written with its size in front.
IntColumn get_column(ByteReader& reader, std::size_t count) {
  ByteReader bytes(reader.text());
  IntColumn column = decode_column(bytes, count);
  if (!bytes.ok() || !bytes.at_end()) reader.fail();
  return column;
}

bool all_below(const IntColumn& column, std::uint64_t limit) {
  if (limit == UINT64_MAX) return true;
  if (column.constant()) return column.size() == 0 || column[0] < limit;
  for (std::size_t i = 0; i < column.size(); ++i)
    if (column[i] >= limit) return false;
  return true;
}

/// Numbers the values of `column` among their equals; `counts` has room for each value.
std::vector<std::uint32_t> number_equals(const IntColumn& column, std::vector<std::uint32_t>& counts) {
  std::vector<std::uint32_t> ordinals(column.size());
  for (std::size_t i = 0; i < ordinals.size(); ++i) ordinals[i] = counts[column[i]]++;
  return ordinals;
}

bool get_slots(std::string_view text, ShapeTable& table, Shape& shape,
               std::array<std::uint32_t, kSections>& columns) {
  bool sound = true;
  shape.first_slot = static_cast<std::uint32_t>(table.slots.size());
  walk_shape(
      text, [](std::string_view) {},
      [&](Mark mark, std::uint8_t argument) {
        if (mark == Mark::kBegin || mark == Mark::kEnd) sound = sound && argument < kFields;
        if (mark == Mark::kPadded) sound = sound && argument <= 19;
        if (mark == Mark::kTime) sound = sound && TimeFormat{argument}.valid();
        if (!is_slot(mark)) return;
        const SlotKind kind = slot_kind(mark);
        const Section section = section_of(kind);
        table.slots.push_back({section, kind, argument, columns[static_cast<std::size_t>(section)]++});
      });
  shape.slots = static_cast<std::uint32_t>(table.slots.size()) - shape.first_slot;
  return sound;
}

std::uint32_t apart_count(const ShapeTraits& traits) {
  return static_cast<std::uint32_t>(std::popcount(traits.apart)) + (traits.traceback_apart ? 1 : 0);
}

}  // namespace

Section section_of(SlotKind kind) {
  switch (kind) {
    case SlotKind::word:
    case SlotKind::whole:
      return Section::texts;
    case SlotKind::dashed:
    case SlotKind::plain:
      return Section::links;
    default:
      return Section::numbers;
  }
}

Result<TextTable> TextTable::decode(std::string_view bytes, std::size_t& used) {
  ByteReader reader(bytes);
  const std::uint64_t count = reader.varint();
  if (count > kMaxRows) return damaged("texts");
  const IntColumn lengths = get_column(reader, count);
  TextTable table;
  table.bytes_ = reader.text();
  if (!reader.ok() || table.bytes_.size() > UINT32_MAX) return damaged("texts");
  table.ends_.reserve(count + 1);
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (lengths[i] > table.bytes_.size() - end) return damaged("texts");
    end += lengths[i];
    table.ends_.push_back(static_cast<std::uint32_t>(end));
  }
  if (end != table.bytes_.size()) return damaged("texts");
  used = bytes.size() - reader.rest().size();
  return table;
}

Result<TextTable> decode_words(std::string_view bytes) {
  std::size_t used = 0;
  SENT_TRY_ASSIGN(auto table, TextTable::decode(bytes, used));
  if (used != bytes.size()) return damaged("words");
  return table;
}

Result<ShapeTable> ShapeTable::decode(std::string_view bytes) {
  ShapeTable table;
  std::size_t used = 0;
  SENT_TRY_ASSIGN(table.texts, TextTable::decode(bytes, used));
  ByteReader reader(bytes.substr(used));
  const std::size_t count = table.texts.size();
  const IntColumn bits = get_column(reader, count), severity = get_column(reader, count),
                  flags = get_column(reader, count), mode = get_column(reader, count),
                  apart = get_column(reader, count);
  if (!reader.ok() ||
      !all_below(severity, std::uint64_t{static_cast<std::uint8_t>(Severity::critical)} + 1) ||
      !all_below(bits, 8) || !all_below(mode, 4) || !all_below(apart, 1u << kFields) ||
      !all_below(flags, 1ull << 32))
    return damaged("shapes");
  std::size_t told = 0;
  for (std::size_t i = 0; i < count; ++i) told += (bits[i] & 3) == 0 ? 1 : 0;
  const IntColumn templates = get_column(reader, told);
  if (!reader.ok() || !reader.at_end()) return damaged("shapes");
  std::array<std::uint32_t, kSections> columns{};
  std::size_t next_told = 0;
  table.shapes.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    Shape& shape = table.shapes[i];
    shape.traits.continuation = (bits[i] & 1) != 0;
    shape.traits.derived_template = (bits[i] & 2) != 0;
    shape.traits.traceback_apart = (bits[i] & 4) != 0;
    shape.traits.severity = static_cast<std::uint8_t>(severity[i]);
    shape.traits.flags = static_cast<std::uint32_t>(flags[i]);
    shape.traits.text_mode = static_cast<std::uint8_t>(mode[i]);
    shape.traits.apart = static_cast<std::uint16_t>(apart[i]);
    if ((bits[i] & 3) == 0) shape.traits.template_id = templates[next_told++];
    if (!get_slots(table.texts[i], table, shape, columns)) return damaged("shapes");
  }
  return table;
}

ShapeRows ShapeRows::of(const std::vector<std::uint32_t>& counts) {
  ShapeRows table;
  table.begin.reserve(counts.size() + 1);
  std::uint32_t total = 0;
  for (const std::uint32_t count : counts) {
    table.begin.push_back(total);
    total += count;
  }
  table.begin.push_back(total);
  table.rows.resize(total);
  return table;
}

Result<RowTable> RowTable::decode(std::string_view bytes, const BlockHeader& header,
                                  const ShapeTable& shapes) {
  RowTable table;
  const std::size_t count = header.records;
  if (count > kMaxRows) return damaged("records");
  std::size_t used = 0;
  SENT_TRY_ASSIGN(const auto streams, TextTable::decode(bytes, used));
  for (std::size_t i = 0; i < streams.size(); ++i) {
    ByteReader names(streams[i]);
    Stream& stream = table.streams.emplace_back();
    for (std::string* name : {&stream.host, &stream.service, &stream.source}) *name = names.text();
    if (!names.ok() || !names.at_end()) return damaged("streams");
  }
  ByteReader reader(bytes.substr(used));
  const std::uint64_t runs = reader.varint();
  if (runs > count) return damaged("record ids");
  const IntColumn run = get_column(reader, runs * 3);
  table.ids.reserve(count);
  for (std::size_t i = 0; i < runs && reader.ok(); ++i) {
    if (run[3 * i + 2] > count - table.ids.size()) return damaged("record ids");
    for (std::uint64_t k = 0; k < run[3 * i + 2]; ++k)
      table.ids.push_back({run[3 * i], static_cast<std::uint32_t>(run[3 * i + 1] + k)});
  }
  table.shape = get_column(reader, count);
  table.stream = get_column(reader, count);
  const std::uint64_t unit = reader.varint();
  const IntColumn times = get_column(reader, count);
  if (!reader.ok() || !reader.at_end() || table.ids.size() != count ||
      !all_below(table.shape, shapes.shapes.size()) || !all_below(table.stream, table.streams.size()))
    return damaged("records");
  table.time_ns.resize(count);
  for (std::size_t i = 0; i < count; ++i) table.time_ns[i] = static_cast<std::int64_t>(times[i] * unit);
  for (std::size_t i = 0; i < count; i += kSpanRows) {
    const auto times_of = std::span(table.time_ns).subspan(i, std::min(kSpanRows, count - i));
    const auto [first, last] = std::ranges::minmax(times_of);
    table.spans.push_back({first, last});
  }
  table.shape_rows.resize(shapes.shapes.size());
  table.ordinal = number_equals(table.shape, table.shape_rows);
  table.by_shape = ShapeRows::of(table.shape_rows);
  for (std::size_t i = 0; i < count; ++i)
    table.by_shape.rows[table.by_shape.begin[table.shape[i]] + table.ordinal[i]] =
        static_cast<std::uint32_t>(i);
  return table;
}

std::size_t RowTable::footprint() const {
  return ids.size() * (sizeof(RecordId) + 12) + spans.size() * sizeof(TimeSpan) + stream.bytes() +
         shape.bytes() + shape_rows.size() * 4 + by_shape.footprint();
}

Result<LineTable> LineTable::decode(std::string_view bytes, const ShapeTable& shapes, const RowTable& rows,
                                    std::size_t words) {
  LineTable table;
  const std::size_t records = rows.ids.size();
  ByteReader reader(bytes);
  const IntColumn more = get_column(reader, records);
  const std::uint64_t lines = reader.varint();
  if (lines > kMaxRows) return damaged("lines");
  table.shape = get_column(reader, lines);
  const std::uint64_t text_lines = reader.varint();
  if (text_lines > records) return damaged("lines");
  table.text_lines = get_column(reader, text_lines);
  const std::uint64_t apart = reader.varint();
  if (apart > records * (kFields + 1)) return damaged("lines");
  table.apart = get_column(reader, apart);
  if (!reader.ok() || !reader.at_end() || !all_below(table.shape, shapes.shapes.size()) ||
      !all_below(table.apart, words))
    return damaged("lines");
  std::uint64_t line = 0, text_line = 0, apart_at = 0;
  for (std::size_t r = 0; r < records; ++r) {
    table.begin.push_back(static_cast<std::uint32_t>(line));
    table.text_line_at.push_back(static_cast<std::uint32_t>(text_line));
    table.apart_at.push_back(static_cast<std::uint32_t>(apart_at));
    const ShapeTraits& traits = shapes.shapes[rows.shape[r]].traits;
    if (more[r] > lines - line) return damaged("lines");
    line += more[r];
    text_line += traits.text_mode != 0 ? 1 : 0;
    apart_at += apart_count(traits);
  }
  if (line != lines || text_line != text_lines || apart_at != apart) return damaged("lines");
  table.begin.push_back(static_cast<std::uint32_t>(line));
  table.shape_lines.resize(shapes.shapes.size());
  table.ordinal = number_equals(table.shape, table.shape_lines);
  table.by_shape = ShapeRows::of(table.shape_lines);
  for (std::size_t r = 0; r < records; ++r)
    for (std::size_t i = table.begin[r]; i < table.begin[r + 1]; ++i)
      table.by_shape.rows[table.by_shape.begin[table.shape[i]] + table.ordinal[i]] =
          static_cast<std::uint32_t>(r);
  return table;
}

std::size_t LineTable::footprint() const {
  return begin.size() * 12 + shape.bytes() + ordinal.size() * 4 + shape_lines.size() * 4 +
         text_lines.bytes() + apart.bytes() + by_shape.footprint();
}

Result<SlotTable> SlotTable::decode(std::string_view bytes, Section section, const ShapeTable& shapes,
                                    const RowTable& rows, const LineTable& lines, std::uint64_t limit) {
  SlotTable table;
  ByteReader reader(bytes);
  for (std::size_t s = 0; s < shapes.shapes.size(); ++s) {
    const Shape& shape = shapes.shapes[s];
    const std::size_t count = shape.traits.continuation ? lines.shape_lines[s] : rows.shape_rows[s];
    for (std::uint32_t i = 0; i < shape.slots; ++i) {
      if (shapes.slots[shape.first_slot + i].section != section) continue;
      table.columns.push_back(decode_column(reader, count));
      if (!reader.ok() || !all_below(table.columns.back(), limit)) return damaged("values");
    }
  }
  if (!reader.at_end()) return damaged("values");
  return table;
}

std::size_t SlotTable::footprint() const {
  std::size_t bytes = columns.size() * sizeof(IntColumn);
  for (const IntColumn& column : columns) bytes += column.bytes();
  return bytes;
}

}  // namespace sentinella::logs
