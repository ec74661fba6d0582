// A record whose texts lie elsewhere: what goes into a block and what comes out of the head.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/log_record.h"

namespace sentinella::codec {
struct LogColumns;
}

namespace sentinella::logs {

/// See model/log_record.h, HttpAccess.
struct HttpView {
  std::string_view client, method, path;
  std::uint16_t status = 0;
  std::int64_t bytes = -1, duration_ns = -1;  ///< -1 = unknown
  /// False when the record tells of no request.
  bool present() const { return !client.empty() || !method.empty() || !path.empty(); }
};

struct RecordView {
  RecordId id;
  Time time;
  Severity severity = Severity::unspecified;
  std::uint32_t pid = 0, flags = 0;
  std::uint64_t template_id = 0;
  std::string_view host, service, source, component, request_id, global_request_id, user_id, project_id,
      domain_id, instance;
  std::string_view message, traceback, raw;
  HttpView http;
};
LogRecord to_record(const RecordView& view);
/// The views point into `record`.
RecordView view_of(RecordId id, const LogRecord& record);
/// The views point into `columns`.
RecordView view_of(RecordId id, const codec::LogColumns& columns, std::size_t row);

}  // namespace sentinella::logs
