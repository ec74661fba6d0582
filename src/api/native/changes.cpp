// Change events: what the agents saw, what the rules derived, and what people and pipelines tell us.
#include <algorithm>

#include "api/native/handlers.h"
#include "api/native/render.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/ids.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMaxTraits = 64;

Result<Traits> read_traits(const boost::json::object& body) {
  Traits traits;
  const auto* value = body.if_contains("traits");
  if (value == nullptr || value->is_null()) return traits;
  if (!value->is_object()) return fail_field(Errc::kInvalid, "traits", "must be an object of strings");
  if (value->get_object().size() > kMaxTraits)
    return fail_field(Errc::kInvalid, "traits", "has {} entries, at most {}", value->get_object().size(),
                      kMaxTraits);
  for (const auto& [name, trait] : value->get_object()) {
    if (!trait.is_string())
      return fail_field(Errc::kInvalid, fmt::format("traits.{}", std::string_view(name)), "must be a string");
    traits.add(name, trait.get_string());
  }
  return traits;
}

Result<Event> read_event(const RequestContext& call, Time now) {
  SENT_TRY_ASSIGN(const auto body,
                  json_body(call.request, {"type", "summary", "host", "service", "time", "traits", "id"}));
  Event event;
  SENT_TRY_ASSIGN(event.type, required_text(body, "type", 200));
  SENT_TRY_ASSIGN(event.summary, required_text(body, "summary", 2000));
  SENT_TRY_ASSIGN(event.host, optional_text(body, "host", 253));
  SENT_TRY_ASSIGN(event.service, optional_text(body, "service", 200));
  SENT_TRY_ASSIGN(event.id, optional_text(body, "id", 200));
  SENT_TRY_ASSIGN(const auto time, optional_text(body, "time", 64));
  SENT_TRY_ASSIGN(event.time, time.empty() ? Result<Time>(now) : parse_when(time, now, "time"));
  SENT_TRY_ASSIGN(event.traits, read_traits(body));
  if (event.id.empty()) event.id = to_text(random_uuid());
  event.traits.add("user", call.caller.name);
  event.origin = "api";
  return event;
}

}  // namespace

Result<Reply> list_changes(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query,
                  Query::read(call.request, {"from", "to", "host", "service", "type", "limit", "cursor"}));
  events::EventQuery wanted;
  SENT_TRY_ASSIGN(wanted.range, query.range(call.server.clock.now(), std::nullopt));
  wanted.host = query.text("host");
  wanted.service = query.text("service");
  wanted.type_glob = query.text("type");
  SENT_TRY_ASSIGN(wanted.limit, query.number("limit", 100, 1, 1000));
  wanted.cursor = query.text("cursor");
  wanted.changes_only = true;
  SENT_TRY_ASSIGN(const auto page, call.server.events.search(call.caller.account, wanted));
  JsonWriter json;
  json.object().key("items").array();
  for (const auto& event : page.events) write_event(json, event);
  json.end();
  write_next_cursor(json, page.next_cursor);
  json.end();
  return json_reply(json.take());
}

void post_change(RequestContext& call, Answer answer) {
  const Time now = call.server.clock.now();
  auto event = read_event(call, now);
  if (!event) return answer(std::unexpected(std::move(event).error()));
  auto reply = json_reply(event_json(*event), 201);
  Batch batch;
  batch.account = call.caller.account;
  batch.received = now;
  batch.events.push_back(*std::move(event));
  call.server.intake.submit(
      std::move(batch), ingest::Until::applied,
      [answer = std::move(answer), reply = std::move(reply)](Result<bus::Offset> kept) mutable {
        if (!kept)
          answer(std::unexpected(std::move(kept).error()));
        else
          answer(std::move(reply));
      });
}

}  // namespace sentinella::api::native
