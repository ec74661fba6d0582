#include "logs/block/log_block.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "codec/log_parser.h"
#include "codec/log_template.h"
#include "logs/block/floor_div.h"
#include "logs/block/id_text.h"
#include "logs/block/time_text.h"

namespace sentinella::logs {
namespace {

/// More than any block we make, less than what would hurt.
constexpr std::size_t kMaxSectionBytes = 1u << 30;

void write_hex(std::string& out, std::string_view bytes, bool dashes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (dashes && (i == 4 || i == 6 || i == 8 || i == 10)) out += '-';
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

void write_number(std::string& out, std::uint64_t number, std::size_t width) {
  char digits[20];
  const char* end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  const auto length = static_cast<std::size_t>(end - digits);
  if (length < width) out.append(width - length, '0');
  out.append(digits, length);
}

}  // namespace

void write_slot_time(std::string& out, const SlotPlace& slot, std::uint64_t value, std::int64_t time_ns) {
  const TimeFormat format{slot.argument};
  const auto units = static_cast<std::uint64_t>(floor_div(time_ns, format.unit_ns())) +
                     static_cast<std::uint64_t>(unzigzag(value));
  write_time(out, format, static_cast<std::int64_t>(units));
}

LogBlock::LogBlock(BlockHeader header, Fetch fetch) : header_(std::move(header)), fetch_(std::move(fetch)) {}

template <typename T, typename Make>
Result<const T*> LogBlock::part(Part<T>& part, Make&& make) const {
  if (part.ready) return &part.value;
  const std::lock_guard lock(part.mutex);
  if (part.ready) return &part.value;
  SENT_TRY_ASSIGN(part.value, make());
  if constexpr (std::is_same_v<T, std::string>) {
    footprint_ += part.value.size();
  } else {
    footprint_ += part.value.footprint();
  }
  part.ready = true;
  return &part.value;
}

/// Something that makes a table from a section, for part().
template <typename Decode>
auto LogBlock::decoded(Section section, Decode&& decode) const {
  return [this, section, decode = std::forward<Decode>(decode)]() -> decltype(decode(std::string())) {
    SENT_TRY_ASSIGN(const std::string packed, fetch_(section));
    SENT_TRY_ASSIGN(std::string bytes, unpack_section(packed, kMaxSectionBytes));
    return decode(std::move(bytes));
  };
}

Result<const ShapeTable*> LogBlock::shapes() const {
  return part(shapes_,
              decoded(Section::shapes, [](const std::string& bytes) { return ShapeTable::decode(bytes); }));
}

Result<const TextTable*> LogBlock::words() const {
  return part(words_, decoded(Section::words, [](const std::string& bytes) { return decode_words(bytes); }));
}

Result<const LowerTexts*> LogBlock::lower_shapes() const {
  SENT_TRY_ASSIGN(const auto* table, shapes());
  return part(lower_shapes_, [&]() -> Result<LowerTexts> {
    LowerTexts lower;
    for (std::size_t i = 0; i < table->shapes.size(); ++i) {
      lower.begin.push_back(static_cast<std::uint32_t>(lower.bytes.size()));
      walk_shape(
          table->texts[i],
          [&](std::string_view literal) {
            if (literal.size() == 1 && is_mark(literal[0])) literal = "\3";
            append_lower(lower.bytes, literal);
          },
          [&](Mark mark, std::uint8_t) {
            if (is_slot(mark)) {
              lower.slot_at.push_back(static_cast<std::uint32_t>(lower.bytes.size()));
              lower.bytes += LowerTexts::kSlotByte;
            } else if (mark == Mark::kHead || mark == Mark::kLogger || mark == Mark::kPreface) {
              lower.bytes += LowerTexts::kAgainByte;
            }
          });
    }
    lower.begin.push_back(static_cast<std::uint32_t>(lower.bytes.size()));
    lower.trigrams.add(lower.bytes);
    return lower;
  });
}

Result<const LowerTexts*> LogBlock::lower_words() const {
  SENT_TRY_ASSIGN(const auto* table, words());
  return part(lower_words_, [&]() -> Result<LowerTexts> {
    LowerTexts lower;
    for (std::size_t i = 0; i < table->size(); ++i)
      lower.begin.push_back(static_cast<std::uint32_t>(table->begin_of(i)));
    lower.begin.push_back(static_cast<std::uint32_t>(table->bytes().size()));
    append_lower(lower.bytes, table->bytes());
    lower.trigrams.add(lower.bytes);
    return lower;
  });
}

Result<const RowTable*> LogBlock::rows() const {
  SENT_TRY_ASSIGN(const auto* shapes_table, shapes());
  return part(rows_, decoded(Section::rows, [&](const std::string& bytes) {
                return RowTable::decode(bytes, header_, *shapes_table);
              }));
}

Result<const LineTable*> LogBlock::lines() const {
  SENT_TRY_ASSIGN(const auto* shapes_table, shapes());
  SENT_TRY_ASSIGN(const auto* rows_table, rows());
  SENT_TRY_ASSIGN(const auto* words_table, words());
  return part(lines_, decoded(Section::lines, [&](const std::string& bytes) {
                return LineTable::decode(bytes, *shapes_table, *rows_table, words_table->size());
              }));
}

Result<const SlotTable*> LogBlock::slots(Section section) const {
  SENT_TRY_ASSIGN(const auto* shapes_table, shapes());
  SENT_TRY_ASSIGN(const auto* rows_table, rows());
  SENT_TRY_ASSIGN(const auto* lines_table, lines());
  std::uint64_t limit = UINT64_MAX;
  if (section == Section::texts) {
    SENT_TRY_ASSIGN(const auto* words_table, words());
    limit = words_table->size();
  } else if (section == Section::links) {
    SENT_TRY_ASSIGN(const auto* bytes, ids());
    limit = bytes->size() / kIdBytes;
  }
  auto& table = section == Section::numbers ? numbers_ : section == Section::texts ? texts_ : links_;
  return part(table, decoded(section, [&](const std::string& bytes) {
                return SlotTable::decode(bytes, section, *shapes_table, *rows_table, *lines_table, limit);
              }));
}

Result<const std::string*> LogBlock::ids() const {
  return part(ids_, decoded(Section::ids, [](std::string bytes) -> Result<std::string> {
                if (bytes.size() % kIdBytes != 0)
                  return fail(Errc::kCorrupt, "the ids of a log block end amid one");
                return bytes;
              }));
}

Result<const std::string*> LogBlock::id_digits() const {
  SENT_TRY_ASSIGN(const auto* bytes, ids());
  return part(id_digits_, [&]() -> Result<std::string> {
    std::string digits;
    digits.reserve(bytes->size() * 2);
    write_hex(digits, *bytes, false);
    return digits;
  });
}

/// Where the bytes of a record go, and which parts of them mean what.
struct RecordAssembler::Sink {
  std::string& raw;
  std::array<std::string*, kFields> fields{};     // where asked for
  std::vector<std::size_t>* inner = nullptr;      // where asked for: where each line's inner part begins
  std::array<std::size_t, kFields> open{};        // offset + 1 of fields that have begun
  std::size_t head = 0, logger = 0, preface = 0;  // ends in the first line
  bool has_message = false;
  bool first_line = true;  // only it has ends that later lines repeat

  void begin(Field field) {
    const auto f = static_cast<std::size_t>(field);
    open[f] = raw.size() + 1;
    if (field != Field::message) return;
    if (first_line && !has_message) preface = raw.size();
    has_message = true;
  }
  void end(Field field) {
    const auto f = static_cast<std::size_t>(field);
    if (open[f] == 0) return;
    if (fields[f] != nullptr) fields[f]->append(raw, open[f] - 1);
    if (first_line && field == Field::component) logger = raw.size();
    open[f] = 0;
  }
};

Result<RecordAssembler> RecordAssembler::open(const LogBlock& block) {
  RecordAssembler assembler;
  SENT_TRY_ASSIGN(assembler.shapes_, block.shapes());
  SENT_TRY_ASSIGN(assembler.words_, block.words());
  SENT_TRY_ASSIGN(assembler.rows_, block.rows());
  SENT_TRY_ASSIGN(assembler.lines_, block.lines());
  SENT_TRY_ASSIGN(assembler.numbers_, block.slots(Section::numbers));
  SENT_TRY_ASSIGN(assembler.texts_, block.slots(Section::texts));
  SENT_TRY_ASSIGN(assembler.links_, block.slots(Section::links));
  SENT_TRY_ASSIGN(assembler.ids_, block.ids());
  return assembler;
}

void RecordAssembler::write_slot(std::string& out, const SlotPlace& slot, std::size_t ordinal,
                                 std::int64_t time_ns) const {
  switch (slot.kind) {
    case SlotKind::number:
      return write_number(out, numbers_->columns[slot.column][ordinal], 0);
    case SlotKind::padded:
      return write_number(out, numbers_->columns[slot.column][ordinal], slot.argument);
    case SlotKind::time:
      return write_slot_time(out, slot, numbers_->columns[slot.column][ordinal], time_ns);
    case SlotKind::word:
    case SlotKind::whole:
      out += (*words_)[texts_->columns[slot.column][ordinal]];
      return;
    case SlotKind::dashed:
    case SlotKind::plain:
      return write_hex(
          out, std::string_view(*ids_).substr(links_->columns[slot.column][ordinal] * kIdBytes, kIdBytes),
          slot.kind == SlotKind::dashed);
  }
}

void RecordAssembler::write_line(std::size_t shape_number, std::size_t ordinal, std::int64_t time_ns,
                                 Sink& sink) const {
  const Shape& shape = shapes_->shapes[shape_number];
  std::uint32_t slot = shape.first_slot;
  const auto again = [&](std::size_t length) {
    if (!sink.first_line) sink.raw.append(sink.raw, 0, length);
  };
  walk_shape(
      shapes_->texts[shape_number], [&](std::string_view literal) { sink.raw += literal; },
      [&](Mark mark, std::uint8_t argument) {
        if (is_slot(mark)) return write_slot(sink.raw, shapes_->slots[slot++], ordinal, time_ns);
        switch (mark) {
          case Mark::kBegin:
            return sink.begin(static_cast<Field>(argument));
          case Mark::kEnd:
            return sink.end(static_cast<Field>(argument));
          case Mark::kHeadEnd:
            if (sink.first_line) sink.head = sink.raw.size();
            return;
          case Mark::kHead:
            return again(sink.head);
          case Mark::kLogger:
            return again(sink.logger);
          case Mark::kPreface:
            return again(sink.preface);
          case Mark::kInner:
            if (sink.inner != nullptr) sink.inner->back() = sink.raw.size();
            return;
          default:
            return;
        }
      });
}

void RecordAssembler::write_lines(std::size_t row, Sink& sink) const {
  if (sink.inner != nullptr) sink.inner->push_back(0);
  write_line(rows_->shape[row], rows_->ordinal[row], rows_->time_ns[row], sink);
  sink.end(Field::message);
  sink.first_line = false;
  for (std::size_t line = lines_->begin[row]; line < lines_->begin[row + 1]; ++line) {
    sink.raw += '\n';
    if (sink.inner != nullptr) sink.inner->push_back(sink.raw.size());
    write_line(lines_->shape[line], lines_->ordinal[line], rows_->time_ns[row], sink);
  }
}

void RecordAssembler::raw(std::size_t row, std::string& out) const {
  out.clear();
  Sink sink{.raw = out};
  write_lines(row, sink);
}

void RecordAssembler::fields(std::size_t row, AssembledRecord& out) const {
  const ShapeTraits& traits = shapes_->shapes[rows_->shape[row]].traits;
  out.raw.clear();
  out.traceback.clear();
  Sink sink{.raw = out.raw};
  for (std::size_t f = 0; f < kFields; ++f) {
    out.fields[f].clear();
    sink.fields[f] = &out.fields[f];
  }
  std::vector<std::size_t> inner;
  sink.inner = &inner;
  write_lines(row, sink);

  std::size_t apart = lines_->apart_at[row];
  for (std::size_t f = 0; f < kFields; ++f)
    if (traits.apart >> f & 1) out.fields[f] = (*words_)[lines_->apart[apart++]];
  if (traits.traceback_apart) out.traceback = (*words_)[lines_->apart[apart]];
  add_inner_lines(row, sink.has_message, inner, out);
}

void RecordAssembler::record(std::size_t row, AssembledRecord& out) const {
  fields(row, out);
  const std::size_t shape = rows_->shape[row];
  const ShapeTraits& traits = shapes_->shapes[shape].traits;
  RecordView& view = out.view;
  view.id = rows_->ids[row];
  view.time = Time{rows_->time_ns[row]};
  view.severity = static_cast<Severity>(traits.severity);
  view.flags = traits.flags;
  const Stream& stream = rows_->streams[rows_->stream[row]];
  view.host = stream.host;
  view.service = stream.service;
  view.source = stream.source;
  const auto field = [&](Field f) -> const std::string& { return out.fields[static_cast<std::size_t>(f)]; };
  view.component = field(Field::component);
  view.request_id = field(Field::request_id);
  view.global_request_id = field(Field::global_request_id);
  view.user_id = field(Field::user_id);
  view.project_id = field(Field::project_id);
  view.domain_id = field(Field::domain_id);
  view.instance = field(Field::instance);
  view.message = field(Field::message);
  view.pid = static_cast<std::uint32_t>(parse_uint(field(Field::pid)).value_or(0));
  view.raw = out.raw;
  view.traceback = out.traceback;
  view.template_id = template_of(shape);
  view.http = {.client = field(Field::http_client),
               .method = field(Field::http_method),
               .path = field(Field::http_path),
               .status = static_cast<std::uint16_t>(parse_uint(field(Field::http_status)).value_or(0))};
  if (!view.http.present()) return;
  const auto numbers = codec::http_numbers(out.raw);
  view.http.bytes = numbers.bytes;
  view.http.duration_ns = numbers.duration_ns;
}

std::uint64_t RecordAssembler::template_of(std::size_t shape) const {
  const ShapeTraits& traits = shapes_->shapes[shape].traits;
  if (!traits.derived_template || rows_->by_shape[shape].empty()) return traits.template_id;
  if (templates_.empty()) templates_.resize(shapes_->shapes.size());
  if (templates_[shape] == 0) {
    AssembledRecord first;
    fields(rows_->by_shape[shape].front(), first);
    templates_[shape] = codec::log_template_id(first.fields[static_cast<std::size_t>(Field::message)]);
  }
  return templates_[shape];
}

/// The lines after the first that belong to the message, and those of the traceback.
void RecordAssembler::add_inner_lines(std::size_t row, bool has_message,
                                      const std::vector<std::size_t>& inner, AssembledRecord& out) const {
  const ShapeTraits& traits = shapes_->shapes[rows_->shape[row]].traits;
  const auto line_text = [&](std::size_t i) {
    const std::size_t end = i + 1 < inner.size() ? out.raw.rfind('\n', inner[i + 1] - 1) : out.raw.size();
    return std::string_view(out.raw).substr(inner[i], end - inner[i]);
  };
  std::size_t counted = inner.size();
  if (traits.text_mode != 0)
    counted = std::min<std::size_t>(counted, lines_->text_lines[lines_->text_line_at[row]]);
  std::string& message = out.fields[static_cast<std::size_t>(Field::message)];
  if (has_message)
    for (std::size_t i = 1; i < counted; ++i) (message += '\n') += line_text(i);
  if (!(traits.text_mode & kTracebackLines)) return;
  for (std::size_t i = counted; i < inner.size(); ++i) {
    if (i > counted) out.traceback += '\n';
    out.traceback += line_text(i);
  }
}

}  // namespace sentinella::logs
