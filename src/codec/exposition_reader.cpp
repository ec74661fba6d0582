#include "codec/exposition_reader.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/hash.h"

namespace sentinella::codec {

void Exposition::clear() {
  values.clear();
  fresh.clear();
  refused = 0;
  faults.clear();
}

/// One walk through a body.
struct ExpositionReader::Pass {
  ExpositionReader& reader;
  const ExpositionFormat format;
  Exposition& out;
  std::size_t line = 0;      ///< being read, from 1
  std::size_t expected = 0;  ///< in lines_: what the next line should be
  bool ended = false;        ///< "# EOF" was read
  bool beyond_end = false;   ///< something followed it

  void run(std::string_view body) {
    const char* p = body.data();
    const char* const end = p + body.size();
    while (p < end) {
      ++line;
      const char* next = take_expected(p, end);
      p = next != nullptr ? next : take_any(p, end);
    }
  }

 private:
  /// The line at `p` when its series or comment is the one that stood here last time: the next line's start.
  const char* take_expected(const char* p, const char* end) {
    if (ended || expected >= reader.lines_.size()) return nullptr;
    const Line& known = reader.lines_[expected];
    if (static_cast<std::size_t>(end - p) <= known.length ||
        std::memcmp(p, reader.texts_.data() + known.offset, known.length) != 0)
      return nullptr;
    p += known.length;
    if (known.series == kComment) {
      if (*p != '\n') return nullptr;
      reader.next_lines_.push_back(known);
      ++expected;
      return p + 1;
    }
    const auto tail = parse_tail(p, end, format);
    if (!tail) return nullptr;
    ++expected;
    add(known.series, *tail);
    return tail->end + 1;
  }

  const char* take_any(const char* p, const char* end) {
    const auto* newline = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
    const std::string_view whole(p, static_cast<std::size_t>(newline + 1 - p));
    const auto taken = take_line(whole);
    if (!taken) refuse(taken.error());
    return newline + 1;
  }

  std::expected<void, LineFault> take_line(std::string_view whole) {
    if (ended) {
      beyond_end = true;
      return std::unexpected<LineFault>("something follows # EOF");
    }
    while (format == ExpositionFormat::text && (whole[0] == ' ' || whole[0] == '\t')) whole.remove_prefix(1);
    if (whole == "\n") {
      if (format == ExpositionFormat::text) return {};
      return std::unexpected<LineFault>("OpenMetrics has no empty lines");
    }
    if (whole[0] == '#') return take_comment_line(whole);
    const auto length = scan_series(whole);
    if (!length) return std::unexpected(length.error());
    const auto tail = parse_tail(whole.data() + *length, whole.data() + whole.size(), format);
    if (!tail) return std::unexpected(tail.error());
    const auto series = number_of(whole.substr(0, *length));
    if (!series) return std::unexpected(series.error());
    const Series& known = reader.series_[*series];
    if (known.read != 0 && known.read + 1 >= reader.reads_ && known.place < reader.lines_.size() &&
        reader.lines_[known.place].series == *series)
      expected = known.place + 1;
    add(*series, *tail);
    return {};
  }

  std::expected<void, LineFault> take_comment_line(std::string_view whole) {
    const auto comment = parse_comment(whole, format);
    if (!comment) return std::unexpected(comment.error());
    if (comment->kind == CommentLine::Kind::eof) {
      ended = true;
      return {};
    }
    reader.take_comment(*comment);
    const std::string_view text = whole.substr(0, whole.size() - 1);
    reader.next_lines_.push_back({reader.keep_text(text), static_cast<std::uint32_t>(text.size()), kComment});
    return {};
  }

  std::expected<std::uint32_t, LineFault> number_of(std::string_view text) {
    if (reader.table_.size() < 2 * (reader.series_.size() + 1))
      reader.grow_table(std::max<std::size_t>(64, reader.table_.size() * 2));
    const std::uint64_t hash = hash64(text);
    std::uint32_t* const slot = reader.find_slot(text, hash);
    if (*slot != 0) return *slot - 1;
    auto labels = parse_series(text);
    if (!labels) return std::unexpected(labels.error());
    const auto number = static_cast<std::uint32_t>(reader.series_.size());
    reader.series_.push_back(
        {.hash = hash, .offset = reader.keep_text(text), .length = static_cast<std::uint32_t>(text.size())});
    *slot = number + 1;
    out.fresh.push_back({number, std::move(*labels)});
    return number;
  }

  void add(std::uint32_t number, const SampleTail& tail) {
    Series& series = reader.series_[number];
    const bool again = series.read == reader.reads_;
    if (again && !tail.timed) return refuse("this series is there twice; the first line counts");
    series.read = reader.reads_;
    series.place = static_cast<std::uint32_t>(reader.next_lines_.size());
    if (!again) ++reader.live_;
    reader.next_lines_.push_back({series.offset, series.length, number});
    out.values.push_back({tail.value, tail.at_ns, number, tail.timed});
  }

  void refuse(LineFault reason) {
    if (out.refused++ < Exposition::kMaxFaults) out.faults.push_back({line, reason});
  }
};

Result<void> ExpositionReader::read(std::string_view body, ExpositionFormat format, Exposition& out) {
  out.clear();
  if (body.size() > kMaxBody || texts_.size() > kMaxBody)
    return fail(Errc::kTooLarge, "an exposition of {} bytes is over {}", body.size(), kMaxBody);
  const std::size_t known = series_.size();
  types_changed_ = false;
  ++reads_;
  live_ = 0;
  next_lines_.clear();
  Pass pass{.reader = *this, .format = format, .out = out};
  const std::size_t whole = body.rfind('\n') + 1;  // npos + 1 = 0
  pass.run(body.substr(0, whole));
  if (whole < body.size()) pass.run(std::string(body.substr(whole)) + '\n');
  std::swap(lines_, next_lines_);
  live_text_ = 0;
  for (const Line& line : lines_) live_text_ += line.length;
  assign_kinds(types_changed_ ? 0 : known);
  if (format == ExpositionFormat::text || (pass.ended && !pass.beyond_end)) return {};
  out.values.clear();
  return fail(Errc::kCorrupt, "the exposition does not end with \"# EOF\"; it may have been cut short");
}

std::uint32_t ExpositionReader::keep_text(std::string_view text) {
  const auto offset = static_cast<std::uint32_t>(texts_.size());
  texts_ += text;
  return offset;
}

std::uint32_t* ExpositionReader::find_slot(std::string_view wanted, std::uint64_t hash) {
  const std::size_t mask = table_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    if (table_[at] == 0) return &table_[at];
    const Series& series = series_[table_[at] - 1];
    if (series.hash == hash && text(series.offset, series.length) == wanted) return &table_[at];
  }
}

void ExpositionReader::grow_table(std::size_t slots) {
  table_.assign(slots, 0);
  const std::size_t mask = slots - 1;
  for (std::size_t number = 0; number < series_.size(); ++number) {
    std::size_t at = series_[number].hash & mask;
    while (table_[at] != 0) at = (at + 1) & mask;
    table_[at] = static_cast<std::uint32_t>(number + 1);
  }
}

void ExpositionReader::take_comment(const CommentLine& comment) {
  using enum CommentLine::Kind;
  if (comment.kind == other) return;
  MetricFamily& family = families_[std::string(comment.name)];
  std::string& text = comment.kind == type ? family.type : comment.kind == help ? family.help : family.unit;
  if (text == comment.text) return;
  text = comment.text;
  if (comment.kind == type) types_changed_ = true;
}

void ExpositionReader::assign_kinds(std::size_t first) {
  for (std::size_t number = first; number < series_.size(); ++number)
    series_[number].kind = kind_of(text(series_[number].offset, series_[number].length));
}

SeriesKind ExpositionReader::kind_of(std::string_view series) const {
  const std::string_view name = series.substr(0, series.find_first_of("{ \t"));
  const auto type_of = [&](std::string_view family) {
    const auto found = families_.find(std::string(family));
    return found == families_.end() ? std::string_view{} : std::string_view(found->second.type);
  };
  if (type_of(name) == "counter") return SeriesKind::counter;
  // A suffix of the format belongs to the family that is named without it.
  for (const std::string_view suffix : {"_bucket", "_sum", "_count", "_total"}) {
    if (!name.ends_with(suffix)) continue;
    const std::string_view type = type_of(name.substr(0, name.size() - suffix.size()));
    if (suffix == "_total") return type == "counter" ? SeriesKind::counter : SeriesKind::gauge;
    if (type == "histogram") return SeriesKind::histogram;
    if (type == "summary" && suffix != "_bucket") return SeriesKind::counter;
  }
  return SeriesKind::gauge;
}

bool ExpositionReader::wasteful() const {
  constexpr std::size_t kSome = 1000;
  return series_.size() > 2 * live_ + kSome || texts_.size() > 2 * live_text_ + kSome * 100;
}

std::vector<std::uint32_t> ExpositionReader::compact() {
  std::vector<std::uint32_t> moved(series_.size(), kGone);
  std::string texts;
  std::size_t kept = 0;
  for (std::size_t number = 0; number < series_.size(); ++number) {
    Series series = series_[number];
    if (series.read != reads_) continue;
    moved[number] = static_cast<std::uint32_t>(kept);
    const std::string_view old = text(series.offset, series.length);
    series.offset = static_cast<std::uint32_t>(texts.size());
    texts += old;
    series_[kept++] = series;
  }
  series_.resize(kept);
  series_.shrink_to_fit();
  texts_ = std::move(texts);
  texts_.shrink_to_fit();
  lines_.clear();  // the next body is looked up line by line, and its comments are read anew
  families_.clear();
  std::size_t slots = 64;
  while (slots < 2 * (kept + 1)) slots *= 2;
  grow_table(slots);
  live_text_ = texts_.size();
  return moved;
}

}  // namespace sentinella::codec
