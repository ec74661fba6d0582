#include "codec/loki_push.h"

#include <simdjson.h>

#include "base/text.h"
#include "codec/log_scan.h"
#include "codec/wire_reader.h"

namespace sentinella::codec {
namespace {

namespace dom = simdjson::dom;

/// Field number << 3 | 2: all that matters here is length and bytes, but for a Timestamp's varints.
constexpr std::uint64_t bytes_field(std::uint64_t number) {
  return number << 3 | 2;
}
constexpr std::uint64_t kStreams = bytes_field(1);                            // PushRequest
constexpr std::uint64_t kLabels = bytes_field(1), kEntries = bytes_field(2);  // StreamAdapter
constexpr std::uint64_t kTime = bytes_field(1), kLine = bytes_field(2),
                        kMetadata = bytes_field(3);          // EntryAdapter
constexpr std::uint64_t kSeconds = 1 << 3, kNanos = 2 << 3;  // Timestamp

std::optional<Time> time_of(std::int64_t seconds, std::int64_t nanos) {
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(seconds, std::int64_t{1'000'000'000}, &ns) ||
      __builtin_add_overflow(ns, nanos, &ns))
    return std::nullopt;
  return Time{ns};
}

bool read_time(std::string_view message, std::optional<Time>& time) {
  WireReader wire(message);
  std::int64_t seconds = 0, nanos = 0;
  while (wire.more()) {
    const std::uint64_t tag = wire.tag();
    if (tag == kSeconds)
      seconds = static_cast<std::int64_t>(wire.varint());
    else if (tag == kNanos)
      nanos = static_cast<std::int64_t>(wire.varint());
    else
      wire.skip(tag);
  }
  time = time_of(seconds, nanos);
  return wire.ok();
}

bool read_pair(std::string_view message, ShippedDocument& out) {
  const WireLabel pair = read_wire_label(message);
  if (out.size() < ShippedDocument::kMaxFields) out.add(pair.name, pair.value);
  return pair.ok;
}

/// False: damaged.
bool read_entry(std::string_view message, ShippedDocument& metadata, const LokiVisitor& visitor) {
  WireReader wire(message);
  std::optional<Time> time = Time{};
  std::string_view line;
  metadata.clear();
  while (wire.more()) {
    const std::uint64_t tag = wire.tag();
    if (tag == kTime) {
      if (!read_time(wire.bytes(), time)) return false;
    } else if (tag == kLine) {
      line = wire.bytes();
    } else if (tag == kMetadata) {
      if (!read_pair(wire.bytes(), metadata)) return false;
    } else {
      wire.skip(tag);
    }
  }
  if (!wire.ok()) return false;
  if (time)
    visitor.entry({*time, line}, metadata);
  else
    visitor.refused(1, "an entry's time is beyond the year 2262");
  return true;
}

/// Entries may stand before the labels.
bool read_stream(std::string_view message, ShippedDocument& labels, ShippedDocument& metadata,
                 const LokiVisitor& visitor) {
  std::string_view text;
  std::size_t entries = 0;
  for (WireReader wire(message); wire.more();) {
    const std::uint64_t tag = wire.tag();
    if (tag == kLabels)
      text = wire.bytes();
    else if (wire.skip(tag), tag == kEntries)
      ++entries;
    if (!wire.ok()) return false;
  }
  labels.clear();
  if (const auto read = read_loki_labels(text, labels); !read) {
    visitor.refused(entries, read.error().message);
    return true;
  }
  visitor.stream(labels);
  for (WireReader wire(message); wire.more();) {
    const std::uint64_t tag = wire.tag();
    if (tag != kEntries)
      wire.skip(tag);
    else if (!read_entry(wire.bytes(), metadata, visitor))
      return false;
  }
  return true;
}

/// The text of a Go string literal up to its closing quote.
std::optional<std::string> take_quoted(std::string_view& text) {
  if (!take(text, '"')) return std::nullopt;
  std::string out;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"') return out;
    if (c != '\\') {
      out += c;
      continue;
    }
    if (text.empty()) return std::nullopt;
    const char escaped = text.front();
    text.remove_prefix(1);
    out += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped == 'r' ? '\r' : escaped;
  }
  return std::nullopt;
}

Result<void> read_values(dom::element values, ShippedDocument& metadata, const LokiVisitor& visitor) {
  dom::array entries;
  if (values.get_array().get(entries)) return fail(Errc::kInvalid, "\"values\" is no array");
  for (const dom::element entry : entries) {
    dom::array parts;
    std::string_view stamp, line;
    if (entry.get_array().get(parts) || parts.at(0).get_string().get(stamp) ||
        parts.at(1).get_string().get(line)) {
      visitor.refused(1, "a value is not [\"nanoseconds\", \"line\"]");
      continue;
    }
    const auto ns = parse_uint(stamp);
    if (!ns || *ns > INT64_MAX) {
      visitor.refused(1, fmt::format("\"{}\" is no time in nanoseconds", stamp.substr(0, 40)));
      continue;
    }
    metadata.clear();
    dom::object more;
    if (!parts.at(2).get_object().get(more))
      for (const auto& [name, value] : more) {
        std::string_view text;
        if (!value.get_string().get(text) && metadata.size() < ShippedDocument::kMaxFields)
          metadata.add(name, text);
      }
    visitor.entry({Time{static_cast<std::int64_t>(*ns)}, line}, metadata);
  }
  return {};
}

}  // namespace

Result<void> read_loki_labels(std::string_view text, ShippedDocument& out) {
  const std::string_view all = text;
  const auto bad = [&] {
    return fail(Errc::kInvalid, "\"{}\" is no list of labels such as {{job=\"nova\"}}", all.substr(0, 200));
  };
  const auto blanks = [&] {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  };
  if (!take(text, '{')) return bad();
  for (blanks(); !take(text, '}');) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0 || out.size() == ShippedDocument::kMaxFields)
      return bad();
    const std::string_view name = trim(text.substr(0, equals));
    text.remove_prefix(equals + 1);
    blanks();
    const auto value = take_quoted(text);
    if (!value) return bad();
    out.add(name, *value);
    blanks();
    if (take(text, ','))
      blanks();
    else if (!text.starts_with('}'))
      return bad();
  }
  return trim(text).empty() ? Result<void>() : bad();
}

Result<void> read_loki_protobuf(std::string_view message, const LokiVisitor& visitor) {
  WireReader wire(message);
  ShippedDocument labels, metadata;
  while (wire.more()) {
    const std::uint64_t tag = wire.tag();
    if (tag != kStreams)
      wire.skip(tag);
    else if (!read_stream(wire.bytes(), labels, metadata, visitor))
      return fail(Errc::kInvalid, "not a push request: a stream is damaged");
  }
  if (!wire.ok()) return fail(Errc::kInvalid, "not a push request: the protobuf is damaged");
  return {};
}

Result<void> read_loki_json(std::string_view text, const LokiVisitor& visitor) {
  dom::parser parser;
  dom::element root;
  dom::array streams;
  if (const auto error = parser.parse(text.data(), text.size()).get(root); error)
    return fail(Errc::kInvalid, "not valid JSON: {}", simdjson::error_message(error));
  if (root["streams"].get_array().get(streams))
    return fail_field(Errc::kInvalid, "streams", "must be an array of streams");
  ShippedDocument labels, metadata;
  for (const dom::element stream : streams) {
    dom::object names;
    dom::element values;
    if (stream["stream"].get_object().get(names) || stream["values"].get(values)) {
      visitor.refused(1, "a stream is not {\"stream\":{...},\"values\":[...]}");
      continue;
    }
    labels.clear();
    for (const auto& [name, value] : names) {
      std::string_view label;
      if (!value.get_string().get(label) && labels.size() < ShippedDocument::kMaxFields)
        labels.add(name, label);
    }
    visitor.stream(labels);
    SENT_TRY(read_values(values, metadata, visitor));
  }
  return {};
}

}  // namespace sentinella::codec
