#include "api/panko/panko_door.h"

#include <map>

#include "api/native/typed_event.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/text.h"

namespace sentinella::api::panko {
namespace {

using events::EventQuery;
using events::TraitCondition;

constexpr std::size_t kDefaultLimit = 100, kMostLimit = 10'000;

/// One q: {field, op, type, value}.
struct Condition {
  std::string field, op, type, value;
};

/// The one operator that a field of the event itself can be asked for with; "" for traits, which take all.
std::string_view only_op(std::string_view field) {
  static constexpr std::pair<std::string_view, std::string_view> kOps[] = {
      {"event_type", "eq"}, {"message_id", "eq"}, {"start_timestamp", "ge"}, {"end_timestamp", "le"}};
  for (const auto& [name, op] : kOps)
    if (name == field) return op;
  return "";
}

/// As OpenStack's clients write it: perhaps with a blank, without a zone or a time of day.
Result<Time> read_instant(std::string text, Time now, const std::string& field) {
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  if (text.size() >= 10 && text.find_first_of("Z+-", 10) == std::string::npos)
    text += text.size() == 10 ? "T00:00:00Z" : "Z";
  return parse_when(text, now, field);
}

/// The n-th of each list; a list that is given must be as long as the fields, op and type may be left out.
Result<std::vector<Condition>> read_conditions(const Query& query) {
  const auto fields = query.all("q.field"), ops = query.all("q.op"), types = query.all("q.type"),
             values = query.all("q.value");
  if (values.size() != fields.size() || (!ops.empty() && ops.size() != fields.size()) ||
      (!types.empty() && types.size() != fields.size()))
    return fail_field(Errc::kInvalid, "q", "has {} fields, {} ops, {} types and {} values", fields.size(),
                      ops.size(), types.size(), values.size());
  std::vector<Condition> out;
  for (std::size_t i = 0; i < fields.size(); ++i)
    out.push_back({fields[i], ops.empty() ? "" : ops[i], types.empty() ? "" : types[i], values[i]});
  return out;
}

Result<void> apply(const Condition& condition, Time now, EventQuery& query) {
  const auto op = events::parse_trait_op(condition.op.empty() ? "eq" : condition.op);
  if (!op)
    return fail_field(Errc::kInvalid, "q.op", "\"{}\" is none of eq, ne, lt, le, gt, ge", condition.op);
  const std::string_view only = only_op(condition.field);
  if (!only.empty() && !condition.op.empty() && condition.op != only)
    return fail_field(Errc::kInvalid, condition.field, "can only be asked for with {}", only);
  // An account is all tenants of its cloud.
  if (condition.field == "all_tenants") return {};
  if (condition.field == "event_type" || condition.field == "message_id") {
    (condition.field == "event_type" ? query.type_glob : query.id) = condition.value;
    return {};
  }
  if (condition.field == "start_timestamp" || condition.field == "end_timestamp") {
    SENT_TRY_ASSIGN(const Time time, read_instant(condition.value, now, condition.field));
    if (condition.field == "start_timestamp")
      query.range.from = time;
    else
      query.range.until = time + Duration(1);  // that instant, too
    return {};
  }
  TraitCondition trait;
  trait.name = condition.field;
  trait.op = *op;
  trait.value = condition.value;
  trait.type = std::nullopt;
  if (!condition.type.empty()) {
    const auto type = parse_trait_type(condition.type);
    if (!type)
      return fail_field(Errc::kInvalid, "q.type", "\"{}\" is none of string, integer, float, datetime",
                        condition.type);
    trait.type = *type;
  }
  query.traits.push_back(std::move(trait));
  return {};
}

/// "generated:desc": oldest first when nothing is said, as in Panko. What is behind it only orders events of
/// one instant, and those have an order of their own here.
Result<bool> newest_first(const std::vector<std::string>& sorts) {
  bool newest = false;
  for (std::size_t i = 0; i < sorts.size(); ++i) {
    const std::string_view sort = sorts[i], key = sort.substr(0, sort.find(':'));
    const std::string_view direction = key.size() == sort.size() ? "asc" : sort.substr(key.size() + 1);
    if (key != "generated" && (key != "message_id" || i == 0))
      return fail_field(Errc::kInvalid, "sort", "\"{}\": events are sorted by generated first", sort);
    if (direction != "asc" && direction != "desc")
      return fail_field(Errc::kInvalid, "sort", "\"{}\" is neither asc nor desc", direction);
    if (i == 0) newest = direction == "desc";
  }
  return newest;
}

/// Panko's words: "string" where ours is "text".
std::string_view word_of(TraitType type) {
  return type == TraitType::text ? "string" : to_string(type);
}

void write_traits(JsonWriter& json, const Event& event, std::string_view only = {}) {
  for (const auto& [name, value, type] : typed_traits(event))
    if (only.empty() || name == only)
      json.object().field("name", name).field("type", word_of(type)).field("value", value).end();
}

void write_event(JsonWriter& json, const Event& event) {
  json.object()
      .field("message_id", event.id)
      .field("event_type", event.type)
      .field("generated", event.time)
      .key("traits")
      .array();
  write_traits(json, event);
  json.end().key("raw").object().end().end();
}

}  // namespace

Result<Reply> list_events(RequestContext& call) {
  SENT_TRY_ASSIGN(
      const auto query,
      Query::read(call.request, {"q.field", "q.op", "q.type", "q.value", "limit", "marker", "sort"},
                  {"q.field", "q.op", "q.type", "q.value", "sort"}));
  SENT_TRY_ASSIGN(const auto conditions, read_conditions(query));
  EventQuery wanted;
  const Time now = call.server.clock.now();
  for (const Condition& condition : conditions) SENT_TRY(apply(condition, now, wanted));
  SENT_TRY_ASSIGN(wanted.limit, query.number("limit", kDefaultLimit, 1, kMostLimit));
  SENT_TRY_ASSIGN(wanted.newest_first, newest_first(query.all("sort")));
  wanted.after_id = query.text("marker");
  const auto page = call.server.events.search(call.caller.account, wanted);
  if (!page && page.error().field == "after_id")
    return fail_field(Errc::kInvalid, "marker", "names no event");
  SENT_TRY(page);
  JsonWriter json;
  json.array();
  for (const Event& event : page->events) write_event(json, event);
  json.end();
  return json_reply(json.take());
}

Result<Reply> get_event(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  EventQuery wanted;
  wanted.id = call.path_value("message_id");
  SENT_TRY_ASSIGN(const auto page, call.server.events.search(call.caller.account, wanted));
  if (page.events.empty()) return fail(Errc::kNotFound, "there is no event {}", wanted.id);
  JsonWriter json;
  write_event(json, page.events.front());
  return json_reply(json.take());
}

Result<Reply> list_types(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const auto census, native::count_event_types(call, {{INT64_MIN}, {INT64_MAX}}));
  JsonWriter json;
  json.array();
  for (const auto& [type, count] : census.types) json.value(type);
  json.end();
  return json_reply(json.take());
}

Result<Reply> list_trait_names(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  EventQuery wanted;
  wanted.type_glob = call.path_value("event_type");
  wanted.limit = kDefaultLimit;
  SENT_TRY_ASSIGN(const auto page, call.server.events.search(call.caller.account, wanted));
  std::map<std::string, TraitType> names;
  for (const Event& event : page.events)
    for (const TypedTrait& trait : typed_traits(event))
      names.try_emplace(std::string(trait.name), trait.type);
  JsonWriter json;
  json.array();
  for (const auto& [name, type] : names) json.object().field("name", name).field("type", word_of(type)).end();
  json.end();
  return json_reply(json.take());
}

Result<Reply> list_traits(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  EventQuery wanted;
  wanted.type_glob = call.path_value("event_type");
  wanted.limit = kMostLimit;
  SENT_TRY_ASSIGN(const auto page, call.server.events.search(call.caller.account, wanted));
  JsonWriter json;
  json.array();
  for (const Event& event : page.events) write_traits(json, event, call.path_value("trait"));
  json.end();
  return json_reply(json.take());
}

}  // namespace sentinella::api::panko
