#include "logs/block/block_encoder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/bytes.h"
#include "codec/log_template.h"
#include "logs/block/block_tables.h"
#include "logs/block/char_class.h"
#include "logs/block/dictionary.h"
#include "logs/block/field_text.h"
#include "logs/block/floor_div.h"
#include "logs/block/id_text.h"
#include "logs/block/int_column.h"
#include "logs/block/line_coder.h"
#include "logs/block/shape_patterns.h"
#include "logs/block/text_plan.h"
#include "logs/block/time_text.h"

namespace sentinella::logs {
namespace {

using Column = std::vector<std::uint64_t>;

/// A longer record is kept in one piece: a search through it is a search through its text anyhow.
constexpr std::size_t kMaxCodedBytes = 256u << 10;
/// A preface shorter than this is not worth a mark of its own.
constexpr std::size_t kMinPreface = 20;
/// What find_shape() appends to a shape's text.
constexpr std::size_t kTraitBytes = 17;
constexpr std::uint32_t kNoShape = UINT32_MAX;
/// Fields that a search asks a block's filter for.
constexpr Field kIdFields[] = {Field::request_id, Field::global_request_id, Field::user_id, Field::project_id,
                               Field::instance};

struct ShapeEntry {
  ShapeTraits traits;
  std::uint32_t rows = 0;
  std::uint32_t next_line = kNoShape;  ///< the shape that the line after one of this shape had last
  std::vector<SlotKind> kinds;
  std::vector<Column> slots;
};

/// The shapes that records of a kind had last: what to expect of the next one. Different kinds may share a
/// place.
class ExpectedShapes {
 public:
  using Pair = std::array<std::uint32_t, 2>;

  Pair& of(const RecordView& record) { return places_[kind_of(record) % kPlaces]; }
  static void note(Pair& expected, std::uint32_t shape) {
    auto& [last, before] = expected;
    if (last == shape) return;
    before = last;
    last = shape;
  }

 private:
  /// By its template; requests are all of one template, so also by how a path begins and how long it is, ids
  /// being of one length.
  static std::uint64_t kind_of(const RecordView& record) {
    std::uint64_t kind = record.template_id;
    if (const auto& http = record.http; !http.method.empty()) {
      std::uint64_t begin = 0;
      std::memcpy(&begin, http.path.data(), std::min(http.path.size(), sizeof begin));
      begin += http.path.size() + static_cast<unsigned char>(http.method.front()) * 1021u;
      kind ^= begin * 0x9e3779b97f4a7c15;
    }
    return kind ^ kind >> 32;
  }

  static constexpr std::size_t kPlaces = 4096;
  std::vector<Pair> places_ = std::vector(kPlaces, Pair{kNoShape, kNoShape});
};

/// Of the record before: neighbours mostly are of one stream.
struct StreamNames {
  std::string host, service, source;

  bool are_of(const RecordView& record) const {
    return record.source == source && record.service == service && record.host == host;
  }
};

void put_column(std::string& out, const Column& values) {
  std::string bytes;
  encode_column(values, bytes);
  ByteWriter(out).text(bytes);
}

/// Parts of a first line that later lines may repeat; 0 = none.
struct Heads {
  std::size_t number = 0, component = 0, message = 0;  ///< ends of
};

}  // namespace

struct BlockEncoder::Impl {
  BlockHeader header;
  // Dictionaries.
  Dictionary shape_texts;  // shape text, then its traits
  std::vector<ShapeEntry> shapes;
  Dictionary words;
  Dictionary ids;
  Dictionary streams;
  Dictionary hidden_ids;
  // Per record.
  Column id_runs, shape_of, stream_of, times, text_lines, apart, more_lines;
  // Per continuation line.
  Column line_shapes;
  // Scratch.
  LineCoder coder;
  ShapePatterns patterns;  // of the shapes, by their numbers
  ExpectedShapes expected;
  CodedLine matched;
  Pins pins;
  TextPlanner texts;
  std::string stream_key;
  StreamNames last_names;
  std::uint32_t last_stream = 0;
  std::vector<std::pair<std::string, std::uint64_t>> stream_bytes;  // service, bytes of texts; by stream
  std::int64_t year_from = 1, year_until = 0;
  int year = 1970;

  void note_id(RecordId id) {
    const std::size_t n = id_runs.size();
    if (n > 0 && id_runs[n - 3] == id.offset && id_runs[n - 2] + id_runs[n - 1] == id.index) {
      ++id_runs[n - 1];
    } else {
      id_runs.insert(id_runs.end(), {id.offset, id.index, 1});
    }
  }

  void note_stream(const RecordView& record) {
    if (streams.size() == 0 || !last_names.are_of(record)) {
      last_names = {std::string(record.host), std::string(record.service), std::string(record.source)};
      stream_key.clear();
      ByteWriter writer(stream_key);
      for (const auto name : {record.host, record.service, record.source}) writer.text(name);
      const std::uint32_t known = streams.size();
      last_stream = streams.add(stream_key);
      if (last_stream == known) {
        note_name(header.hosts, record.host);
        note_name(header.services, record.service);
        stream_bytes.emplace_back(record.service, 0);
      }
    }
    stream_bytes[last_stream].second += record.raw.size();
    stream_of.push_back(last_stream);
  }

  void note_year(std::int64_t ns) {
    if (ns >= year_from && ns < year_until) return;
    year = year_of(ns);
    // A day is surely within one year when both ends are; asking again once a day is cheap.
    constexpr std::int64_t kDay = 86'400'000'000'000;
    year_from = ns - ns % kDay;
    year_until = year_from + kDay;
    if (ns < 0) year_until = year_from;
  }

  /// The number of the shape that the coder has just made.
  std::uint32_t find_shape(const ShapeTraits& traits) {
    std::string& key = coder.shape();
    const std::size_t size = key.size();
    ByteWriter writer(key);
    writer.fixed(traits.template_id);
    writer.fixed(traits.flags);
    writer.fixed(traits.apart);
    for (const std::uint8_t byte :
         {traits.severity, traits.text_mode,
          static_cast<std::uint8_t>((traits.traceback_apart ? 2 : 0) + (traits.continuation ? 1 : 0))})
      writer.fixed(byte);
    const std::uint32_t number = shape_texts.add(key);
    if (number == shapes.size()) {
      ShapeEntry& entry = shapes.emplace_back();
      entry.traits = traits;
      for (const SlotValue& value : coder.line().values) entry.kinds.push_back(value.kind);
      entry.slots.resize(entry.kinds.size());
      patterns.add(std::string_view(key).substr(0, size), !traits.continuation);
    }
    return number;
  }

  bool is_of_shape(std::uint32_t number, const ShapeTraits& traits, std::string_view line,
                   std::span<const Pin> line_pins) {
    if (number == kNoShape) return false;
    ShapeTraits known = shapes[number].traits;
    known.derived_template = false;
    return known == traits && patterns.match(number, shape_texts[number], line, line_pins, year, matched);
  }

  /// The values of a line go to the slots of its shape.
  void note_values(std::uint32_t number, const CodedLine& line, std::int64_t time_ns) {
    Column* column = shapes[number].slots.data();
    for (const SlotValue& value : line.values) {
      column->push_back(number_of(value, time_ns, *column));
      ++column;
    }
  }

  /// Of `texts`; most often it is the one of the line before.
  static std::uint64_t entry_of(Dictionary& texts, std::string_view text, const Column& before) {
    return !before.empty() && texts[before.back()] == text ? before.back() : texts.add(text);
  }

  std::uint64_t number_of(const SlotValue& value, std::int64_t time_ns, const Column& before) {
    switch (value.kind) {
      case SlotKind::number:
      case SlotKind::padded:
        return value.number;
      case SlotKind::word:
      case SlotKind::whole:
        return entry_of(words, value.text, before);
      case SlotKind::time:
        return zigzag(static_cast<std::int64_t>(
            value.number - static_cast<std::uint64_t>(floor_div(time_ns, value.unit_ns))));
      case SlotKind::dashed:
      case SlotKind::plain:
        return entry_of(ids, bytes_of(value.id), before);
    }
    return 0;
  }

  /// So that the block's filter knows them.
  void note_hidden_ids(std::string_view text) {
    each_dashed(text, [this](const IdBytes& id) { hidden_ids.add(bytes_of(id)); });
  }

  /// Sets the pins of the fields that are found, and the bits of those that are not.
  void set_pins(const RecordView& record, const TextPlan& plan, const Digits& digits, ShapeTraits& traits) {
    pins.clear();
    const std::string_view line = texts.lines()[0];
    std::size_t past_path = 0;  // the status follows the request
    for (std::size_t f = 0; f < kFields; ++f) {
      const auto field = static_cast<Field>(f);
      const std::string_view text = field_text(record, field, digits);
      if (text.empty() || (traits.apart >> f & 1)) continue;
      if (field == Field::message) {
        pin_message(plan, traits);
        continue;
      }
      const std::size_t at = place_of(field, text, line, past_path);
      if (at != line.npos && field == Field::http_path) past_path = at + text.size();
      // Amid a word it would be no id of the block, should it be one.
      const bool whole = at != line.npos && is_boundary(line, at) && is_boundary(line, at + text.size());
      if (at == line.npos || (!whole && trailing_id(text))) {
        traits.apart |= static_cast<std::uint16_t>(1u << f);
        continue;
      }
      pins.add(at, Mark::kBegin, field);
      pins.add(at + text.size(), Mark::kEnd, field);
    }
    if (plan.traceback_in_text && plan.message_lines == 0)
      pins.add(texts.inner_offset(0, plan), Mark::kInner);
  }

  void pin_message(const TextPlan& plan, ShapeTraits& traits) {
    if (!plan.message_in_text) {
      traits.apart |= static_cast<std::uint16_t>(1u << static_cast<unsigned>(Field::message));
      return;
    }
    pins.add(plan.message_at, Mark::kBegin, Field::message);
    if (plan.message_end != 0) pins.add(plan.message_end, Mark::kEnd, Field::message);
    if (plan.first_part == 0) return;
    pins.add(plan.message_at + plan.first_part, Mark::kEnd, Field::message);
    pins.add(plan.second_at, Mark::kBegin, Field::message);
  }

  static void note_text_mode(const RecordView& record, const TextPlan& plan, std::size_t lines,
                             ShapeTraits& traits) {
    traits.text_mode = 0;
    if (plan.traceback_in_text) traits.text_mode |= kTracebackLines;
    if (plan.message_in_text && plan.message_lines != lines) traits.text_mode |= kCountedLines;
    traits.traceback_apart = !record.traceback.empty() && !plan.traceback_in_text;
  }

  /// A record of one line that has one of the shapes that its kind had last: most are.
  bool add_as_expected(const RecordView& record) {
    if (!record.traceback.empty() || record.raw.find('\n') != record.raw.npos) return false;
    const FieldPlaces places(record);
    if (!places.in_line) return false;
    auto& candidates = expected.of(record);
    for (const std::uint32_t number : candidates) {
      if (number == kNoShape) continue;
      const ShapeTraits& known = shapes[number].traits;
      if (known.template_id != record.template_id || known.flags != record.flags ||
          known.severity != static_cast<std::uint8_t>(record.severity) || known.apart != 0 ||
          known.text_mode != 0 || known.traceback_apart ||
          !patterns.match(number, shape_texts[number], record.raw, places, year, matched))
        continue;
      ExpectedShapes::note(candidates, number);
      note_values(number, matched, record.time.ns);
      shape_of.push_back(number);
      ++shapes[number].rows;
      more_lines.push_back(0);
      return true;
    }
    return false;
  }

  void add_coded(const RecordView& record, const Digits& digits) {
    ShapeTraits traits{.template_id = record.template_id,
                       .flags = record.flags,
                       .severity = static_cast<std::uint8_t>(record.severity)};
    TextPlan plan = texts.plan(record);
    const auto& lines = texts.lines();
    set_pins(record, plan, digits, traits);
    note_text_mode(record, plan, lines.size(), traits);
    std::uint32_t number = kNoShape;
    auto& candidates = expected.of(record);
    for (const std::uint32_t candidate : candidates)
      if (number == kNoShape && is_of_shape(candidate, traits, lines[0], pins.all())) number = candidate;
    const CodedLine& line = number == kNoShape ? coder.line() : matched;
    if (number == kNoShape) {
      code_first_line(record, digits, plan, traits);
      number = find_shape(traits);
    }
    ExpectedShapes::note(candidates, number);
    if (line.hides_ids) {
      note_hidden_ids(lines[0]);
      note_ids_of_fields(record, digits);
    }
    const std::size_t head_end = line.head_end;
    note_first_line(record, traits, digits, number, line);
    if (traits.text_mode != 0) text_lines.push_back(plan.message_lines);
    more_lines.push_back(lines.size() - 1);
    if (lines.size() == 1) return;
    const Heads heads = find_heads(record, plan, traits, head_end);
    for (std::size_t i = 1; i < lines.size(); ++i) number = add_line(i, plan, heads, record.time.ns, number);
  }

  void code_first_line(const RecordView& record, const Digits& digits, TextPlan& plan, ShapeTraits& traits) {
    const auto& lines = texts.lines();
    while (!coder.code(lines[0], pins.all(), true, year)) {
      // Something begins amid a number or an id: it is kept apart.
      if (coder.failed_pin().mark == Mark::kInner) {
        plan.traceback_in_text = false;
      } else if (static_cast<Field>(coder.failed_pin().argument) == Field::message) {
        plan.message_in_text = false;
      } else {
        traits.apart |= static_cast<std::uint16_t>(1u << coder.failed_pin().argument);
      }
      set_pins(record, plan, digits, traits);
    }
    note_text_mode(record, plan, lines.size(), traits);
  }

  void note_ids_of_fields(const RecordView& record, const Digits& digits) {
    for (const Field field : kIdFields)
      if (const auto id = trailing_id(field_text(record, field, digits))) hidden_ids.add(*id);
  }

  Heads find_heads(const RecordView& record, const TextPlan& plan, const ShapeTraits& traits,
                   std::size_t head_end) const {
    Heads heads;
    heads.number = head_end;
    if (plan.message_in_text && plan.message_at >= kMinPreface) heads.message = plan.message_at;
    if (!record.component.empty() && !(traits.apart >> static_cast<unsigned>(Field::component) & 1))
      heads.component = texts.lines()[0].find(record.component) + record.component.size();
    return heads;
  }

  void add_whole(const RecordView& record, const Digits& digits) {
    ShapeTraits traits{.template_id = record.template_id,
                       .flags = record.flags,
                       .severity = static_cast<std::uint8_t>(record.severity)};
    for (std::size_t f = 0; f < kFields; ++f)
      if (!field_text(record, static_cast<Field>(f), digits).empty())
        traits.apart |= static_cast<std::uint16_t>(1u << f);
    std::string_view message;
    if (!record.message.empty() && record.raw.ends_with(record.message) &&
        is_boundary(record.raw, record.raw.size() - record.message.size())) {
      message = record.message;
      traits.apart &= static_cast<std::uint16_t>(~(1u << static_cast<unsigned>(Field::message)));
    }
    traits.traceback_apart = !record.traceback.empty();
    coder.code_whole(record.raw.substr(0, record.raw.size() - message.size()), message);
    note_hidden_ids(record.raw);
    note_first_line(record, traits, digits, find_shape(traits), coder.line());
    more_lines.push_back(0);
  }

  void note_first_line(const RecordView& record, const ShapeTraits& traits, const Digits& digits,
                       std::uint32_t number, const CodedLine& line) {
    note_values(number, line, record.time.ns);
    shape_of.push_back(number);
    ShapeTraits& known = shapes[number].traits;
    if (shapes[number].rows++ == 0)
      known.derived_template = codec::log_template_id(record.message) == record.template_id;
    note_apart(record, traits, digits);
  }

  void note_apart(const RecordView& record, const ShapeTraits& traits, const Digits& digits) {
    for (std::size_t f = 0; f < kFields; ++f) {
      if (!(traits.apart >> f & 1)) continue;
      const std::string_view text = field_text(record, static_cast<Field>(f), digits);
      apart.push_back(words.add(text));
      // So that a filter made of the block's ids knows it.
      if (const auto id = trailing_id(text)) ids.add(*id);
    }
    if (traits.traceback_apart) apart.push_back(words.add(record.traceback));
  }

  /// The shape of the line, which follows one of the shape `before`.
  std::uint32_t add_line(std::size_t i, const TextPlan& plan, const Heads& heads, std::int64_t time_ns,
                         std::uint32_t before) {
    const auto& lines = texts.lines();
    std::string_view line = lines[i];
    Pins marks;
    const std::size_t inner = texts.inner_offset(i, plan);
    std::size_t skip = 0;
    for (const auto& [mark, length] :
         {std::pair(Mark::kPreface, heads.message), std::pair(Mark::kLogger, heads.component),
          std::pair(Mark::kHead, heads.number)}) {
      if (length == 0 || (inner != 0 && length > inner) || !line.starts_with(lines[0].substr(0, length)) ||
          !is_boundary(line, length))
        continue;
      marks.add(0, mark);
      skip = length;
      break;
    }
    // What is repeated may end amid an id.
    bool hides_ids = skip > 0 && (line[skip - 1] == '-' || line.substr(skip).starts_with('-'));
    line.remove_prefix(skip);
    if (inner > 0) marks.add(inner - skip, Mark::kInner);
    const ShapeTraits traits{.continuation = true};
    std::uint32_t number = shapes[before].next_line;
    if (is_of_shape(number, traits, line, marks.all())) {
      note_values(number, matched, time_ns);
    } else {
      if (!coder.code(line, marks.all(), false, year)) coder.code_constant(line, marks.all());
      hides_ids = hides_ids || coder.line().hides_ids;
      number = find_shape(traits);
      note_values(number, coder.line(), time_ns);
      shapes[before].next_line = number;
    }
    if (hides_ids) note_hidden_ids(lines[i]);
    line_shapes.push_back(number);
    return number;
  }

  void add(const RecordView& record) {
    note_id(record.id);
    note_stream(record);
    note_year(record.time.ns);
    times.push_back(static_cast<std::uint64_t>(record.time.ns));
    if (record.raw.size() > kMaxCodedBytes)
      add_whole(record, Digits(record));
    else if (!add_as_expected(record))
      add_coded(record, Digits(record));
    if (header.records == 0) header.first_id = record.id;
    header.last_id = record.id;
    ++header.records;
    header.first_time = std::min(header.first_time, record.time);
    header.last_time = std::max(header.last_time, record.time);
    header.worst = std::max(header.worst, record.severity);
    header.raw_bytes += record.raw.size();
  }

  void put_times(std::string& out) {
    // Most logs tell milliseconds: nanoseconds would be six digits of nothing.
    std::uint64_t unit = 1;
    for (const std::uint64_t candidate : {1'000'000'000ull, 1'000'000ull, 1'000ull}) {
      if (!std::ranges::all_of(times, [&](std::uint64_t ns) { return ns % candidate == 0; })) continue;
      unit = candidate;
      break;
    }
    ByteWriter(out).varint(unit);
    for (std::uint64_t& ns : times)
      ns = static_cast<std::uint64_t>(static_cast<std::int64_t>(ns) / static_cast<std::int64_t>(unit));
    put_column(out, times);
  }

  template <typename Get>
  void put_traits(std::string& out, Get&& get) {
    Column values;
    for (const ShapeEntry& shape : shapes) values.push_back(get(shape.traits));
    put_column(out, values);
  }

  std::string shapes_section() {
    std::string out;
    put_texts(out, shape_texts, kTraitBytes);
    put_traits(out, [](const ShapeTraits& t) {
      return static_cast<std::uint64_t>((t.continuation ? 1 : 0) | (t.derived_template ? 2 : 0) |
                                        (t.traceback_apart ? 4 : 0));
    });
    put_traits(out, [](const ShapeTraits& t) { return t.severity; });
    put_traits(out, [](const ShapeTraits& t) { return t.flags; });
    put_traits(out, [](const ShapeTraits& t) { return t.text_mode; });
    put_traits(out, [](const ShapeTraits& t) { return t.apart; });
    Column told;
    for (const ShapeEntry& shape : shapes)
      if (!shape.traits.continuation && !shape.traits.derived_template)
        told.push_back(shape.traits.template_id);
    put_column(out, told);
    return out;
  }

  EncodedBlock finish() {
    EncodedBlock block;
    header.service_bytes.resize(header.services.size());
    const bool listed = header.services != std::vector<std::string>{"*"};
    for (const auto& [service, bytes] : stream_bytes)
      header.service_bytes[listed ? static_cast<std::size_t>(std::ranges::find(header.services, service) -
                                                             header.services.begin())
                                  : 0] += bytes;
    block.header = std::move(header);
    block.hidden_ids = hidden_ids.bytes();
    const auto section = [&](Section s) -> std::string& {
      return block.sections[static_cast<std::size_t>(s)];
    };
    for (const ShapeEntry& shape : shapes)
      for (std::size_t i = 0; i < shape.kinds.size(); ++i)
        encode_column(shape.slots[i], section(section_of(shape.kinds[i])));
    section(Section::shapes) = shapes_section();
    put_texts(section(Section::words), words, 0);
    section(Section::ids) = ids.bytes();
    std::string& rows = section(Section::rows);
    put_texts(rows, streams, 0);
    ByteWriter(rows).varint(id_runs.size() / 3);
    put_column(rows, id_runs);
    for (const Column* column : {&shape_of, &stream_of}) put_column(rows, *column);
    put_times(rows);
    std::string& more = section(Section::lines);
    put_column(more, more_lines);
    for (const Column* column : {&line_shapes, &text_lines, &apart}) {
      ByteWriter(more).varint(column->size());
      put_column(more, *column);
    }
    return block;
  }

  /// All texts but for the last `cut` bytes of each.
  static void put_texts(std::string& out, const Dictionary& texts, std::size_t cut) {
    Column lengths;
    std::string bytes;
    for (std::uint32_t i = 0; i < texts.size(); ++i) {
      const std::string_view text = texts[i].substr(0, texts[i].size() - cut);
      lengths.push_back(text.size());
      bytes += text;
    }
    ByteWriter(out).varint(lengths.size());
    put_column(out, lengths);
    ByteWriter(out).text(bytes);
  }
};

BlockEncoder::BlockEncoder() : impl_(std::make_unique<Impl>()) {}
BlockEncoder::~BlockEncoder() = default;
void BlockEncoder::add(const RecordView& record) {
  impl_->add(record);
}
EncodedBlock BlockEncoder::finish() {
  return impl_->finish();
}

}  // namespace sentinella::logs
