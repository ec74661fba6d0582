// GET /logs/tail: new records as server-sent events.
#include "api/log_tail.h"
#include "api/native/handlers.h"
#include "api/native/logs_request.h"
#include "api/native/stream_rights.h"

namespace sentinella::api::native {

Result<Reply> tail_logs(RequestContext& call) {
  if (call.server.log_tail == nullptr) return fail(Errc::kUnavailable, "there is no live tail here");
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, with_log_filters({"lines", "after"})));
  for (const auto* name : {"from", "to"})
    if (!query.text(name).empty())
      return fail_field(Errc::kInvalid, name, "means nothing here: a tail shows what comes");
  LogTail::Watch watch;
  watch.account = call.caller.account;
  SENT_TRY_ASSIGN(watch.query, read_log_filter(query, call.server.clock.now(), std::nullopt));
  SENT_TRY_ASSIGN(watch.lines, query.number("lines", 0, 0, 1000));
  std::string after(call.request.headers.get("Last-Event-ID"));
  if (after.empty()) after = query.text("after");
  if (!after.empty()) {
    watch.after = parse_record_id(after);
    if (!watch.after) return fail_field(Errc::kInvalid, "after", "\"{}\" is no record's id", after);
  }
  SENT_TRY(LogTail::check(watch));
  watch.still_allowed = stream_rights(call);
  Reply reply;
  reply.headers.set("Content-Type", "text/event-stream");
  reply.headers.set("X-Accel-Buffering", "no");
  reply.stream = [tail = call.server.log_tail, watch](std::shared_ptr<net::StreamWriter> writer) {
    tail->watch(watch, std::move(writer));
  };
  return reply;
}

}  // namespace sentinella::api::native
