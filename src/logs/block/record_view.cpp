#include "logs/block/record_view.h"

#include <algorithm>

#include "codec/log_columns.h"

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
  record.domain_id = view.domain_id;
  record.instance = view.instance;
  record.message = view.message;
  record.traceback = view.traceback;
  record.raw = view.raw;
  record.template_id = view.template_id;
  record.flags = view.flags;
  if (const HttpView& http = view.http; http.present()) {
    record.http = HttpAccess{std::string(http.client),
                             std::string(http.method),
                             std::string(http.path),
                             http.status,
                             http.bytes,
                             std::nullopt};
    if (http.duration_ns >= 0) record.http->duration = Duration(http.duration_ns);
  }
  return record;
}

RecordView view_of(RecordId id, const LogRecord& record) {
  RecordView view{.id = id,
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
                  .domain_id = record.domain_id,
                  .instance = record.instance,
                  .message = record.message,
                  .traceback = record.traceback,
                  .raw = record.raw,
                  .http = {}};
  if (const auto& http = record.http)
    view.http = {http->client, http->method, http->path,
                 http->status, http->bytes,  http->duration ? http->duration->count() : -1};
  return view;
}

RecordView view_of(RecordId id, const codec::LogColumns& columns, std::size_t row) {
  const auto text = [&](const std::vector<codec::TextSpan>& column) { return columns.text(column[row]); };
  RecordView view{.id = id,
                  .time = Time{columns.time_ns[row]},
                  .severity = columns.severity[row],
                  .pid = columns.pid[row],
                  .flags = columns.flags[row],
                  .template_id = columns.template_id[row],
                  .host = {},
                  .service = {},
                  .source = {},
                  .component = text(columns.component),
                  .request_id = text(columns.request_id),
                  .global_request_id = text(columns.global_request_id),
                  .user_id = text(columns.user_id),
                  .project_id = text(columns.project_id),
                  .domain_id = text(columns.domain_id),
                  .instance = text(columns.instance),
                  .message = text(columns.message),
                  .traceback = text(columns.traceback),
                  .raw = text(columns.raw),
                  .http = {}};
  if (columns.origin[row] < columns.origins.size()) {
    const codec::LogOrigin& from = columns.origins[columns.origin[row]];
    view.host = from.host;
    view.service = from.service;
    view.source = from.source;
  }
  const auto http = std::ranges::lower_bound(columns.http, row, {}, &codec::LogColumns::Http::record);
  if (http != columns.http.end() && http->record == row)
    view.http = {columns.text(http->client),
                 columns.text(http->method),
                 columns.text(http->path),
                 http->status,
                 http->bytes,
                 http->duration_ns};
  return view;
}

}  // namespace sentinella::logs
