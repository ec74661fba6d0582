#include "codec/influx_line_text.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/text.h"
#include "codec/decimal_text.h"
#include "codec/metric_name.h"

namespace sentinella::codec {
namespace {

bool is_escapable(char c) {
  return c == ',' || c == '=' || c == ' ';
}

/// Where the first unescaped `stop` is; npos without one.
std::size_t find_unescaped(std::string_view text, char stop) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == stop) return i;
    if (text[i] == '\\' && i + 1 < text.size() && is_escapable(text[i + 1])) ++i;
  }
  return std::string_view::npos;
}

bool fits_integer(std::string_view text, char suffix) {
  if (suffix == 'i') {
    std::int64_t number = 0;
    return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
  }
  std::uint64_t number = 0;
  return !text.starts_with('-') &&
         std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
}

std::optional<bool> boolean_of(std::string_view text) {
  for (const std::string_view word : {"t", "T", "true", "True", "TRUE"})
    if (text == word) return true;
  for (const std::string_view word : {"f", "F", "false", "False", "FALSE"})
    if (text == word) return false;
  return std::nullopt;
}

}  // namespace

std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 40;
  std::string out = to_valid_utf8(text.substr(0, kMost));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return text.size() > kMost ? out + "..." : out;
}

const char* find_end_of_head(const char* from, const char* end) {
  for (const char* at = from; at != end; ++at) {
    if (*at == ' ') return at;
    if (*at == '\n') return nullptr;
    if (*at == '\\' && at + 1 != end && is_escapable(at[1])) ++at;
  }
  return nullptr;
}

const char* skip_quoted(const char* from, const char* end) {
  for (const char* at = from + 1; at != end; ++at) {
    if (*at == '"') return at + 1;
    if (*at == '\\' && at + 1 != end && (at[1] == '"' || at[1] == '\\')) ++at;
  }
  return nullptr;
}

FieldKind scan_field_value(const char*& at, const char* end, double& value) {
  if (at == end) return FieldKind::bad;
  if (*at == '"') {
    const char* const behind = skip_quoted(at, end);
    if (behind == nullptr) return FieldKind::bad;
    at = behind;
    return FieldKind::text;
  }
  DecimalNumber number;
  if (const char* behind = scan_decimal(at, end, number)) {
    if (behind != end && (*behind == 'i' || *behind == 'u')) {
      const bool whole = number.whole_digits != 0;
      const bool safe = number.whole_digits <= 18 && !(*behind == 'u' && *at == '-');
      if (!whole || (!safe && !fits_integer({at, behind}, *behind))) return FieldKind::bad;
      ++behind;
    }
    at = behind;
    value = number.value;
    return FieldKind::sample;
  }
  constexpr std::string_view kEnds = ", \r\n";
  const std::string_view rest(at, static_cast<std::size_t>(std::min<std::ptrdiff_t>(end - at, 6)));
  const auto word = rest.substr(0, rest.find_first_of(kEnds));
  const auto boolean = boolean_of(word);
  if (!boolean) return FieldKind::bad;
  at += word.size();
  value = *boolean ? 1 : 0;
  return FieldKind::sample;
}

std::string unescape_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && is_escapable(text[i + 1])) ++i;
    out += text[i];
  }
  return out;
}

Result<void> LineHead::add_tag(std::string_view raw) {
  const auto equals = find_unescaped(raw, '=');
  if (equals == std::string_view::npos) return fail(Errc::kInvalid, "tag \"{}\" has no value", shown(raw));
  const auto name = raw.substr(0, equals);
  const auto value = raw.substr(equals + 1);
  if (name.empty()) return fail(Errc::kInvalid, "a tag has no name");
  if (value.empty()) return fail(Errc::kInvalid, "tag \"{}\" has no value", shown(name));
  if (find_unescaped(value, '=') != std::string_view::npos)
    return fail(Errc::kInvalid, "tag \"{}\" has an '=' in its value that is not escaped", shown(name));
  if (name.size() > kMaxSeriesNameBytes)
    return fail(Errc::kInvalid, "a tag's name is over {} bytes", kMaxSeriesNameBytes);
  Tag tag;
  append_label_name(unescape_line(name), tag.label);
  if (tag.label == kMetricName)
    return fail(Errc::kInvalid, "tag \"{}\" is the name of the metric's own label", shown(name));
  tag.value = unescape_line(value);
  tags_.push_back(std::move(tag));
  return {};
}

Result<void> LineHead::parse(std::string_view raw) {
  tags_.clear();
  before_.clear();
  after_.clear();
  if (raw.size() > kMaxSeriesLabelBytes)
    return fail(Errc::kInvalid, "measurement and tags are over {} bytes", kMaxSeriesLabelBytes);
  if (!is_valid_utf8(raw)) return fail(Errc::kInvalid, "measurement or tags are not UTF-8");
  auto comma = find_unescaped(raw, ',');
  measurement_ = unescape_line(raw.substr(0, comma));
  if (measurement_.empty()) return fail(Errc::kInvalid, "the measurement has no name");
  while (comma != std::string_view::npos) {
    raw.remove_prefix(comma + 1);
    comma = find_unescaped(raw, ',');
    SENT_TRY(add_tag(raw.substr(0, comma)));
    if (tags_.size() > kMaxSeriesLabels) return fail(Errc::kInvalid, "has over {} tags", kMaxSeriesLabels);
  }
  std::ranges::sort(tags_, {}, &Tag::label);
  const auto twice = std::ranges::adjacent_find(tags_, {}, &Tag::label);
  if (twice != tags_.end()) return fail(Errc::kInvalid, "two tags are the label \"{}\"", twice->label);
  for (const Tag& tag : tags_) {
    ByteWriter writer(tag.label < kMetricName ? before_ : after_);
    writer.text(tag.label), writer.text(tag.value);
  }
  return {};
}

Result<std::string_view> LineHead::canonical(std::string_view field) {
  if (!is_valid_utf8(field)) return fail(Errc::kInvalid, "field \"{}\" is not UTF-8", shown(field));
  metric_.clear();
  append_metric_name(measurement_, metric_);
  metric_ += '_';
  append_metric_name(field.contains('\\') ? unescape_line(field) : field, metric_);
  if (metric_.size() > kMaxSeriesNameBytes)
    return fail(Errc::kInvalid, "measurement and field make a name over {} bytes", kMaxSeriesNameBytes);
  canonical_ = before_;
  ByteWriter writer(canonical_);
  writer.text(kMetricName), writer.text(metric_);
  canonical_ += after_;
  return canonical_;
}

}  // namespace sentinella::codec
