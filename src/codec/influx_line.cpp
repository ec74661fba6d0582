#include "codec/influx_line.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "codec/decimal_text.h"
#include "codec/influx_line_text.h"
#include "codec/metric_name.h"

namespace sentinella::codec {
namespace {

constexpr std::size_t kLikelyBytesPerSample = 12;

/// Field names are short: two words that may overlap, instead of a call.
inline bool same_bytes(const char* a, const char* b, std::size_t size) {
  const auto word = [](const char* at) {
    std::uint64_t value;
    std::memcpy(&value, at, sizeof value);
    return value;
  };
  if (size >= 8 && size <= 16) return ((word(a) ^ word(b)) | (word(a + size - 8) ^ word(b + size - 8))) == 0;
  return std::memcmp(a, b, size) == 0;
}

/// As find_end_of_head(), sixteen bytes at a time as far as there are no escapes.
inline const char* end_of_head(const char* from, const char* end) {
#ifdef __SSE2__
  for (const char* at = from; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i space = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(' '));
    const __m128i other =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(space, other)));
    if (found == 0) continue;
    at += std::countr_zero(found);
    if (*at == ' ') return at;
    break;
  }
#endif
  return find_end_of_head(from, end);
}

/// A number, with its suffix where it is a small integer; nullptr: read it with care.
inline const char* scan_sample(const char* at, const char* end, double& value) {
  DecimalNumber number;
  const char* behind = scan_decimal(at, end, number);
  if (behind == nullptr) return nullptr;
  value = number.value;
  if (behind == end) return behind;
  if (*behind != 'i' && *behind != 'u') return behind;
  const bool small = number.whole_digits - 1 < 18 && (*behind == 'i' || *at != '-');
  return small ? behind + 1 : nullptr;
}

class LineDecoder {
 public:
  LineDecoder(std::string_view text, const LineOptions& options, LineSeriesCache& cache,
              const ResolveSeries& resolve, const AreDefined& defined, SampleBlock& out)
      : begin_(text.data()),
        end_(text.data() + text.size()),
        options_(options),
        seed_(series_key_seed(options.account)),
        cache_(cache),
        resolve_(resolve),
        defined_(defined),
        out_(out) {}

  LineReport run() {
    const auto likely_samples = static_cast<std::size_t>(end_ - begin_) / kLikelyBytesPerSample;
    out_.ids.reserve(out_.ids.size() + likely_samples);
    out_.times.reserve(out_.times.size() + likely_samples);
    out_.values.reserve(out_.values.size() + likely_samples);
    for (const char* at = begin_; at != end_;) {
      if (*at == '\n' || *at == ' ' || *at == '\r' || *at == '\t')
        ++at;
      else if (*at == '#')
        at = line_end(at);
      else if (const char* next = report_.samples < options_.max_samples ? known_line(at) : nullptr)
        at = next;
      else
        at = any_line(at);
    }
    return std::move(report_);
  }

 private:
  struct Field {
    std::string_view name;
    FieldKind kind = FieldKind::bad;
    double value = 0;
  };

  const char* line_end(const char* from) const {
    const void* found = std::memchr(from, '\n', static_cast<std::size_t>(end_ - from));
    return found == nullptr ? end_ : static_cast<const char*>(found);
  }

  /// Reads an optional timestamp and the rest of the line, which must be blank; nullptr when it is not.
  const char* scan_time(const char* at, Time& time) const {
    time = options_.received;
    while (at != end_ && *at == ' ') ++at;
    if (at != end_ && (*at == '-' || (*at >= '0' && *at <= '9'))) {
      std::int64_t units = 0;
      at = scan_integer(at, end_, units);
      if (at == nullptr || __builtin_mul_overflow(units, options_.unit_ns, &time.ns)) return nullptr;
      while (at != end_ && *at == ' ') ++at;
    }
    if (at != end_ && *at == '\r') ++at;
    return at == end_ || *at == '\n' ? at : nullptr;
  }

  void emit(const SeriesId* ids, const double* values, std::size_t count, Time time) {
    out_.ids.insert(out_.ids.end(), ids, ids + count);
    out_.values.insert(out_.values.end(), values, values + count);
    if (time != stamp_) stamped_.clear();
    stamp_ = time;
    if (stamped_.size() < count) stamped_.resize(count, time);
    out_.times.insert(out_.times.end(), stamped_.data(), stamped_.data() + count);
    report_.samples += count;
    ++report_.lines;
  }

  /// A line like one before. Returns its end; nullptr when it is not, and nothing has been done.
  const char* known_line(const char* at) {
    const char* const head_end = end_of_head(at, end_);
    if (head_end == nullptr) return nullptr;
    LineSeriesCache::Entry* const entry = cache_.find(series_key({at, head_end}, seed_));
    if (entry == nullptr || !(entry->lasting || defined_(cache_.ids(*entry)))) return nullptr;
    entry->lasting = 1;
    const LineSeriesCache::Shape& shape = cache_.shape(*entry);
    std::array<double, LineSeriesCache::kMaxShapeFields> values;
    std::size_t count = 0;
    at = head_end;
    while (at != end_ && *at == ' ') ++at;
    bool between = false;
    for (const auto& field : shape.fields) {
      if (between) {
        if (at == end_ || *at != ',') return nullptr;
        ++at;
      }
      between = true;
      if (end_ - at <= static_cast<std::ptrdiff_t>(field.size) ||
          !same_bytes(at, shape.text.data() + field.offset, field.size))
        return nullptr;
      at += field.size;
      const char* const behind = field.sample ? scan_sample(at, end_, values[count]) : nullptr;
      const FieldKind expects = field.sample ? FieldKind::sample : FieldKind::text;
      if (behind != nullptr)
        at = behind;
      else if (scan_field_value(at, end_, values[count]) != expects)
        return nullptr;
      count += field.sample;
    }
    Time time;
    if (at != end_ && *at != ' ' && *at != '\n' && *at != '\r') return nullptr;
    at = scan_time(at, time);
    if (at == nullptr) return nullptr;
    report_.texts += shape.fields.size() - count;
    emit(cache_.ids(*entry).data(), values.data(), count, time);
    return at;
  }

  /// Any line. Returns its end.
  const char* any_line(const char* at) {
    const char* next = at;
    if (const auto done = read_line(at, next); !done) {
      refuse(at, done.error().message);
      return line_end(at);
    }
    return next;
  }

  Result<void> read_line(const char* at, const char*& next) {
    if (report_.samples >= options_.max_samples)
      return fail(Errc::kTooLarge, "the request has {} samples already: send fewer at a time",
                  report_.samples);
    const char* const head_end = find_end_of_head(at, end_);
    if (head_end == nullptr) return fail(Errc::kInvalid, "the line has no fields");
    const std::string_view raw_head(at, head_end);
    SENT_TRY(head_.parse(raw_head));
    at = head_end;
    while (at != end_ && *at == ' ') ++at;
    SENT_TRY(read_fields(at));
    Time time;
    next = scan_time(at, time);
    if (next == nullptr)
      return fail(Errc::kInvalid, "\"{}\" is no timestamp, or one beyond the years 1677 to 2262",
                  shown(trimmed({at, line_end(at)})));
    return keep(series_key(raw_head, seed_), time);
  }

  /// field=value, and more after commas.
  Result<void> read_fields(const char*& at) {
    fields_.clear();
    for (;;) {
      Field field;
      SENT_TRY_ASSIGN(field.name, read_field_name(at));
      field.kind = scan_field_value(at, end_, field.value);
      const bool ended = at == end_ || *at == ',' || *at == ' ' || *at == '\n' || *at == '\r';
      if (field.kind == FieldKind::bad || !ended) return bad_value(field, at);
      fields_.push_back(field);
      if (at == end_ || *at != ',') return {};
      ++at;
    }
  }

  Result<std::string_view> read_field_name(const char*& at) const {
    const char* const from = at;
    while (at != end_ && *at != '=' && *at != '\n') {
      if (*at == ',' || *at == ' ') break;
      at += *at == '\\' && at + 1 != end_ && (at[1] == ',' || at[1] == '=' || at[1] == ' ') ? 2 : 1;
    }
    const std::string_view name = trimmed({from, at});
    if (name.empty()) return fail(Errc::kInvalid, "a field has no name");
    if (at == end_ || *at != '=') return fail(Errc::kInvalid, "field \"{}\" has no value", shown(name));
    ++at;
    return std::string_view(from, at - 1);
  }

  Result<void> bad_value(const Field& field, const char* at) const {
    // Of a value that began well, `at` is behind its good beginning.
    const char* from = field.name.data() + field.name.size() + 1;
    if (from != end_ && *from == '"' && field.kind == FieldKind::bad)
      return fail(Errc::kInvalid, "field \"{}\" is a text without a closing quote", shown(field.name));
    const std::string_view rest(from, line_end(at));
    const std::string_view value = rest.substr(0, rest.find_first_of(", \r\n"));
    if (value.empty()) return fail(Errc::kInvalid, "field \"{}\" has no value", shown(field.name));
    return fail(Errc::kInvalid, "field \"{}\" is {}, which is no number within range, boolean or quoted text",
                shown(field.name), shown(value));
  }

  /// The line is good: its series, and its samples.
  Result<void> keep(const SeriesKey& key, Time time) {
    shape_ = {};
    ids_.clear();
    values_.clear();
    bool lasting = true;
    for (const Field& field : fields_) {
      const bool sample = field.kind == FieldKind::sample;
      shape_.fields.push_back({static_cast<std::uint32_t>(shape_.text.size()),
                               static_cast<std::uint32_t>(field.name.size() + 1), sample});
      shape_.text.append(field.name.data(), field.name.size() + 1);
      if (!sample) continue;
      SENT_TRY_ASSIGN(const std::string_view labels, head_.canonical(field.name));
      SENT_TRY_ASSIGN(const ResolvedSeries series, resolve_(labels, kind_by_name(head_.metric())));
      lasting = lasting && series.lasting;
      ids_.push_back(series.id);
      values_.push_back(field.value);
    }
    shape_.samples = static_cast<std::uint32_t>(ids_.size());
    cache_.remember(key, shape_, ids_, lasting);
    report_.texts += fields_.size() - ids_.size();
    emit(ids_.data(), values_.data(), ids_.size(), time);
    return {};
  }

  void refuse(const char* at, const std::string& reason) {
    ++report_.bad;
    if (report_.reasons.size() >= options_.max_reasons) return;
    line_number_ += static_cast<std::size_t>(std::count(counted_to_, at, '\n'));
    counted_to_ = at;
    report_.reasons.push_back({line_number_, reason});
  }

  static std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    return text;
  }

  const char* const begin_;
  const char* const end_;
  const LineOptions& options_;
  const std::uint64_t seed_;
  LineSeriesCache& cache_;
  const ResolveSeries& resolve_;
  const AreDefined& defined_;
  SampleBlock& out_;
  LineReport report_;

  std::vector<Time> stamped_;  ///< all stamp_: lines of one instant follow each other
  Time stamp_;

  // Of the line being read with care; here so that they keep their memory.
  LineHead head_;
  std::vector<Field> fields_;
  LineSeriesCache::Shape shape_;
  std::vector<SeriesId> ids_;
  std::vector<double> values_;

  const char* counted_to_ = begin_;  ///< line ends before this are in line_number_
  std::size_t line_number_ = 1;
};

}  // namespace

LineReport decode_lines(std::string_view text, const LineOptions& options, LineSeriesCache& cache,
                        const ResolveSeries& resolve, const AreDefined& defined, SampleBlock& out) {
  return LineDecoder(text, options, cache, resolve, defined, out).run();
}

}  // namespace sentinella::codec
