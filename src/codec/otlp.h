// OTLP/HTTP metrics and logs <-> Batch, protobuf and JSON (opentelemetry-proto 1.x; JSON per its "OTLP/JSON" rules).
//
// Mapping. Resource attribute host.name -> label/field host, service.name -> service; other attributes of metrics
// become labels ('.' and other characters outside [A-Za-z0-9_] -> '_'). Metric names likewise.
// Log records: body -> raw text, attribute log.file.path -> source; the server parses the text itself
// (codec/log_parser.h). A log record with event.name "sentinella.*" is not a log: "sentinella.heartbeat",
// "sentinella.state.<kind>" -> StateReport; "sentinella.event" -> Event. Any other event.name -> Event.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/batch.h"

namespace sentinella::codec {

struct OtlpCounts {
  std::size_t accepted = 0;
  std::size_t rejected = 0;        ///< data points or records that could not be taken
  std::string first_rejection;     ///< why, naming the metric or record
};

/// Appends to `batch`. kInvalid: not an OTLP message at all (says at which byte or field). Bounded: nesting, counts.
Result<OtlpCounts> decode_otlp_metrics(std::string_view protobuf, Batch& batch);
Result<OtlpCounts> decode_otlp_logs(std::string_view protobuf, Batch& batch);
Result<OtlpCounts> decode_otlp_metrics_json(std::string_view json, Batch& batch);
Result<OtlpCounts> decode_otlp_logs_json(std::string_view json, Batch& batch);

/// The agent's side: series only, and logs + events + reports. Exactly what decode_* reads back.
std::string encode_otlp_metrics(const Batch& batch);
std::string encode_otlp_logs(const Batch& batch);

/// ExportMetricsServiceResponse / ExportLogsServiceResponse with partial_success when something was rejected.
std::string encode_otlp_response(const OtlpCounts& counts, bool json);

}  // namespace sentinella::codec
