// Loki's push: POST /loki/api/v1/push of grafana.com/docs/loki, "Ingest logs": logproto.PushRequest in
// protobuf (without its snappy), or JSON.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "codec/shipped_document.h"

namespace sentinella::codec {

/// Views until the call ends that hands them over.
struct LokiEntry {
  Time time;
  std::string_view line;
};

/// Told of one stream after another: its labels, its entries in order, and what could not be taken.
struct LokiVisitor {
  std::function<void(const ShippedDocument& labels)> stream;
  /// `metadata`: of the entry alone; mostly empty.
  std::function<void(const LokiEntry&, const ShippedDocument& metadata)> entry;
  std::function<void(std::size_t entries, std::string reason)> refused;
};

/// kInvalid: no push at all; what was visited until then stands in for nothing.
Result<void> read_loki_protobuf(std::string_view message, const LokiVisitor& visitor);
Result<void> read_loki_json(std::string_view text, const LokiVisitor& visitor);

/// `{job="nova", filename="/var/log/x.log"}`; kInvalid says where it is no list of labels.
Result<void> read_loki_labels(std::string_view text, ShippedDocument& out);

}  // namespace sentinella::codec
