// Searching the logs; one record whole; what stands around it.
#include "api/native/handlers.h"
#include "api/native/logs_request.h"
#include "api/native/render.h"
#include "api/reply.h"
#include "logs/log_stages.h"

namespace sentinella::api::native {
namespace {

Result<RecordId> record_of_path(const RequestContext& call) {
  if (const auto id = parse_record_id(call.path_value("id"))) return *id;
  return fail(Errc::kNotFound, "no such log record");
}

}  // namespace

Result<Reply> search_logs(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query,
                  Query::read(call.request, with_log_filters({"limit", "cursor", "order"})));
  SENT_TRY_ASSIGN(auto wanted, read_log_filter(query, call.server.clock.now(), std::nullopt));
  SENT_TRY_ASSIGN(wanted.limit, query.number("limit", 100, 1, 1000));
  SENT_TRY_ASSIGN(wanted.newest_first, newest_first(query));
  wanted.cursor = query.text("cursor");
  wanted.cancelled = call.request.abandoned.get();
  SENT_TRY_ASSIGN(const auto page, call.server.logs.search(call.caller.account, wanted));
  JsonWriter json;
  json.object().key("items").array();
  for (const auto& record : page.records) write_log(json, record, kMaxTextInLists);
  json.end();
  write_next_cursor(json, page.next_cursor);
  json.field("unreadable", page.unreadable).end();
  return json_reply(json.take());
}

Result<Reply> get_log(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const auto id, record_of_path(call));
  SENT_TRY_ASSIGN(auto record, call.server.logs.get(call.caller.account, id));
  JsonWriter json;
  write_log(json, {id, std::move(record)}, std::string::npos);
  return json_reply(json.take());
}

Result<Reply> log_context(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"lines"}));
  SENT_TRY_ASSIGN(const auto lines, query.number("lines", 20, 1, 200));
  SENT_TRY_ASSIGN(const auto id, record_of_path(call));
  SENT_TRY_ASSIGN(const auto around,
                  logs::surrounding(call.server.logs, call.caller.account, id, lines, lines));
  JsonWriter json;
  json.object().key("items").array();
  for (const auto& record : around) write_log(json, record, kMaxTextInLists);
  json.end().end();
  return json_reply(json.take());
}

}  // namespace sentinella::api::native
