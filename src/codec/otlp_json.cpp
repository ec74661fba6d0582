// Reading OTLP in JSON: protobuf's JSON mapping as OTLP narrows it (opentelemetry.io/docs/specs/otlp, "JSON
// Protobuf Encoding"): lowerCamelCase names, enums as integers, 64-bit integers as strings or numbers, ids in
// hex.
#include <algorithm>
#include <limits>
#include <stdexcept>

#include <simdjson.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "codec/otlp_mapping.h"

namespace sentinella::codec {
namespace {

using namespace otlp;
using simdjson::dom::element;
using simdjson::dom::element_type;

/// A field of the wrong type. Never leaves this file.
struct Malformed : std::runtime_error {
  Malformed(std::string_view field, std::string_view wanted)
      : std::runtime_error(fmt::format("\"{}\" must be {}", field, wanted)) {}
};

std::string_view text(element value, std::string_view field) {
  std::string_view out;
  if (value.get_string().get(out)) throw Malformed(field, "a string");
  return out;
}

simdjson::dom::array array(element value, std::string_view field) {
  simdjson::dom::array out;
  if (value.get_array().get(out)) throw Malformed(field, "an array");
  return out;
}

simdjson::dom::object object(element value, std::string_view field) {
  simdjson::dom::object out;
  if (value.get_object().get(out)) throw Malformed(field, "an object");
  return out;
}

bool boolean(element value, std::string_view field) {
  bool out = false;
  if (value.get_bool().get(out)) throw Malformed(field, "true or false");
  return out;
}

std::int64_t int64(element value, std::string_view field) {
  std::int64_t out = 0;
  if (!value.get_int64().get(out)) return out;
  std::string_view digits;
  if (!value.get_string().get(digits)) {
    const bool negative = digits.starts_with('-');
    const auto magnitude = parse_uint(negative ? digits.substr(1) : digits);
    if (magnitude && *magnitude <= INT64_MAX) {
      const auto number = static_cast<std::int64_t>(*magnitude);
      return negative ? -number : number;
    }
    if (negative && magnitude == std::uint64_t{1} << 63) return INT64_MIN;
  }
  throw Malformed(field, "a 64-bit integer, as a number or a string");
}

std::uint64_t uint64(element value, std::string_view field) {
  std::uint64_t out = 0;
  if (!value.get_uint64().get(out)) return out;
  std::string_view digits;
  if (!value.get_string().get(digits))
    if (const auto number = parse_uint(digits)) return *number;
  throw Malformed(field, "a 64-bit integer without a sign, as a number or a string");
}

double real(element value, std::string_view field) {
  double out = 0;
  if (!value.get_double().get(out)) return out;
  std::string_view word;
  if (!value.get_string().get(word)) {
    if (word == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (word == "Infinity") return std::numeric_limits<double>::infinity();
    if (word == "-Infinity") return -std::numeric_limits<double>::infinity();
    if (const auto number = parse_double(word)) return *number;
  }
  throw Malformed(field, "a number");
}

std::string base64(element value, std::string_view field) {
  const std::string_view word = text(value, field);
  auto out = from_base64(word);
  if (!out) out = from_base64url(word);
  if (!out) throw Malformed(field, "base64");
  return *std::move(out);
}

/// Calls `take(name, value)` for each field that is not null: null means absent in protobuf's JSON.
template <typename Take>
void each_field(element value, std::string_view name, Take take) {
  for (const auto& [key, member] : object(value, name))
    if (!member.is_null()) take(key, member);
}

bool write_json(element value, JsonWriter& json, int depth) {
  if (depth > kMaxDepth) return false;
  bool fits = true;
  bool written = false;
  each_field(value, "value", [&](std::string_view name, element member) {
    if (written) return;
    written = true;
    if (name == "stringValue")
      json.value(text(member, name));
    else if (name == "bytesValue")
      json.value(to_base64(base64(member, name)));
    else if (name == "boolValue")
      json.value(boolean(member, name));
    else if (name == "intValue")
      json.value(int64(member, name));
    else if (name == "doubleValue")
      json.value(real(member, name));
    else if (name == "arrayValue") {
      json.array();
      each_field(member, name, [&](std::string_view list, element items) {
        if (list != "values") return;
        for (const element item : array(items, list)) fits = fits && write_json(item, json, depth + 1);
      });
      json.end();
    } else if (name == "kvlistValue") {
      json.object();
      each_field(member, name, [&](std::string_view list, element pairs) {
        if (list != "values") return;
        for (const element pair : array(pairs, list)) {
          std::string_view key;
          element inner;
          bool found = false;
          each_field(pair, list, [&](std::string_view part, element content) {
            if (part == "key")
              key = text(content, part);
            else if (part == "value")
              inner = content, found = true;
          });
          json.key(key);
          if (found)
            fits = fits && write_json(inner, json, depth + 1);
          else
            json.null();
        }
      });
      json.end();
    } else {
      written = false;
    }
  });
  if (!written) json.null();
  return fits;
}

Value read_value(element source) {
  Value value;
  each_field(source, "value", [&](std::string_view name, element member) {
    if (name == "stringValue") {
      value = {Value::Kind::text, std::string(text(member, name)), 0};
    } else if (name == "bytesValue") {
      value = {Value::Kind::bytes, base64(member, name), 0};
    } else if (name == "boolValue") {
      const bool flag = boolean(member, name);
      value = {Value::Kind::boolean, flag ? "true" : "false", flag};
    } else if (name == "intValue") {
      const std::int64_t number = int64(member, name);
      value = {Value::Kind::integer, fmt::format("{}", number), number};
    } else if (name == "doubleValue") {
      value = {Value::Kind::real, fmt::format("{}", real(member, name)), 0};
    } else if (name == "arrayValue" || name == "kvlistValue") {
      JsonWriter json;
      const bool fits = write_json(source, json, 1);
      value = {fits ? Value::Kind::json : Value::Kind::too_deep, json.take(), 0};
    }
  });
  return value;
}

void read_attributes(element list, std::vector<Attribute>& attributes) {
  for (const element pair : array(list, "attributes")) {
    // One more than allowed is kept, so that the collector sees the excess.
    if (attributes.size() > kMaxAttributes) return;
    Attribute& attribute = attributes.emplace_back();
    each_field(pair, "attributes", [&](std::string_view name, element member) {
      if (name == "key")
        attribute.key = text(member, name);
      else if (name == "value")
        attribute.value = read_value(member);
    });
  }
}

NumberPoint read_number_point(element source) {
  NumberPoint point;
  each_field(source, "dataPoints", [&](std::string_view name, element member) {
    if (name == "timeUnixNano")
      point.time = uint64(member, name);
    else if (name == "asDouble")
      point.value = real(member, name);
    else if (name == "asInt")
      point.value = static_cast<double>(int64(member, name));
    else if (name == "flags")
      point.flags = uint64(member, name);
    else if (name == "attributes")
      read_attributes(member, point.attributes);
  });
  return point;
}

HistogramPoint read_histogram_point(element source) {
  HistogramPoint point;
  each_field(source, "dataPoints", [&](std::string_view name, element member) {
    if (name == "timeUnixNano")
      point.time = uint64(member, name);
    else if (name == "count")
      point.count = uint64(member, name);
    else if (name == "sum")
      point.sum = real(member, name);
    else if (name == "flags")
      point.flags = uint64(member, name);
    else if (name == "attributes")
      read_attributes(member, point.attributes);
    else if (name == "bucketCounts")
      for (const element count : array(member, name)) point.bucket_counts.push_back(uint64(count, name));
    else if (name == "explicitBounds")
      for (const element bound : array(member, name)) point.bounds.push_back(real(bound, name));
  });
  return point;
}

ExponentialSide read_exponential_side(element source, std::string_view side_name) {
  ExponentialSide side;
  each_field(source, side_name, [&](std::string_view name, element member) {
    if (name == "offset")
      side.offset = int64(member, name);
    else if (name == "bucketCounts")
      for (const element count : array(member, name)) side.counts.push_back(uint64(count, name));
  });
  side.offset = std::clamp<std::int64_t>(side.offset, INT32_MIN, INT32_MAX);
  return side;
}

ExponentialPoint read_exponential_point(element source) {
  ExponentialPoint point;
  each_field(source, "dataPoints", [&](std::string_view name, element member) {
    if (name == "timeUnixNano")
      point.time = uint64(member, name);
    else if (name == "count")
      point.count = uint64(member, name);
    else if (name == "sum")
      point.sum = real(member, name);
    else if (name == "scale")
      point.scale = int64(member, name);
    else if (name == "zeroCount")
      point.zero_count = uint64(member, name);
    else if (name == "zeroThreshold")
      point.zero_threshold = real(member, name);
    else if (name == "positive")
      point.positive = read_exponential_side(member, name);
    else if (name == "negative")
      point.negative = read_exponential_side(member, name);
    else if (name == "flags")
      point.flags = uint64(member, name);
    else if (name == "attributes")
      read_attributes(member, point.attributes);
  });
  return point;
}

Metric::Type metric_type(std::string_view name) {
  if (name == "gauge") return Metric::Type::gauge;
  if (name == "sum") return Metric::Type::sum;
  if (name == "histogram") return Metric::Type::histogram;
  if (name == "exponentialHistogram") return Metric::Type::exponential_histogram;
  if (name == "summary") return Metric::Type::summary;
  return Metric::Type::none;
}

void read_metric(element source, Collector& out) {
  Metric metric;
  element data;
  std::vector<Attribute> metadata;
  each_field(source, "metrics", [&](std::string_view name, element member) {
    if (name == "name")
      metric.name = text(member, name);
    else if (name == "metadata")
      read_attributes(member, metadata);
    else if (metric_type(name) != Metric::Type::none)
      metric.type = metric_type(name), data = member;
  });
  if (metric.type == Metric::Type::none) return;
  for (const Attribute& attribute : metadata)
    if (attribute.key == kPrometheusType) metric.histogram_part = attribute.value.text == "histogram";
  element points;
  bool found = false;
  each_field(data, "data", [&](std::string_view name, element member) {
    if (name == "aggregationTemporality")
      metric.temporality = int64(member, name);
    else if (name == "isMonotonic")
      metric.monotonic = boolean(member, name);
    else if (name == "dataPoints")
      points = member, found = true;
  });
  if (!found) return;
  for (const element point : array(points, "dataPoints")) {
    if (metric.type == Metric::Type::histogram)
      out.point(metric, read_histogram_point(point));
    else if (metric.type == Metric::Type::exponential_histogram)
      out.point(metric, read_exponential_point(point));
    else if (metric.type == Metric::Type::gauge || metric.type == Metric::Type::sum)
      out.point(metric, read_number_point(point));
    else
      out.unsupported(metric);
  }
}

void read_log_record(element source, Collector& out) {
  Record record;
  each_field(source, "logRecords", [&](std::string_view name, element member) {
    if (name == "timeUnixNano")
      record.time = uint64(member, name);
    else if (name == "observedTimeUnixNano")
      record.observed = uint64(member, name);
    else if (name == "severityNumber")
      record.severity_number = int64(member, name);
    else if (name == "severityText")
      record.severity_text = text(member, name);
    else if (name == "body")
      record.body = read_value(member);
    else if (name == "attributes")
      read_attributes(member, record.attributes);
    else if (name == "eventName")
      record.event_name = text(member, name);
  });
  out.record(std::move(record));
}

Resource read_resource(element group, std::string_view list) {
  std::vector<Attribute> attributes;
  each_field(group, list, [&](std::string_view name, element resource) {
    if (name != "resource") return;
    each_field(resource, name, [&](std::string_view part, element member) {
      if (part == "attributes") read_attributes(member, attributes);
    });
  });
  return to_resource(attributes);
}

/// The names of the levels above the items, and what reads an item.
struct Shape {
  SignalKind signal;
  std::string_view resources, scopes, items;
  void (*read)(element, Collector&);
};

void read_groups(element groups, const Shape& shape, Collector& out) {
  for (const element group : array(groups, shape.resources)) {
    out.resource(read_resource(group, shape.resources));
    each_field(group, shape.resources, [&](std::string_view name, element scopes) {
      if (name != shape.scopes) return;
      for (const element scope : array(scopes, name))
        each_field(scope, name, [&](std::string_view list, element items) {
          if (list != shape.items) return;
          for (const element item : array(items, list)) shape.read(item, out);
        });
    });
  }
}

Result<OtlpCounts> decode(std::string_view json, const Shape& shape, Batch& batch) {
  simdjson::dom::parser parser;
  element root;
  if (const auto error = parser.parse(json.data(), json.size()).get(root))
    return fail(Errc::kInvalid, "not valid JSON ({} bytes): {}", json.size(), simdjson::error_message(error));
  Collector out(shape.signal, batch.received);
  try {
    each_field(root, "the message", [&](std::string_view name, element groups) {
      if (name == shape.resources) read_groups(groups, shape, out);
    });
  } catch (const Malformed& e) {
    return fail(Errc::kInvalid, "not an OTLP message in JSON: {}", e.what());
  }
  return std::move(out).finish(batch);
}

}  // namespace

Result<OtlpCounts> decode_otlp_metrics_json(std::string_view json, Batch& batch) {
  return decode(json, {SignalKind::metrics, "resourceMetrics", "scopeMetrics", "metrics", read_metric},
                batch);
}

Result<OtlpCounts> decode_otlp_logs_json(std::string_view json, Batch& batch) {
  return decode(json, {SignalKind::logs, "resourceLogs", "scopeLogs", "logRecords", read_log_record}, batch);
}

}  // namespace sentinella::codec
