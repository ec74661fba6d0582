// A record whose texts lie elsewhere: what goes into a block and what comes out of the head.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/log_record.h"

namespace sentinella::logs {

struct RecordView {
  RecordId id;
  Time time;
  Severity severity = Severity::unspecified;
  std::uint32_t pid = 0, flags = 0;
  std::uint64_t template_id = 0;
  std::string_view host, service, source, component, request_id, global_request_id, user_id, project_id,
      instance;
  std::string_view message, traceback, raw;
};
LogRecord to_record(const RecordView& view);
/// The views point into `record`.
RecordView view_of(RecordId id, const LogRecord& record);

}  // namespace sentinella::logs
