#include "codec/exposition_line.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "codec/exposition_number.h"

namespace sentinella::codec {
namespace {

using Fault = std::unexpected<LineFault>;

constexpr double kMaxSeconds = 9e9;  ///< what nanoseconds in 64 bits hold, about the year 2255
constexpr std::int64_t kMaxMilliseconds = 9'000'000'000'000;

enum Class : std::uint8_t { kNameStart = 1, kDigit = 2, kColon = 4 };

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned char c = 'a'; c <= 'z'; ++c) classes[c] = kNameStart;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) classes[c] = kNameStart;
  for (unsigned char c = '0'; c <= '9'; ++c) classes[c] = kDigit;
  classes['_'] = kNameStart;
  classes[':'] = kColon;
  return classes;
}
constexpr auto kClasses = make_classes();

bool is(char c, int classes) {
  return (kClasses[static_cast<unsigned char>(c)] & classes) != 0;
}
bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// Reads a line that ends with '\n', which no token contains: it stops every loop.
class Cursor {
 public:
  explicit Cursor(std::string_view line) : begin_(line.data()), at_(line.data()) {}

  char peek() const { return *at_; }
  const char* at() const { return at_; }
  std::size_t used() const { return static_cast<std::size_t>(at_ - begin_); }
  void skip_blanks() {
    while (is_blank(*at_)) ++at_;
  }
  bool take(char c) {
    if (*at_ != c) return false;
    ++at_;
    return true;
  }
  std::string_view name(int start, int rest) {
    const char* const first = at_;
    if (is(*at_, start)) do
        ++at_;
      while (is(*at_, rest));
    return {first, static_cast<std::size_t>(at_ - first)};
  }
  /// What stands between quotes, the first of which is taken; nullopt: they are not closed on this line.
  std::optional<std::string_view> quoted() {
    const char* const first = at_;
    for (; *at_ != '"'; ++at_) {
      if (*at_ == '\\') ++at_;
      if (*at_ == '\n') return std::nullopt;
    }
    return std::string_view(first, static_cast<std::size_t>(at_++ - first));
  }

 private:
  const char* begin_;
  const char* at_;
};

std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      const char next = text[i + 1];
      if (next == 'n' || next == '"' || next == '\\') {
        out += next == 'n' ? '\n' : next;
        ++i;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

/// The labels between braces, the first of which is taken; `each` is given name and raw value.
template <typename Each>
std::expected<void, LineFault> walk_labels(Cursor& cursor, Each each) {
  for (std::size_t count = 0;; ++count) {
    cursor.skip_blanks();
    if (cursor.take('}')) return {};
    if (count == kMaxExpositionLabels) return Fault("a series has more than 256 labels");
    const std::string_view name = cursor.name(kNameStart, kNameStart | kDigit);
    if (name.empty()) return Fault("a label name or '}' is expected");
    cursor.skip_blanks();
    if (!cursor.take('=')) return Fault("a label name is not followed by '='");
    cursor.skip_blanks();
    if (!cursor.take('"')) return Fault("a label value must stand in double quotes");
    const auto value = cursor.quoted();
    if (!value) return Fault("a label value's quotes are not closed");
    if (auto taken = each(name, *value); !taken) return taken;
    cursor.skip_blanks();
    if (cursor.peek() != '}' && !cursor.take(',')) return Fault("',' or '}' is expected after a label");
  }
}

template <typename Each>
std::expected<std::size_t, LineFault> walk_series(std::string_view line, Each each) {
  Cursor cursor(line);
  const std::string_view name = cursor.name(kNameStart | kColon, kNameStart | kColon | kDigit);
  if (name.empty()) return Fault("a metric name is expected");
  if (auto taken = each(kMetricName, name); !taken) return Fault(taken.error());
  const std::size_t bare = cursor.used();
  cursor.skip_blanks();
  if (!cursor.take('{')) return bare;
  if (auto walked = walk_labels(cursor, each); !walked) return Fault(walked.error());
  return cursor.used();
}

std::expected<void, LineFault> ignore(std::string_view, std::string_view) {
  return {};
}

/// Whole milliseconds, or seconds with a fraction.
const char* parse_time(const char* text, const char* end, ExpositionFormat format, std::int64_t& ns) {
  if (format == ExpositionFormat::text) {
    const char* p = text;
    const bool negative = *p == '-';
    if (*p == '-' || *p == '+') ++p;
    const char* const first = p;
    std::int64_t ms = 0;
    for (; is(*p, kDigit); ++p) {
      ms = ms * 10 + (*p - '0');
      if (ms > kMaxMilliseconds) return nullptr;
    }
    ns = (negative ? -ms : ms) * 1'000'000;
    return p == first ? nullptr : p;
  }
  double seconds = 0;
  const char* const p = parse_exposition_number(text, end, seconds);
  if (p == nullptr || !(std::abs(seconds) < kMaxSeconds)) return nullptr;
  // The whole part apart, so that its size costs the fraction no digits; microseconds are what a double
  // holds.
  const double whole = std::floor(seconds);
  ns = static_cast<std::int64_t>(whole) * 1'000'000'000 + std::llround((seconds - whole) * 1e6) * 1000;
  return p;
}

/// ` # {labels} value [seconds]`, '#' at `text`; where it ends.
const char* skip_exemplar(const char* text, const char* end) {
  Cursor cursor({text, static_cast<std::size_t>(end - text)});
  cursor.take('#');
  cursor.skip_blanks();
  if (!cursor.take('{') || !walk_labels(cursor, ignore)) return nullptr;
  cursor.skip_blanks();
  double number = 0;
  const char* p = parse_exposition_number(cursor.at(), end, number);
  if (p == nullptr || *p == '\n') return p;
  if (!is_blank(*p)) return nullptr;
  while (is_blank(*p)) ++p;
  return *p == '\n' ? p : parse_exposition_number(p, end, number);
}

}  // namespace

std::expected<std::size_t, LineFault> scan_series(std::string_view line) {
  return walk_series(line, ignore);
}

std::expected<std::vector<Label>, LineFault> parse_series(std::string_view series) {
  std::vector<Label> labels;
  const auto used =
      walk_series(series, [&](std::string_view name, std::string_view raw) -> std::expected<void, LineFault> {
        if (!is_valid_utf8(raw)) return Fault("a label value is not UTF-8");
        labels.push_back({std::string(name), unescape(raw)});
        return {};
      });
  if (!used) return Fault(used.error());
  std::vector<std::string_view> names;
  names.reserve(labels.size());
  for (const Label& label : labels) names.push_back(label.name);
  std::ranges::sort(names);
  if (std::ranges::adjacent_find(names) != names.end()) return Fault("a label is there twice");
  return labels;
}

std::expected<SampleTail, LineFault> parse_tail(const char* text, const char* end, ExpositionFormat format) {
  SampleTail tail;
  const char* p = text;
  if (!is_blank(*p)) return Fault("a blank is expected between series and value");
  while (is_blank(*p)) ++p;
  p = parse_exposition_number(p, end, tail.value);
  if (p == nullptr) return Fault("the value is not a number");
  tail.end = p;
  if (*p == '\n') [[likely]]
    return tail;
  if (!is_blank(*p)) return Fault("the value is not a number");
  while (is_blank(*p)) ++p;
  if (*p != '\n' && *p != '#') {
    p = parse_time(p, end, format, tail.at_ns);
    if (p == nullptr) return Fault("the timestamp is not a number in range");
    tail.timed = true;
    while (is_blank(*p)) ++p;
  }
  if (*p == '#' && format == ExpositionFormat::openmetrics) {
    p = skip_exemplar(p, end);
    if (p == nullptr) return Fault("the exemplar is not {labels} value [timestamp]");
  }
  if (*p != '\n') return Fault("something follows where the line should end");
  tail.end = p;
  return tail;
}

std::expected<CommentLine, LineFault> parse_comment(std::string_view line, ExpositionFormat format) {
  const bool strict = format == ExpositionFormat::openmetrics;
  Cursor cursor(line);
  cursor.take('#');
  cursor.skip_blanks();
  const std::string_view word = cursor.name(kNameStart, kNameStart);
  CommentLine comment;
  using enum CommentLine::Kind;
  if (word == "HELP") comment.kind = help;
  if (word == "TYPE") comment.kind = type;
  if (strict && word == "UNIT") comment.kind = unit;
  if (strict && line.starts_with("# EOF\n")) comment.kind = eof;
  if (comment.kind == other) {
    if (strict) return Fault("only HELP, TYPE, UNIT or EOF may follow '# '");
    return comment;
  }
  if (comment.kind == eof) return comment;
  if (!is_blank(cursor.peek())) return Fault("a blank and a metric name must follow the keyword");
  cursor.skip_blanks();
  comment.name = cursor.name(kNameStart | kColon, kNameStart | kColon | kDigit);
  if (comment.name.empty()) return Fault("a metric name must follow the keyword");
  if (!is_blank(cursor.peek()) && cursor.peek() != '\n') return Fault("the metric name has a forbidden byte");
  comment.text = trim(line.substr(cursor.used()));
  return comment;
}

}  // namespace sentinella::codec
