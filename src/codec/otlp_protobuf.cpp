// Reading OTLP in protobuf. Fields may come in any order, so what names a group is looked for before its
// members.
#include <exception>

#include <protozero/pbf_reader.hpp>

#include "base/crypto.h"
#include "base/json.h"
#include "codec/otlp_fields.h"
#include "codec/otlp_mapping.h"

namespace sentinella::codec {
namespace {

using namespace otlp;
using protozero::pbf_reader;

std::string to_string(protozero::data_view view) {
  return {view.data(), view.size()};
}

/// Calls `take(member)` for each field `number` of `group` that holds a message.
template <typename Take>
void each(pbf_reader group, pbf_tag_type number, Take take) {
  while (group.next()) {
    if (group.tag_and_type() == bytes(number))
      take(group.get_message());
    else
      group.skip();
  }
}

/// Appends an AnyValue as JSON. False when it is nested too deep.
bool write_json(pbf_reader value, JsonWriter& json, int depth) {
  if (depth > kMaxDepth) return false;
  bool fits = true;
  bool written = false;
  while (value.next()) {
    // Of a oneof that comes twice the last counts in protobuf; JSON being written, here it is the first.
    if (written) {
      value.skip();
      continue;
    }
    written = true;
    switch (value.tag_and_type()) {
      case bytes(any_value::kString):
        json.value(to_string(value.get_view()));
        break;
      case bytes(any_value::kBytes):
        json.value(to_base64(to_string(value.get_view())));
        break;
      case varint(any_value::kBool):
        json.value(value.get_bool());
        break;
      case varint(any_value::kInt):
        json.value(std::int64_t{value.get_int64()});
        break;
      case fixed64(any_value::kDouble):
        json.value(value.get_double());
        break;
      case bytes(any_value::kArray):
        json.array();
        each(value.get_message(), array_value::kValues,
             [&](pbf_reader item) { fits = fits && write_json(item, json, depth + 1); });
        json.end();
        break;
      case bytes(any_value::kMap):
        json.object();
        each(value.get_message(), array_value::kValues, [&](pbf_reader pair) {
          protozero::data_view key{"", 0};
          pbf_reader member;
          while (pair.next()) {
            if (pair.tag_and_type() == bytes(key_value::kKey))
              key = pair.get_view();
            else if (pair.tag_and_type() == bytes(key_value::kValue))
              member = pair.get_message();
            else
              pair.skip();
          }
          json.key(std::string_view(key.data(), key.size()));
          fits = fits && write_json(member, json, depth + 1);
        });
        json.end();
        break;
      default:
        value.skip();
        written = false;
    }
  }
  if (!written) json.null();
  return fits;
}

Value read_value(pbf_reader reader) {
  Value value;
  const pbf_reader whole = reader;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case bytes(any_value::kString):
        value = {Value::Kind::text, to_string(reader.get_view()), 0};
        break;
      case bytes(any_value::kBytes):
        value = {Value::Kind::bytes, to_string(reader.get_view()), 0};
        break;
      case varint(any_value::kBool): {
        const bool flag = reader.get_bool();
        value = {Value::Kind::boolean, flag ? "true" : "false", flag};
        break;
      }
      case varint(any_value::kInt): {
        const std::int64_t number = reader.get_int64();
        value = {Value::Kind::integer, fmt::format("{}", number), number};
        break;
      }
      case fixed64(any_value::kDouble):
        value = {Value::Kind::real, fmt::format("{}", reader.get_double()), 0};
        break;
      case bytes(any_value::kArray):
      case bytes(any_value::kMap): {
        reader.skip();
        JsonWriter json;
        const bool fits = write_json(whole, json, 1);
        return {fits ? Value::Kind::json : Value::Kind::too_deep, json.take(), 0};
      }
      default:
        reader.skip();
    }
  }
  return value;
}

void read_attribute(pbf_reader reader, std::vector<Attribute>& attributes) {
  // One more than allowed is kept, so that the collector sees the excess.
  if (attributes.size() > kMaxAttributes) return;
  Attribute& attribute = attributes.emplace_back();
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case bytes(key_value::kKey):
        attribute.key = to_string(reader.get_view());
        break;
      case bytes(key_value::kValue):
        attribute.value = read_value(reader.get_message());
        break;
      default:
        reader.skip();
    }
  }
}

NumberPoint read_number_point(pbf_reader reader) {
  NumberPoint point;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case fixed64(number_point::kTime):
        point.time = reader.get_fixed64();
        break;
      case fixed64(number_point::kDouble):
        point.value = reader.get_double();
        break;
      case fixed64(number_point::kInt):
        point.value = static_cast<double>(reader.get_sfixed64());
        break;
      case varint(number_point::kFlags):
        point.flags = reader.get_uint32();
        break;
      case bytes(number_point::kAttributes):
        read_attribute(reader.get_message(), point.attributes);
        break;
      default:
        reader.skip();
    }
  }
  return point;
}

HistogramPoint read_histogram_point(pbf_reader reader) {
  HistogramPoint point;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case fixed64(histogram_point::kTime):
        point.time = reader.get_fixed64();
        break;
      case fixed64(histogram_point::kCount):
        point.count = reader.get_fixed64();
        break;
      case fixed64(histogram_point::kSum):
        point.sum = reader.get_double();
        break;
      case fixed64(histogram_point::kBucketCounts):
        point.bucket_counts.push_back(reader.get_fixed64());
        break;
      case bytes(histogram_point::kBucketCounts):
        for (const std::uint64_t count : reader.get_packed_fixed64()) point.bucket_counts.push_back(count);
        break;
      case fixed64(histogram_point::kBounds):
        point.bounds.push_back(reader.get_double());
        break;
      case bytes(histogram_point::kBounds):
        for (const double bound : reader.get_packed_double()) point.bounds.push_back(bound);
        break;
      case varint(histogram_point::kFlags):
        point.flags = reader.get_uint32();
        break;
      case bytes(histogram_point::kAttributes):
        read_attribute(reader.get_message(), point.attributes);
        break;
      default:
        reader.skip();
    }
  }
  return point;
}

ExponentialSide read_exponential_side(pbf_reader reader) {
  ExponentialSide side;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(exponential_buckets::kOffset):
        side.offset = reader.get_sint32();
        break;
      case varint(exponential_buckets::kCounts):
        side.counts.push_back(reader.get_uint64());
        break;
      case bytes(exponential_buckets::kCounts):
        for (const std::uint64_t count : reader.get_packed_uint64()) {
          // One more than allowed is kept, so that the collector sees the excess.
          if (side.counts.size() > kMaxBuckets) break;
          side.counts.push_back(count);
        }
        break;
      default:
        reader.skip();
    }
  }
  return side;
}

ExponentialPoint read_exponential_point(pbf_reader reader) {
  ExponentialPoint point;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case fixed64(exponential_point::kTime):
        point.time = reader.get_fixed64();
        break;
      case fixed64(exponential_point::kCount):
        point.count = reader.get_fixed64();
        break;
      case fixed64(exponential_point::kSum):
        point.sum = reader.get_double();
        break;
      case varint(exponential_point::kScale):
        point.scale = reader.get_sint32();
        break;
      case fixed64(exponential_point::kZeroCount):
        point.zero_count = reader.get_fixed64();
        break;
      case fixed64(exponential_point::kZeroThreshold):
        point.zero_threshold = reader.get_double();
        break;
      case bytes(exponential_point::kPositive):
        point.positive = read_exponential_side(reader.get_message());
        break;
      case bytes(exponential_point::kNegative):
        point.negative = read_exponential_side(reader.get_message());
        break;
      case varint(exponential_point::kFlags):
        point.flags = reader.get_uint32();
        break;
      case bytes(exponential_point::kAttributes):
        read_attribute(reader.get_message(), point.attributes);
        break;
      default:
        reader.skip();
    }
  }
  return point;
}

Metric::Type metric_type(std::uint32_t tag_and_type) {
  switch (tag_and_type) {
    case bytes(metric::kGauge):
      return Metric::Type::gauge;
    case bytes(metric::kSum):
      return Metric::Type::sum;
    case bytes(metric::kHistogram):
      return Metric::Type::histogram;
    case bytes(metric::kExponential):
      return Metric::Type::exponential_histogram;
    case bytes(metric::kSummary):
      return Metric::Type::summary;
    default:
      return Metric::Type::none;
  }
}

void read_metric(pbf_reader reader, Collector& out) {
  Metric metric;
  pbf_reader data;
  std::vector<Attribute> metadata;
  while (reader.next()) {
    const std::uint32_t field = reader.tag_and_type();
    if (field == bytes(metric::kName)) {
      metric.name = to_string(reader.get_view());
    } else if (field == bytes(metric::kMetadata)) {
      read_attribute(reader.get_message(), metadata);
    } else if (metric_type(field) != Metric::Type::none) {
      metric.type = metric_type(field);
      data = reader.get_message();
    } else {
      reader.skip();
    }
  }
  for (const Attribute& attribute : metadata)
    if (attribute.key == kPrometheusType) metric.histogram_part = attribute.value.text == "histogram";
  for (pbf_reader head = data; head.next();) {
    switch (head.tag_and_type()) {
      case varint(metric_data::kTemporality):
        metric.temporality = head.get_enum();
        break;
      case varint(metric_data::kMonotonic):
        metric.monotonic = head.get_bool();
        break;
      default:
        head.skip();
    }
  }
  each(data, metric_data::kPoints, [&](pbf_reader point) {
    if (metric.type == Metric::Type::histogram)
      out.point(metric, read_histogram_point(point));
    else if (metric.type == Metric::Type::exponential_histogram)
      out.point(metric, read_exponential_point(point));
    else if (metric.type == Metric::Type::gauge || metric.type == Metric::Type::sum)
      out.point(metric, read_number_point(point));
    else
      out.unsupported(metric);
  });
}

void read_log_record(pbf_reader reader, Collector& out) {
  Record record;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case fixed64(log_record::kTime):
        record.time = reader.get_fixed64();
        break;
      case fixed64(log_record::kObserved):
        record.observed = reader.get_fixed64();
        break;
      case varint(log_record::kSeverityNumber):
        record.severity_number = reader.get_enum();
        break;
      case bytes(log_record::kSeverityText):
        record.severity_text = to_string(reader.get_view());
        break;
      case bytes(log_record::kBody):
        record.body = read_value(reader.get_message());
        break;
      case bytes(log_record::kAttributes):
        read_attribute(reader.get_message(), record.attributes);
        break;
      case bytes(log_record::kEventName):
        record.event_name = to_string(reader.get_view());
        break;
      default:
        reader.skip();
    }
  }
  out.record(std::move(record));
}

Resource read_resource(pbf_reader group) {
  std::vector<Attribute> attributes;
  each(group, resource_group::kResource, [&](pbf_reader resource) {
    each(resource, resource::kAttributes, [&](pbf_reader pair) { read_attribute(pair, attributes); });
  });
  return to_resource(attributes);
}

/// Walks request -> resources -> scopes -> items, handing each item to `read`.
Result<OtlpCounts> decode(std::string_view protobuf, SignalKind signal, Batch& batch,
                          void (*read)(pbf_reader, Collector&)) {
  Collector out(signal, batch.received);
  pbf_reader message(protobuf.data(), protobuf.size());
  std::size_t at = 0;
  try {
    while (message.next()) {
      if (message.tag_and_type() == bytes(request::kResources)) {
        const pbf_reader group = message.get_message();
        out.resource(read_resource(group));
        each(group, resource_group::kScopes, [&](pbf_reader scope) {
          each(scope, scope_group::kItems, [&](pbf_reader item) { read(item, out); });
        });
      } else {
        message.skip();
      }
      at = protobuf.size() - message.length();
    }
  } catch (const std::exception& e) {
    return fail(Errc::kInvalid,
                "not an OTLP {} message: the part that begins at byte {} of {} is broken ({})",
                signal == SignalKind::metrics ? "metrics" : "logs", at, protobuf.size(), e.what());
  }
  return std::move(out).finish(batch);
}

}  // namespace

Result<OtlpCounts> decode_otlp_metrics(std::string_view protobuf, Batch& batch) {
  return decode(protobuf, SignalKind::metrics, batch, read_metric);
}

Result<OtlpCounts> decode_otlp_logs(std::string_view protobuf, Batch& batch) {
  return decode(protobuf, SignalKind::logs, batch, read_log_record);
}

}  // namespace sentinella::codec
