// Log records as a file to take away.
#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <utility>

#include "api/native/handlers.h"
#include "api/native/logs_request.h"
#include "api/native/render.h"
#include "api/reply.h"

namespace sentinella::api::native {
namespace {

/// Every page finds its place in the store anew: few and large ones. Their texts are bounded by the store.
constexpr std::size_t kPageSize = 5'000;
constexpr std::size_t kMaxRecords = 10'000'000;

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

Reply attachment(Format format) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kKinds{
      {{"application/x-ndjson", "logs.jsonl"},
       {"text/csv; charset=utf-8", "logs.csv"},
       {"text/plain; charset=utf-8", "logs.txt"}}};
  const auto& [type, file] = kKinds[static_cast<std::size_t>(format)];
  Reply reply;
  reply.headers.set("Content-Type", type);
  reply.headers.set("Content-Disposition", fmt::format("attachment; filename=\"{}\"", file));
  if (format == Format::csv) reply.body = kCsvHead;
  return reply;
}

/// Reads what is left of an export, page by page.
class Export {
 public:
  Export(const logs::LogStore& store, AccountId account, logs::LogQuery wanted, Format format,
         std::size_t limit)
      : store_(store), account_(account), wanted_(std::move(wanted)), format_(format), left_(limit) {}

  /// "" after the last page.
  Result<std::string> next(const std::atomic<bool>& abandoned) {
    std::string piece;
    while (piece.empty() && left_ > 0) {
      wanted_.cancelled = &abandoned;
      wanted_.limit = std::min(kPageSize, left_);
      SENT_TRY_ASSIGN(const auto page, store_.search(account_, wanted_));
      for (const auto& stored : page.records) append(piece, format_, stored);
      left_ = page.next_cursor.empty() ? 0 : left_ - page.records.size();
      wanted_.cursor = page.next_cursor;
    }
    return piece;
  }

 private:
  const logs::LogStore& store_;
  AccountId account_;
  logs::LogQuery wanted_;
  Format format_;
  std::size_t left_;
};

/// How many records match, which costs less than to read them.
Result<logs::LogGroup> count_all(RequestContext& call, const logs::LogQuery& wanted, Reply& reply) {
  SENT_TRY_ASSIGN(const auto counts, call.server.logs.aggregate(call.caller.account, wanted, {}));
  if (counts.unreadable > 0) reply.headers.set("X-Unreadable-Blocks", std::to_string(counts.unreadable));
  return counts.groups.empty() ? logs::LogGroup{} : counts.groups.front();
}

}  // namespace

Result<Reply> export_logs(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query,
                  Query::read(call.request, with_log_filters({"format", "limit", "order"})));
  SENT_TRY_ASSIGN(auto wanted, read_log_filter(query, call.server.clock.now(), std::nullopt));
  SENT_TRY_ASSIGN(const auto format, read_format(query.text("format")));
  SENT_TRY_ASSIGN(const auto limit, query.number("limit", 10'000, 1, kMaxRecords));
  SENT_TRY_ASSIGN(wanted.newest_first, newest_first(query));
  wanted.cancelled = call.request.abandoned.get();
  Reply reply = attachment(format);
  SENT_TRY_ASSIGN(const auto all, count_all(call, wanted, reply));
  reply.headers.set("X-Total-Count", std::to_string(all.count));
  reply.headers.set("X-Complete", all.count > limit ? "false" : "true");
  // What comes while the file is being sent is not of it.
  if (all.count > 0) wanted.range.until = std::min(wanted.range.until, all.last + Duration(1));
  reply.pieces = [source = std::make_shared<Export>(call.server.logs, call.caller.account, std::move(wanted),
                                                    format, std::min<std::size_t>(limit, all.count))](
                     const std::atomic<bool>& abandoned) { return source->next(abandoned); };
  return reply;
}

}  // namespace sentinella::api::native
