// Events with their typed traits: searched, one by one, by type; and the story of an instance.
#include <map>

#include "api/native/handlers.h"
#include "api/native/render.h"
#include "api/native/typed_event.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "events/instance_story.h"
#include "events/trait_text.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMaxStoryEvents = 10'000;

Result<events::EventQuery> read_query(const RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request,
                                                {"from", "to", "host", "service", "type", "resource", "trait",
                                                 "changes", "order", "limit", "cursor"},
                                                {"trait"}));
  events::EventQuery wanted;
  SENT_TRY_ASSIGN(wanted.range, query.range(call.server.clock.now(), std::nullopt));
  wanted.host = query.text("host");
  wanted.service = query.text("service");
  wanted.type_glob = query.text("type");
  wanted.resource = query.text("resource");
  for (const std::string& text : query.all("trait")) {
    SENT_TRY_ASSIGN(auto condition, events::parse_trait_condition(text));
    wanted.traits.push_back(std::move(condition));
  }
  SENT_TRY_ASSIGN(wanted.changes_only, query.flag("changes"));
  const std::string order = query.text("order");
  if (!order.empty() && order != "newest" && order != "oldest")
    return fail_field(Errc::kInvalid, "order", "is \"{}\"; must be newest or oldest", order);
  wanted.newest_first = order != "oldest";
  SENT_TRY_ASSIGN(wanted.limit, query.number("limit", 100, 1, 1000));
  wanted.cursor = query.text("cursor");
  return wanted;
}

void write_chapter(JsonWriter& json, const events::Chapter& chapter) {
  json.object()
      .field("time", chapter.time)
      .field("act", chapter.act)
      .field("text", chapter.text)
      .field("host", chapter.host)
      .field("from", chapter.from)
      .field("user_id", chapter.user_id)
      .field("user_name", chapter.user_name)
      .field("request_id", chapter.request_id)
      .field("event_id", chapter.event_id)
      .field("failed", chapter.failed)
      .end();
}

}  // namespace

Result<Reply> list_events(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto wanted, read_query(call));
  SENT_TRY_ASSIGN(const auto page, call.server.events.search(call.caller.account, wanted));
  JsonWriter json;
  json.object().key("items").array();
  for (const Event& event : page.events) write_event(json, event, TraitValues::typed);
  json.end();
  write_next_cursor(json, page.next_cursor);
  json.end();
  return json_reply(json.take());
}

Result<Reply> get_event(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  events::EventQuery wanted;
  wanted.id = call.path_value("id");
  SENT_TRY_ASSIGN(const auto page, call.server.events.search(call.caller.account, wanted));
  if (page.events.empty()) return fail(Errc::kNotFound, "there is no event {}", wanted.id);
  JsonWriter json;
  write_event(json, page.events.front(), TraitValues::typed);
  return json_reply(json.take());
}

Result<Reply> list_event_types(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"from", "to"}));
  SENT_TRY_ASSIGN(const auto range, query.range(call.server.clock.now(), std::chrono::hours(24)));
  SENT_TRY_ASSIGN(const auto census, count_event_types(call, range));
  JsonWriter json;
  json.object().key("items").array();
  for (const auto& [type, count] : census.types)
    json.object().field("type", type).field("count", count).end();
  json.end().field("complete", census.complete).end();
  return json_reply(json.take());
}

Result<Reply> instance_story(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  events::EventQuery wanted;
  wanted.resource = call.path_value("id");
  wanted.limit = kMaxStoryEvents;
  SENT_TRY_ASSIGN(auto page, call.server.events.search(call.caller.account, wanted));
  if (page.events.empty())
    return fail(Errc::kNotFound, "nothing is known of the instance {}", wanted.resource);
  const auto story = events::tell_story(wanted.resource, std::move(page.events));
  JsonWriter json;
  json.object()
      .field("id", story.id)
      .field("name", story.name)
      .field("host", story.host)
      .field("state", story.state)
      .field("flavor", story.flavor)
      .field("project_id", story.project_id);
  write_time_or_null(json, "created", story.created);
  write_time_or_null(json, "deleted", story.deleted);
  json.key("chapters").array();
  for (const auto& chapter : story.chapters) write_chapter(json, chapter);
  json.end().end();
  return json_reply(json.take());
}

}  // namespace sentinella::api::native
