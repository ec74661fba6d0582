// Log records as a file to take away.
#include <algorithm>
#include <array>

#include "api/native/handlers.h"
#include "api/native/logs_request.h"
#include "api/native/render.h"
#include "api/reply.h"

namespace sentinella::api::native {
namespace {

/// Every page finds its place in the store anew: few and large ones.
constexpr std::size_t kPageSize = 10'000;
constexpr std::size_t kMaxExportBytes = 64u << 20;

enum class Format : std::uint8_t { jsonl, csv, raw };

Result<Format> read_format(const std::string& word) {
  if (word.empty() || word == "jsonl") return Format::jsonl;
  if (word == "csv") return Format::csv;
  if (word == "raw") return Format::raw;
  return fail_field(Errc::kInvalid, "format", "is \"{}\"; must be jsonl, csv or raw", word);
}

/// RFC 4180. Spreadsheets run what begins like a formula: a leading ' makes it text.
void append_cell(std::string& out, std::string_view text) {
  const bool formula = !text.empty() && std::string_view("=+-@\t\r").contains(text.front());
  const bool quoted = text.find_first_of(",\"\r\n") != std::string_view::npos;
  if (quoted) out += '"';
  if (formula) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  if (quoted) out += '"';
}

void append_csv(std::string& out, const LogRecord& record) {
  const std::string time = to_rfc3339(record.time), pid = std::to_string(record.pid);
  const std::array<std::string_view, 13> cells{time,
                                               record.host,
                                               record.service,
                                               record.source,
                                               record.component,
                                               to_string(record.severity),
                                               pid,
                                               record.request_id,
                                               record.global_request_id,
                                               record.project_id,
                                               record.instance,
                                               record.message,
                                               record.traceback};
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += ',';
    append_cell(out, cells[i]);
  }
  out += "\r\n";
}

constexpr std::string_view kCsvHead =
    "time,host,service,source,component,severity,pid,request_id,global_request_id,project_id,instance,"
    "message,"
    "traceback\r\n";

void append(std::string& out, Format format, const logs::StoredRecord& stored) {
  if (format == Format::csv) return append_csv(out, stored.record);
  if (format == Format::raw) {
    (out += stored.record.raw) += '\n';
    return;
  }
  JsonWriter json;
  write_log(json, stored, std::string::npos);
  (out += json.str()) += '\n';
}

Reply attachment(Format format, std::string&& body, bool complete) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kKinds{
      {{"application/x-ndjson", "logs.jsonl"},
       {"text/csv; charset=utf-8", "logs.csv"},
       {"text/plain; charset=utf-8", "logs.txt"}}};
  const auto& [type, file] = kKinds[static_cast<std::size_t>(format)];
  Reply reply;
  reply.headers.set("Content-Type", type);
  reply.headers.set("Content-Disposition", fmt::format("attachment; filename=\"{}\"", file));
  reply.headers.set("X-Complete", complete ? "true" : "false");
  reply.body = std::move(body);
  return reply;
}

}  // namespace

Result<Reply> export_logs(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query,
                  Query::read(call.request, with_log_filters({"format", "limit", "order"})));
  SENT_TRY_ASSIGN(auto wanted, read_log_filter(query, call.server.clock.now(), std::nullopt));
  SENT_TRY_ASSIGN(const auto format, read_format(query.text("format")));
  SENT_TRY_ASSIGN(const auto limit, query.number("limit", 10'000, 1, 100'000));
  SENT_TRY_ASSIGN(wanted.newest_first, newest_first(query));
  wanted.cancelled = call.request.abandoned.get();
  std::string body(format == Format::csv ? kCsvHead : "");
  bool full = false;
  for (std::size_t taken = 0;;) {
    wanted.limit = std::min(kPageSize, limit - taken);
    SENT_TRY_ASSIGN(auto page, call.server.logs.search(call.caller.account, wanted));
    for (const auto& stored : page.records) {
      full = body.size() >= kMaxExportBytes;
      if (full) break;
      append(body, format, stored);
    }
    taken += page.records.size();
    wanted.cursor = page.next_cursor;
    if (full || wanted.cursor.empty() || taken >= limit)
      return attachment(format, std::move(body), !full && wanted.cursor.empty());
  }
}

}  // namespace sentinella::api::native
