// OTLP/HTTP metrics and logs <-> Batch, protobuf and JSON (opentelemetry-proto 1.x; JSON per its "OTLP/JSON"
// rules).
//
// Mapping. Resource attribute host.name -> label/field host, service.name -> service (on a log record the
// record's own attribute of that name comes first), service.instance.id -> label instance; attributes of data
// points become labels ('.' and other characters outside [A-Za-z0-9_] -> '_'). Metric names likewise. Gauge
// -> gauge, cumulative monotonic Sum -> counter, other cumulative Sum -> gauge, Histogram -> series
// _bucket{le}, _sum, _count of kind histogram; an ExponentialHistogram likewise (exponential_buckets.h).
// Rejected and counted: delta temporality, summaries. Log records: body -> raw text, attribute log.file.path
// -> source; the server parses the text itself (codec/log_parser.h). A log record with event.name
// "sentinella.*" is not a log: "sentinella.heartbeat", "sentinella.state.<kind>" -> StateReport;
// "sentinella.event" -> Event. Any other event.name -> Event. An event without event.id gets one made of its
// content, so that sending it again changes nothing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/batch.h"

namespace sentinella::codec {

struct OtlpCounts {
  SignalKind signal = SignalKind::metrics;
  std::size_t accepted = 0;     ///< data points or records
  std::size_t rejected = 0;     ///< data points or records that could not be taken
  std::string first_rejection;  ///< why, naming the metric or record
};

/// Appends to `batch`; `batch.received` must be set: it is the time of what has none. On an error `batch` is
/// as it was. kInvalid: not an OTLP message at all (says at which byte or field). kTooLarge: more than
/// 100,000 points or records (a histogram's series count each).
Result<OtlpCounts> decode_otlp_metrics(std::string_view protobuf, Batch& batch);
Result<OtlpCounts> decode_otlp_logs(std::string_view protobuf, Batch& batch);
Result<OtlpCounts> decode_otlp_metrics_json(std::string_view json, Batch& batch);
Result<OtlpCounts> decode_otlp_logs_json(std::string_view json, Batch& batch);

/// The agent's side: series only, and logs + events + reports. decode_* reads back exactly that, in the same
/// order; of a LogRecord what the agent knows travels: time, host, service, source, severity, raw, flags.
std::string encode_otlp_metrics(const Batch& batch);
std::string encode_otlp_logs(const Batch& batch);

/// ExportMetricsServiceResponse / ExportLogsServiceResponse with partial_success when something was rejected.
std::string encode_otlp_response(const OtlpCounts& counts, bool json);

}  // namespace sentinella::codec
