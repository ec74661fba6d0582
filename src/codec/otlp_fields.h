// Field numbers of opentelemetry-proto 1.x (files common.proto, resource.proto, metrics.proto, logs.proto and
// the two collector service files), the ones that we read or write.
#pragma once

#include <protozero/types.hpp>

namespace sentinella::codec::otlp {

using protozero::pbf_tag_type;
using protozero::pbf_wire_type;

/// A field number with its wire type, for `switch (reader.tag_and_type())`: a field of another wire type is
/// skipped.
constexpr std::uint32_t varint(pbf_tag_type field) {
  return protozero::tag_and_type(field, pbf_wire_type::varint);
}
constexpr std::uint32_t fixed64(pbf_tag_type field) {
  return protozero::tag_and_type(field, pbf_wire_type::fixed64);
}
constexpr std::uint32_t bytes(pbf_tag_type field) {
  return protozero::tag_and_type(field, pbf_wire_type::length_delimited);
}

// common.proto
namespace any_value {
inline constexpr pbf_tag_type kString = 1, kBool = 2, kInt = 3, kDouble = 4, kArray = 5, kMap = 6, kBytes = 7;
}
namespace array_value {
inline constexpr pbf_tag_type kValues = 1;  // also KeyValueList.values
}
namespace key_value {
inline constexpr pbf_tag_type kKey = 1, kValue = 2;
}
// resource.proto
namespace resource {
inline constexpr pbf_tag_type kAttributes = 1;
}
// Export{Metrics,Logs}ServiceRequest, Resource{Metrics,Logs}, Scope{Metrics,Logs} have the same shape.
namespace request {
inline constexpr pbf_tag_type kResources = 1;
}
namespace resource_group {
inline constexpr pbf_tag_type kResource = 1, kScopes = 2;
}
namespace scope_group {
inline constexpr pbf_tag_type kItems = 2;
}
// metrics.proto
namespace metric {
inline constexpr pbf_tag_type kName = 1, kGauge = 5, kSum = 7, kHistogram = 9, kExponential = 10,
                              kSummary = 11, kMetadata = 12;
}
namespace metric_data {  // Gauge, Sum, Histogram, ExponentialHistogram, Summary
inline constexpr pbf_tag_type kPoints = 1, kTemporality = 2, kMonotonic = 3;
}
namespace number_point {
inline constexpr pbf_tag_type kTime = 3, kDouble = 4, kInt = 6, kAttributes = 7, kFlags = 8;
}
namespace histogram_point {
inline constexpr pbf_tag_type kTime = 3, kCount = 4, kSum = 5, kBucketCounts = 6, kBounds = 7,
                              kAttributes = 9, kFlags = 10;
}
namespace exponential_point {
inline constexpr pbf_tag_type kAttributes = 1, kTime = 3, kCount = 4, kSum = 5, kScale = 6, kZeroCount = 7,
                              kPositive = 8, kNegative = 9, kFlags = 10, kZeroThreshold = 14;
}
namespace exponential_buckets {
inline constexpr pbf_tag_type kOffset = 1, kCounts = 2;
}
// logs.proto
namespace log_record {
inline constexpr pbf_tag_type kTime = 1, kSeverityNumber = 2, kSeverityText = 3, kBody = 5, kAttributes = 6,
                              kObserved = 11, kEventName = 12;
}
// metrics_service.proto, logs_service.proto
namespace response {
inline constexpr pbf_tag_type kPartialSuccess = 1;
}
namespace partial_success {
inline constexpr pbf_tag_type kRejected = 1, kMessage = 2;
}

}  // namespace sentinella::codec::otlp
