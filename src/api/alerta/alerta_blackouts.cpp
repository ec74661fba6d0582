// Blackouts of Alerta's API: the alert is kept, and its messages are held back.
#include <algorithm>
#include <array>
#include <map>

#include "api/alerta/alerta_alert.h"
#include "api/alerta/alerta_door.h"
#include "api/alerta/alerta_parts.h"
#include "api/native/catalog_access.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/ids.h"
#include "catalog/policy.h"
#include "notify/policy.h"

namespace sentinella::api::alerta {
namespace {

/// Of what an alert may have several there is a matcher each (notify/matcher.h).
constexpr std::string_view kTag = "tag:", kService = "service:";
constexpr std::string_view kHasIt = "true";
constexpr std::array<std::string_view, 6> kNarrowedBy{"environment", "resource", "event",
                                                      "group",       "origin",   "customer"};

/// A blackout as Alerta tells it: equality of some fields, and services and tags of which all must be there.
struct Narrowing {
  std::map<std::string, std::string, std::less<>> fields;
  std::vector<std::string> services, tags;
  bool in_full = true;  ///< nothing was left out
};

Narrowing narrowing_of(const notify::Mute& mute) {
  JsonWriter text;
  mute.matchers.write(text);
  Narrowing out;
  const auto matchers = parse_json(text.str());
  if (!matchers || !matchers->is_array()) return out;
  for (const auto& one : matchers->get_array()) {
    const std::string name(one.at("name").as_string());
    const std::string value(one.at("value").as_string());
    const bool plain = !one.at("isRegex").as_bool() && one.at("isEqual").as_bool();
    if (plain && std::ranges::find(kNarrowedBy, name) != kNarrowedBy.end()) {
      out.fields[name] = value;
    } else if (plain && name == "service") {
      out.services.push_back(value);
    } else if (plain && name.starts_with(kService) && value == kHasIt) {
      out.services.push_back(name.substr(kService.size()));
    } else if (plain && name.starts_with(kTag) && value == kHasIt) {
      out.tags.push_back(name.substr(kTag.size()));
    } else {
      out.in_full = false;
    }
  }
  return out;
}

void write_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& words) {
  json.key(name).array();
  for (const std::string& word : words) json.value(word);
  json.end();
}

void write_blackout(JsonWriter& json, const catalog::PolicyItem& item, const notify::Mute& mute, Time now) {
  const bool pending = now < item.starts;
  const bool active = !pending && now < item.ends;
  const auto seconds = [](Duration span) {
    return static_cast<std::int64_t>(span / std::chrono::seconds(1));
  };
  const Duration remaining = pending ? item.ends - item.starts : active ? item.ends - now : Duration{};
  json.object()
      .field("id", item.id)
      .field("priority", 1)
      .field("text", mute.reason)
      .field("user", item.created_by);
  json.field("status", pending ? "pending" : active ? "active" : "expired");
  json.field("startTime", alerta_time(item.starts)).field("endTime", alerta_time(item.ends));
  json.field("createTime", alerta_time(item.created)).field("duration", seconds(item.ends - item.starts));
  json.field("remaining", seconds(remaining));
  const Narrowing about = narrowing_of(mute);
  for (const std::string_view name : kNarrowedBy) {
    const auto found = about.fields.find(name);
    json.key(name);
    if (found != about.fields.end()) {
      json.value(found->second);
    } else {
      json.null();
    }
  }
  write_list(json, "service", about.services);
  write_list(json, "tags", about.tags);
  json.end();
}

/// Alerta knows equality of a few names, and no recurrence: a change in its words would lose the rest.
Result<void> can_be_told_in_full(const catalog::PolicyItem& item) {
  SENT_TRY_ASSIGN(const auto mute, notify::read_mute(item));
  if (!mute.recurrence && narrowing_of(mute).in_full) return {};
  return fail(Errc::kConflict,
              "the blackout recurs, or has matchers that Alerta has no words for: edit it at "
              "/api/v1/maintenances");
}

/// What it is about: environment, and whichever of the others are given.
Result<boost::json::array> read_matchers(const boost::json::object& body) {
  boost::json::array matchers;
  const auto add = [&](std::string_view name, std::string_view value) {
    matchers.push_back(boost::json::object{{"name", name}, {"value", value}});
  };
  for (const std::string_view name : kNarrowedBy) {
    SENT_TRY_ASSIGN(const auto value, optional_string(body, name));
    if (value && !value->empty()) add(name, *value);
  }
  const auto environment = optional_string(body, "environment");
  if (!environment || !*environment || (*environment)->empty())
    return fail_field(Errc::kInvalid, "environment", "Missing mandatory value for \"environment\"");
  for (const auto& [field, prefix] : {std::pair("service", kService), std::pair("tags", kTag)}) {
    SENT_TRY_ASSIGN(const auto words, optional_strings(body, field));
    for (const std::string& word : words) add(std::string(prefix) + word, kHasIt);
  }
  return matchers;
}

/// Into an item that is new, or that is there already: its times stay when the body names none.
Result<void> read_blackout(const boost::json::object& body, Time now, catalog::PolicyItem& item) {
  SENT_TRY_ASSIGN(const boost::json::array matchers, read_matchers(body));
  SENT_TRY_ASSIGN(const auto text, optional_string(body, "text"));
  SENT_TRY_ASSIGN(const auto duration, optional_number(body, "duration"));
  SENT_TRY_ASSIGN(const auto starts, optional_string(body, "startTime"));
  SENT_TRY_ASSIGN(const auto ends, optional_string(body, "endTime"));
  const std::string reason = text && !text->empty() ? *text : "blackout";
  item.body = boost::json::serialize(boost::json::object{{"matchers", matchers}, {"reason", reason}});
  if (starts) {
    SENT_TRY_ASSIGN(item.starts, parse_when(*starts, now, "startTime"));
  } else if (item.starts == Time{}) {
    item.starts = now;
  }
  if (duration || item.ends == Time{}) {
    const double seconds = std::clamp(duration.value_or(3600), 1.0, 30 * 86400.0);
    item.ends = item.starts + Duration(static_cast<std::int64_t>(seconds * 1e9));
  }
  if (ends) {
    SENT_TRY_ASSIGN(item.ends, parse_when(*ends, now, "endTime"));
  }
  return notify::check_policy(item);
}

Result<catalog::PolicyItem> load_blackout(RequestContext& call) {
  return native::read_catalog(call.server.database, [&](catalog::Transaction& tx) {
    return catalog::find_policy(tx, call.caller.account, "blackout", call.path_value("id"));
  });
}

Result<Reply> blackout_reply(const RequestContext& call, const catalog::PolicyItem& item, int status) {
  SENT_TRY_ASSIGN(const auto mute, notify::read_mute(item));
  JsonWriter json;
  json.object().field("id", item.id).key("blackout");
  write_blackout(json, item, mute, call.server.clock.now());
  return ok_reply(json, status);
}

Result<Reply> keep(RequestContext& call, const catalog::PolicyItem& item, int status) {
  SENT_TRY(
      call.server.database.write([&](catalog::Transaction& tx) { return catalog::put_policy(tx, item); }));
  if (call.server.policy_changed) SENT_TRY(call.server.policy_changed());
  return blackout_reply(call, item, status);
}

}  // namespace

Result<Reply> post_blackout(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  const Time now = call.server.clock.now();
  catalog::PolicyItem item;
  item.account = call.caller.account;
  item.kind = "blackout";
  item.id = to_text(random_uuid());
  item.created = now;
  item.created_by = call.caller.name;
  SENT_TRY(read_blackout(body, now, item));
  return keep(call, item, 201);
}

Result<Reply> get_blackout(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto item, load_blackout(call));
  return blackout_reply(call, item, 200);
}

Result<Reply> put_blackout(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(auto item, load_blackout(call));
  SENT_TRY(can_be_told_in_full(item));
  item.created_by = call.caller.name;
  SENT_TRY(read_blackout(body, call.server.clock.now(), item));
  return keep(call, item, 200);
}

Result<Reply> list_blackouts(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto items, native::read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_policy(tx, call.caller.account, "blackout");
                  }));
  JsonWriter json;
  json.object().key("blackouts").array();
  for (const catalog::PolicyItem& item : items)
    if (const auto mute = notify::read_mute(item)) write_blackout(json, item, *mute, call.server.clock.now());
  json.end().field("total", static_cast<std::uint64_t>(items.size()));
  return ok_reply(json);
}

Result<Reply> delete_blackout(RequestContext& call) {
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) {
    return catalog::delete_policy(tx, call.caller.account, "blackout", call.path_value("id"));
  }));
  if (call.server.policy_changed) SENT_TRY(call.server.policy_changed());
  return plain_ok();
}

}  // namespace sentinella::api::alerta
