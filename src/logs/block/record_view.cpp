#include "logs/block/record_view.h"

namespace sentinella::logs {

LogRecord to_record(const RecordView& view) {
  LogRecord record;
  record.time = view.time;
  record.host = view.host;
  record.service = view.service;
  record.source = view.source;
  record.component = view.component;
  record.severity = view.severity;
  record.pid = view.pid;
  record.request_id = view.request_id;
  record.global_request_id = view.global_request_id;
  record.user_id = view.user_id;
  record.project_id = view.project_id;
  record.instance = view.instance;
  record.message = view.message;
  record.traceback = view.traceback;
  record.raw = view.raw;
  record.template_id = view.template_id;
  record.flags = view.flags;
  return record;
}

RecordView view_of(RecordId id, const LogRecord& record) {
  return {.id = id,
          .time = record.time,
          .severity = record.severity,
          .pid = record.pid,
          .flags = record.flags,
          .template_id = record.template_id,
          .host = record.host,
          .service = record.service,
          .source = record.source,
          .component = record.component,
          .request_id = record.request_id,
          .global_request_id = record.global_request_id,
          .user_id = record.user_id,
          .project_id = record.project_id,
          .instance = record.instance,
          .message = record.message,
          .traceback = record.traceback,
          .raw = record.raw};
}

}  // namespace sentinella::logs
