// From what a shipper says of a line to a log record. The names that are understood are those of the Elastic
// Common Schema and older Beats, of OpenTelemetry, of Loki's and Kubernetes' usual labels, of systemd's
// journal, of Fluentd's and Fluent Bit's inputs, and of oslo.log's FluentFormatter; docs/logs-intake.md has
// the table.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "codec/shipped_document.h"
#include "model/log_record.h"

namespace sentinella::codec {

/// What the way a document came says of it, for what the document does not say.
struct ShippedOrigin {
  Time time;
  std::string_view host;
  std::string_view service;
  /// The text itself when it is not one of the fields; then these are labels, and only the ones that are
  /// understood are kept.
  std::optional<std::string_view> line = {};
};

/// host, service, source, severity, time and raw of a record; the rest is parse_log's business. `raw` is the
/// message; what stands beside it and is neither understood nor the shipper's own follows as JSON; without a
/// message the whole document is. A field at fault leaves its place empty.
LogRecord shipped_record(const ShippedDocument& document, const ShippedOrigin& origin);

/// RFC 3339, or seconds, milliseconds, microseconds or nanoseconds since 1970 by their size. nullopt:
/// neither.
std::optional<Time> parse_shipped_time(std::string_view text);

}  // namespace sentinella::codec
