#include "api/alerta/alerta_parts.h"

#include <algorithm>

#include "api/native/catalog_access.h"
#include "api/reply.h"
#include "catalog/alerting.h"

namespace sentinella::api::alerta {
namespace {

constexpr std::size_t kMaxEnded = 1000;  ///< closed alerts that a list looks at, newest first; as many RTNUN
constexpr std::size_t kMaxEdited = 200;
constexpr std::size_t kLeastOfAnId = 4;  ///< of less nobody means one alert

Result<alerts::ActionRequest> read_request(const boost::json::object& body, alerts::Action action,
                                           std::string_view default_text) {
  alerts::ActionRequest request;
  request.action = action;
  SENT_TRY_ASSIGN(const auto text, optional_string(body, "text"));
  SENT_TRY_ASSIGN(const auto timeout, optional_number(body, "timeout"));
  request.text = text && !text->empty() ? *text : std::string(default_text);
  if (timeout && *timeout > 0 && *timeout < 1e9)
    request.timeout = Duration(static_cast<std::int64_t>(*timeout * 1e9));
  return request;
}

}  // namespace

Reply ok_reply(JsonWriter& json, int status) {
  return json_reply(json.field("status", "ok").end().take(), status);
}

Reply plain_ok() {
  return json_reply(R"({"status":"ok"})");
}

Result<boost::json::object> read_body(const net::Request& request) {
  const std::string type(request.headers.get("Content-Type"));
  if (!type.starts_with("application/json"))
    return fail(Errc::kUnsupported, "the body must be application/json");
  return parse_json_object(request.body);
}

const AlarmTerms& terms_of(const Context& server) {
  return AlarmTerms::of(server.alerts.model());
}

Result<std::vector<Alert>> select(RequestContext& call, const AlertaQuery& query) {
  std::vector<Alert> all = call.server.alerts.live(call.caller.account);
  SENT_TRY_ASSIGN(auto ended, native::read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::newest_ended_alerts(tx, call.caller.account, kMaxEnded,
                                                        terms_of(call.server).isa());
                  }));
  all.insert(all.end(), std::make_move_iterator(ended.begin()), std::make_move_iterator(ended.end()));
  return query.select(std::move(all));
}

Result<Alert> find_alert(RequestContext& call) {
  const std::string& id = call.path_value("id");
  if (auto live = call.server.alerts.find(call.caller.account, id)) return *std::move(live);
  auto exact = native::read_catalog(call.server.database, [&](catalog::Transaction& tx) {
    return catalog::find_alert(tx, call.caller.account, id);
  });
  if (exact || exact.error().code != Errc::kNotFound || id.size() < kLeastOfAnId) return exact;
  AlertaQuery query(terms_of(call.server));
  query.filters.push_back({.field = "id", .values = {id}});
  SENT_TRY_ASSIGN(auto found, select(call, query));
  if (found.size() != 1) return exact;
  return std::move(found.front());
}

Result<alerts::ActionRequest> read_action(const boost::json::object& body) {
  SENT_TRY_ASSIGN(const auto word, optional_string(body, "action"));
  const auto action = word ? alerts::parse_action(*word) : std::nullopt;
  if (!action) return fail_field(Errc::kInvalid, "action", "Must supply 'action' as json data");
  SENT_TRY_ASSIGN(auto request, read_request(body, *action, *word + " operator action"));
  if (*action != alerts::Action::assign) return request;
  // Its clients send an action and a text, and nothing else that could name somebody.
  SENT_TRY_ASSIGN(const auto text, optional_string(body, "text"));
  request.owner = text && !text->empty() ? *text : "me";
  request.text.clear();
  return request;
}

Result<alerts::ActionRequest> read_status(const boost::json::object& body, const AlarmTerms& terms) {
  SENT_TRY_ASSIGN(const auto word, optional_string(body, "status"));
  SENT_TRY_ASSIGN(const auto action, terms.action_to(word.value_or("")));
  return read_request(body, action, "");
}

Result<Edit> tag_edit(const boost::json::object& body, bool add) {
  SENT_TRY_ASSIGN(const auto tags, optional_strings(body, "tags"));
  if (tags.empty() || tags.size() > kMaxEdited)
    return fail_field(Errc::kInvalid, "tags", "Missing mandatory value for \"tags\"");
  return [tags, add](Alert& edited) -> Result<void> {
    auto& has = edited.extras.tags;
    for (const std::string& tag : tags) {
      std::erase(has, tag);
      if (add) has.push_back(tag);
    }
    std::ranges::sort(has);
    return {};
  };
}

Result<Edit> attribute_edit(const boost::json::object& body) {
  const auto* given = body.if_contains("attributes");
  if (!given || !given->is_object() || given->get_object().size() > kMaxEdited)
    return fail_field(Errc::kInvalid, "attributes", "Must supply 'attributes' as json data");
  return [attributes = given->get_object()](Alert& edited) -> Result<void> {
    for (const auto& field : attributes) {
      const auto& value = field.value();
      edited.extras.annotations.set(field.key(), value.is_null()     ? std::string()
                                                 : value.is_string() ? std::string(value.get_string())
                                                                     : boost::json::serialize(value));
    }
    return {};
  };
}

}  // namespace sentinella::api::alerta
