// OTLP/HTTP intake: POST /otlp/v1/metrics and /otlp/v1/logs (OpenTelemetry protocol specification 1.x,
// "OTLP/HTTP").
//
// Protobuf or JSON, plain, gzip or zstd; at most 64 MiB once unpacked. The 2xx is sent when the data is
// durable in the journal. Agents name their batches ("Sentinella-Batch: <epoch in hex>-<sequence>"), so that
// sending one again is harmless; without that header intake is at-least-once.
#pragma once

#include <optional>
#include <string_view>

#include "api/router.h"
#include "model/batch.h"

namespace sentinella::api::otlp {

void accept_metrics(RequestContext& call, Answer answer);
void accept_logs(RequestContext& call, Answer answer);

/// The batch header of an agent. kInvalid: any other form, sequence 0.
Result<BatchId> parse_batch_header(std::string_view text);

}  // namespace sentinella::api::otlp
